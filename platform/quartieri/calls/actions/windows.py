"""The moves of a session after it closed. What happens to its proposals is theirs to say."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.models import Window
from quartieri.calls.rules import WINDOW, CallState
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy


def step_window(
    session: Session,
    window: Window,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    **facts: Any,
) -> Window:
    """Move a session by one of its verbs, under its lock; its state before is that of the clock.

    ``facts`` are what its guard asks for.

    Raises IllegalMoveError (a session that is open cannot be checked; a suspended call stands
    still) and NotYoursError.
    """
    window = lock(session, Window, window.id)
    if window.call.state is not CallState.PUBLISHED:
        raise IllegalMoveError(lazy("The call is not running: its sessions stand still."))
    move(
        session,
        window,
        WINDOW,
        verb,
        actor=actor,
        at=at,
        state=window.state_at(at),
        reason=reason,
        **facts,
    )
    return window


def start_checking(session: Session, window: Window, *, actor: Actor, at: datetime) -> Window:
    """Begin the admissibility check: from now on the deadline cannot move."""
    return step_window(session, window, "start_checking", actor=actor, at=at)


def start_evaluation(session: Session, window: Window, *, actor: Actor, at: datetime) -> Window:
    """Begin the evaluation, when every application was checked."""
    return step_window(session, window, "start_evaluation", actor=actor, at=at)


def desert_window(
    session: Session, window: Window, *, left: int, actor: Actor, at: datetime
) -> Window:
    """Record that nobody admissible applied to a session; ``left`` counts who still might be."""
    return step_window(session, window, "desert", actor=actor, at=at, reason="deserted", left=left)


def start_projects(session: Session, window: Window, *, actor: Actor, at: datetime) -> Window:
    """Say that the selected projects are under way."""
    return step_window(session, window, "start_projects", actor=actor, at=at)


def conclude_window(
    session: Session, window: Window, *, left: int, actor: Actor, at: datetime
) -> Window:
    """Record that a session is over; ``left`` counts its projects that have not ended."""
    return step_window(session, window, "conclude", actor=actor, at=at, left=left)
