"""Who receives a campaign's money: written by the proposer or an official, confirmed by another."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import CollectionForm
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted, takes_cards, tried
from quartieri.campaigns.rules import TYPED
from quartieri.db import db, writes
from quartieri.people.access import actor, current_now, owner, permit
from quartieri.people.rules import Permission


def readiness_of(campaign: Campaign) -> dict[str, Any]:
    """Give what the list of what a campaign still needs is drawn from."""
    session = db.session()
    found = queries.readiness(session, campaign, cards=takes_cards())
    return {
        "readiness": found,
        "asks": any(need in TYPED for need, _there in found),
        "collection": queries.collection_of(session, campaign.id),
        "design": queries.design_of(campaign),
    }


def _form(campaign: Campaign, *, fresh: bool = False) -> CollectionForm:
    found = queries.collection_of(db.session(), campaign.id)
    body = campaign.proposal.organisation
    known = {"holder": "" if body.informal else body.name, "tax_code": body.tax_code or ""}
    start = known | {"iban": body.iban or ""}
    form = (
        CollectionForm(formdata=None, obj=found, data=None if found else start)
        if fresh
        else (CollectionForm())
    )
    form.only(queries.needs_of(campaign, cards=takes_cards()))
    return form


def _draw(campaign: Campaign, form: CollectionForm, *, office: bool) -> str:
    return render_template(
        "campaigns/collection.html",
        campaign=campaign,
        form=form,
        office=office,
        back=_back(campaign, office=office),
        **readiness_of(campaign),
    )


def _back(campaign: Campaign, *, office: bool) -> str:
    page = "campaigns.manage_show" if office else "campaigns.desk"
    return url_for(page, campaign_id=campaign.id)


def _file(campaign: Campaign, who: Actor, *, office: bool) -> Answer:
    form = _form(campaign)

    def verb() -> None:
        actions.file_collection(
            db.session(),
            campaign,
            form.typed(),
            cards=takes_cards(),
            actor=who,
            at=current_now(),
        )

    return submitted(
        form,
        lambda: _draw(campaign, form, office=office),
        verb,
        _("Saved. Another person at the office confirms it."),
        _back(campaign, office=office),
    )


@bp.get("/account/campaigns/<int:campaign_id>/collection")
@owner(load)
def collection(campaign: Campaign) -> Answer:
    """Ask the proposer who receives the money, as far as the call's setting needs it."""
    return _draw(campaign, _form(campaign, fresh=True), office=False)


@bp.post("/account/campaigns/<int:campaign_id>/collection")
@writes
@owner(load)
def collection_submit(campaign: Campaign) -> Answer:
    """Keep what the proposer wrote; the office confirms it."""
    return _file(campaign, actor(campaign, Role.APPLICANT), office=False)


@bp.get("/manage/campaigns/<int:campaign_id>/collection")
@permit(Permission.CAMPAIGN_APPROVE, load)
def manage_collection(campaign: Campaign) -> Answer:
    """Ask an official who receives the money."""
    return _draw(campaign, _form(campaign, fresh=True), office=True)


@bp.post("/manage/campaigns/<int:campaign_id>/collection")
@writes
@permit(Permission.CAMPAIGN_APPROVE, load)
def manage_collection_submit(campaign: Campaign) -> Answer:
    """Keep what an official wrote; another one confirms it."""
    return _file(campaign, actor(campaign), office=True)


@bp.post("/manage/campaigns/<int:campaign_id>/collection/confirm")
@writes
@permit(Permission.CAMPAIGN_APPROVE, load)
def confirm_collection(campaign: Campaign) -> Response:
    """Vouch for who receives the money."""
    return tried(
        lambda: actions.confirm_collection(
            db.session(),
            campaign,
            seen=request.form.get("seen", ""),
            cards=takes_cards(),
            actor=actor(campaign),
            at=current_now(),
        ),
        _("Confirmed."),
        _back(campaign, office=True),
    )
