"""Notices before a refusal; recovered money put back; a grant of nothing waits for its act."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Both tables are named by others: SQLite cannot rebuild them while they hold rows, but it adds a
# column with its CHECK in place, and drops both together.
KIND = (
    "ALTER TABLE integration_request ADD COLUMN kind VARCHAR(40) DEFAULT 'integration' NOT NULL"
    " CONSTRAINT ck_integration_request_integrationkind"
    " CHECK (kind IN ('integration', 'refusal_notice'))"
)
PUT_BACK = (
    'ALTER TABLE "grant" ADD COLUMN put_back_cents BIGINT DEFAULT 0 NOT NULL'
    " CONSTRAINT ck_grant_put_back"
    " CHECK (put_back_cents >= 0 AND put_back_cents <= recovered_cents)"
)
WAITING = """
    UPDATE "grant"
    SET state = 'reserved',
        proposed_at = (
            SELECT campaign.decided_at FROM campaign
            WHERE campaign.proposal_id = "grant".proposal_id
        )
    WHERE state = 'released' AND computed_cents = 0 AND proposal_id IN (
        SELECT proposal.id
        FROM proposal JOIN campaign ON campaign.proposal_id = proposal.id
        WHERE proposal.state = 'campaigning'
        AND campaign.state IN ('succeeded', 'paying_out', 'settled')
    )
"""


def upgrade() -> None:
    op.execute(KIND)
    op.execute(PUT_BACK)
    # the crowd covered all: such a grant was released, and its project waited for ever
    op.execute(WAITING)


def downgrade() -> None:
    op.execute('ALTER TABLE "grant" DROP COLUMN put_back_cents')
    op.execute("ALTER TABLE integration_request DROP COLUMN kind")
