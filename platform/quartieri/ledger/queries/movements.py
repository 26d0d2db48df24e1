"""Transactions with their movements, and those that have no seal yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quartieri.ledger import rules
from quartieri.ledger.models import LedgerAccount, LedgerEntry, LedgerSeal, LedgerTransaction

Row = sa.Row[*tuple[Any, ...]]
Select = sa.Select[*tuple[Any, ...]]
Movement = tuple[str, str, int, str, str, str]
"""From code, to code, cents, currency, from book, to book."""


def select_movements() -> Select:
    """Give the SELECT of entries with both accounts' names, in the entries' order."""
    source, target = aliased(LedgerAccount), aliased(LedgerAccount)
    return (
        sa.select(
            LedgerEntry.transaction_id,
            source.code.label("source"),
            target.code.label("target"),
            LedgerEntry.amount_cents,
            source.currency,
            source.book.label("source_book"),
            target.book.label("target_book"),
        )
        .join(source, source.id == LedgerEntry.credit_account_id)
        .join(target, target.id == LedgerEntry.debit_account_id)
        .order_by(LedgerEntry.transaction_id, LedgerEntry.id)
    )


def group_movements(rows: Iterable[Row]) -> dict[int, list[Movement]]:
    """Collect rows of :func:`select_movements` by transaction."""
    found: dict[int, list[Movement]] = defaultdict(list)
    for transaction_id, source, target, cents, currency, source_book, target_book in rows:
        found[transaction_id].append(
            (source, target, int(cents), currency, source_book, target_book)
        )
    return found


def movements_of(session: Session, transaction_ids: Sequence[int]) -> dict[int, list[Movement]]:
    """Give the movements of some transactions by transaction id, in one query."""
    rows = session.execute(
        select_movements().where(LedgerEntry.transaction_id.in_(transaction_ids))
    )
    return group_movements(rows)


def unsealed_transactions(
    session: Session, *, limit: int, lookback: int | None = None
) -> Sequence[Row]:
    """List committed transactions without a seal, by id.

    With ``lookback`` only ids above the highest sealed one less this many are looked at.
    """
    wanted = (
        sa.select(
            LedgerTransaction.id,
            LedgerTransaction.key,
            LedgerTransaction.kind,
            LedgerTransaction.day,
            LedgerTransaction.at,
            LedgerTransaction.public,
            LedgerTransaction.private_digest,
        )
        .where(~_sealed())
        .order_by(LedgerTransaction.id)
        .limit(limit)
    )
    if lookback is not None:
        highest = session.scalar(sa.select(sa.func.max(LedgerSeal.transaction_id))) or 0
        wanted = wanted.where(LedgerTransaction.id > highest - lookback)
    return session.execute(wanted).all()


def count_unsealed(session: Session) -> int:
    """Count the transactions that are not yet protected by a seal."""
    wanted = sa.select(sa.func.count()).select_from(LedgerTransaction).where(~_sealed())
    return int(session.scalar(wanted) or 0)


def _sealed() -> sa.Exists:
    return (
        sa.select(LedgerSeal.number)
        .where(LedgerSeal.transaction_id == LedgerTransaction.id)
        .exists()
    )


def leaves(session: Session, rows: Sequence[Row]) -> list[str]:
    """Give the leaf hash of each transaction row, in the rows' order, with one query more."""
    movements = movements_of(session, [row.id for row in rows])
    return [leaf(row, movements.get(row.id, [])) for row in rows]


def shown(row: Row, movements: Sequence[Movement]) -> dict[str, Any]:
    """Give the public projection of one transaction row."""
    return rules.projection(
        kind=row.kind,
        key=row.key,
        day=row.day,
        at=row.at,
        public=row.public,
        movements=[m[:4] for m in movements],
        books=[book for m in movements for book in m[4:]],
    )


def leaf(row: Row, movements: Sequence[Movement]) -> str:
    """Compute the leaf hash of one transaction row."""
    return rules.leaf_hash(shown(row, movements), row.private_digest)
