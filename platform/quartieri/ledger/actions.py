"""Posting to the book, sealing what was posted, erasing the private part."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger import queries, rules
from quartieri.ledger.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPrivate,
    LedgerSeal,
    LedgerSealBatch,
    LedgerTransaction,
)
from quartieri.ledger.queries import Row
from quartieri.ledger.rules import Account, BelowFloorError, PostingKind, Transfer

SEAL_LIMIT = 500
"""How many transactions one batch holds: the writer's lock on SQLite is short."""
SEAL_LOOKBACK = 50_000
"""How far below the newest sealed transaction the frequent job still looks; the daily one: all."""
SEAL_LOCK = 7_325_177
"""The number of PostgreSQL's advisory lock that sealers, and nobody else, queue for."""
CORE = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Posting:
    """What became of a post: the transaction, whether it is new, the balances it left (cents)."""

    transaction: LedgerTransaction
    fresh: bool
    before: Mapping[str, int]
    after: Mapping[str, int]


def account(session: Session, wanted: Account) -> int:
    """Give the id of an account, opening it at zero if it is new."""
    return int(_open(session, [wanted])[wanted.code].id)


def lock_balance(session: Session, wanted: Account) -> int:
    """Give an account's balance in cents under its lock, for what moves all that is there."""
    locked = (
        sa.select(LedgerAccount.balance_cents)
        .where(LedgerAccount.code == wanted.code)
        .with_for_update()
    )
    return int(session.scalar(locked) or 0)


