"""Asking for the rehearsal of a draft call, and keeping what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.models import Call
from quartieri.calls.queries import gaps
from quartieri.calls.rules import CallState
from quartieri.db import lock
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.rehearsal.models import Rehearsal, RehearsalState
from quartieri.rehearsal.queries import MOST, MOST_SEED


def ask(session: Session, call: Call, *, seed: int, actor: Actor, at: datetime) -> Rehearsal:
    """Ask the worker to play a draft; while one is being played, that one is given.

    Raises IllegalMoveError for a call that is no draft, NotReadyError with the gaps while its rules
    are not complete: what is not stated cannot be played.
    """
    call = lock(session, Call, call.id)
    if call.state is not CallState.DRAFT:
        raise IllegalMoveError(lazy("Only a draft is rehearsed: this call is real."))
    blocking = [gap for gap in gaps(session, call, now=at) if gap.blocking]
    if blocking:
        raise NotReadyError(blocking)
    running = session.scalars(
        sa.select(Rehearsal).where(
            Rehearsal.call_id == call.id, Rehearsal.state == RehearsalState.ASKED
        )
    ).first()
    if running is not None:
        return running
    asked = Rehearsal(
        call_id=call.id,
        call_version=call.version,
        seed=seed % (MOST_SEED + 1),
        asked_by=actor.user_id,
        asked_at=at,
    )
    session.add(asked)
    session.flush()
    record(
        session,
        "rehearse",
        "call",
        call.id,
        actor=actor,
        at=at,
        after={"rehearsal": asked.id, "seed": asked.seed, "version": call.version},
    )
    enqueue(session, "rehearsal.play", {"rehearsal_id": asked.id}, run_at=at)
    return asked


def keep_report(
    session: Session, rehearsal_id: int, report: dict[str, Any], *, at: datetime
) -> None:
    """Keep the report of a rehearsal; those of the call beyond the latest ten are forgotten."""
    played = lock(session, Rehearsal, rehearsal_id)
    played.state, played.report, played.ended_at = RehearsalState.PLAYED, report, at
    session.flush()
    old = session.scalars(
        sa.select(Rehearsal.id)
        .where(Rehearsal.call_id == played.call_id)
        .order_by(Rehearsal.id.desc())
        .offset(MOST)
    ).all()
    session.execute(sa.delete(Rehearsal).where(Rehearsal.id.in_(old)))


def keep_fault(session: Session, rehearsal_id: int, fault: str, *, at: datetime) -> None:
    """Keep why a rehearsal could not be played to its end."""
    failed = lock(session, Rehearsal, rehearsal_id)
    failed.state, failed.fault, failed.ended_at = RehearsalState.FAILED, fault, at
