"""Accounts, transactions, entries, the private part, seals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quartieri.db import Base, Instant, Json, cents

HASH = sa.String(64)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""Whole numbers of 64 bits; SQLite numbers its rows by itself only in a plain INTEGER."""


class LedgerAccount(Base):
    """One account with its stored balance; only the balance ever changes (a trigger sees to it)."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        sa.CheckConstraint("floor_cents IS NULL OR balance_cents >= floor_cents", name="floor"),
        sa.Index("ix_ledger_account_holder", "holder"),
        sa.Index("ix_ledger_account_book", "book"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(80), unique=True)
    holder: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[str] = mapped_column(sa.String(40))
    book: Mapped[str] = mapped_column(sa.String(40))
    currency: Mapped[str] = mapped_column(sa.String(3))
    balance_cents: Mapped[int] = cents(default=0)
    floor_cents: Mapped[int | None] = cents()


class LedgerTransaction(Base):
    """One event of money; ``key`` makes it happen once. ``day`` is Rome's date of ``at``."""

    __tablename__ = "ledger_transaction"

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(Instant)
    public: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    private_digest: Mapped[str | None] = mapped_column(HASH)


class LedgerEntry(Base):
    """A positive amount out of one account (credited) into another (debited)."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="positive"),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
        sa.Index("ix_ledger_entry_transaction_id", "transaction_id"),
        sa.Index("ix_ledger_entry_debit_account_id", "debit_account_id", "id"),
        sa.Index("ix_ledger_entry_credit_account_id", "credit_account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BIG, primary_key=True)
    transaction_id: Mapped[int] = mapped_column(BIG, sa.ForeignKey("ledger_transaction.id"))
    debit_account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id"))
    credit_account_id: Mapped[int] = mapped_column(sa.ForeignKey("ledger_account.id"))
    amount_cents: Mapped[int] = cents()


class LedgerPrivate(Base):
    """What the public never sees of a transaction: who, which pledge, which provider's id.

    May be erased; the transaction keeps the salted digest, so that its seal still verifies.
    """

    __tablename__ = "ledger_private"

    transaction_id: Mapped[int] = mapped_column(
        BIG, sa.ForeignKey("ledger_transaction.id"), primary_key=True, autoincrement=False
    )
    salt: Mapped[str] = mapped_column(sa.String(32))
    content: Mapped[dict[str, Any]] = mapped_column(Json)


class LedgerSealBatch(Base):
    """Seals set together: the Merkle root of their leaves, chained to the batch before."""

    __tablename__ = "ledger_seal_batch"
    __table_args__ = (sa.CheckConstraint("last >= first", name="range"),)

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    first: Mapped[int] = mapped_column(BIG)
    last: Mapped[int] = mapped_column(BIG)
    merkle_root: Mapped[str] = mapped_column(HASH)
    previous_hash: Mapped[str] = mapped_column(HASH)
    chain_hash: Mapped[str] = mapped_column(HASH)
    sealed_at: Mapped[datetime] = mapped_column(Instant)


class LedgerSeal(Base):
    """The gapless number of a sealed transaction and the hash of what it said."""

    __tablename__ = "ledger_seal"
    __table_args__ = (sa.Index("ix_ledger_seal_batch_number", "batch_number"),)

    number: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    transaction_id: Mapped[int] = mapped_column(
        BIG, sa.ForeignKey("ledger_transaction.id"), unique=True
    )
    leaf_hash: Mapped[str] = mapped_column(HASH)
    batch_number: Mapped[int] = mapped_column(BIG, sa.ForeignKey("ledger_seal_batch.number"))
