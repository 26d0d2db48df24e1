"""Programmes, pools and areas."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "area",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_it", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "municipio",
                "circoscrizione",
                "quartiere",
                "other",
                name="areakind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_area_authority_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("authority_id", "code", name=op.f("uq_area_authority_id_code")),
    )
    op.create_table(
        "endowment_pool",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("endowment_cents", sa.BigInteger(), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "bound_at IS NULL OR endowment_cents IS NOT NULL", name=op.f("ck_endowment_pool_bound")
        ),
        sa.CheckConstraint("endowment_cents >= 0", name=op.f("ck_endowment_pool_endowment")),
        sa.CheckConstraint(
            "unbound_at IS NULL OR bound_at IS NOT NULL", name=op.f("ck_endowment_pool_unbound")
        ),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_endowment_pool_authority_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endowment_pool")),
    )
    op.create_index(
        "ix_endowment_pool_authority_id", "endowment_pool", ["authority_id"], unique=False
    )
    op.create_table(
        "programme_level",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "programme",
                "line",
                "instrument",
                "action",
                name="levelkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("parent_kind", sa.String(length=40), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title_it", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("description_it", sa.Text(), nullable=False),
        sa.Column("description_en", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=300), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("budget_cents", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'programme' AND parent_id IS NULL AND parent_kind IS NULL)"
            " OR (parent_id IS NOT NULL AND parent_kind IS NOT NULL"
            " AND ((kind = 'line' AND parent_kind = 'programme')"
            " OR (kind = 'instrument' AND parent_kind IN ('programme', 'line'))"
            " OR (kind = 'action' AND parent_kind IN ('programme', 'line', 'instrument'))))",
            name=op.f("ck_programme_level_parent"),
        ),
        sa.CheckConstraint("budget_cents >= 0", name=op.f("ck_programme_level_budget")),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_programme_level_years")),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_programme_level_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_kind", "authority_id"],
            ["programme_level.id", "programme_level.kind", "programme_level.authority_id"],
            name="fk_programme_level_parent",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programme_level")),
        sa.UniqueConstraint(
            "authority_id", "slug", name=op.f("uq_programme_level_authority_id_slug")
        ),
        sa.UniqueConstraint(
            "id", "kind", "authority_id", name=op.f("uq_programme_level_id_kind_authority_id")
        ),
        sa.UniqueConstraint("parent_id", "code", name=op.f("uq_programme_level_parent_id_code")),
    )
    op.create_table(
        "direct_spending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("act_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_direct_spending_positive")),
        sa.ForeignKeyConstraint(
            ["level_id"], ["programme_level.id"], name=op.f("fk_direct_spending_level_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direct_spending")),
    )
    op.create_index("ix_direct_spending_level_id", "direct_spending", ["level_id"], unique=False)
    op.create_table(
        "pool_share",
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("level_id", sa.Integer(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_pool_share_not_negative")),
        sa.ForeignKeyConstraint(
            ["level_id"], ["programme_level.id"], name=op.f("fk_pool_share_level_id")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["endowment_pool.id"], name=op.f("fk_pool_share_pool_id")
        ),
        sa.PrimaryKeyConstraint("pool_id", "level_id", name=op.f("pk_pool_share")),
    )
    op.create_index("ix_pool_share_level_id", "pool_share", ["level_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_pool_share_level_id", table_name="pool_share")
    op.drop_table("pool_share")
    op.drop_index("ix_direct_spending_level_id", table_name="direct_spending")
    op.drop_table("direct_spending")
    op.drop_table("programme_level")
    op.drop_index("ix_endowment_pool_authority_id", table_name="endowment_pool")
    op.drop_table("endowment_pool")
    op.drop_table("area")
