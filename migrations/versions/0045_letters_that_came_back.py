"""Letters that came back: since when, and how often they were sent again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.add_column(sa.Column("again", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_letter_failed", ["failed_at", "id"], unique=False)
        batch_op.create_check_constraint("again", "again >= 0")
    op.execute("UPDATE letter SET failed_at = COALESCE(sent_at, written_at) WHERE state = 'failed'")


def downgrade() -> None:
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_constraint("again", type_="check")
        batch_op.drop_index("ix_letter_failed")
        batch_op.drop_column("failed_at")
        batch_op.drop_column("again")
