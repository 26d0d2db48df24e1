"""Disputes, early fraud warnings, and the cases that a person sees to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("provider_id", sa.String(length=100), nullable=False),
        sa.Column(
            "standing",
            sa.Enum(
                "inquiry",
                "open",
                "won",
                "lost",
                name="disputestanding",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("taken_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("due_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_dispute_amount")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["payment_charge.id"], name=op.f("fk_payment_dispute_charge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_dispute")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payment_dispute_provider_id")),
    )
    with op.batch_alter_table("payment_dispute", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_dispute_charge_id"), ["charge_id"], unique=False
        )
        batch_op.create_index("ix_payment_dispute_subject", ["subject", "id"], unique=False)

    op.create_table(
        "payment_warning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("provider_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("actionable", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["payment_charge.id"], name=op.f("fk_payment_warning_charge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_warning")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payment_warning_provider_id")),
    )
    with op.batch_alter_table("payment_warning", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_payment_warning_charge_id"), ["charge_id"], unique=False
        )
        batch_op.create_index("ix_payment_warning_subject", ["subject", "id"], unique=False)

    op.create_table(
        "pledge_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pledge_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "dispute",
                "warning",
                "refund",
                "part",
                name="casekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "won",
                "lost",
                "done",
                name="casestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "withheld",
            sa.Enum(
                "nothing",
                "held",
                "gone",
                name="withheld",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("part_cents", sa.BigInteger(), nullable=False),
        sa.Column("from_collected_cents", sa.BigInteger(), nullable=False),
        sa.Column("from_payable_cents", sa.BigInteger(), nullable=False),
        sa.Column("from_cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_pledge_case_amount")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_pledge_case_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"], ["pledge.id"], name=op.f("fk_pledge_case_pledge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_case")),
        sa.UniqueConstraint(
            "pledge_id", "kind", "source", name=op.f("uq_pledge_case_pledge_id_kind_source")
        ),
    )
    with op.batch_alter_table("pledge_case", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pledge_case_pledge_id"), ["pledge_id"], unique=False)
        batch_op.create_index("ix_pledge_case_state", ["state", "due_at", "id"], unique=False)

    op.add_column("campaign", sa.Column("costs", sa.Integer(), server_default="0", nullable=False))
    for name in ("disputed_cents", "lost_cents", "returning_cents"):
        op.add_column(
            "pledge", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    op.add_column(
        "pledge",
        sa.Column("disputed_from", sa.String(length=40), server_default="", nullable=False),
    )


def downgrade() -> None:
    for name in ("returning_cents", "disputed_from", "lost_cents", "disputed_cents"):
        op.drop_column("pledge", name)
    op.drop_column("campaign", "costs")
    op.drop_table("pledge_case")
    op.drop_table("payment_warning")
    op.drop_table("payment_dispute")
