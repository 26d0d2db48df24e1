"""From the ranking to the proposed act: reserve, keep what the rule gives, release the rest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.db import lock
from quartieri.grants.actions.matching import room_to_grow
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant, matched_cents
from quartieri.grants.rules import GRANT, GrantState
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.programmes import actions as programmes
from quartieri.programmes.rules import PoolShortError
from quartieri.proposals.models import Proposal


def reserve(
    session: Session,
    proposal: Proposal,
    *,
    pool_id: int,
    cents: int,
    key: str,
    list_code: str = "",
    quota_code: str = "",
    actor: Actor,
    at: datetime,
) -> Grant:
    """Reserve a selected project's maximum grant; the same proposal twice is one grant.

    ``list_code`` and ``quota_code``: the list of its call that it was selected from, the quota that
    it was counted in.
    In a call without money it is a grant of nothing; where the rule binds nothing yet (live match,
    quadratic round) it grows later. In both nothing moves in the ledger now.

    Raises PoolShortError when the pool has less than ``cents`` available.
    """
    found = live_grant(session, proposal.id)
    if found is not None:
        return found
    grant = Grant(
        proposal_id=proposal.id,
        pool_id=pool_id,
        state=GrantState.RESERVED,
        reserved_cents=cents,
        list_code=list_code,
        quota_code=quota_code,
        created_at=at,
    )
    session.add(grant)
    session.flush()
    if cents:
        programmes.reserve(
            session, pool_id, cents, key=key, about=f"grant:{grant.id}", actor=actor, at=at
        )
    record(session, "reserve", GRANT.name, grant.id, actor=actor, at=at, after={"reserved": cents})
    return grant


def propose(
    session: Session, grant: Grant, *, computed_cents: int, actor: Actor, at: datetime
) -> None:
    """Propose the grant act for what the rule gives; the excess of the reservation is released.

    Where the rule gives nothing that is 0: the act then takes note of it, and nothing
    is committed or paid. Idempotent.
    """
    grant = lock(session, Grant, grant.id)
    if grant.proposed_at is not None or grant.state is not GrantState.RESERVED:
        return
    computed = min(computed_cents, grant.reserved_cents)
    excess = grant.reserved_cents - computed
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
    before = grant.reserved_cents
    grant.reserved_cents = computed
    grant.computed_cents = computed
    grant.proposed_at = at
    session.flush()
    record(
        session,
        "propose",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        before={"reserved": before},
        after={"reserved": computed},
    )


def release(session: Session, grant: Grant, *, reason: str, actor: Actor, at: datetime) -> None:
    """Give a reservation back to its pool; released twice is released once."""
    grant = lock(session, Grant, grant.id)
    if grant.state is GrantState.RELEASED:
        return
    if grant.state is not GrantState.RESERVED:
        raise IllegalMoveError(lazy("A granted sum is not released: it is renounced or revoked."))
    cents = grant.reserved_cents
    move(session, grant, GRANT, "release", actor=actor, at=at, reason=reason, released=cents)
    grant.reserved_cents = 0
    matched = matched_cents(session, grant.id)
    if matched:
        programmes.release_match(
            session,
            grant.pool_id,
            matched,
            grant_id=grant.id,
            pledge_id=None,
            key=f"grant:{grant.id}:matches",
            actor=actor,
            at=at,
        )
    cents -= matched
    if cents:
        programmes.release(
            session,
            grant.pool_id,
            cents,
            key=f"grant:{grant.id}:release",
            about=f"grant:{grant.id}",
            actor=actor,
            at=at,
        )


def adjust(
    session: Session, grant: Grant, *, cents: int, key: str, actor: Actor, at: datetime
) -> None:
    """Set a reservation to another sum, before any act: the excess is released.

    It grows only if the pool has it, and the own money of its session, list and quota: else
    PoolShortError. ``key`` names the occasion.
    """
    grant = lock(session, Grant, grant.id)
    if grant.state is not GrantState.RESERVED or grant.proposed_at is not None:
        raise IllegalMoveError(lazy("The grant act is proposed already: its sum stays."))
    before, about = grant.reserved_cents, f"grant:{grant.id}"
    if cents == before:
        return
    room = room_to_grow(session, grant) if cents > before else 0
    missing = Money(max(cents - before - room, 0))
    if missing:
        words = lazy("There is not enough money: %(missing)s are missing.", missing=missing)
        raise PoolShortError(grant.pool_id, words, missing)
    change = programmes.reserve if cents > before else programmes.release
    change(session, grant.pool_id, abs(cents - before), key=key, about=about, actor=actor, at=at)
    grant.reserved_cents = cents
    session.flush()
    record(
        session,
        "adjust",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        before={"reserved": before},
        after={"reserved": cents},
    )
