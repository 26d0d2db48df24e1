"""The office's list of calls, starting one, and a call's dashboard."""

from __future__ import annotations

from flask import flash, request, url_for
from flask_babel import gettext as _

from quartieri.calls import actions, queries
from quartieri.calls.forms import NewCallForm
from quartieri.calls.models import Call
from quartieri.calls.queries.sessions import pressing_terms, terms
from quartieri.calls.routes.blueprint import (
    Answer,
    asked_phase,
    bp,
    draw,
    load,
    phase_of,
    text_of,
)
from quartieri.calls.rules import CallPhase, CallState
from quartieri.calls.shipped import templates
from quartieri.calls.timeline import call_timeline
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.formats import language
from quartieri.kit.numbers import page_number
from quartieri.people.access import actor, allowed, current_now, permit, scopes_with
from quartieri.people.models import Authority
from quartieri.people.queries import authorities
from quartieri.people.rules import Permission
from quartieri.programmes import queries as programmes


@bp.get("/manage/calls")
@permit(Permission.MANAGE_READ)
def manage_index() -> Answer:
    """List the calls in scope."""
    words, sort = request.args.get("q", "").strip(), request.args.get("sort", "")
    found = queries.manage_calls(
        db.session(),
        now=current_now(),
        scopes=scopes_with(Permission.MANAGE_READ),
        phase=asked_phase(),
        text=words,
        sort=sort,
        page=page_number(),
    )
    return draw(
        "calls/manage_index.html",
        found=found,
        terms=pressing_terms(db.session(), [row.id for row in found.rows], now=current_now()),
        phases=tuple(CallPhase),
        phase=asked_phase(),
        words=words,
        sort=sort,
    )


@bp.get("/manage/calls/new")
@permit(Permission.CALL_EDIT)
def new() -> Answer:
    """Offer the templates."""
    return _new_page(_new_form())


@bp.post("/manage/calls")
@writes
@permit(Permission.CALL_EDIT)
def create() -> Answer:
    """Start a draft from a template."""
    form = _new_form()
    if not form.validate_on_submit():
        return _new_page(form), 422
    authority = get(db.session(), Authority, int(form.authority.data))
    try:
        call = actions.create_from_template(
            db.session(),
            authority,
            form.template.data,
            actor=actor(authority),
            at=current_now(),
        )
    except DomainError as error:
        form.say(error)
        return _new_page(form), error.status
    flash(_("The draft is there. Fill in its steps; what is missing stands at the end."), "success")
    return seeother(url_for("calls.edit", call_id=call.id, step="identity"))


def _new_page(form: NewCallForm) -> str:
    kept = queries.kept_templates(db.session(), scopes_with(Permission.CALL_EDIT))
    return draw("calls/new.html", form=form, templates=templates(), kept=kept)


def _new_form() -> NewCallForm:
    form = NewCallForm()
    mine = [a for a in authorities(db.session()) if allowed(Permission.CALL_EDIT, a)]
    form.authority.choices = [(str(a.id), a.name) for a in mine]
    form.template.choices = [
        *((t.code, text_of(t.design.title)) for t in templates()),
        ("", _("A blank call")),
    ]
    return form


@bp.get("/manage/calls/<int:call_id>")
@permit(Permission.MANAGE_READ, load)
def manage(call: Call) -> Answer:
    """Show where a call stands, what comes next, and what its levels have bound."""
    session, now = db.session(), current_now()
    copy_for = queries.rectification_of_draft(session, call)
    if copy_for is not None:
        return seeother(url_for("calls.rectification", rectification_id=copy_for.id))
    gaps = (
        queries.gaps(session, call, now=now, language=language())
        if call.state is CallState.DRAFT
        else []
    )
    return draw(
        "calls/manage.html",
        call=call,
        phase=phase_of(call),
        gaps=gaps,
        windows=[(w, w.state_at(now), call_timeline(w, now)) for w in call.windows],
        terms=terms(session, [call], now=now),
        acts=queries.acts_of(session, call),
        levels=programmes.share_levels(session, call.pool_id) if call.pool_id else [],
        money=programmes.pool_balances(session, call.pool_id) if call.pool_id else None,
        rectification=queries.open_rectification(session, call),
        may_edit=allowed(Permission.CALL_EDIT, call),
        may_publish=allowed(Permission.CALL_PUBLISH, call),
    )
