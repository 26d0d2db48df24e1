"""Cards, charges, refunds and messages of the provider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_charge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "prepared",
                "ready",
                "asking",
                "processing",
                "action_required",
                "declined",
                "paid",
                "canceled",
                name="chargestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("received_cents", sa.BigInteger(), nullable=False),
        sa.Column("fee_cents", sa.BigInteger(), nullable=True),
        sa.Column("returned_cents", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("customer_id", sa.String(length=100), nullable=True),
        sa.Column("method_id", sa.String(length=100), nullable=True),
        sa.Column("intent_id", sa.String(length=100), nullable=True),
        sa.Column("session_id", sa.String(length=100), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("success_url", sa.Text(), nullable=False),
        sa.Column("cancel_url", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_charge_amount")),
        sa.CheckConstraint(
            "fee_cents IS NULL OR fee_cents >= 0", name=op.f("ck_payment_charge_fee")
        ),
        sa.CheckConstraint(
            "received_cents >= 0 AND received_cents <= amount_cents",
            name=op.f("ck_payment_charge_received"),
        ),
        sa.CheckConstraint(
            "returned_cents >= 0 AND returned_cents <= received_cents",
            name=op.f("ck_payment_charge_returned"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_charge")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_payment_charge_intent_id")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_charge_session_id")),
        sa.UniqueConstraint("subject", "n", name=op.f("uq_payment_charge_subject_n")),
    )
    op.create_index("ix_payment_charge_status", "payment_charge", ["status", "id"], unique=False)
    op.create_index(
        "uq_payment_charge_live",
        "payment_charge",
        ["subject"],
        unique=True,
        sqlite_where=sa.text("status <> 'canceled'"),
        postgresql_where=sa.text("status <> 'canceled'"),
    )
    op.create_table(
        "payment_mark",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_payment_mark")),
    )
    op.create_table(
        "payment_setup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "prepared",
                "open",
                "saved",
                "expired",
                name="cardstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("customer_id", sa.String(length=100), nullable=True),
        sa.Column("session_id", sa.String(length=100), nullable=True),
        sa.Column("setup_id", sa.String(length=100), nullable=True),
        sa.Column("method_id", sa.String(length=100), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("success_url", sa.Text(), nullable=False),
        sa.Column("cancel_url", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_setup")),
        sa.UniqueConstraint("session_id", name=op.f("uq_payment_setup_session_id")),
        sa.UniqueConstraint("setup_id", name=op.f("uq_payment_setup_setup_id")),
        sa.UniqueConstraint("subject", "n", name=op.f("uq_payment_setup_subject_n")),
    )
    op.create_index("ix_payment_setup_status", "payment_setup", ["status", "id"], unique=False)
    op.create_table(
        "provider_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("object_kind", sa.String(length=60), nullable=False),
        sa.Column("object_id", sa.String(length=100), nullable=False),
        sa.Column("intent_id", sa.String(length=100), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_message")),
        sa.UniqueConstraint("event_id", name=op.f("uq_provider_message_event_id")),
    )
    op.create_index(
        "ix_provider_message_handled", "provider_message", ["handled_at", "id"], unique=False
    )
    op.create_table(
        "payment_refund",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charge_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=60), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "prepared",
                "pending",
                "succeeded",
                "failed",
                name="returnstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider_id", sa.String(length=100), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payment_refund_amount")),
        sa.CheckConstraint("outside = (n IS NULL)", name=op.f("ck_payment_refund_outside")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["payment_charge.id"], name=op.f("fk_payment_refund_charge_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_refund")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_payment_refund_provider_id")),
        sa.UniqueConstraint("subject", "n", name=op.f("uq_payment_refund_subject_n")),
    )
    op.create_index(
        op.f("ix_payment_refund_charge_id"), "payment_refund", ["charge_id"], unique=False
    )
    op.create_index("ix_payment_refund_status", "payment_refund", ["status", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_payment_refund_status", table_name="payment_refund")
    op.drop_index(op.f("ix_payment_refund_charge_id"), table_name="payment_refund")
    op.drop_table("payment_refund")
    op.drop_index("ix_provider_message_handled", table_name="provider_message")
    op.drop_table("provider_message")
    op.drop_index("ix_payment_setup_status", table_name="payment_setup")
    op.drop_table("payment_setup")
    op.drop_table("payment_mark")
    op.drop_index(
        "uq_payment_charge_live",
        table_name="payment_charge",
        sqlite_where=sa.text("status <> 'canceled'"),
        postgresql_where=sa.text("status <> 'canceled'"),
    )
    op.drop_index("ix_payment_charge_status", table_name="payment_charge")
    op.drop_table("payment_charge")
