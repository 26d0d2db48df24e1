"""Offers of help other than money: made by anybody, answered by the proposer."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from quartieri.campaigns import actions, queries
from quartieri.campaigns.actions.around import OfferData
from quartieri.campaigns.forms import OfferAnswerForm, OfferForm
from quartieri.campaigns.models import Campaign, Offer
from quartieri.campaigns.queries.around import offers_of
from quartieri.campaigns.routes.blueprint import Answer, bp, load
from quartieri.campaigns.routes.page_edit import me
from quartieri.campaigns.rules import OFFER, TAKES_OFFERS
from quartieri.db import db, get, writes
from quartieri.extensions import limiter
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotFoundError
from quartieri.kit.formats import language
from quartieri.kit.labels import lazy
from quartieri.people.access import current_now, owner, permit, public, signed_in_user
from quartieri.people.rules import Permission

NOTHING = lazy("There is nothing at this address.")


def _open_campaign(slug: str, need: int) -> Campaign:
    campaign = queries.campaign_by_slug(db.session(), slug)
    if campaign is None or campaign.state not in TAKES_OFFERS:
        raise NotFoundError(NOTHING)
    if all(one["key"] != need for one in campaign.page.needs):
        raise NotFoundError(NOTHING)
    return campaign


def _draw(campaign: Campaign, need: int, form: OfferForm) -> str:
    asked = next(one for one in campaign.page.needs if one["key"] == need)
    return render_template("campaigns/offer.html", campaign=campaign, need=asked, form=form)


@bp.get("/projects/<slug>/offer/<int:need>")
@public
def offer(slug: str, need: int) -> Answer:
    """Ask what is offered, and how to reach who offers."""
    user = signed_in_user()
    known = {} if user is None else {"name": user.name, "email": user.email}
    return _draw(_open_campaign(slug, need), need, OfferForm(formdata=None, data=known))


@bp.post("/projects/<slug>/offer/<int:need>")
@limiter.limit("10 per hour")
@writes
@public
def offer_submit(slug: str, need: int) -> Answer:
    """Keep the offer and tell both sides."""
    campaign = _open_campaign(slug, need)
    form = OfferForm()
    if not form.validate_on_submit():
        return _draw(campaign, need, form), 422
    data = OfferData(
        quantity=form.quantity.number,
        name=form.name.data,
        email=form.email.data,
        phone=form.phone.data or "",
        message=form.message.data or "",
    )
    try:
        actions.make_offer(
            db.session(), campaign, need, data, language=language(), at=current_now()
        )
    except DomainError as error:
        form.say(error)
        return _draw(campaign, need, form), error.status
    flash(_("Thank you. Who runs the project has your offer and writes to you."), "success")
    return seeother(url_for("campaigns.project", slug=slug))


def _list(campaign: Campaign, offer_id: int = 0, form: OfferAnswerForm | None = None) -> str:
    return render_template(
        "campaigns/offers.html",
        campaign=campaign,
        offers=[
            (one, OFFER.verbs_from(one.state), form if one.id == offer_id else None)
            for one in offers_of(db.session(), campaign.id)
        ],
        blank=OfferAnswerForm(formdata=None),
    )


@bp.get("/account/campaigns/<int:campaign_id>/offers")
@owner(load)
def offers(campaign: Campaign) -> Answer:
    """Show the proposer what people offer."""
    return _list(campaign)


class _Answer:
    """An offer and the verb that answers it."""

    def __init__(self, offer: Offer, verb: str) -> None:
        self.offer, self.verb = offer, verb
        self.owner_id = offer.owner_id


def _answer(offer_id: int, verb: str) -> _Answer:
    return _Answer(get(db.session(), Offer, offer_id), verb)


@bp.post("/account/campaigns/offers/<int:offer_id>/<any(accept, decline, receive):verb>")
@writes
@owner(_answer)
def answer_offer(given: _Answer) -> Answer:
    """Answer an offer; who made it is told."""
    found, form = given.offer, OfferAnswerForm()
    if not form.validate_on_submit():
        return _list(found.campaign, found.id, form), 422
    try:
        actions.answer_offer(
            db.session(),
            found,
            given.verb,
            answer=form.answer.data or "",
            actor=me(found.campaign),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _list(found.campaign, found.id, form), error.status
    flash(_("Answered: we wrote to who offered it."), "success")
    return seeother(url_for("campaigns.offers", campaign_id=found.campaign_id))


@bp.get("/manage/campaigns/<int:campaign_id>/offers")
@permit(Permission.PLEDGES_READ, load)
def manage_offers(campaign: Campaign) -> Answer:
    """Show officials what people offer."""
    return render_template(
        "campaigns/manage_offers.html",
        campaign=campaign,
        offers=offers_of(db.session(), campaign.id),
    )
