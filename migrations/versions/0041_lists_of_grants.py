"""A grant says from which list of its call it was selected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "grant", sa.Column("list_code", sa.String(length=40), server_default="", nullable=False)
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    code = "json_extract(e.detail, '$.list_code')" if sqlite else "e.detail->>'list_code'"
    op.execute(
        f"""UPDATE "grant" SET list_code = COALESCE((SELECT {code} FROM ranking_entry AS e
        WHERE e.proposal_id = "grant".proposal_id ORDER BY e.id DESC LIMIT 1), '')"""
    )


def downgrade() -> None:
    op.drop_column("grant", "list_code")
