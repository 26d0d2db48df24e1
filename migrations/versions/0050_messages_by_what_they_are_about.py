"""A provider's message is found by the object and by the charge that it is about."""

from __future__ import annotations

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_provider_message_object", "provider_message", ["object_id", "kind"], unique=False
    )
    op.create_index(
        "ix_provider_message_intent", "provider_message", ["intent_id", "kind"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_provider_message_intent", table_name="provider_message")
    op.drop_index("ix_provider_message_object", table_name="provider_message")
