"""Home, health, language, about; the audit log, letters, jobs, the demo's clock."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, flash, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response as BaseResponse

from quartieri.audit.queries import entries
from quartieri.calls.queries import home as home_facts
from quartieri.campaigns.queries import Group, project_cards
from quartieri.db import db, writes
from quartieri.extensions import csrf, limiter, services
from quartieri.jobs.actions import move_demo_clock
from quartieri.jobs.queries import failed_jobs, worker_is_late
from quartieri.kit.answers import local_target, seeother
from quartieri.kit.clock import Clock
from quartieri.kit.errors import NotFoundError
from quartieri.kit.formats import language as language_now
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import page_number
from quartieri.mail import queries as mail
from quartieri.mail.actions import came_back, send_again
from quartieri.mail.bounces import is_signed, read_notice, read_report
from quartieri.mail.models import Letter
from quartieri.people.access import actor, current_now, permit, public, scopes_with
from quartieri.people.rules import Permission
from quartieri.web import happened as told
from quartieri.web import lost
from quartieri.web.audited import about_calls, within
from quartieri.web.migrated import UPGRADE, is_behind
from quartieri.web.openapi import description
from quartieri.web.told_facts import values

bp = Blueprint("web", __name__)
bp.add_app_template_filter(told.happened)
bp.add_app_template_filter(told.doer)
bp.add_app_template_filter(told.runs)
bp.add_app_template_filter(told.why)
blueprints = (bp,)

CAMPAIGNS_SHOWN = 3
LANGUAGES = ("it", "en")
YEAR = 365 * 24 * 3600
CLOCK_STEPS = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
    "sixty": timedelta(days=60),
}


@bp.get("/")
@public
def home() -> str:
    """Show what is open now and where the money is."""
    session, now = db.session(), current_now()
    live = project_cards(session, now=now, language=language_now(), group=Group.LIVE)
    facts = home_facts(session, now=now)
    return render_template("web/home.html", campaigns=live.cards[:CAMPAIGNS_SHOWN], **facts)


@bp.get("/health")
@public
def health() -> tuple[Response, int]:
    """Tell monitors that the site and its database answer and fit together; never cached."""
    if is_behind(db.session()):
        return jsonify(status="the database waits for its migrations", run=UPGRADE), 503
    late = worker_is_late(db.session(), system_now=Clock().now())
    return jsonify(status="ok", worker="late" if late else "ok"), 200


@bp.post("/language")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF publishes no types
@writes
@public
def language() -> BaseResponse:
    """Remember the language in a cookie.

    Its form stands on every page and carries no token, so that a page is the same for every
    visitor and can be kept; forged, it would change nothing but words.
    """
    chosen = request.form.get("lang", "")
    response = seeother(local_target(request.form.get("next"), url_for("web.home")))
    if chosen in LANGUAGES:
        response.set_cookie(
            "lang",
            chosen,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=services().settings.production,
        )
    return response


@bp.get("/about")
@public
def about() -> str:
    """Explain how a project goes from an idea to the street."""
    return render_template("web/about.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """Say which data are kept, why and for how long."""
    return render_template("web/privacy.html")


@bp.get("/accessibility")
@public
def accessibility() -> str:
    """State how accessible the site is and where to write."""
    return render_template("web/accessibility.html")


@bp.get("/api/v1/openapi.json")
@public
def openapi() -> Response:
    """Describe ``/api/v1`` for programs."""
    return jsonify(description())


@bp.get("/manage/audit")
@permit(Permission.AUDIT_READ)
def audit() -> str:
    """List who did what within the reader's authority or call, newest first."""
    page = page_number()
    kind = request.args.get("kind", "")
    scopes = scopes_with(Permission.AUDIT_READ)
    found = entries(
        db.session(),
        page=page,
        kind=kind,
        refused="refused" in request.args,
        where=None if scopes is None else within(scopes),
    )
    return render_template(
        "web/audit.html",
        found=found,
        page=page,
        kind=kind,
        kinds=told.subjects(),
        about=told.about,
        facts_of=values,
    )


