"""What is set for single sessions: their own endowments, and when their legal term stands still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import open_draft
from quartieri.calls.models import Call, WindowPause
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy


def set_endowments(
    session: Session,
    call: Call,
    endowments: Mapping[int, int | None],
    *,
    actor: Actor,
    at: datetime,
) -> Call:
    """Set apart what each session of a draft may give, in cents by its number; None: nothing.

    Raises InvalidError for an amount that is not above zero.
    """
    call = open_draft(session, call, version=None, actor=actor)
    before = {str(w.number): w.endowment_cents for w in call.windows}
    for window in call.windows:
        cents = endowments.get(window.number)
        if cents is not None and cents <= 0:
            raise InvalidError(lazy("The amount must be more than zero."), field="windows")
        window.endowment_cents = cents
    after = {str(w.number): w.endowment_cents for w in call.windows}
    if before != after:
        call.version += 1
        session.flush()
        record(
            session,
            "set_endowments",
            "call",
            call.id,
            actor=actor,
            at=at,
            before={"endowments": before},
            after={"endowments": after},
        )
    return call


def pause_term(session: Session, window_id: int | None, key: str, *, at: datetime) -> None:
    """Note that a session's legal term stands still while something is awaited.

    ``key`` names what is awaited; noted once. Nothing happens outside of a session.
    """
    if window_id is None:
        return
    known = session.scalar(sa.select(WindowPause.id).where(WindowPause.key == key))
    if known is None:
        session.add(WindowPause(window_id=window_id, key=key, began_at=at))
        session.flush()


def resume_term(session: Session, key: str, *, at: datetime) -> None:
    """Note that what was awaited came, or will not come: the legal term runs on."""
    session.execute(
        sa.update(WindowPause)
        .where(WindowPause.key == key, WindowPause.ended_at.is_(None))
        .values(ended_at=sa.case((WindowPause.began_at > at, WindowPause.began_at), else_=at))
    )
