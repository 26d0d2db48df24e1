"""Live matches of pledges, the city as a backer, and quadratic rounds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "match_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("reserved_cents", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "shares", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column(
            "estimate", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("estimated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reserved_cents > 0", name=op.f("ck_match_round_reserved")),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["endowment_pool.id"], name=op.f("fk_match_round_pool_id")
        ),
        sa.ForeignKeyConstraint(
            ["window_id"], ["call_window.id"], name=op.f("fk_match_round_window_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_round")),
        sa.UniqueConstraint("window_id", name=op.f("uq_match_round_window_id")),
    )
    with op.batch_alter_table("match_round", schema=None) as batch_op:
        batch_op.create_index("ix_match_round_open", ["closed_at", "id"], unique=False)

    # each with its check in one statement: SQLite would otherwise build the whole table anew
    op.execute(
        "ALTER TABLE campaign ADD COLUMN city_cents BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_campaign_city CHECK (city_cents >= 0)"
    )
    op.execute(
        "ALTER TABLE pledge ADD COLUMN match_cents BIGINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_pledge_match CHECK (match_cents >= 0)"
    )
    op.execute("ALTER TABLE pledge ADD COLUMN match_moves INTEGER DEFAULT 0 NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE pledge DROP COLUMN match_moves")
    op.execute("ALTER TABLE pledge DROP COLUMN match_cents")
    op.execute("ALTER TABLE campaign DROP COLUMN city_cents")

    with op.batch_alter_table("match_round", schema=None) as batch_op:
        batch_op.drop_index("ix_match_round_open")

    op.drop_table("match_round")
