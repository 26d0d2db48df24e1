"""How often a pledge was changed by its backer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pledge", sa.Column("changes", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("pledge", "changes")
