"""Reserving a grant, proposing its act, releasing it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.db import lock
from quartieri.grants.models import Grant
from quartieri.grants.rules import GRANT, GrantState
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.programmes import actions as programmes
from quartieri.proposals.models import Proposal


def reserve(
    session: Session,
    proposal: Proposal,
    *,
    pool_id: int,
    cents: int,
    key: str,
    actor: Actor,
    at: datetime,
) -> Grant:
    """Reserve the most that the city may give to a selected project, in cents.

    Asked again for the same sum it gives the same grant. Raises PoolShortError (an
    InsufficientFundsError) when the pool has less available, ConflictError when another sum is
    reserved already. ``key`` names the occasion in the book ("ranking:3:proposal:12").
    """
    live = session.scalars(
        sa.select(Grant).where(Grant.proposal_id == proposal.id, Grant.state != GrantState.RELEASED)
    ).first()
    if live is not None:
        if (live.pool_id, live.reserved_cents) != (pool_id, cents):
            raise ConflictError(lazy("Another sum is reserved for this project already."))
        return live
    grant = Grant(
        proposal_id=proposal.id,
        pool_id=pool_id,
        state=GrantState.RESERVED,
        reserved_cents=cents,
        created_at=at,
    )
    session.add(grant)
    session.flush()
    programmes.reserve(
        session, pool_id, cents, key=key, about=f"grant:{grant.id}", actor=actor, at=at
    )
    record(
        session,
        "reserve",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        after={"state": grant.state, "reserved_cents": cents, "proposal": proposal.id},
    )
    return grant


def propose(
    session: Session, grant: Grant, *, computed_cents: int, actor: Actor, at: datetime
) -> None:
    """Propose the grant act: what the rule gives is known, the excess goes back to the pool.

    ``computed_cents`` is more than zero and at most what is reserved. A second call changes
    nothing. Only a signed act commits the money.
    """
    lock(session, Grant, grant.id)
    if grant.proposed_at is not None:
        return
    if grant.state is not GrantState.RESERVED:
        raise IllegalMoveError(lazy("Only a reserved grant can be proposed."))
    if not 0 < computed_cents <= grant.reserved_cents:
        raise InvalidError(lazy("The grant is more than zero and at most what is reserved."))
    excess = grant.reserved_cents - computed_cents
    before = grant.reserved_cents
    grant.computed_cents = computed_cents
    grant.reserved_cents = computed_cents
    grant.proposed_at = at
    session.flush()
    if excess:
        programmes.release(
            session,
            grant.pool_id,
            excess,
            key=f"grant:{grant.id}:excess",
            about=f"grant:{grant.id}",
            actor=actor,
            at=at,
        )
    record(
        session,
        "propose",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        before={"reserved_cents": before},
        after={"computed_cents": computed_cents, "reserved_cents": computed_cents},
    )


def release(session: Session, grant: Grant, *, reason: str, actor: Actor, at: datetime) -> None:
    """Give the whole reservation back to the pool; a second call changes nothing."""
    lock(session, Grant, grant.id)
    if grant.state is GrantState.RELEASED:
        return
    move(session, grant, GRANT, "release", actor=actor, at=at, reason=reason)
    programmes.release(
        session,
        grant.pool_id,
        grant.reserved_cents,
        key=f"grant:{grant.id}:release",
        about=f"grant:{grant.id}",
        actor=actor,
        at=at,
    )
