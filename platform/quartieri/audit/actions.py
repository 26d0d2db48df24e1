"""Writing the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Actor
from quartieri.db import connection_to_write, table_of

ACTOR_NAME_LIMIT = 200


def record(
    session: Session,
    verb: str,
    subject_kind: str,
    subject_id: int | None,
    *,
    actor: Actor,
    at: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    refused: bool = False,
) -> None:
    """Add an entry in the caller's transaction; ``before`` and ``after`` hold what differs."""
    connection_to_write(session).execute(
        _ADD,
        {
            "at": at,
            "actor_id": actor.user_id,
            "actor_name": actor.name[:ACTOR_NAME_LIMIT],
            "verb": verb,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "before": dict(before or {}),
            "after": dict(after or {}),
            "reason": reason,
            "refused": refused,
        },
    )


_ADD = sa.insert(table_of(AuditEntry))
