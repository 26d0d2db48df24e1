"""Pledging: amount, data and consent, the provider's page, and the page of a pledge."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import Response as PageResponse
from flask import make_response, render_template, request, url_for
from flask_babel import get_locale

from quartieri.audit.rules import Role
from quartieri.calls.design import CampaignDesign
from quartieri.campaigns import actions, letters, queries, words
from quartieri.campaigns.actions.addresses import may_correct
from quartieri.campaigns.actions.changing import refuse_unchangeable
from quartieri.campaigns.actions.pledging import (
    PledgeData,
    end_named,
    is_charged_now,
    refuse_closed,
)
from quartieri.campaigns.forms import NONE, AddressForm, AmountForm, PledgeForm
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.queries import ProjectPage, cover_for, design_of, offers_cover, terms_of
from quartieri.campaigns.queries.city import brought_about
from quartieri.campaigns.routes.blueprint import (
    Answer,
    bp,
    linked,
    refuse_pledges,
    reward_of,
)
from quartieri.campaigns.routes.paying import begin_way, chargeable, go
from quartieri.campaigns.rules import (
    CANCELLABLE,
    CARD_CHANGEABLE,
    RESCUABLE,
    UNPAID,
    CampaignState,
    PledgeState,
    check_amount,
    facts,
    has_ended,
    suggested,
)
from quartieri.campaigns.rules.cases import CaseKind
from quartieri.db import db, unit_of_work, writes, writes_in_steps
from quartieri.extensions import limiter, services
from quartieri.gateways.payments import (
    ProviderRefusedError,
    ProviderUnavailableError,
)
from quartieri.kit.answers import seeother
from quartieri.kit.clock import is_late
from quartieri.kit.errors import DomainError, NotFoundError, NotYoursError
from quartieri.kit.filters import say_filter
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.mail.queries import undelivered
from quartieri.payments import queries as payments
from quartieri.payments.actions import look
from quartieri.payments.rules import CardStatus, ChargeStatus
from quartieri.payments.words import refund_words_for, words_for
from quartieri.people.access import actor, current_now, public, received_at, signed_in_user
from quartieri.people.letters_sent import look_at_mail, written_to


def _page(slug: str) -> tuple[ProjectPage, Campaign]:
    page = queries.project_page(db.session(), slug, now=current_now())
    if page.campaign is None:
        raise NotFoundError(lazy("This project has no campaign."))
    return page, page.campaign


# -- how much ----------------------------------------------------------------------------------


@bp.get("/projects/<slug>/pledge")
@public
def amount(slug: str) -> Answer:
    """Ask how much and for which reward."""
    page, campaign = _page(slug)
    refuse_pledges(campaign)
    refuse_closed(campaign, received_at())
    form = AmountForm(request.args if "amount" in request.args else None)
    form.reward.data = request.args.get("reward", NONE)
    offer(campaign, form)
    if not form.reward.validate(form, [AmountForm.validate_reward]):
        form.reward.data = NONE
    reward = reward_of(campaign, form.reward.data)
    if reward is not None and form.amount.data is None:
        form.amount.data = Money(reward.minimum_cents)
    return _draw_amount(page, campaign, form)


def offer(campaign: Campaign, form: AmountForm, kept: Reward | None = None) -> None:
    """Offer what is left of the rewards, and to cover the fees where that is a choice.

    ``kept``: the reward that a pledge holds already.
    """
    form.offer(campaign.rewards, kept, cover=offers_cover(design_of(campaign)))


def _draw_amount(page: ProjectPage, campaign: Campaign, form: AmountForm) -> str:
    terms, design = terms_of(campaign), design_of(campaign)
    reward = reward_of(campaign, form.reward.data)
    return render_template(
        "campaigns/pledge_amount.html",
        page=page,
        campaign=campaign,
        form=form,
        terms=terms,
        design=design,
        amounts=suggested(terms, reward.minimum_cents if reward else 0),
        now_charged=is_charged_now(campaign),
        promise=words.when_charged(campaign, now=is_charged_now(campaign)),
    )


# -- who, and the consent ----------------------------------------------------------------------


def consent_words(campaign: Campaign, amount: Money) -> str:
    """Say in the reader's language what is agreed to: amount, condition, latest date."""
    return say_filter(words.consent(campaign, amount, now=is_charged_now(campaign)))


