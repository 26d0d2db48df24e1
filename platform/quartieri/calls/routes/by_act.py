"""What acts do to a call or to a session: one page with the act's form for each verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, url_for
from flask_babel import gettext as _

from quartieri.acts.forms import ActForm
from quartieri.calls import actions
from quartieri.calls.forms import ExtensionForm, SuspendForm
from quartieri.calls.models import Call, Window
from quartieri.calls.queries import window_by_id
from quartieri.calls.routes.blueprint import Answer, act_of, bp, draw, load
from quartieri.calls.rules import CALL, WindowState
from quartieri.db import db, writes
from quartieri.kit.answers import seeother
from quartieri.kit.errors import DomainError
from quartieri.kit.filters import say_filter as say
from quartieri.kit.labels import Lazy, lazy
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission


@dataclass(frozen=True, slots=True)
class Verb:
    """What one verb asks and says."""

    form: Callable[[], ActForm]
    title: Lazy
    about: Lazy
    done: Lazy


VERBS: dict[str, Verb] = {
    "suspend": Verb(
        SuspendForm,
        lazy("Suspend the call"),
        lazy("Nobody can submit until it is resumed. Drafts are kept."),
        lazy("The call is suspended."),
    ),
    "resume": Verb(
        ActForm,
        lazy("Resume the call"),
        lazy("Applications are accepted again; deadlines that stood still move."),
        lazy("The call runs again."),
    ),
    "conclude": Verb(
        ActForm,
        lazy("Conclude the call"),
        lazy("When all its sessions ended. What is left of the endowment goes back."),
        lazy("The call is concluded."),
    ),
}


def _load(call_id: int, verb: str) -> tuple[Call, str]:
    if verb not in VERBS:
        abort(404)
    return load(call_id), verb


@bp.get("/manage/calls/<int:call_id>/act/<verb>")
@permit(Permission.CALL_PUBLISH, _load)
def act_form(call: Call, verb: str) -> Answer:
    """Ask for the act."""
    CALL.find(verb, call.state)
    return draw("calls/act.html", call=call, verb=VERBS[verb], form=VERBS[verb].form())


@bp.post("/manage/calls/<int:call_id>/act/<verb>")
@writes
@permit(Permission.CALL_PUBLISH, _load)
def act(call: Call, verb: str) -> Answer:
    """Do what the act decides."""
    form = VERBS[verb].form()
    if not form.validate_on_submit():
        return draw("calls/act.html", call=call, verb=VERBS[verb], form=form), 422
    given: dict[str, Any] = {}
    if isinstance(form, SuspendForm):
        given["deadlines_stop"] = form.deadlines.data == "stop"
    try:
        getattr(actions, verb)(
            db.session(),
            call,
            act_of(form, call),
            actor=actor(call),
            at=current_now(),
            **given,
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return draw("calls/act.html", call=call, verb=VERBS[verb], form=form), error.status
    flash(say(VERBS[verb].done), "success")
    return seeother(url_for("calls.manage", call_id=call.id))


# -- sessions ----------------------------------------------------------------------------------


def _window(window_id: int) -> Window:
    return window_by_id(db.session(), window_id)


@bp.get("/manage/windows/<int:window_id>/extend")
@permit(Permission.CALL_PUBLISH, _window)
def extend_form(window: Window) -> Answer:
    """Ask for the new deadline and the act."""
    return _extension(window, ExtensionForm(office=window.call.design.office))


@bp.post("/manage/windows/<int:window_id>/extend")
@writes
@permit(Permission.CALL_PUBLISH, _window)
def extend(window: Window) -> Answer:
    """Move the deadline; after closing this reopens the session."""
    form = ExtensionForm()
    if not form.validate_on_submit():
        return _extension(window, form), 422
    try:
        actions.extend_window(
            db.session(),
            window,
            form.new_deadline(),
            act_of(form, window.call),
            actor=actor(window),
            at=current_now(),
        )
    except DomainError as error:
        db.session.rollback()
        form.say(error)
        return _extension(window, form), error.status
    flash(_("The deadline is moved; the old one stays visible."), "success")
    return seeother(url_for("calls.manage", call_id=window.call_id))


def _extension(window: Window, form: ExtensionForm) -> str:
    return draw(
        "calls/extend.html",
        window=window,
        call=window.call,
        reopens=window.state_at(current_now()) is WindowState.CLOSED,
        form=form,
    )


@bp.post("/manage/windows/<int:window_id>/start-projects")
@writes
@permit(Permission.CALL_PUBLISH, _window)
def start_projects(window: Window) -> Answer:
    """Say that the selected projects of a session are under way."""
    actions.start_projects(db.session(), window, actor=actor(window), at=current_now())
    flash(_("Session %(number)s is a step further.", number=window.number), "success")
    return seeother(url_for("calls.manage", call_id=window.call_id))
