"""Calls, editions, windows and criteria."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "suspended",
                "concluded",
                "cancelled",
                "annulled",
                "discarded",
                name="callstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "design", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title_it", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("summary_it", sa.String(length=500), nullable=False),
        sa.Column("summary_en", sa.String(length=500), nullable=False),
        sa.Column("text_html_it", sa.Text(), nullable=False),
        sa.Column("text_html_en", sa.Text(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("historical", sa.Boolean(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column(
            "facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suspension_shifts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_call_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_call_created_by")
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["endowment_pool.id"], name=op.f("fk_call_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("slug", name=op.f("uq_call_slug")),
    )
    op.create_index(op.f("ix_call_authority_id"), "call", ["authority_id"], unique=False)
    op.create_index(op.f("ix_call_published_at"), "call", ["published_at"], unique=False)
    op.create_table(
        "call_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("verb", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_call_act_act_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_act_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_act")),
    )
    op.create_index(op.f("ix_call_act_call_id"), "call_act", ["call_id"], unique=False)
    op.create_table(
        "call_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column(
            "design", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_call_edition_act_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_edition_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_edition")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_call_edition_call_id_number")),
    )
    op.create_table(
        "call_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "scheduled",
                "open",
                "closed",
                "checking",
                "evaluation",
                "provisional",
                "final",
                "running",
                "concluded",
                "deserted",
                "cancelled",
                name="windowstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.CheckConstraint(
            "state NOT IN ('scheduled', 'open', 'closed')",
            name=op.f("ck_call_window_never_computed"),
        ),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_call_window_dates")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_window_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_window")),
        sa.UniqueConstraint("call_id", "number", name=op.f("uq_call_window_call_id_number")),
    )
    op.create_index(op.f("ix_call_window_closes_at"), "call_window", ["closes_at"], unique=False)
    op.create_table(
        "historical_project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("proposer", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=True),
        sa.Column("target_cents", sa.BigInteger(), nullable=True),
        sa.Column("raised_cents", sa.BigInteger(), nullable=True),
        sa.Column("raised_at_least", sa.Boolean(), nullable=False),
        sa.Column("backers", sa.Integer(), nullable=True),
        sa.Column("backers_at_least", sa.Boolean(), nullable=False),
        sa.Column("grant_cents", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("source_url", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_historical_project_call_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_historical_project")),
        sa.UniqueConstraint("call_id", "title", name=op.f("uq_historical_project_call_id_title")),
    )
    op.create_table(
        "criterion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_it", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("guidance_it", sa.Text(), nullable=False),
        sa.Column("guidance_en", sa.Text(), nullable=False),
        sa.Column("maximum", sa.String(length=32), nullable=False),
        sa.Column("weight", sa.String(length=32), nullable=False),
        sa.Column("minimum", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["call_edition.id"], name=op.f("fk_criterion_edition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_criterion")),
        sa.UniqueConstraint("edition_id", "code", name=op.f("uq_criterion_edition_id_code")),
    )
    op.create_table(
        "window_extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=False),
        sa.Column("old_closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("new_closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["act_id"], ["act.id"], name=op.f("fk_window_extension_act_id")),
        sa.ForeignKeyConstraint(
            ["window_id"], ["call_window.id"], name=op.f("fk_window_extension_window_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window_extension")),
    )
    op.create_index(
        op.f("ix_window_extension_window_id"), "window_extension", ["window_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_window_extension_window_id"), table_name="window_extension")
    op.drop_table("window_extension")
    op.drop_table("criterion")
    op.drop_table("historical_project")
    op.drop_index(op.f("ix_call_window_closes_at"), table_name="call_window")
    op.drop_table("call_window")
    op.drop_table("call_edition")
    op.drop_index(op.f("ix_call_act_call_id"), table_name="call_act")
    op.drop_table("call_act")
    op.drop_index(op.f("ix_call_published_at"), table_name="call")
    op.drop_index(op.f("ix_call_authority_id"), table_name="call")
    op.drop_table("call")
