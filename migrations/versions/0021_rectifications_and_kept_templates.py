"""Changes of published calls by act, and calls that authorities keep as templates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("authority_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id"], ["authority.id"], name=op.f("fk_call_template_authority_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_call_template_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_template")),
        sa.UniqueConstraint(
            "authority_id", "name", name=op.f("uq_call_template_authority_id_name")
        ),
    )
    with op.batch_alter_table("call_template", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_template_authority_id"), ["authority_id"], unique=False
        )

    op.create_table(
        "call_rectification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "published",
                "discarded",
                name="rectificationstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.Column("base", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason_it", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column(
            "changes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False
        ),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'published') = (edition_id IS NOT NULL)",
            name=op.f("ck_call_rectification_published_as_an_edition"),
        ),
        sa.ForeignKeyConstraint(
            ["call_id"], ["call.id"], name=op.f("fk_call_rectification_call_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name=op.f("fk_call_rectification_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["call.id"], name=op.f("fk_call_rectification_draft_id")
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["call_edition.id"], name=op.f("fk_call_rectification_edition_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_rectification")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_call_rectification_draft_id")),
    )
    with op.batch_alter_table("call_rectification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_call_rectification_call_id"), ["call_id"], unique=False
        )
        batch_op.create_index(
            "uq_call_rectification_draft",
            ["call_id"],
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("call_rectification", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_call_rectification_draft",
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        )
        batch_op.drop_index(batch_op.f("ix_call_rectification_call_id"))

    op.drop_table("call_rectification")
    with op.batch_alter_table("call_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_template_authority_id"))

    op.drop_table("call_template")
