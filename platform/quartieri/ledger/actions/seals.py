"""Sealing what was posted, erasing the private part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.ledger import queries, rules
from quartieri.ledger.models import LedgerPrivate, LedgerSeal, LedgerSealBatch

SEAL_LIMIT = 500
"""How many transactions one batch holds: the writer's lock on SQLite is short."""
SEAL_LOOKBACK = 50_000
"""How far below the newest sealed transaction the frequent job still looks; the daily one: all."""
SEAL_LOCK = 7_325_177
"""The number of PostgreSQL's advisory lock that sealers, and nobody else, queue for."""


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
    if session.get_bind().dialect.name == "postgresql":
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
        execution_options={"synchronize_session": False},
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
