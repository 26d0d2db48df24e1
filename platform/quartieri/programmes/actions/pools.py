"""Endowment pools: planned with a draft, bound by publication, changed and given back by act."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.db import lock
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger.rules import (
    BelowFloorError,
    LevelAccount,
    PoolAccount,
    PostingKind,
    Transfer,
    pool_account,
)
from quartieri.programmes import queries, rules
from quartieri.programmes.actions.levels import tree_moves
from quartieri.programmes.actions.money import short
from quartieri.programmes.models import EndowmentPool, PoolShare


def create_pool(
    session: Session,
    *,
    authority_id: int,
    title: str,
    actor: Actor,
    at: datetime,
    endowment_cents: int | None = None,
    shares: Mapping[int, int] | None = None,
) -> EndowmentPool:
    """Add a pool; its endowment and shares (``{level id: cents}``) may be set until it is bound."""
    pool = EndowmentPool(authority_id=authority_id, title=title)
    session.add(pool)
    session.flush()
    record(session, "create", "endowment_pool", pool.id, actor=actor, at=at, after={"title": title})
    if endowment_cents is not None:
        set_endowment(session, pool, endowment_cents, shares=shares or {}, actor=actor, at=at)
    return pool


def set_endowment(
    session: Session,
    pool: EndowmentPool,
    cents: int | None,
    *,
    shares: Mapping[int, int],
    actor: Actor,
    at: datetime,
) -> None:
    """Plan a pool's endowment and shares before it is bound; nothing is posted.

    The shares are explicit and add up to the endowment (InvalidError); none at all leaves the
    pool outside of the tree.
    """
    if cents is not None and cents < 0:
        raise InvalidError(lazy("The amount must not be negative."), field="endowment")
    rules.check_shares(cents, shares)
    _check_levels(session, pool, shares)
    pool = lock(session, EndowmentPool, pool.id)
    if pool.bound_at is not None:
        raise IllegalMoveError(lazy("The endowment is bound: it changes by act only."))
    before = {"endowment_cents": pool.endowment_cents}
    pool.endowment_cents = cents
    _write_shares(session, pool, shares)
    record(
        session,
        "set_endowment",
        "endowment_pool",
        pool.id,
        actor=actor,
        at=at,
        before=before,
        after={"endowment_cents": cents, "shares": _readable(shares)},
    )


def bind_pool(
    session: Session,
    pool: EndowmentPool,
    *,
    act_id: int | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Allot a pool's endowment when its call is published, and make it available.

    available → allotted at every level at or above its shares that has a figure. Raises
    LevelShortError naming the nearest level that lacks money and how much, InvalidError when the
    endowment is unknown or the shares do not add up, IllegalMoveError when it was bound before.
    """
    shares = queries.shares_of(session, pool.id)
    entries = tree_moves(session, pool.authority_id, shares, LevelAccount.ALLOTTED)
    pool = _lock(session, pool, shares)
    if pool.bound_at is not None:
        raise IllegalMoveError(lazy("This endowment is already bound to a published call."))
    if pool.endowment_cents is None:
        raise InvalidError(lazy("The endowment is not known yet."), field="endowment")
    rules.check_shares(pool.endowment_cents, shares)
    pool.bound_at = at
    _post(
        session,
        pool,
        PostingKind.POOL_BOUND,
        [*entries, *_endow(pool, pool.endowment_cents)],
        act_id=act_id,
        actor=actor,
        at=at,
        before={"bound": False},
        after={"bound": True, "endowment_cents": pool.endowment_cents},
    )


def change_endowment(
    session: Session,
    pool: EndowmentPool,
    cents: int,
    *,
    act_id: int | None,
    actor: Actor,
    at: datetime,
    shares: Mapping[int, int] | None = None,
) -> None:
    """Raise or lower a bound pool's endowment by act; without ``shares`` in the old proportion.

    Raises LevelShortError or PoolShortError: never more than the tree has, never below what is
    reserved, committed and disbursed.
    """
    if cents < 0:
        raise InvalidError(lazy("The amount must not be negative."), field="endowment")
    old = queries.shares_of(session, pool.id)
    new = dict(shares) if shares is not None else rules.in_proportion(cents, old)
    new = {level_id: part for level_id, part in new.items() if part}
    rules.check_shares(cents, new)
    _check_levels(session, pool, new)
    change = {i: new.get(i, 0) - old.get(i, 0) for i in sorted({*old, *new})}
    entries = tree_moves(session, pool.authority_id, change, LevelAccount.ALLOTTED)
    pool = _lock(session, pool, old)
    if not pool.is_bound:
        raise IllegalMoveError(lazy("This endowment is not bound to a published call."))
    before = pool.endowment_cents or 0
    # the book first: where it refuses, nothing here was touched
    _post(
        session,
        pool,
        PostingKind.POOL_CHANGED,
        [*entries, *_endow(pool, cents - before)],
        act_id=act_id,
        actor=actor,
        at=at,
        before={"endowment_cents": before, "shares": _readable(old)},
        after={"endowment_cents": cents, "shares": _readable(new)},
    )
    pool.endowment_cents = cents
    _write_shares(session, pool, new)


