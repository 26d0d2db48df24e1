"""Grants and payments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reserved",
                "released",
                "granted",
                "agreed",
                "active",
                "reported",
                "settled",
                "renounced",
                "revoked",
                "recovering",
                "recovered",
                "written_off",
                "closed",
                name="grantstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.Column("computed_cents", sa.BigInteger(), nullable=True),
        sa.Column("granted_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("recovered_cents", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("agreement_on", sa.Date(), nullable=True),
        sa.Column("agreement_file_id", sa.Integer(), nullable=True),
        sa.Column("recipient_name", sa.String(length=200), nullable=False),
        sa.Column("recipient_tax_code", sa.String(length=16), nullable=False),
        sa.Column("recipient_iban", sa.String(length=34), nullable=False),
        sa.Column("recipient_statute_file_id", sa.Integer(), nullable=True),
        sa.Column("recipient_act_id", sa.Integer(), nullable=True),
        sa.Column("report_approved_on", sa.Date(), nullable=True),
        sa.Column("closing_act_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("granted_cents >= 0", name=op.f("ck_grant_granted")),
        sa.CheckConstraint(
            "paid_cents >= 0 AND paid_cents <= granted_cents", name=op.f("ck_grant_paid")
        ),
        sa.CheckConstraint(
            "recovered_cents >= 0 AND recovered_cents <= paid_cents",
            name=op.f("ck_grant_recovered"),
        ),
        sa.CheckConstraint("reserved_cents >= 0", name=op.f("ck_grant_reserved")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_grant_act_id")),
        sa.ForeignKeyConstraint(
            ["agreement_file_id"], ["stored_file.id"], name=op.f("fk_grant_agreement_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["closing_act_id"], ["act.id"], name=op.f("fk_grant_closing_act_id")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["endowment_pool.id"], name=op.f("fk_grant_pool_id")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_grant_proposal_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_act_id"], ["act.id"], name=op.f("fk_grant_recipient_act_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_statute_file_id"],
            ["stored_file.id"],
            name=op.f("fk_grant_recipient_statute_file_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    op.create_index("ix_grant_act", "grant", ["act_id"], unique=False)
    op.create_index("ix_grant_pool_state", "grant", ["pool_id", "state"], unique=False)
    op.create_index(op.f("ix_grant_proposal_id"), "grant", ["proposal_id"], unique=False)
    op.create_index("ix_grant_state", "grant", ["state", "id"], unique=False)
    op.create_index(
        "uq_grant_live",
        "grant",
        ["proposal_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'released'"),
        postgresql_where=sa.text("state <> 'released'"),
    )
    op.create_table(
        "disbursement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "advance",
                "balance",
                name="disbursementkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "approved",
                "refused",
                "cancelled",
                "ordered",
                "paid",
                "returned",
                name="disbursementstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ordered_by", sa.Integer(), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.Integer(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payment_reference", sa.String(length=80), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_disbursement_amount")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["user_account.id"], name=op.f("fk_disbursement_approved_by")
        ),
        sa.ForeignKeyConstraint(["grant_id"], ["grant.id"], name=op.f("fk_disbursement_grant_id")),
        sa.ForeignKeyConstraint(
            ["ordered_by"], ["user_account.id"], name=op.f("fk_disbursement_ordered_by")
        ),
        sa.ForeignKeyConstraint(
            ["paid_by"], ["user_account.id"], name=op.f("fk_disbursement_paid_by")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["user_account.id"], name=op.f("fk_disbursement_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement")),
        sa.UniqueConstraint("token", name=op.f("uq_disbursement_token")),
    )
    op.create_index(op.f("ix_disbursement_grant_id"), "disbursement", ["grant_id"], unique=False)
    op.create_table(
        "grant_recovery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("grant_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_grant_recovery_amount")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grant.id"], name=op.f("fk_grant_recovery_grant_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_grant_recovery_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_recovery")),
        sa.UniqueConstraint(
            "grant_id", "reference", name=op.f("uq_grant_recovery_grant_id_reference")
        ),
    )


def downgrade() -> None:
    op.drop_table("grant_recovery")
    op.drop_index(op.f("ix_disbursement_grant_id"), table_name="disbursement")
    op.drop_table("disbursement")
    op.drop_index(
        "uq_grant_live",
        table_name="grant",
        sqlite_where=sa.text("state <> 'released'"),
        postgresql_where=sa.text("state <> 'released'"),
    )
    op.drop_index("ix_grant_state", table_name="grant")
    op.drop_index(op.f("ix_grant_proposal_id"), table_name="grant")
    op.drop_index("ix_grant_pool_state", table_name="grant")
    op.drop_index("ix_grant_act", table_name="grant")
    op.drop_table("grant")