def post(
    session: Session,
    *,
    key: str,
    kind: PostingKind,
    entries: Iterable[Transfer],
    at: datetime,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> LedgerTransaction:
    """Post one balanced transaction and give it; the same ``key`` again gives the earlier one.

    ``public`` and ``private`` are JSON without floats; actor, provider's ids, pledges and free
    text belong in ``private``. Raises BelowFloorError (an InsufficientFundsError), with nothing
    left behind, when an account would be overdrawn, ConflictError when ``key`` was used for
    something else, ValueError for what :func:`rules.check_posting` refuses.
    """
    posting = post_once(
        session, key=key, kind=kind, entries=entries, at=at, public=public, private=private
    )
    return posting.transaction


def post_once(
    session: Session,
    *,
    key: str,
    kind: PostingKind,
    entries: Iterable[Transfer],
    at: datetime,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> Posting:
    """Post as :func:`post` does, and tell whether it was new and what the balances are.

    The accounts are locked by their own UPDATE, in the order of their ids, last in the lock order.
    """
    transfers = tuple(entries)
    rules.check_posting(kind, transfers)
    shown = dict(public or {})
    earlier = _earlier(session, key, kind, transfers, shown)
    if earlier is not None:
        return Posting(earlier, fresh=False, before={}, after={})
    ids = {code: int(row.id) for code, row in _open(session, _accounts_of(transfers)).items()}
    deltas = _deltas(transfers, ids)
    after = _shift(session, deltas, {i: code for code, i in ids.items()}, transfers)
    inserted = _insert_transaction(
        session,
        key=key,
        kind=kind,
        at=at,
        shown=shown,
        private=private,
        transfers=transfers,
    )
    if inserted is None:
        # another transaction posted this key between our look and our insert: give its result
        _unshift(session, deltas)
        earlier = _earlier(session, key, kind, transfers, shown)
        if earlier is None:
            msg = f"{key}: neither inserted nor found"
            raise RuntimeError(msg)
        return Posting(earlier, fresh=False, before={}, after={})
    session.execute(
        sa.insert(LedgerEntry),
        [
            {
                "transaction_id": inserted.id,
                "debit_account_id": ids[t.target.code],
                "credit_account_id": ids[t.source.code],
                "amount_cents": t.amount.cents,
            }
            for t in transfers
        ],
    )
    codes = {i: code for code, i in ids.items()}
    return Posting(
        inserted,
        fresh=True,
        before={codes[i]: after[i] - deltas[i] for i in after},
        after={codes[i]: after[i] for i in after},
    )


def _accounts_of(transfers: Sequence[Transfer]) -> list[Account]:
    found = {a.code: a for t in transfers for a in (t.source, t.target)}
    return [found[code] for code in sorted(found)]


def _open(session: Session, wanted: Sequence[Account]) -> dict[str, Row]:
    codes = [a.code for a in wanted]
    look = sa.select(
        LedgerAccount.id, LedgerAccount.code, LedgerAccount.book, LedgerAccount.currency
    ).where(LedgerAccount.code.in_(codes))
    rows: dict[str, Row] = {row.code: row for row in session.execute(look)}
    missing = [a for a in wanted if a.code not in rows]
    if missing:
        session.execute(
            _insert_for(session, LedgerAccount).on_conflict_do_nothing(index_elements=["code"]),
            [
                {
                    "code": a.code,
                    "holder": a.holder,
                    "kind": a.kind,
                    "book": a.book,
                    "currency": a.currency,
                    "balance_cents": 0,
                    "floor_cents": a.floor_cents,
                }
                for a in missing
            ],
        )
        rows = {row.code: row for row in session.execute(look)}
    for a in wanted:
        row = rows[a.code]
        if row.book != a.book or row.currency != a.currency:
            msg = f"{a.code} lies in {row.book} in {row.currency}"
            raise ValueError(msg)
    return rows


def _insert_for(session: Session, model: type) -> Any:
    insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
    return insert(model)


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _deltas(transfers: Sequence[Transfer], ids: Mapping[str, int]) -> dict[int, int]:
    deltas: dict[int, int] = defaultdict(int)
    for t in transfers:
        deltas[ids[t.source.code]] -= t.amount.cents
        deltas[ids[t.target.code]] += t.amount.cents
    return {i: deltas[i] for i in sorted(deltas) if deltas[i]}


def _shift(
    session: Session,
    deltas: Mapping[int, int],
    codes: Mapping[int, str],
    transfers: Sequence[Transfer],
) -> dict[int, int]:
    after: dict[int, int] = {}
    for i, delta in deltas.items():
        moved = session.scalar(
            sa.update(LedgerAccount)
            .where(
                LedgerAccount.id == i,
                sa.or_(
                    LedgerAccount.floor_cents.is_(None),
                    LedgerAccount.balance_cents + delta >= LedgerAccount.floor_cents,
                ),
            )
            .values(balance_cents=LedgerAccount.balance_cents + delta)
            .returning(LedgerAccount.balance_cents),
            execution_options=CORE,
        )
        if moved is None:
            _unshift(session, {j: deltas[j] for j in after})
            raise _below_floor(session, i, delta, codes[i], transfers[0].amount.currency)
        after[i] = int(moved)
    return after


def _unshift(session: Session, deltas: Mapping[int, int]) -> None:
    # the rows are ours until the transaction ends, so taking back is exact
    for i, delta in deltas.items():
        session.execute(
            sa.update(LedgerAccount)
            .where(LedgerAccount.id == i)
            .values(balance_cents=LedgerAccount.balance_cents - delta),
            execution_options=CORE,
        )


def _below_floor(session: Session, i: int, delta: int, code: str, currency: str) -> BelowFloorError:
    row = session.execute(
        sa.select(LedgerAccount.balance_cents, LedgerAccount.floor_cents).where(
            LedgerAccount.id == i
        )
    ).one()
    missing = int(row.floor_cents or 0) - int(row.balance_cents) - delta
    return BelowFloorError(code, Money(missing, currency))


def _earlier(
    session: Session,
    key: str,
    kind: PostingKind,
    transfers: Sequence[Transfer],
    shown: Mapping[str, Any],
) -> LedgerTransaction | None:
    found = session.scalars(
        sa.select(LedgerTransaction).where(LedgerTransaction.key == key)
    ).one_or_none()
    if found is None:
        return None
    wanted = sorted((t.source.code, t.target.code, t.amount.cents) for t in transfers)
    posted = sorted(m[:3] for m in queries.movements_of(session, [found.id])[found.id])
    if found.kind != kind or wanted != posted or found.public != shown:
        raise ConflictError(
            lazy("This movement of money was already posted with other content (%(key)s).", key=key)
        )
    return found


def _insert_transaction(
    session: Session,
    *,
    key: str,
    kind: PostingKind,
    at: datetime,
    shown: Mapping[str, Any],
    private: Mapping[str, Any] | None,
    transfers: Sequence[Transfer],
) -> LedgerTransaction | None:
    rules.canonical(shown)
    hidden = dict(private or {})
    if any(rules.book_kind(a.book) != "authority" for a in _accounts_of(transfers)):
        # the public projection of crowd money is silent about these, so the digest covers them
        hidden |= {"key": key, "at": rules.instant_text(at)}
    salt = secrets.token_hex(16)
    inserted: LedgerTransaction | None = session.scalars(
        _insert_for(session, LedgerTransaction)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(LedgerTransaction),
        {
            "key": key,
            "kind": kind.value,
            "day": in_rome(at).date(),
            "at": at,
            "public": dict(shown),
            "private_digest": rules.private_digest(salt, hidden) if hidden else None,
        },
    ).one_or_none()
    if inserted is not None and hidden:
        session.execute(
            sa.insert(LedgerPrivate),
            {"transaction_id": inserted.id, "salt": salt, "content": hidden},
        )
    return inserted


# -- seals -------------------------------------------------------------------------------------


def seal(
    session: Session,
    *,
    at: datetime,
    limit: int = SEAL_LIMIT,
    lookback: int | None = SEAL_LOOKBACK,
) -> int:
    """Seal committed transactions that have no seal yet, at most ``limit``; give how many.

    Numbers are gapless because sealers take turns (SQLite's writer lock, PostgreSQL's advisory
    lock, which no other writer asks for). ``lookback=None`` looks through the whole book.
    """
    if _is_postgresql(session):
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(SEAL_LOCK)))
    head = session.execute(
        sa.select(LedgerSealBatch.number, LedgerSealBatch.last, LedgerSealBatch.chain_hash)
        .order_by(LedgerSealBatch.number.desc())
        .limit(1)
    ).one_or_none()
    batch, last, previous = (head.number, head.last, head.chain_hash) if head else (0, 0, None)
    rows = queries.unsealed_transactions(session, limit=limit, lookback=lookback)
    if not rows:
        return 0
    leaves = queries.leaves(session, rows)
    values: dict[str, Any] = {
        "number": batch + 1,
        "first": last + 1,
        "last": last + len(rows),
        "merkle_root": rules.merkle_root(leaves),
        "previous_hash": previous or rules.GENESIS,
    }
    values["chain_hash"] = rules.chain_hash(
        previous=values["previous_hash"],
        root=values["merkle_root"],
        number=values["number"],
        first=values["first"],
        last=values["last"],
    )
    session.execute(sa.insert(LedgerSealBatch), values | {"sealed_at": at})
    session.execute(
        sa.insert(LedgerSeal),
        [
            {
                "number": last + 1 + i,
                "transaction_id": row.id,
                "leaf_hash": leaf,
                "batch_number": batch + 1,
            }
            for i, (row, leaf) in enumerate(zip(rows, leaves, strict=True))
        ],
    )
    return len(rows)


def erase_private(
    session: Session,
    transaction_ids: Sequence[int],
    *,
    actor: Actor,
    at: datetime,
    reason: str,
) -> int:
    """Erase the private part of transactions (a right of the person); give how many went.

    The digests stay, so seals still verify; what was erased is not in the audit entry either.
    """
    erased = session.execute(
        sa.delete(LedgerPrivate)
        .where(LedgerPrivate.transaction_id.in_(transaction_ids))
        .returning(LedgerPrivate.transaction_id),
        execution_options=CORE,
    ).all()
    for (transaction_id,) in sorted(tuple(row) for row in erased):
        record(
            session,
            "erase_private",
            "ledger_transaction",
            transaction_id,
            actor=actor,
            at=at,
            reason=reason,
        )
    return len(erased)
