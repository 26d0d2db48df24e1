"""Links of pledges that are made anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("pledge", sa.Column("links", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("pledge", "links")
