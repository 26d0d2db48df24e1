"""Movements inside a pool, from available to disbursed and back.

Each takes its key from the caller (say "grant:12:reserve") and happens once for it, however often
it is asked. The accounts' own floors are the guard: no row above them is locked here, so these may
be called last in a transaction, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.db import get
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger.models import LedgerTransaction
from quartieri.ledger.rules import (
    BelowFloorError,
    PoolAccount,
    PostingKind,
    Transfer,
    pool_account,
)
from quartieri.programmes.models import EndowmentPool
from quartieri.programmes.rules import PoolShortError

Path = tuple[PoolAccount, PoolAccount]
PAYMENT: tuple[Path, ...] = (
    (PoolAccount.COMMITTED, PoolAccount.DISBURSED),
    (PoolAccount.PAYMENTS, PoolAccount.OUTSTANDING),
)


def reserve(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int | None = None,
) -> LedgerTransaction:
    """Reserve ``cents`` of a pool for what ``about`` names ("grant:12").

    Raises PoolShortError with ``missing_cents`` when less is available, IllegalMoveError when the
    pool is not bound (no published call) or was given back.
    """
    pool = get(session, EndowmentPool, pool_id)
    if not pool.is_bound:
        raise IllegalMoveError(
            lazy("Nothing can be reserved: this endowment is not bound to a published call.")
        )
    path = ((PoolAccount.AVAILABLE, PoolAccount.RESERVED),)
    return move_in_pool(
        session,
        pool,
        PostingKind.RESERVED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


def release(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int | None = None,
) -> LedgerTransaction:
    """Give a reservation, or a part of it, back to what is available.

    Raises PoolShortError when less than that is reserved in the pool.
    """
    pool = get(session, EndowmentPool, pool_id)
    path = ((PoolAccount.RESERVED, PoolAccount.AVAILABLE),)
    return move_in_pool(
        session,
        pool,
        PostingKind.RELEASED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


def commit(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int,
) -> LedgerTransaction:
    """Commit reserved money; only a signed grant act does so (``act_id``).

    Raises PoolShortError when less than that is reserved in the pool.
    """
    pool = get(session, EndowmentPool, pool_id)
    path = ((PoolAccount.RESERVED, PoolAccount.COMMITTED),)
    return move_in_pool(
        session,
        pool,
        PostingKind.COMMITTED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


def decommit(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int,
) -> LedgerTransaction:
    """Cancel a commitment, or what is left of it, by act: renounced, revoked, or reduced.

    Raises PoolShortError when less than that is committed and not yet disbursed.
    """
    pool = get(session, EndowmentPool, pool_id)
    path = ((PoolAccount.COMMITTED, PoolAccount.AVAILABLE),)
    return move_in_pool(
        session,
        pool,
        PostingKind.DECOMMITTED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


def disburse(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int | None = None,
) -> LedgerTransaction:
    """Book a payment to the beneficiary out of what is committed.

    Raises PoolShortError when less than that is committed and not yet disbursed.
    """
    pool = get(session, EndowmentPool, pool_id)
    path = PAYMENT
    return move_in_pool(
        session,
        pool,
        PostingKind.DISBURSED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


def return_payment(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int | None = None,
) -> LedgerTransaction:
    """Book a payment that the bank sent back: it is committed again.

    Raises PoolShortError when less than that was paid and not recovered.
    """
    pool = get(session, EndowmentPool, pool_id)
    path = tuple((target, source) for source, target in PAYMENT)
    return move_in_pool(
        session,
        pool,
        PostingKind.RETURNED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


def recover(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    interest_cents: int = 0,
    act_id: int | None = None,
) -> LedgerTransaction:
    """Book money that a beneficiary gave back, with interest on an account of its own.

    It is not available again before :func:`put_back`. Raises PoolShortError when more is given
    back than beneficiaries of the pool still hold.
    """
    pool = get(session, EndowmentPool, pool_id)
    path: tuple[Path, ...] = ((PoolAccount.OUTSTANDING, PoolAccount.RECOVERED),)
    interest = _transfers(pool, ((PoolAccount.ACCRUED, PoolAccount.INTEREST),), interest_cents)
    return move_in_pool(
        session,
        pool,
        PostingKind.RECOVERED,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
        more=interest,
    )


def put_back(
    session: Session,
    pool_id: int,
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int,
) -> LedgerTransaction:
    """Make recovered money available again, by act.

    Raises PoolShortError when less than that was recovered and not put back.
    """
    pool = get(session, EndowmentPool, pool_id)
    path = ((PoolAccount.RECOVERED, PoolAccount.AVAILABLE),)
    return move_in_pool(
        session,
        pool,
        PostingKind.POOL_PUT_BACK,
        path,
        cents,
        key=key,
        about=about,
        actor=actor,
        at=at,
        act_id=act_id,
    )


_SHORT: dict[str, Lazy] = {
    "available": lazy("The endowment does not have enough money available."),
    "reserved": lazy("Less than this is reserved."),
    "committed": lazy("Less than this is committed and not yet paid."),
    "outstanding": lazy("Less than this was paid and not yet given back."),
    "recovered": lazy("Less than this was recovered."),
}


def short(pool: EndowmentPool, error: BelowFloorError) -> PoolShortError:
    """Turn the book's refusal into the sentence that a person reads."""
    missing = Money(error.missing_cents)
    reason = _SHORT.get(error.code.rpartition(":")[2], _SHORT["available"])
    message = lazy("%(reason)s Missing: %(missing)s.", reason=reason, missing=missing)
    return PoolShortError(pool.id, message, missing)


def _transfers(pool: EndowmentPool, path: Sequence[Path], cents: int) -> list[Transfer]:
    if cents == 0:
        return []
    return [
        Transfer(
            pool_account(pool.id, source, authority_id=pool.authority_id),
            pool_account(pool.id, target, authority_id=pool.authority_id),
            Money(cents),
        )
        for source, target in path
    ]


def move_in_pool(
    session: Session,
    pool: EndowmentPool,
    kind: PostingKind,
    path: Sequence[Path],
    cents: int,
    *,
    key: str,
    about: str,
    actor: Actor,
    at: datetime,
    act_id: int | None,
    more: Sequence[Transfer] = (),
    pledge_id: int | None = None,
) -> LedgerTransaction:
    """Post one movement of a pool, once for its key, and note it; ``pledge_id`` stays private."""
    if cents <= 0:
        raise InvalidError(lazy("The amount must be more than zero."))
    public: dict[str, Any] = {"about": about}
    if act_id is not None:
        public["act"] = act_id
    private = {"actor": actor.user_id}
    if pledge_id is not None:
        private["pledge"] = pledge_id
    try:
        posting = ledger.post_once(
            session,
            key=key,
            kind=kind,
            entries=[*_transfers(pool, path, cents), *more],
            at=at,
            public=public,
            private=private,
        )
    except BelowFloorError as error:
        raise short(pool, error) from error
    if posting.fresh:
        record(
            session,
            kind.value,
            "endowment_pool",
            pool.id,
            actor=actor,
            at=at,
            before=dict(posting.before),
            after={**posting.after, "about": about, "act": act_id},
        )
    return posting.transaction
