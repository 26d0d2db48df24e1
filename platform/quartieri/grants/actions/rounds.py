"""A quadratic round: its pool reserved once by the ranking, shared out at its close."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.models import Window
from quartieri.grants.actions.binding import propose
from quartieri.grants.models import Grant, MatchRound
from quartieri.grants.queries import round_of
from quartieri.programmes import actions as programmes

ROUND = "match_round"


def open_round(
    session: Session, window: Window, *, pool_id: int, cents: int, actor: Actor, at: datetime
) -> MatchRound | None:
    """Reserve the pool of a session's round, ``cents``; asked again it is the same round.

    None where nothing is left to reserve. Raises PoolShortError when the pool has less.
    """
    found = round_of(session, window.id)
    if found is not None or cents == 0:
        return found
    row = MatchRound(window_id=window.id, pool_id=pool_id, reserved_cents=cents, opened_at=at)
    session.add(row)
    session.flush()
    programmes.reserve(
        session,
        pool_id,
        cents,
        key=f"round:{row.id}:reserve",
        about=f"round:{row.id}",
        actor=actor,
        at=at,
    )
    record(session, "open", ROUND, row.id, actor=actor, at=at, after={"reserved": cents})
    return row


def close_round(
    session: Session,
    row: MatchRound,
    grants: Mapping[int, Grant],
    shares: Mapping[int, int],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Share a locked round out among locked grants, ``{grant id: cents}``, and release the rest.

    Each share goes on being reserved, now for its grant, whose act is proposed: also one for 0 €.
    """
    rest = row.reserved_cents - sum(shares.values())
    if rest < 0:
        msg = f"round {row.id} gives away more than it holds"
        raise ValueError(msg)
    row.closed_at, row.shares = at, {str(key): cents for key, cents in sorted(shares.items())}
    record(
        session,
        "close",
        ROUND,
        row.id,
        actor=actor,
        at=at,
        before={"reserved": row.reserved_cents},
        after={"shares": row.shares, "released": rest},
    )
    for key, grant in sorted(grants.items()):
        grant.reserved_cents = shares[key]
        session.flush()
        propose(session, grant, computed_cents=shares[key], actor=actor, at=at)
    if rest:
        programmes.release(
            session,
            row.pool_id,
            rest,
            key=f"round:{row.id}:release",
            about=f"round:{row.id}",
            actor=actor,
            at=at,
        )
