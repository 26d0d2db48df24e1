"""Campaigns and pledges."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "changes_requested",
                "scheduled",
                "live",
                "suspended",
                "ended",
                "collecting",
                "succeeded",
                "failed",
                "refunding",
                "paying_out",
                "settled",
                "withdrawn",
                "cancelled",
                name="campaignstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("story_html", sa.Text(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=True),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("target_cents", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grace_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promised_cents", sa.BigInteger(), nullable=False),
        sa.Column("collected_cents", sa.BigInteger(), nullable=False),
        sa.Column("offline_cents", sa.BigInteger(), nullable=False),
        sa.Column("backers", sa.Integer(), nullable=False),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_cents", sa.BigInteger(), nullable=True),
        sa.Column("decided_backers", sa.Integer(), nullable=True),
        sa.CheckConstraint("collected_cents >= 0", name=op.f("ck_campaign_collected")),
        sa.CheckConstraint("promised_cents >= 0", name=op.f("ck_campaign_promised")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_campaign_dates")),
        sa.CheckConstraint("target_cents > 0", name=op.f("ck_campaign_target")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["stored_file.id"], name=op.f("fk_campaign_image_id")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_campaign_proposal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_campaign_proposal_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_campaign_slug")),
    )
    op.create_index("ix_campaign_state", "campaign", ["state", "ends_at", "id"], unique=False)
    op.create_table(
        "payout",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=80), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_payout_amount")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_payout_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_payout_recorded_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout")),
    )
    op.create_index(op.f("ix_payout_campaign_id"), "payout", ["campaign_id"], unique=False)
    op.create_table(
        "reward",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=140), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("minimum_cents", sa.BigInteger(), nullable=False),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("minimum_cents > 0", name=op.f("ck_reward_minimum")),
        sa.CheckConstraint(
            "taken >= 0 AND (stock IS NULL OR taken <= stock)", name=op.f("ck_reward_stock")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_reward_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward")),
    )
    op.create_index(op.f("ix_reward_campaign_id"), "reward", ["campaign_id"], unique=False)
    op.create_table(
        "pledge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column(
            "channel",
            sa.Enum(
                "card",
                "offline",
                name="pledgechannel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "created",
                "confirmed",
                "charging",
                "processing",
                "action_required",
                "retry_due",
                "paid",
                "dropped",
                "expired",
                "refused",
                "cancelled",
                "released",
                "recorded",
                "rejected",
                "reversed",
                "refund_pending",
                "refunded",
                "refund_stuck",
                "disputed",
                "charged_back",
                name="pledgestate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("refunded_cents", sa.BigInteger(), nullable=False),
        sa.Column("hand_cents", sa.BigInteger(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("public_name", sa.String(length=100), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("card", sa.Integer(), nullable=False),
        sa.Column("charge_mark", sa.String(length=60), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reversal_asked_by", sa.Integer(), nullable=True),
        sa.Column("refund_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refund_owner_id", sa.Integer(), nullable=True),
        sa.Column("refund_error", sa.String(length=200), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_pledge_amount")),
        sa.CheckConstraint(
            "refunded_cents >= 0 AND refunded_cents <= amount_cents",
            name=op.f("ck_pledge_refunded"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_pledge_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["user_account.id"], name=op.f("fk_pledge_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_pledge_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["refund_owner_id"], ["user_account.id"], name=op.f("fk_pledge_refund_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["reversal_asked_by"], ["user_account.id"], name=op.f("fk_pledge_reversal_asked_by")
        ),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("fk_pledge_reward_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_pledge_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
        sa.UniqueConstraint("code", name=op.f("uq_pledge_code")),
        sa.UniqueConstraint("token", name=op.f("uq_pledge_token")),
    )
    op.create_index(
        "ix_pledge_campaign_state", "pledge", ["campaign_id", "state", "id"], unique=False
    )
    op.create_index("ix_pledge_due", "pledge", ["state", "retry_at"], unique=False)
    op.create_index("ix_pledge_email", "pledge", ["email"], unique=False)
    op.create_index(op.f("ix_pledge_reward_id"), "pledge", ["reward_id"], unique=False)
    op.create_index(op.f("ix_pledge_user_id"), "pledge", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_pledge_user_id"), table_name="pledge")
    op.drop_index(op.f("ix_pledge_reward_id"), table_name="pledge")
    op.drop_index("ix_pledge_email", table_name="pledge")
    op.drop_index("ix_pledge_due", table_name="pledge")
    op.drop_index("ix_pledge_campaign_state", table_name="pledge")
    op.drop_table("pledge")
    op.drop_index(op.f("ix_reward_campaign_id"), table_name="reward")
    op.drop_table("reward")
    op.drop_index(op.f("ix_payout_campaign_id"), table_name="payout")
    op.drop_table("payout")
    op.drop_index("ix_campaign_state", table_name="campaign")
    op.drop_table("campaign")