@bp.get("/manage/jobs")
@permit(Permission.SITE_RUN)
def jobs() -> str:
    """List the jobs that gave up."""
    return render_template("web/jobs.html", jobs=failed_jobs(db.session()))


@bp.get("/manage/letters")
@permit(Permission.LETTERS_SEE_TO)
def lost_letters() -> str:
    """List the letters that came back, about what lies within the reader's scopes."""
    page, args = page_number(), request.args
    kind, sort = args.get("kind", ""), args.get("sort", "")
    where = [Letter.subject_kind == kind] if kind in lost.KINDS else []
    found, total = mail.lost_letters(
        db.session(), *where, *_letters_of_reader(), sort=sort, page=page
    )
    return render_template(
        "web/lost_letters.html",
        found=[lost.lost(one) for one in found],
        kinds=lost.KINDS,
        kind=kind,
        sort=sort,
        page=page,
        pages=-(-total // mail.SIZE) or 1,
        total=total,
    )


def _letters_of_reader() -> list[ColumnElement[bool]]:
    scopes = scopes_with(Permission.LETTERS_SEE_TO)
    return [] if scopes is None else [about_calls(scopes, Letter.subject_kind, Letter.subject_id)]


@bp.post("/manage/letters/<int:letter_id>/again")
@writes
@permit(Permission.LETTERS_SEE_TO)
def send_letter_again(letter_id: int) -> BaseResponse:
    """Send a letter again to the address that it was written to."""
    found = mail.letter_within(db.session(), letter_id, *_letters_of_reader())
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    send_again(db.session(), found, actor=actor(), at=current_now())
    flash(_("The letter leaves again, to %(address)s.", address=found.to), "success")
    return seeother(local_target(request.form.get("next"), url_for("web.lost_letters")))


@bp.post("/mail/bounces")
@csrf.exempt  # type: ignore[untyped-decorator] # Flask-WTF publishes no types
@limiter.limit("600 per minute")
@writes
@public
def bounce() -> tuple[Response, int]:
    """Take a mail service's word that a letter came back: signed, and told twice noted once.

    The body is the report itself (RFC 3464), or a notice in JSON; what is not about a letter of
    ours, or no failure for good, is answered 200 too, so that the service does not tell it again.
    """
    body, secret = request.get_data(), services().settings.mail_bounce_secret
    if not secret:
        abort(404)
    said, now = request.headers.get("Bounce-Signature", ""), current_now()
    if not is_signed(body, said, secret=secret, now=int(Clock().now().timestamp())):
        return jsonify(error="bad signature"), 401
    read = read_notice if request.mimetype == "application/json" else read_report
    found = read(body)
    if found is not None:
        came_back(db.session(), found, sender=services().settings.mail_from, at=now)
    return jsonify(status="ok"), 200


@bp.get("/mailbox")
@public
def mailbox() -> str:
    """Show the letters of a local run; outside of the demo there is no such page."""
    if not services().settings.demo:
        abort(404)
    page = page_number()
    found = mail.letters(db.session(), page=page)
    return render_template("web/mailbox.html", letters=found, page=page)


@bp.get("/clock")
@public
def clock() -> str:
    """Show the demo's clock; outside of the demo there is no such page."""
    if not services().settings.demo:
        abort(404)
    return render_template("web/clock.html", steps=tuple(CLOCK_STEPS))


@bp.post("/clock")
@writes
@public
def move_clock() -> BaseResponse:
    """Move the demo's clock forward; the worker follows."""
    if not services().settings.demo:
        abort(404)
    step = CLOCK_STEPS.get(request.form.get("step", ""))
    if step is None:
        abort(400)
    move_demo_clock(db.session(), step)
    flash(_("The clock has moved. What falls due is done within seconds."), "success")
    return seeother(local_target(request.form.get("next"), url_for("web.clock")))
