"""Pledges that are paid at once; a campaign's success and a pledge's fee as facts of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "campaign", sa.Column("succeeded", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "pledge", sa.Column("charged_now", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("pledge", sa.Column("fee_cents", sa.BigInteger(), nullable=True))
    # until now every target was all or nothing and counted gross
    op.execute(
        "UPDATE campaign SET succeeded = (1 = 1)"
        " WHERE decided_cents IS NOT NULL AND decided_cents >= target_cents"
    )
    op.execute(
        "UPDATE pledge SET fee_cents = (SELECT max(fee_cents) FROM payment_charge"
        " WHERE payment_charge.subject = 'pledge:' || pledge.id)"
    )


def downgrade() -> None:
    op.drop_column("pledge", "fee_cents")
    op.drop_column("pledge", "charged_now")
    op.drop_column("campaign", "succeeded")
