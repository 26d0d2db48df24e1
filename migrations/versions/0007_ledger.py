"""The double-entry book and its seals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from quartieri.ledger import triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("book", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("floor_cents", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "floor_cents IS NULL OR balance_cents >= floor_cents",
            name=op.f("ck_ledger_account_floor"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_account_code")),
    )
    op.create_index("ix_ledger_account_book", "ledger_account", ["book"], unique=False)
    op.create_index("ix_ledger_account_holder", "ledger_account", ["holder"], unique=False)
    op.create_table(
        "ledger_seal_batch",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("first", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merkle_root", sa.String(length=64), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("chain_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("last >= first", name=op.f("ck_ledger_seal_batch_range")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_seal_batch")),
    )
    op.create_table(
        "ledger_transaction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "public", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("private_digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transaction")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_transaction_key")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "transaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("debit_account_id", sa.Integer(), nullable=False),
        sa.Column("credit_account_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_ledger_entry_positive")),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_ledger_entry_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["credit_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_ledger_entry_credit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id"],
            ["ledger_account.id"],
            name=op.f("fk_ledger_entry_debit_account_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_entry_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(
        "ix_ledger_entry_credit_account_id",
        "ledger_entry",
        ["credit_account_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_ledger_entry_debit_account_id", "ledger_entry", ["debit_account_id", "id"], unique=False
    )
    op.create_index(
        "ix_ledger_entry_transaction_id", "ledger_entry", ["transaction_id"], unique=False
    )
    op.create_table(
        "ledger_private",
        sa.Column(
            "transaction_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column(
            "content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_private_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_ledger_private")),
    )
    op.create_table(
        "ledger_seal",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "transaction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("leaf_hash", sa.String(length=64), nullable=False),
        sa.Column(
            "batch_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["batch_number"], ["ledger_seal_batch.number"], name=op.f("fk_ledger_seal_batch_number")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_ledger_seal_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_ledger_seal")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_ledger_seal_transaction_id")),
    )
    op.create_index("ix_ledger_seal_batch_number", "ledger_seal", ["batch_number"], unique=False)
    triggers.install(op.get_bind(), "audit_entry")


def downgrade() -> None:
    triggers.remove(op.get_bind(), "audit_entry")
    op.drop_index("ix_ledger_seal_batch_number", table_name="ledger_seal")
    op.drop_table("ledger_seal")
    op.drop_table("ledger_private")
    op.drop_index("ix_ledger_entry_transaction_id", table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_debit_account_id", table_name="ledger_entry")
    op.drop_index("ix_ledger_entry_credit_account_id", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_transaction")
    op.drop_table("ledger_seal_batch")
    op.drop_index("ix_ledger_account_holder", table_name="ledger_account")
    op.drop_index("ix_ledger_account_book", table_name="ledger_account")
    op.drop_table("ledger_account")
