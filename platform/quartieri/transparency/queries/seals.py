"""The chain of seals, for whoever wants to keep it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.ledger import queries as ledger
from quartieri.ledger.models import LedgerSeal, LedgerSealBatch, LedgerTransaction
from quartieri.transparency.queries.pages import PAGE, Found

NEAR = 50_000


@dataclass(frozen=True, slots=True)
class SealStatus:
    """How far the chain has come."""

    sealed: int
    unsealed: int
    batches: int
    head: str
    """The chain hash of the last batch, "" before the first."""
    last_at: datetime | None
    oldest_unsealed: datetime | None


def seal_status(session: Session) -> SealStatus:
    """Tell how many movements are sealed and how many are not yet protected; four queries.

    Only the newest movements are looked through (as the sealing job does, ``NEAR`` below the
    highest sealed one), so that the page costs the same for any size of book; the command
    ``ledger verify`` looks at all.
    """
    head = session.execute(
        sa.select(
            LedgerSealBatch.number,
            LedgerSealBatch.last,
            LedgerSealBatch.chain_hash,
            LedgerSealBatch.sealed_at,
        )
        .order_by(LedgerSealBatch.number.desc())
        .limit(1)
    ).one_or_none()
    highest = session.scalar(sa.select(sa.func.max(LedgerSeal.transaction_id))) or 0
    sealed = sa.select(LedgerSeal.number).where(LedgerSeal.transaction_id == LedgerTransaction.id)
    unsealed = session.execute(
        sa.select(
            sa.func.count(LedgerTransaction.id).label("many"),
            sa.func.min(LedgerTransaction.at).label("oldest"),
        ).where(LedgerTransaction.id > highest - NEAR, ~sealed.exists())
    ).one()
    return SealStatus(
        sealed=head.last if head else 0,
        unsealed=unsealed.many,
        batches=head.number if head else 0,
        head=head.chain_hash if head else "",
        last_at=head.sealed_at if head else None,
        oldest_unsealed=unsealed.oldest,
    )


def seal_batches(session: Session, *, page: int) -> Found[LedgerSealBatch]:
    """List the batches, newest first, 50 a page."""
    number = max(page, 1)
    total = session.scalar(sa.select(sa.func.max(LedgerSealBatch.number))) or 0
    rows = session.scalars(
        sa.select(LedgerSealBatch)
        .order_by(LedgerSealBatch.number.desc())
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    )
    return Found(list(rows), number, total)


def batches_after(session: Session, number: int, *, size: int) -> Sequence[LedgerSealBatch]:
    """List batches after a number, in the chain's order."""
    return session.scalars(
        sa.select(LedgerSealBatch)
        .where(LedgerSealBatch.number > number)
        .order_by(LedgerSealBatch.number)
        .limit(size)
    ).all()


def batch_leaves(session: Session, number: int) -> tuple[LedgerSealBatch, list[dict[str, Any]]]:
    """Give a batch with what each of its leaves covers: the public part and a digest.

    Raises NotFoundError. Four queries, whatever the batch holds.
    """
    batch = session.get(LedgerSealBatch, number)
    if batch is None:
        raise NotFoundError(lazy("There is no batch of this number."))
    rows = session.execute(
        sa.select(
            LedgerTransaction.id,
            LedgerTransaction.key,
            LedgerTransaction.kind,
            LedgerTransaction.day,
            LedgerTransaction.at,
            LedgerTransaction.public,
            LedgerTransaction.private_digest,
            LedgerSeal.number,
            LedgerSeal.leaf_hash,
        )
        .join(LedgerSeal, LedgerSeal.transaction_id == LedgerTransaction.id)
        .where(LedgerSeal.batch_number == number)
        .order_by(LedgerSeal.number)
    ).all()
    movements = ledger.movements_of(session, [row.id for row in rows])
    leaves = [
        {
            "seal": row.number,
            "leaf_hash": row.leaf_hash,
            "public": ledger.shown(row, movements.get(row.id, [])),
            "private_digest": row.private_digest,
        }
        for row in rows
    ]
    return batch, leaves
