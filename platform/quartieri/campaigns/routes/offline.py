"""Offline pledges: recorded by one official, decided by another; reversed by two."""

from __future__ import annotations

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from quartieri.campaigns import actions
from quartieri.campaigns.forms import OfflineForm, ReasonForm
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.routes.blueprint import (
    Answer,
    bp,
    load,
    load_pledge,
    submitted,
    tried,
)
from quartieri.campaigns.routes.manage import draw, here
from quartieri.campaigns.routes.money import draw_pledge
from quartieri.db import db, writes
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission


@bp.post("/manage/campaigns/<int:campaign_id>/offline")
@writes
@permit(Permission.PLEDGE_RECORD, load)
def record_offline(campaign: Campaign) -> Answer:
    """Record money that came outside of the site."""
    form = OfflineForm()

    def verb() -> None:
        received_at = form.received_at.instant()
        assert received_at is not None  # noqa: S101 -- the form asks for it
        actions.record_offline(
            db.session(),
            campaign,
            amount_cents=form.amount.cents,
            name=form.name.data,
            email=form.email.data or "",
            evidence=form.evidence.data,
            received_at=received_at,
            public_name=form.public_name.data or "",
            actor=actor(campaign),
            at=current_now(),
        )

    return submitted(
        form,
        lambda: draw(campaign, "offline", form),
        verb,
        _("The pledge is recorded. It counts once another person confirms it."),
        here(campaign),
    )


@bp.post("/manage/pledges/<int:pledge_id>/accept")
@writes
@permit(Permission.PLEDGE_CONFIRM, load_pledge)
def accept_offline(pledge: Pledge) -> Response:
    """Confirm a recorded pledge."""
    return tried(
        lambda: actions.accept_offline(db.session(), pledge, actor=actor(pledge), at=current_now()),
        _("The pledge counts now."),
        here(pledge.campaign),
    )


@bp.post("/manage/pledges/<int:pledge_id>/reject")
@writes
@permit(Permission.PLEDGE_CONFIRM, load_pledge)
def reject_offline(pledge: Pledge) -> Answer:
    """Reject a recorded pledge, with the reason."""
    form = ReasonForm()
    return submitted(
        form,
        lambda: draw_pledge(pledge, "reason", form),
        lambda: actions.reject_offline(
            db.session(),
            pledge,
            reason=form.reason.data,
            actor=actor(pledge),
            at=current_now(),
        ),
        _("The pledge is rejected."),
        here(pledge.campaign),
    )


@bp.post("/manage/pledges/<int:pledge_id>/ask-reversal")
@writes
@permit(Permission.PLEDGE_CONFIRM, load_pledge)
def ask_reversal(pledge: Pledge) -> Answer:
    """Ask for the reversal of a confirmed offline pledge."""
    form = ReasonForm()
    return submitted(
        form,
        lambda: draw_pledge(pledge, "reason", form),
        lambda: actions.ask_reversal(
            db.session(),
            pledge,
            reason=form.reason.data,
            actor=actor(pledge),
            at=current_now(),
        ),
        _("Another person must confirm the reversal."),
        here(pledge.campaign),
    )


@bp.post("/manage/pledges/<int:pledge_id>/confirm-reversal")
@writes
@permit(Permission.PLEDGE_CONFIRM, load_pledge)
def confirm_reversal(pledge: Pledge) -> Response:
    """Reverse an offline pledge that another person asked to reverse."""
    return tried(
        lambda: actions.confirm_reversal(
            db.session(), pledge, actor=actor(pledge), at=current_now()
        ),
        _("The pledge is reversed."),
        here(pledge.campaign),
    )