def unbind_pool(
    session: Session,
    pool: EndowmentPool,
    *,
    act_id: int | None,
    actor: Actor,
    at: datetime,
) -> int:
    """Give what is available in a pool back to the tree, when its call is cancelled or concluded.

    Gives the cents that went back. May be called again after later releases; what is reserved,
    committed or disbursed stays allotted.
    """
    shares = queries.shares_of(session, pool.id)
    # nothing moves yet: lock the levels first, as everyone does
    tree_moves(session, pool.authority_id, dict.fromkeys(shares, 0), LevelAccount.ALLOTTED)
    pool = _lock(session, pool, shares)
    if pool.bound_at is None:
        raise IllegalMoveError(lazy("This endowment is not bound to a published call."))
    left = ledger.lock_balance(
        session, pool_account(pool.id, PoolAccount.AVAILABLE, authority_id=pool.authority_id)
    )
    pool.unbound_at = pool.unbound_at or at
    before = pool.endowment_cents or 0
    back = rules.in_proportion(left, shares)
    entries = tree_moves(
        session,
        pool.authority_id,
        {level_id: -part for level_id, part in back.items()},
        LevelAccount.ALLOTTED,
    )
    pool.endowment_cents = before - left
    _write_shares(session, pool, {i: shares[i] - back[i] for i in shares})
    _post(
        session,
        pool,
        PostingKind.POOL_UNBOUND,
        [*entries, *_endow(pool, -left)],
        act_id=act_id,
        actor=actor,
        at=at,
        before={"endowment_cents": before},
        after={"endowment_cents": pool.endowment_cents, "given_back_cents": left},
    )
    return left


def _lock(session: Session, pool: EndowmentPool, shares: Mapping[int, int]) -> EndowmentPool:
    locked = lock(session, EndowmentPool, pool.id)
    if queries.shares_of(session, pool.id) != shares:
        raise ConflictError(
            lazy("Somebody else changed this endowment meanwhile. Please try again.")
        )
    return locked


def _check_levels(session: Session, pool: EndowmentPool, shares: Mapping[int, int]) -> None:
    known = queries.parents(session, pool.authority_id)
    if any(level_id not in known for level_id in shares):
        raise InvalidError(lazy("A share names a level of another authority."), field="shares")


def _write_shares(session: Session, pool: EndowmentPool, shares: Mapping[int, int]) -> None:
    session.execute(
        sa.delete(PoolShare).where(PoolShare.pool_id == pool.id),
        execution_options={"synchronize_session": "fetch"},
    )
    session.add_all(
        PoolShare(pool_id=pool.id, level_id=level_id, amount_cents=cents)
        for level_id, cents in sorted(shares.items())
    )
    session.flush()


def _readable(shares: Mapping[int, int]) -> dict[str, int]:
    return {str(level_id): cents for level_id, cents in sorted(shares.items())}


def _endow(pool: EndowmentPool, cents: int) -> list[Transfer]:
    if cents == 0:
        return []
    source = pool_account(pool.id, PoolAccount.ENDOWMENT, authority_id=pool.authority_id)
    target = pool_account(pool.id, PoolAccount.AVAILABLE, authority_id=pool.authority_id)
    if cents < 0:
        source, target = target, source
    return [Transfer(source, target, Money(abs(cents)))]


def _post(
    session: Session,
    pool: EndowmentPool,
    kind: PostingKind,
    entries: list[Transfer],
    *,
    act_id: int | None,
    actor: Actor,
    at: datetime,
    before: Mapping[str, object],
    after: Mapping[str, object],
) -> None:
    revision = pool.revision + 1
    if entries:
        try:
            ledger.post(
                session,
                key=f"pool:{pool.id}:{kind.value}:{revision}",
                kind=kind,
                entries=entries,
                at=at,
                public={"pool": pool.id, "act": act_id},
                private={"actor": actor.user_id},
            )
        except BelowFloorError as error:
            raise short(pool, error) from error
    pool.revision = revision
    session.flush()
    record(
        session,
        kind.value,
        "endowment_pool",
        pool.id,
        actor=actor,
        at=at,
        before=before,
        after={**after, "act": act_id},
    )
