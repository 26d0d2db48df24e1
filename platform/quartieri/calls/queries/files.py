"""Reading the picture and the documents of a call."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import CallFile
from quartieri.calls.rules import CallFileKind
from quartieri.db import get


@dataclass(frozen=True, slots=True)
class CallFiles:
    """The cover, or None, and the documents, each with its accessible copies."""

    cover: CallFile | None
    documents: list[tuple[CallFile, list[CallFile]]]

    @property
    def without_copy(self) -> list[CallFile]:
        """The documents that nobody can listen to: no text layer, and no copy that has one."""
        return [
            document
            for document, copies in self.documents
            if not document.readable and not any(c.readable for c in copies)
        ]


def files_of(session: Session, call_id: int) -> CallFiles:
    """Give a call's files, in the order in which they were added; one query."""
    found = list(
        session.scalars(
            sa.select(CallFile)
            .where(CallFile.call_id == call_id)
            .options(joinedload(CallFile.file))
            .order_by(CallFile.id)
        )
    )
    copies: dict[int, list[CallFile]] = {}
    for file in found:
        if file.copy_of_id is not None:
            copies.setdefault(file.copy_of_id, []).append(file)
    return CallFiles(
        next((f for f in found if f.kind is CallFileKind.COVER), None),
        [
            (f, copies.get(f.id, []))
            for f in found
            if f.kind is CallFileKind.DOCUMENT and f.copy_of_id is None
        ],
    )


def file_by_id(session: Session, file_id: int) -> CallFile:
    """Give a file of a call; raise NotFoundError."""
    return get(session, CallFile, file_id)
