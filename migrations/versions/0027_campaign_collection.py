"""Campaigns: who receives the money; the round that set the dates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("outside_url", sa.String(length=500), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("tax_code", sa.String(length=16), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column("merchant_account", sa.String(length=80), nullable=False),
        sa.Column("how_to_give", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.Integer(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confirmed_by <> filed_by", name=op.f("ck_campaign_collection_two_persons")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_collection_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_campaign_collection_confirmed_by")
        ),
        sa.ForeignKeyConstraint(
            ["filed_by"], ["user_account.id"], name=op.f("fk_campaign_collection_filed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_collection")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_collection_campaign_id")),
    )
    op.add_column(
        "campaign",
        sa.Column("round_label", sa.String(length=200), server_default="", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("campaign", "round_label")
    op.drop_table("campaign_collection")
