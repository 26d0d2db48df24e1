"""Campaigns on another platform: what it reports, and its final certificate."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outside_certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "recorded",
                "confirmed",
                "rejected",
                name="certificatestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("raised_cents", sa.BigInteger(), nullable=False),
        sa.Column("backers", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by <> recorded_by", name=op.f("ck_outside_certificate_two_persons")
        ),
        sa.CheckConstraint(
            "raised_cents >= 0 AND backers >= 0", name=op.f("ck_outside_certificate_figures")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_outside_certificate_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_outside_certificate_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_outside_certificate_file_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_outside_certificate_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_certificate")),
    )
    with op.batch_alter_table("outside_certificate", schema=None) as batch_op:
        batch_op.create_index(
            "uq_outside_certificate_open",
            ["campaign_id"],
            unique=True,
            sqlite_where=sa.text("state <> 'rejected'"),
            postgresql_where=sa.text("state <> 'rejected'"),
        )

    op.create_table(
        "outside_total",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_cents", sa.BigInteger(), nullable=False),
        sa.Column("backers", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "raised_cents >= 0 AND backers >= 0", name=op.f("ck_outside_total_figures")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_outside_total_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_outside_total_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_total")),
    )
    with op.batch_alter_table("outside_total", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outside_total_campaign", ["campaign_id", "as_of", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("outside_total", schema=None) as batch_op:
        batch_op.drop_index("ix_outside_total_campaign")

    op.drop_table("outside_total")
    with op.batch_alter_table("outside_certificate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outside_certificate_open",
            sqlite_where=sa.text("state <> 'rejected'"),
            postgresql_where=sa.text("state <> 'rejected'"),
        )

    op.drop_table("outside_certificate")
