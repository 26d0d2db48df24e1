"""Re-scoping: cost and target changed before the launch, by act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_rescoping",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "requested",
                "approved",
                "refused",
                name="rescopingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("old_cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("old_target_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "old_budget", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("new_cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("new_target_cents", sa.BigInteger(), nullable=False),
        sa.Column(
            "new_budget", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("new_target_cents > 0", name=op.f("ck_campaign_rescoping_target")),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_campaign_rescoping_act_id")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_campaign_rescoping_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_rescoping_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_campaign_rescoping_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_rescoping")),
    )
    with op.batch_alter_table("campaign_rescoping", schema=None) as batch_op:
        batch_op.create_index("ix_campaign_rescoping_campaign_id", ["campaign_id"], unique=False)
        batch_op.create_index(
            "uq_campaign_rescoping_open",
            ["campaign_id"],
            unique=True,
            sqlite_where=sa.text("state = 'requested'"),
            postgresql_where=sa.text("state = 'requested'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("campaign_rescoping", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_campaign_rescoping_open",
            sqlite_where=sa.text("state = 'requested'"),
            postgresql_where=sa.text("state = 'requested'"),
        )
        batch_op.drop_index("ix_campaign_rescoping_campaign_id")

    op.drop_table("campaign_rescoping")
