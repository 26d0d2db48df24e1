"""Reading what belongs to a call's sessions: their money and their legal term."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from quartieri.calls.endowments import SETTLED, SessionMoney, session_limits
from quartieri.calls.legal_clock import TermState, state_on, term_of
from quartieri.calls.models import Call, Window, WindowPause
from quartieri.calls.rules import CallState, WindowState
from quartieri.kit.clock import in_rome

RUNNING = frozenset(
    {
        WindowState.CLOSED,
        WindowState.CHECKING,
        WindowState.EVALUATION,
        WindowState.PROVISIONAL,
    }
)
"""From a session's deadline to its final ranking: the procedure is under way."""


def window_endowment(
    session: Session, window: Window, held: Mapping[int, int] | None = None
) -> int | None:
    """Give the most that a session's grants may hold together, in cents; None: no limit of its own.

    ``held`` is what grants hold already, in cents by window id: what a settled session did not use
    moves to the next one, where the call says so. One query.
    """
    held = held or {}
    windows = session.scalars(
        sa.select(Window).where(Window.call_id == window.call_id).order_by(Window.number)
    )
    sessions = [
        SessionMoney(w.number, w.endowment_cents, held.get(w.id, 0), w.state in SETTLED)
        for w in windows
    ]
    limits = session_limits(sessions, window.call.design.sessions.leftovers)
    return limits[window.number]


def terms(session: Session, calls: Iterable[Call], *, now: datetime) -> dict[int, TermState]:
    """Give where the legal term of each session under way stands, by window id; one query.

    A session's windows and authority are read from what is loaded with the calls. In a suspended
    call nothing is said: its act says what happens to the term.
    """
    running = [
        (call, window)
        for call in calls
        if call.state is CallState.PUBLISHED and not call.historical
        for window in call.windows
        if window.state_at(now) in RUNNING
    ]
    pauses: dict[int, list[WindowPause]] = {}
    if running:
        for pause in session.scalars(
            sa.select(WindowPause)
            .where(WindowPause.window_id.in_([w.id for _call, w in running]))
            .order_by(WindowPause.id)
        ):
            pauses.setdefault(pause.window_id, []).append(pause)
    today = in_rome(now).date()
    return {
        window.id: state_on(
            term_of(call.design.sessions, call.authority.province),
            in_rome(window.closes_at).date(),
            today,
            [
                (in_rome(p.began_at).date(), in_rome(p.ended_at).date() if p.ended_at else None)
                for p in pauses.get(window.id, ())
            ],
        )
        for call, window in running
    }


def pressing_terms(
    session: Session, call_ids: Sequence[int], *, now: datetime
) -> dict[int, list[tuple[int, TermState]]]:
    """Give the sessions whose legal term is close to its end or over: number and state, by call id.

    Three queries for any number of calls; none without calls.
    """
    if not call_ids:
        return {}
    calls = session.scalars(
        sa.select(Call)
        .where(Call.id.in_(call_ids))
        .options(joinedload(Call.authority), selectinload(Call.windows))
        .order_by(Call.id)
    ).all()
    known = terms(session, calls, now=now)
    found: dict[int, list[tuple[int, TermState]]] = {}
    for call in calls:
        for window in call.windows:
            state = known.get(window.id)
            if state is not None and (state.is_close or state.is_over):
                found.setdefault(call.id, []).append((window.number, state))
    return found
