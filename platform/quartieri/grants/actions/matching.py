"""A grant that grows and shrinks with single pledges, until its act: the live match."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.calls.design import Division
from quartieri.calls.queries.sessions import window_endowment
from quartieri.grants.models import Grant
from quartieri.grants.queries import held_by_list, held_by_quota, held_by_window
from quartieri.grants.rules import GrantState
from quartieri.programmes import actions as programmes


def room_to_grow(session: Session, grant: Grant) -> int:
    """Give by how much a grant may grow, in cents; nobody can take it before we commit.

    That is what the pool has available, at most what the own money of its session, of its list and
    of its quota leaves. The pool's account is locked here, so this comes last in the lock order.
    """
    room = programmes.lock_available(session, grant.pool_id)
    window = grant.proposal.window
    if window is None or room == 0:
        return room
    held = held_by_window(session, window.call_id)
    limit = window_endowment(session, window, held)
    if limit is not None:
        room = min(room, limit - held.get(window.id, 0))
    evaluation = grant.proposal.edition.design.evaluation
    own = _endowment(evaluation.lists, grant.list_code)
    if own is not None:
        room = min(room, own - held_by_list(session, window.id, grant.list_code))
    own = _endowment(evaluation.quotas, grant.quota_code)
    if own is not None:
        room = min(room, own - held_by_quota(session, window.id, grant.quota_code))
    return max(room, 0)


def _endowment(division: Division, code: str) -> int | None:
    """Give the money that the call sets apart for a list or a quota, in cents, or None."""
    return next((one.endowment_cents for one in division.parts if one.code == code), None)


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
