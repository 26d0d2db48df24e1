"""Pledges: how offline money changed hands, its proof as a file, what a table calls it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE pledge ADD COLUMN means VARCHAR(40)"
        " CONSTRAINT ck_pledge_offlinemeans CHECK (means IN ('transfer', 'cheque', 'cash'))"
    )
    op.execute(
        "ALTER TABLE pledge ADD COLUMN evidence_file_id INTEGER"
        " CONSTRAINT fk_pledge_evidence_file_id REFERENCES stored_file (id)"
    )
    op.execute("ALTER TABLE pledge ADD COLUMN reference VARCHAR(80) DEFAULT '' NOT NULL")
    op.create_index(
        "uq_pledge_reference",
        "pledge",
        ["campaign_id", "reference"],
        unique=True,
        sqlite_where=sa.text("reference <> ''"),
        postgresql_where=sa.text("reference <> ''"),
    )


def downgrade() -> None:
    op.drop_index("uq_pledge_reference", "pledge")
    op.execute("ALTER TABLE pledge DROP COLUMN reference")
    op.execute("ALTER TABLE pledge DROP COLUMN evidence_file_id")
    op.execute("ALTER TABLE pledge DROP COLUMN means")
