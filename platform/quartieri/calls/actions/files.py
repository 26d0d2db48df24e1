"""The picture and the documents of a draft."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import open_draft
from quartieri.calls.models import Call, CallFile
from quartieri.calls.rules import CallFileKind
from quartieri.files.models import StoredFile
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy

MOST_FILES = 40


def add_file(
    session: Session,
    call: Call,
    stored: StoredFile,
    *,
    kind: CallFileKind,
    title_it: str,
    title_en: str,
    readable: bool = True,
    copy_of: CallFile | None = None,
    actor: Actor,
    at: datetime,
) -> CallFile:
    """Add a file to a draft: a cover (which replaces the one before), a document, or its copy.

    A cover needs its alternative text in both languages, a document its title. ``copy_of`` is the
    document that this one is an accessible copy of. Raises InvalidError.
    """
    call = open_draft(session, call, version=None, actor=actor)
    if not title_it.strip() or (kind is CallFileKind.COVER and not title_en.strip()):
        raise InvalidError(
            lazy("Say in words what it shows: who cannot see it reads that."), field="title_it"
        )
    if copy_of is not None and (copy_of.call_id != call.id or copy_of.copy_of_id is not None):
        raise InvalidError(lazy("This document is not among the call's."), field="copy_of")
    count = session.scalar(sa.select(sa.func.count()).where(CallFile.call_id == call.id)) or 0
    if count >= MOST_FILES:
        raise InvalidError(lazy("A call has at most %(most)s files.", most=MOST_FILES))
    if kind is CallFileKind.COVER:
        session.execute(
            sa.delete(CallFile).where(CallFile.call_id == call.id, CallFile.kind == kind)
        )
    added = CallFile(
        call_id=call.id,
        kind=kind,
        file=stored,
        title_it=title_it.strip(),
        title_en=title_en.strip(),
        readable=readable,
        copy_of_id=copy_of.id if copy_of else None,
        added_by=actor.user_id,
        added_at=at,
    )
    session.add(added)
    session.flush()
    after = {"file": added.id, "kind": kind.value, "title": added.title_it, "sha256": stored.sha256}
    record(session, "add_file", "call", call.id, actor=actor, at=at, after=after)
    return added


def remove_file(session: Session, file: CallFile, *, actor: Actor, at: datetime) -> None:
    """Take a file, and the copies of it, off a draft."""
    call = open_draft(session, file.call, version=None, actor=actor)
    session.execute(sa.delete(CallFile).where(CallFile.copy_of_id == file.id))
    record(
        session,
        "remove_file",
        "call",
        call.id,
        actor=actor,
        at=at,
        before={"file": file.id, "kind": file.kind.value, "title": file.title_it},
    )
    session.delete(file)
    session.flush()
