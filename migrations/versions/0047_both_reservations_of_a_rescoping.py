"""What the city keeps for a project before and after its cost changes; old rows have neither."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaign_rescoping") as batch:
        batch.add_column(sa.Column("old_reserved_cents", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("new_reserved_cents", sa.BigInteger(), nullable=True))
        batch.create_check_constraint(
            "reserved", "(old_reserved_cents is null) = (new_reserved_cents is null)"
        )


def downgrade() -> None:
    with op.batch_alter_table("campaign_rescoping") as batch:
        batch.drop_constraint("reserved", type_="check")
        batch.drop_column("new_reserved_cents")
        batch.drop_column("old_reserved_cents")
