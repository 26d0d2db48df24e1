"""A grant says in which quota of its call it was counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "grant", sa.Column("quota_code", sa.String(length=40), server_default="", nullable=False)
    )
    if op.get_bind().dialect.name == "sqlite":
        candidates = "json_each(r.inputs, '$.candidates') AS c"
        quota, key = "json_extract(c.value, '$.quota')", "json_extract(c.value, '$.key')"
        own = "json_extract(e.detail, '$.key')"
    else:
        candidates = "jsonb_array_elements(r.inputs->'candidates') AS c(value)"
        quota, key, own = "c.value->>'quota'", "c.value->>'key'", "e.detail->>'key'"
    op.execute(
        f"""UPDATE "grant" SET quota_code = COALESCE((SELECT {quota}
        FROM ranking_entry AS e JOIN ranking AS r ON r.id = e.ranking_id, {candidates}
        WHERE e.proposal_id = "grant".proposal_id AND {key} = {own}
        ORDER BY e.id DESC LIMIT 1), '')"""
    )


def downgrade() -> None:
    op.drop_column("grant", "quota_code")
