"""Reading letters."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.mail.models import Letter, LetterState


def letters(session: Session, *, page: int = 1, size: int = 50) -> list[Letter]:
    """List letters, newest first."""
    newest = sa.select(Letter).order_by(Letter.id.desc()).offset((page - 1) * size).limit(size)
    return list(session.scalars(newest))


def letters_about(session: Session, kind: str, subject_id: int) -> list[Letter]:
    """List the letters about one thing, oldest first."""
    return list(
        session.scalars(
            sa.select(Letter)
            .where(Letter.subject_kind == kind, Letter.subject_id == subject_id)
            .order_by(Letter.id)
        )
    )


def undelivered(session: Session, kind: str, subject_id: int) -> Letter | None:
    """Give the newest letter about one thing if it did not arrive, or None."""
    newest = letters_about(session, kind, subject_id)[-1:]
    return next((one for one in newest if one.state is LetterState.FAILED), None)