def _draw_data(page: ProjectPage, campaign: Campaign, form: PledgeForm) -> str:
    reward = reward_of(campaign, form.chosen_reward())
    design, user = design_of(campaign), signed_in_user()
    cover_cents = _cover(campaign, form)
    sum_ = Money(form.cents() + cover_cents)
    promise = words.when_charged(campaign, now=is_charged_now(campaign))
    form.name_end(end_named(campaign))
    gift = queries.gift_for(
        campaign,
        amount_cents=sum_.cents,
        cover_cents=cover_cents,
        when=promise,
        reward=reward is not None,
    )
    return render_template(
        "campaigns/pledge_data.html",
        page=page,
        campaign=campaign,
        form=form,
        reward=reward,
        gift=Money(form.cents()),
        amount=sum_,
        cover=Money(cover_cents) if cover_cents else None,
        could_cover=_could_cover(design, form, cover_cents),
        consent=consent_words(campaign, sum_),
        user=user,
        design=design,
        told=[*facts(gift)],
        now_charged=is_charged_now(campaign),
        promise=promise,
    )


def _cover(campaign: Campaign, form: PledgeForm) -> int:
    """Give what the form adds for the fees, in cents."""
    return cover_for(design_of(campaign), form.cents(), wanted=bool(form.cover.data))


def _could_cover(design: CampaignDesign, form: PledgeForm, cover_cents: int) -> Money | None:
    """Give what covering the fees would add, where that was not chosen and may be."""
    more = 0 if cover_cents else cover_for(design, form.cents(), wanted=True)
    return Money(more) if more else None


@bp.get("/projects/<slug>/pledge/data")
@public
def data(slug: str) -> Answer:
    """Check amount and reward, then ask who gives and for the consent."""
    page, campaign = _page(slug)
    refuse_pledges(campaign)
    refuse_closed(campaign, received_at())
    first = AmountForm(request.args)
    offer(campaign, first)
    reward = reward_of(campaign, first.reward.data)
    good = first.validate()
    if good and first.amount.data is not None:
        try:
            check_amount(
                first.amount.cents, terms_of(campaign), reward.minimum_cents if reward else None
            )
        except DomainError as error:
            first.say(error)
            good = False
    if not good:
        return _draw_amount(page, campaign, first), 422
    user = signed_in_user()
    form = PledgeForm(
        formdata=None,
        data={
            "amount": str(first.amount.cents),
            "reward": str(reward.id if reward else NONE),
            "cover": "1" if first.covers() else "",
            "token": secrets.token_urlsafe(24),
            "email": user.email if user else "",
            "name": user.name if user else "",
        },
    )
    form.ask_for(reward, companies=design_of(campaign).companies)
    return _draw_data(page, campaign, form)


@bp.post("/projects/<slug>/pledge/data")
@limiter.limit("600 per minute")
@writes_in_steps
@public
def make(slug: str) -> Answer:
    """Make the pledge, then send the backer to the provider's page."""
    campaign = queries.campaign_to_back(db.session(), slug)
    refuse_pledges(campaign)
    form = PledgeForm()
    reward = queries.reward_of(db.session(), campaign, form.chosen_reward())
    form.ask_for(reward, companies=design_of(campaign).companies)
    if not form.validate_on_submit():
        return _draw_data(*_page(slug), form), 422
    agreed = consent_words(campaign, Money(form.cents() + _cover(campaign, form)))
    user = signed_in_user()
    typed = PledgeData(
        amount_cents=form.cents(),
        email=user.email if user else form.email.data,
        name=form.name.data,
        public_name=form.public_name.data or "",
        message=form.message.data or "",
        reward_id=form.chosen_reward(),
        language=str(get_locale() or "it"),
        consent=agreed,
        token=form.token.data or None,
        cover=bool(form.cover.data),
        company=form.typed("company"),
        sponsor=bool(form.typed("sponsor")),
        tax_code=form.typed("tax_code"),
        shipping_answer=form.typed("shipping_answer"),
        ends=form.ends.data or "",
    )
    campaign_id, backer = campaign.id, actor(campaign, Role.BACKER)
    try:
        with unit_of_work() as session:
            pledge = actions.make_pledge(
                session,
                campaign_id,
                typed,
                started_at=received_at(),
                actor=backer,
                at=current_now(),
            )
            way = begin_way(session, pledge, now=current_now())
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        form.say(error)
        page, campaign = _page(slug)
        if form.reward.errors:
            form.choose_again(campaign.rewards)
        return _draw_data(page, campaign, form), error.status
    return go(way)


