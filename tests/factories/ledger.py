"""Movements of money for tests."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from quartieri.kit.money import Money
from quartieri.ledger import actions, rules
from quartieri.ledger.models import LedgerTransaction
from quartieri.ledger.rules import (
    Account,
    LevelAccount,
    PoolAccount,
    PostingKind,
    Transfer,
    level_account,
    pool_account,
)

AT = datetime(2025, 1, 31, 23, 30, tzinfo=UTC)
"""Half past midnight of the 1st of February in Rome."""
_numbers = itertools.count(1)


def pool(name: str, number: int = 3) -> Account:
    """Give an account of a pool of authority 1."""
    return pool_account(number, PoolAccount(name), authority_id=1)


def level(name: str, number: int = 7) -> Account:
    """Give an account of a level of authority 1."""
    return level_account(number, LevelAccount(name), authority_id=1)


def make_posting(
    session: Session,
    *,
    key: str | None = None,
    kind: PostingKind = PostingKind.POOL_BOUND,
    source: Account | None = None,
    target: Account | None = None,
    cents: int = 100_00,
    at: datetime = AT,
) -> LedgerTransaction:
    """Post one transfer, by default an endowment of 100 €."""
    return actions.post(
        session,
        key=key or f"test:{next(_numbers)}",
        kind=kind,
        entries=[Transfer(source or pool("endowment"), target or pool("available"), Money(cents))],
        at=at,
        public={"note": "a test"},
        private={"actor": 1},
    )


def make_charge(
    session: Session, campaign_id: int = 12, cents: int = 25_00, *, key: str | None = None
) -> LedgerTransaction:
    """Post a charged pledge."""
    return actions.post(
        session,
        key=key or f"test:{next(_numbers)}",
        kind=PostingKind.CHARGED,
        entries=rules.charge(campaign_id, Money(cents)) + rules.note_fee(campaign_id, Money(60)),
        at=AT,
        private={"pledge": 45, "provider": "pi_123"},
    )
