"""Reading letters."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.mail.models import Letter, LetterState


def letters(session: Session, *, page: int = 1, size: int = 50) -> list[Letter]:
    """List letters, newest first."""
    newest = sa.select(Letter).order_by(Letter.id.desc()).offset((page - 1) * size).limit(size)
    return list(session.scalars(newest))


SORTS = {
    "when": Letter.failed_at,
    "to": Letter.to,
    "subject": Letter.subject,
    "why": Letter.failure,
}
SIZE = 50


def lost_letters(
    session: Session, *where: sa.ColumnElement[bool], sort: str = "", page: int = 1
) -> tuple[list[Letter], int]:
    """List a page of the letters that did not arrive, the newest first, and how many there are."""
    lost = (Letter.failed_at.is_not(None), *where)
    total = session.scalar(sa.select(sa.func.count(Letter.id)).where(*lost)) or 0
    column = SORTS.get(sort.removeprefix("-"), Letter.failed_at)
    order = column.asc() if sort and not sort.startswith("-") else column.desc()
    found = sa.select(Letter).where(*lost).order_by(order, Letter.id.desc())
    return list(session.scalars(found.offset((page - 1) * SIZE).limit(SIZE))), total


def letters_about(session: Session, kind: str, subject_id: int) -> list[Letter]:
    """List the letters about one thing, oldest first."""
    return list(
        session.scalars(
            sa.select(Letter)
            .where(Letter.subject_kind == kind, Letter.subject_id == subject_id)
            .order_by(Letter.id)
        )
    )


def letter_within(
    session: Session, letter_id: int, *where: sa.ColumnElement[bool]
) -> Letter | None:
    """Give a letter by its id if the conditions let its reader see it."""
    return session.scalars(sa.select(Letter).where(Letter.id == letter_id, *where)).first()


def written_since(session: Session, key: str, since: datetime) -> int:
    """Count the letters whose keys begin so that were written after an instant."""
    found = sa.select(sa.func.count(Letter.id)).where(
        Letter.key.startswith(key, autoescape=True), Letter.written_at > since
    )
    return session.scalar(found) or 0


def undelivered(session: Session, kind: str, subject_id: int) -> Letter | None:
    """Give the newest letter about one thing if it did not arrive, or None."""
    newest = letters_about(session, kind, subject_id)[-1:]
    return next((one for one in newest if one.state is LetterState.FAILED), None)


def bounced(session: Session, kind: str, subject_id: int, to: str) -> Letter | None:
    """Give the newest letter about one thing to an address that did not arrive, or None."""
    about = letters_about(session, kind, subject_id)
    lost = (one for one in reversed(about) if one.state is LetterState.FAILED and one.to == to)
    return next(lost, None)
