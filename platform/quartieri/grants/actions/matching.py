"""A grant that grows and shrinks with single pledges, until its act: the live match."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.grants.models import Grant
from quartieri.grants.queries import room_within
from quartieri.grants.rules import GrantState
from quartieri.programmes import actions as programmes


def room_to_grow(session: Session, grant: Grant) -> int:
    """Give by how much a grant may grow, in cents; nobody can take it before we commit.

    That is what the pool has available, at most what the own money of its session, of its list and
    of its quota leaves. The pool's account is locked here, so this comes last in the lock order.
    """
    return room_within(session, grant, programmes.lock_available(session, grant.pool_id))


def reserve_match(
    session: Session,
    grant: Grant,
    cents: int,
    *,
    pledge_id: int,
    key: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Let a locked grant that is still conditional grow by the match of one pledge.

    Raises PoolShortError when the pool has less.
    """
    if grant.state is not GrantState.RESERVED or grant.proposed_at is not None:
        msg = f"grant {grant.id} does not grow any more"
        raise ValueError(msg)
    grant.reserved_cents += cents
    session.flush()
    programmes.reserve_match(
        session,
        grant.pool_id,
        cents,
        grant_id=grant.id,
        pledge_id=pledge_id,
        key=key,
        actor=actor,
        at=at,
    )


def release_match(
    session: Session,
    grant: Grant,
    cents: int,
    *,
    pledge_id: int,
    key: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Take the match of one pledge out of a locked grant, also of one that is proposed already."""
    if grant.state is not GrantState.RESERVED:
        msg = f"grant {grant.id} does not shrink any more"
        raise ValueError(msg)
    grant.reserved_cents -= cents
    if grant.computed_cents is not None:
        grant.computed_cents -= cents
    session.flush()
    programmes.release_match(
        session,
        grant.pool_id,
        cents,
        grant_id=grant.id,
        pledge_id=pledge_id,
        key=key,
        actor=actor,
        at=at,
    )
