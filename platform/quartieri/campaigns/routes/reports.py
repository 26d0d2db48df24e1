"""Reporting a campaign, and the office's work list."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from quartieri.campaigns import actions
from quartieri.campaigns.forms import ReportForm, ReportNoteForm
from quartieri.campaigns.models import Campaign, Report
from quartieri.campaigns.queries.reports import reports_to_see_to
from quartieri.campaigns.queries.telling import public_campaign
from quartieri.campaigns.routes.blueprint import Answer, bp
from quartieri.campaigns.rules import REPORT, ReportReason
from quartieri.db import db, get, writes
from quartieri.extensions import limiter
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError, NotYoursError
from quartieri.kit.formats import language
from quartieri.people.access import actor, allowed, current_now, permit, public, scopes_with
from quartieri.people.rules import Permission


def _draw(campaign: Campaign, form: ReportForm) -> str:
    return render_template("campaigns/report.html", campaign=campaign, form=form)


@bp.get("/projects/<slug>/report")
@public
def report(slug: str) -> Answer:
    """Ask what is wrong."""
    return _draw(public_campaign(db.session(), slug), ReportForm(formdata=None))


@bp.post("/projects/<slug>/report")
@limiter.limit("5 per hour")
@writes
@public
def report_submit(slug: str) -> Answer:
    """Keep the report for the office."""
    campaign = public_campaign(db.session(), slug)
    form = ReportForm()
    if not form.validate_on_submit():
        return _draw(campaign, form), 422
    actions.report(
        db.session(),
        campaign,
        reason=ReportReason(form.reason.data),
        text=form.text.data,
        email=form.email.data or "",
        language=language(),
        at=current_now(),
    )
    flash(_("Thank you. The office looks into it."), "success")
    return seeother(url_for("campaigns.project", slug=slug))


def _about(report: Report, sent: ReportNoteForm | None) -> ReportNoteForm:
    form = sent or ReportNoteForm(formdata=None)
    form.note.id = f"note-{report.id}"
    return form


def _list(report_id: int = 0, form: ReportNoteForm | None = None) -> str:
    found = reports_to_see_to(db.session(), scopes=scopes_with(Permission.REPORTS_READ))
    return render_template(
        "campaigns/manage_reports.html",
        reports=[
            (
                one,
                REPORT.verbs_from(one.state) if allowed(Permission.REPORT_DECIDE, one) else (),
                _about(one, form if one.id == report_id else None),
            )
            for one in found
        ],
    )


@bp.get("/manage/reports")
@permit(Permission.REPORTS_READ)
def manage_reports() -> Answer:
    """List what people reported."""
    return _list()


def _load(report_id: int, verb: str) -> tuple[Report, str]:
    return get(db.session(), Report, report_id), verb


@bp.post("/manage/reports/<int:report_id>/<any(act, dismiss):verb>")
@writes
@permit(Permission.REPORT_DECIDE, _load)
def decide_report(found: Report, verb: str) -> Answer:
    """Note what was found and done; whoever reported it is told."""
    form = ReportNoteForm()
    if not form.validate_on_submit():
        return _list(found.id, form), 422
    try:
        actions.decide_report(
            db.session(),
            found,
            verb,
            note=form.note.data,
            actor=actor(found),
            at=current_now(),
        )
    except NotYoursError:
        raise  # kept in the audit log by the error page
    except DomainError as error:
        form.say(error)
        return _list(found.id, form), error.status
    flash(_("Noted."), "success")
    return seeother(url_for("campaigns.manage_reports"))
