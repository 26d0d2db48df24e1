"""What a proposer tells backers: updates, messages, and who wants none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_silence",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_silence_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "email", name=op.f("pk_campaign_silence")),
    )
    op.create_table(
        "campaign_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_update_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_update")),
    )
    with op.batch_alter_table("campaign_update", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_update_campaign", ["campaign_id", "id"], unique=False)

    op.create_table(
        "campaign_update_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("update_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["update_id"], ["campaign_update.id"], name=op.f("fk_campaign_update_edit_update_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_update_edit")),
    )
    with op.batch_alter_table("campaign_update_edit", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_update_edit_update_id"), ["update_id"], unique=False
        )

    op.create_table(
        "campaign_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_message_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["reward_id"], ["reward.id"], name=op.f("fk_campaign_message_reward_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_message")),
    )
    with op.batch_alter_table("campaign_message", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_message_campaign", ["campaign_id", "id"], unique=False)

    with op.batch_alter_table("campaign_page", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "updates",
                sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
                server_default="[]",
                nullable=False,
            )
        )
        batch_op.add_column(
            sa.Column("more_updates", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("campaign_page", schema=None) as batch_op:
        batch_op.drop_column("more_updates")
        batch_op.drop_column("updates")

    with op.batch_alter_table("campaign_message", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_message_campaign")

    op.drop_table("campaign_message")
    with op.batch_alter_table("campaign_update_edit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_update_edit_update_id"))

    op.drop_table("campaign_update_edit")
    with op.batch_alter_table("campaign_update", schema=None) as batch_op:
        batch_op.drop_index("ix_campaign_update_campaign")

    op.drop_table("campaign_update")
    op.drop_table("campaign_silence")
