"""Campaigns: extensions by act, and the end that each backer agreed to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("old_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("old_ends_at < new_ends_at", name=op.f("ck_campaign_extension_later")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_campaign_extension_act_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_extension_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_extension")),
    )
    op.create_index(
        op.f("ix_campaign_extension_campaign_id"), "campaign_extension", ["campaign_id"]
    )
    op.add_column("campaign", sa.Column("first_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("campaign", sa.Column("lapse_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pledge", sa.Column("agreed_ends_at", sa.DateTime(timezone=True), nullable=True))
    # until now no end could move: whoever consented, consented to the campaign's end
    op.execute(
        "UPDATE pledge SET agreed_ends_at = (SELECT ends_at FROM campaign"
        " WHERE campaign.id = pledge.campaign_id) WHERE channel = 'card'"
    )


def downgrade() -> None:
    op.drop_column("pledge", "agreed_ends_at")
    op.drop_column("campaign", "lapse_at")
    op.drop_column("campaign", "first_ends_at")
    op.drop_index(op.f("ix_campaign_extension_campaign_id"), "campaign_extension")
    op.drop_table("campaign_extension")
