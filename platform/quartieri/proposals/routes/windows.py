"""A session as a whole: closing its intake, beginning its evaluation."""

from __future__ import annotations

from flask import flash, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from quartieri.calls.models import Window
from quartieri.db import db, get, writes
from quartieri.kit.answers import seeother
from quartieri.people.access import actor, current_now, permit
from quartieri.people.rules import Permission
from quartieri.proposals import actions
from quartieri.proposals.routes.blueprint import Answer, bp


def _window(window_id: int) -> Window:
    return get(db.session(), Window, window_id)


def _list(window: Window) -> Answer:
    return seeother(
        url_for("proposals.manage_index", call=window.call_id, window=window.id, sort="number")
    )


@bp.post("/manage/windows/<int:window_id>/start-checking")
@writes
@permit(Permission.WINDOW_RUN, _window)
def start_checking(window: Window) -> Answer:
    """Close a session's intake and take its applications into the check."""
    number = actions.start_checking(db.session(), window, actor=actor(window), at=current_now())
    flash(
        ngettext(
            "The check has begun for %(num)d application.",
            "The check has begun for %(num)d applications.",
            number,
        ),
        "success",
    )
    return _list(window)


@bp.post("/manage/windows/<int:window_id>/start-evaluation")
@writes
@permit(Permission.WINDOW_RUN, _window)
def start_evaluation(window: Window) -> Answer:
    """Begin a session's evaluation once every application is decided."""
    number = actions.start_evaluation(db.session(), window, actor=actor(window), at=current_now())
    flash(
        ngettext(
            "The evaluation has begun: %(num)d application.",
            "The evaluation has begun: %(num)d applications.",
            number,
        ),
        "success",
    )
    return _list(window)


STEPS = {"desert": actions.desert_window, "conclude": actions.conclude_window}
"""The ends of a session, which wait for its applications."""


@bp.post("/manage/windows/<int:window_id>/<any(desert, conclude):verb>")
@writes
@permit(Permission.CALL_PUBLISH, lambda window_id, verb: (_window(window_id), verb))
def end_window(window: Window, verb: str) -> Answer:
    """Declare a session deserted, or conclude it."""
    STEPS[verb](db.session(), window, actor=actor(window), at=current_now())
    if verb == "desert":
        flash(_("Session %(number)s is deserted.", number=window.number), "success")
    else:
        flash(_("Session %(number)s is concluded.", number=window.number), "success")
    return seeother(url_for("calls.manage", call_id=window.call_id))