# -- the page of a pledge ----------------------------------------------------------------------


@bp.get("/pledges/<token>")
@public
def pledge(token: str) -> PageResponse:
    """Show a pledge: what it is, what happens when, what can be done; it proves nothing."""
    found = linked(token)
    campaign, now = found.campaign, received_at()
    present, silent = None, False
    if found.state in RESCUABLE | {PledgeState.CREATED, PledgeState.PROCESSING}:
        try:
            present = look.present(db.session(), services().payments, found.subject)
        except (ProviderUnavailableError, ProviderRefusedError):
            silent = True
    ended = has_ended(campaign.ends_at, now)
    can_charge = chargeable(campaign, now)
    unpaid = found.state in UNPAID
    cases = queries.cases_of(db.session(), found.id) if found.paid_at else []
    response = make_response(
        render_template(
            "campaigns/pledge.html",
            pledge=found,
            campaign=campaign,
            amount=Money(found.amount_cents),
            token=token,
            silent=silent,
            told=words.told(
                found,
                seen=present is not None
                and (present.card is CardStatus.SAVED or present.charge is ChargeStatus.PAID),
                why=words_for(present.error) if present is not None and present.error else None,
            ),
            because=words.why_back(found) if found.state is PledgeState.RELEASED else None,
            disputes=[words.disputed(case) for case in cases if case.kind is CaseKind.DISPUTE],
            in_part=next(
                (
                    words.taken_in_part(found, case.amount_cents)
                    for case in cases
                    if case.kind is CaseKind.PART
                ),
                None,
            ),
            brings=brought_about(db.session(), found, now=now),
            lost_letter=undelivered(db.session(), "pledge", found.id),
            can_correct=may_correct(campaign, found, now),
            can_change=_changeable(campaign, found, now),
            receipts=queries.receipts_of(db.session(), found.id),
            saved=present is not None and present.card is CardStatus.SAVED,
            paid=present is not None and present.charge is ChargeStatus.PAID,
            can_cancel=found.state in CANCELLABLE and not ended,
            can_take_back=actions.may_take_back(campaign, found, now),
            must_agree=actions.must_agree(campaign, found)
            and not is_late(now, found.agreed_ends_at or now),
            words=consent_words(campaign, Money(found.amount_cents)),
            named=end_named(campaign),
            returns=payments.facts(db.session(), found.subject).refunds if found.paid_at else (),
            refund_words=refund_words_for,
            can_go_on=can_charge
            and (found.state is PledgeState.CREATED or (found.charged_now and unpaid)),
            can_change_card=found.state in CARD_CHANGEABLE and can_charge and not found.charged_now,
            can_pay=found.state in RESCUABLE
            and can_charge
            and not found.charged_now
            and campaign.state is CampaignState.COLLECTING,
        )
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _changeable(campaign: Campaign, found: Pledge, now: datetime) -> bool:
    try:
        refuse_unchangeable(campaign, found, now)
    except DomainError:
        return False
    return True


# -- a lost link -------------------------------------------------------------------------------


@bp.get("/pledges")
@public
def lost() -> Answer:
    """Ask for the address to which the links of one's pledges are sent."""
    return render_template("campaigns/lost.html", form=AddressForm())


@bp.post("/pledges")
@limiter.limit("5 per hour")
@writes
@public
def lost_submit() -> Answer:
    """Send the links to the stored address; the page never tells who pledged."""
    form = AddressForm()
    if not form.validate_on_submit():
        return render_template("campaigns/lost.html", form=form), 422
    found = queries.pledges_to_link(db.session(), form.email.data)
    if found:
        letters.link_again(
            db.session(), found, language=str(get_locale() or "it"), at=current_now()
        )
    return look_at_mail(form.email.data, "campaigns.lost_sent")


@bp.get("/pledges/links-sent")
@public
def lost_sent() -> Answer:
    """Say where the links went, if pledges were made with that address."""
    email = written_to()
    if email is None:
        return seeother(url_for("campaigns.lost"))
    return render_template("campaigns/lost_sent.html", email=email)
