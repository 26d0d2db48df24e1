"""Runs of the reconciliation and what they found; how long a saved card is good for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("error", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_reconciliation_run_asked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )
    op.create_table(
        "reconciliation_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "no_pledge",
                "amount",
                "fee",
                "refund",
                "dispute",
                "not_booked",
                name="casekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "closed",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("here_cents", sa.BigInteger(), nullable=True),
        sa.Column("there_cents", sa.BigInteger(), nullable=True),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_reconciliation_case_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconciliation_run.id"], name=op.f("fk_reconciliation_case_run_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_case")),
        sa.UniqueConstraint("key", name=op.f("uq_reconciliation_case_key")),
    )
    with op.batch_alter_table("reconciliation_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reconciliation_case_run_id"), ["run_id"], unique=False)
        batch_op.create_index(
            "ix_reconciliation_case_state", ["state", "happened_at", "id"], unique=False
        )

    with op.batch_alter_table("payment_setup", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("method_kind", sa.String(length=40), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
    with op.batch_alter_table("payment_setup", schema=None) as batch_op:
        batch_op.alter_column("method_kind", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("payment_setup", schema=None) as batch_op:
        batch_op.drop_column("expires_on")
        batch_op.drop_column("method_kind")
    with op.batch_alter_table("reconciliation_case", schema=None) as batch_op:
        batch_op.drop_index("ix_reconciliation_case_state")
        batch_op.drop_index(batch_op.f("ix_reconciliation_case_run_id"))

    op.drop_table("reconciliation_case")
    op.drop_table("reconciliation_run")
