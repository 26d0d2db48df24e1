"""The parts of a campaign's page, its pictures, and what a reward needs to be handed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


# Pledges name rewards: SQLite cannot rebuild that table while it holds rows, but adds a column.
REWARD = {
    "image_id": "image_id INTEGER CONSTRAINT fk_reward_image_id REFERENCES campaign_image (id)",
    "delivery": "delivery DATE",
    "shipping_question": "shipping_question VARCHAR(200) DEFAULT '' NOT NULL",
}
FIRST_PAGES = """
    INSERT INTO campaign_page
        (campaign_id, video, place, team, members, budget_words, needs, surplus, surplus_html, faqs)
    SELECT id, '', '', '', '[]', '{}', '[]', '', '', '[]' FROM campaign
"""


def upgrade() -> None:
    op.create_table(
        "campaign_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_image_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_campaign_image_file_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_image")),
    )
    with op.batch_alter_table("campaign_image", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_image_campaign_id"), ["campaign_id"], unique=False
        )

    op.create_table(
        "campaign_page",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("video", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=1000), nullable=False),
        sa.Column("team", sa.String(length=2000), nullable=False),
        sa.Column(
            "members", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "budget_words", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "needs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("surplus", sa.Text(), nullable=False),
        sa.Column("surplus_html", sa.Text(), nullable=False),
        sa.Column("faqs", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_page_campaign_id")
        ),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_campaign_page")),
    )
    op.execute(FIRST_PAGES)
    for column in REWARD.values():
        op.execute(f"ALTER TABLE reward ADD COLUMN {column}")


def downgrade() -> None:
    for name in reversed(REWARD):
        op.execute(f"ALTER TABLE reward DROP COLUMN {name}")
    op.drop_table("campaign_page")
    with op.batch_alter_table("campaign_image", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_image_campaign_id"))

    op.drop_table("campaign_image")
