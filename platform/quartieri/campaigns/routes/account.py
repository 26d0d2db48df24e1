"""One's own pledges, and the proposer's own campaigns."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from quartieri.calls.campaign_words import campaign_sentences
from quartieri.campaigns import actions, queries, words
from quartieri.campaigns.forms import ReasonForm
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.parts import gaps
from quartieri.campaigns.queries.rescoping import may_rescope
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted, takes_cards, tried
from quartieri.campaigns.routes.collection import readiness_of
from quartieri.campaigns.routes.page_edit import me
from quartieri.campaigns.routes.public import draw_project, picture_of
from quartieri.campaigns.rules import CAMPAIGN, EDITABLE, SHOWN, TELLS
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.people.access import actor, current_now, owner, signed_in, signed_in_user

# -- pledges -----------------------------------------------------------------------------------


@bp.get("/account/pledges")
@signed_in
def mine() -> Answer:
    """List one's own pledges."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- the decorator lets nobody else in
    return render_template(
        "campaigns/mine.html",
        pledges=[
            (one, url_for("campaigns.pledge", token=pledge_token(one)), words.told(one))
            for one in queries.pledges_of_account(db.session(), user.id)
        ],
        claimable=queries.claimable(db.session(), user),
        email=user.email,
    )


@bp.post("/account/pledges/claim")
@writes
@signed_in
def claim() -> Response:
    """Add the pledges made as a guest with the account's verified address."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- the decorator lets nobody else in
    number = actions.claim_pledges(db.session(), user, actor=actor(), at=current_now())
    flash(ngettext("%(num)s pledge was added.", "%(num)s pledges were added.", number), "success")
    return seeother(url_for("campaigns.mine"))


# -- the proposer's campaigns ------------------------------------------------------------------


@bp.get("/account/campaigns")
@signed_in
def my_campaigns() -> Answer:
    """List the campaigns of one's own projects."""
    user = signed_in_user()
    assert user is not None  # noqa: S101 -- the decorator lets nobody else in
    found = queries.campaigns_of_owner(db.session(), user.id)
    return render_template("campaigns/my_campaigns.html", campaigns=found)


def draw_desk(campaign: Campaign, form: ReasonForm | None = None) -> str:
    """Draw the proposer's page of a campaign."""
    return render_template(
        "campaigns/desk.html",
        campaign=campaign,
        editable=campaign.state in EDITABLE,
        online=campaign.state in SHOWN,
        recorded_until=queries.recorded_until(campaign),
        tells=campaign.state in TELLS,
        missing=gaps(campaign),
        verbs=CAMPAIGN.verbs_from(campaign.state),
        money=queries.money_of(db.session(), campaign.id),
        claims=sum(actions.claims(db.session(), campaign).values()),
        rescopings=queries.rescopings_of(db.session(), campaign.id),
        can_rescope=may_rescope(campaign),
        sentences=campaign_sentences(queries.design_of(campaign), cards=takes_cards()),
        **readiness_of(campaign),
        extensions=queries.extensions_of(db.session(), campaign),
        form=form or ReasonForm(formdata=None),
        opened=form is not None,
        picture=picture_of(campaign),
    )


@bp.get("/account/campaigns/<int:campaign_id>")
@owner(load)
def desk(campaign: Campaign) -> Answer:
    """Show the proposer how the campaign stands and what comes next."""
    return draw_desk(campaign)


@bp.get("/account/campaigns/<int:campaign_id>/preview")
@owner(load)
def preview(campaign: Campaign) -> Answer:
    """Show the page as everyone will see it."""
    page = queries.preview_page(db.session(), campaign, now=current_now())
    back = url_for("campaigns.desk", campaign_id=campaign.id)
    return draw_project(page, preview=True, back=back)


@bp.post("/account/campaigns/<int:campaign_id>/ask-approval")
@writes
@owner(load)
def ask_approval(campaign: Campaign) -> Response:
    """Hand the page to the office."""
    return tried(
        lambda: actions.ask_approval(db.session(), campaign, actor=me(campaign), at=current_now()),
        _("The office has your page. We write to you when it is approved."),
        url_for("campaigns.desk", campaign_id=campaign.id),
    )


@bp.post("/account/campaigns/<int:campaign_id>/withdraw")
@writes
@owner(load)
def withdraw(campaign: Campaign) -> Answer:
    """Withdraw the campaign, and with it the project."""
    form = ReasonForm()

    def verb() -> Any:
        actions.withdraw(
            db.session(),
            campaign,
            reason=form.reason.data,
            actor=me(campaign),
            at=current_now(),
        )

    return submitted(
        form,
        lambda: draw_desk(campaign, form),
        verb,
        _("The campaign is withdrawn. Nobody is charged."),
        url_for("campaigns.desk", campaign_id=campaign.id),
    )
