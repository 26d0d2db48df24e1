"""Whether what was paid at once stays of who agreed to an end that was moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign_extension", sa.Column("kept", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("campaign_extension", "kept")
