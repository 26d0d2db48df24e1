"""Offline pledges: recorded by one official, decided by another; reversed by two."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import flash, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from quartieri.acts.routes import kept_file
from quartieri.campaigns import actions, queries
from quartieri.campaigns.forms import ImportForm, OfflineForm, ReasonForm
from quartieri.campaigns.importing.offline import (
    NEEDED,
    OfflineImport,
    read_offline,
)
from quartieri.campaigns.importing.offline import import_offline as store_offline
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
from quartieri.campaigns.rules import OfflineMeans
from quartieri.db import db, writes
from quartieri.files.rules import DOCUMENTS
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotFoundError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.kit.numbers import in_rows
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
            means=OfflineMeans(form.means.data or OfflineMeans.TRANSFER),
            evidence=form.evidence.data or "",
            file=kept_file(form.file.data, user_id=actor(campaign).user_id, allowed=DOCUMENTS),
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


# -- many at once ------------------------------------------------------------------------------


@bp.get("/manage/campaigns/<int:campaign_id>/offline/import")
@permit(Permission.PLEDGE_RECORD, load)
def import_offline(campaign: Campaign) -> Answer:
    """Ask for the table."""
    return _draw_import(campaign, ImportForm(formdata=None))


@bp.post("/manage/campaigns/<int:campaign_id>/offline/import")
@writes
@permit(Permission.PLEDGE_RECORD, load)
def import_offline_submit(campaign: Campaign) -> Answer:
    """Check the table and show what it would do; record it when asked to."""
    form = ImportForm()
    if not form.validate_on_submit():
        return _draw_import(campaign, form), 422
    session, at = db.session(), current_now()
    try:
        form.content.data = form.text()
        found = read_offline(session, campaign, form.content.data, at=at)
        if "store" in request.form and not found.faults:
            done = store_offline(session, campaign, form.content.data, actor=actor(campaign), at=at)
            flash(_told(done), "success")
            return seeother(here(campaign))
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        form.say(error)
        return _draw_import(campaign, form), error.status
    return _draw_import(campaign, form, found), 422 if found.faults else 200


def _told(done: OfflineImport) -> str:
    return str(
        ngettext(
            "%(num)s pledge is recorded. It counts once another person confirms it.",
            "%(num)s pledges are recorded. They count once another person confirms them.",
            len(done.new),
        )
    )


def _draw_import(campaign: Campaign, form: ImportForm, found: OfflineImport | None = None) -> str:
    return render_template(
        "campaigns/import_offline.html",
        campaign=campaign,
        form=form,
        found=found,
        columns=NEEDED,
        total=Money(found.cents) if found else None,
    )


@bp.post("/manage/campaigns/<int:campaign_id>/offline/accept")
@writes
@permit(Permission.PLEDGE_CONFIRM, load)
def accept_all_offline(campaign: Campaign) -> Response:
    """Confirm every pledge that somebody else recorded, up to the last one that the page showed."""
    me = actor(campaign)
    last = request.form.get("last", 0, in_rows)
    found = queries.recorded_by_others(db.session(), campaign.id, user_id=me.user_id)
    waiting = [pledge for pledge in found if pledge.id <= last]

    def verb() -> None:
        for pledge in waiting:
            actions.accept_offline(db.session(), pledge, actor=me, at=current_now())

    number = len(waiting)
    said = ngettext("%(num)s pledge counts now.", "%(num)s pledges count now.", number)
    return tried(verb, said, here(campaign))


@bp.get("/manage/pledges/<int:pledge_id>/evidence")
@permit(Permission.PLEDGES_READ, load_pledge)
def evidence(pledge: Pledge) -> FileResponse:
    """Hand out the file that proves an offline pledge."""
    if pledge.evidence_file is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return send(pledge.evidence_file)
