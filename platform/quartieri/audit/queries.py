"""Reading the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry

PAGE = 50


def entries(
    session: Session,
    *,
    page: int = 1,
    kind: str = "",
    refused: bool = False,
    where: sa.ColumnElement[bool] | None = None,
) -> list[AuditEntry]:
    """List entries, newest first, 50 a page (and one more, to tell whether there is a next).

    ``where`` narrows them to what the reader may see; None: everything.
    """
    found = sa.select(AuditEntry).order_by(AuditEntry.id.desc())
    if where is not None:
        found = found.where(where)
    if kind:
        found = found.where(AuditEntry.subject_kind == kind)
    if refused:
        found = found.where(AuditEntry.refused)
    return list(session.scalars(found.offset((page - 1) * PAGE).limit(PAGE + 1)))


def history(session: Session, kind: str, subject_id: int) -> list[AuditEntry]:
    """List what happened to one thing, oldest first."""
    return list(
        session.scalars(
            sa.select(AuditEntry)
            .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id == subject_id)
            .order_by(AuditEntry.id)
        )
    )
