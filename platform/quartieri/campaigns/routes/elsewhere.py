"""Campaigns on another platform: totals from a table, the final certificate by two persons."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from quartieri.acts.routes import kept_file
from quartieri.calls.models import Call
from quartieri.campaigns import actions
from quartieri.campaigns.forms import CertificateForm, DecideForm, ImportForm
from quartieri.campaigns.importing.totals import (
    NEEDED,
    TotalsImport,
    import_totals,
    read_totals,
)
from quartieri.campaigns.models import Campaign, OutsideCertificate
from quartieri.campaigns.queries import design_of
from quartieri.campaigns.routes.blueprint import Answer, bp, load, submitted
from quartieri.campaigns.routes.manage import here
from quartieri.db import db, get, writes
from quartieri.files.rules import DOCUMENTS
from quartieri.files.serving import send
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotYoursError
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission


def _call(call_id: int) -> Call:
    """Give a call whose campaigns run on another platform; others have no such page."""
    call = get(db.session(), Call, call_id)
    if call.design.campaign is None or not call.design.campaign.is_elsewhere:
        abort(404)
    return call


def _campaign(campaign_id: int) -> Campaign:
    campaign = load(campaign_id)
    if not design_of(campaign).is_elsewhere:
        abort(404)
    return campaign


@bp.get("/manage/calls/<int:call_id>/campaign-totals")
@permit(Permission.PLEDGE_RECORD, _call)
def totals(call: Call) -> Answer:
    """Ask for the table with the totals of a call's campaigns."""
    return _draw_totals(call, ImportForm(formdata=None))


@bp.post("/manage/calls/<int:call_id>/campaign-totals")
@writes
@permit(Permission.PLEDGE_RECORD, _call)
def totals_submit(call: Call) -> Answer:
    """Check the table and show what it would do; keep it when asked to."""
    form = ImportForm()
    if not form.validate_on_submit():
        return _draw_totals(call, form), 422
    session, at = db.session(), current_now()
    upload = form.file.data
    source = (upload.filename if upload else request.form.get("source", "")) or "CSV"
    try:
        form.content.data = form.text()
        found = read_totals(session, call.id, form.content.data, source=source, at=at)
        if "store" in request.form and not found.faults:
            done = import_totals(
                session, call.id, form.content.data, source=source, actor=actor(call), at=at
            )
            said = ngettext(
                "The totals of %(num)s campaign are imported.",
                "The totals of %(num)s campaigns are imported.",
                len(done.new),
            )
            flash(said, "success")
            return seeother(url_for("campaigns.manage_index", call=call.id))
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        form.say(error)
        return _draw_totals(call, form), error.status
    return _draw_totals(call, form, found, source), 422 if found.faults else 200


def _draw_totals(
    call: Call, form: ImportForm, found: TotalsImport | None = None, source: str = ""
) -> str:
    return render_template(
        "campaigns/import_totals.html",
        call=call,
        form=form,
        found=found,
        source=source,
        columns=NEEDED,
    )


def _load_certificate(certificate_id: int) -> OutsideCertificate:
    return get(db.session(), OutsideCertificate, certificate_id)


@bp.get("/manage/campaigns/<int:campaign_id>/certificate")
@permit(Permission.PLEDGE_RECORD, _campaign)
def certificate(campaign: Campaign) -> Answer:
    """Ask for the platform's final certificate."""
    return _draw_certificate(campaign, CertificateForm(formdata=None))


def _draw_certificate(campaign: Campaign, form: CertificateForm) -> str:
    return render_template("campaigns/certificate.html", campaign=campaign, form=form)


@bp.post("/manage/campaigns/<int:campaign_id>/certificate")
@writes
@permit(Permission.PLEDGE_RECORD, _campaign)
def certificate_submit(campaign: Campaign) -> Answer:
    """Record the certificate; it decides once another person confirms it."""
    form = CertificateForm()

    def verb() -> None:
        who = actor(campaign)
        actions.record_certificate(
            db.session(),
            campaign,
            raised_cents=form.raised.cents,
            backers=form.backers.number,
            issued_on=form.issued_on.data,
            file=kept_file(form.file.data, user_id=who.user_id, allowed=DOCUMENTS),
            note=form.note.data or "",
            actor=who,
            at=current_now(),
        )

    return submitted(
        form,
        lambda: _draw_certificate(campaign, form),
        verb,
        _("The certificate is recorded. It decides once another person confirms it."),
        here(campaign),
    )


@bp.get("/manage/certificates/<int:certificate_id>")
@permit(Permission.PLEDGE_CONFIRM, _load_certificate)
def decide_certificate_form(found: OutsideCertificate) -> Answer:
    """Ask whether figures and file agree."""
    return _draw_decision(found, DecideForm(formdata=None))


def _draw_decision(found: OutsideCertificate, form: DecideForm) -> str:
    return render_template(
        "campaigns/certificate.html", campaign=found.campaign, certificate=found, form=form
    )


@bp.post("/manage/certificates/<int:certificate_id>")
@writes
@permit(Permission.PLEDGE_CONFIRM, _load_certificate)
def decide_certificate(found: OutsideCertificate) -> Answer:
    """Confirm what the platform certified, or reject it with the reason."""
    form = DecideForm()
    return submitted(
        form,
        lambda: _draw_decision(found, form),
        lambda: actions.decide_certificate(
            db.session(),
            found,
            confirmed=form.decision.data == "confirm",
            reason=form.reason.data or "",
            actor=actor(found),
            at=current_now(),
        ),
        _("The certificate is decided."),
        here(found.campaign),
    )


@bp.get("/manage/certificates/<int:certificate_id>/file")
@permit(Permission.PLEDGES_READ, _load_certificate)
def certificate_file(found: OutsideCertificate) -> FileResponse:
    """Hand out the certificate."""
    return send(found.file)
