"""Rehearsals of draft calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_rehearsal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("call_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "played",
                "failed",
                name="rehearsalstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column(
            "report", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_call_rehearsal_asked_by")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_rehearsal_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_rehearsal")),
    )
    with op.batch_alter_table("call_rehearsal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_rehearsal_call_id"), ["call_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("call_rehearsal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_rehearsal_call_id"))

    op.drop_table("call_rehearsal")
