"""Bringing a call in as one document, and copying one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import set_pool, set_windows, start_draft
from quartieri.calls.actions.sessions import set_endowments
from quartieri.calls.exchange import CallDocument, Note
from quartieri.calls.models import Call, CallFile
from quartieri.calls.queries.exchange import (
    against_city,
    document_of,
    known_files,
    level_codes,
)
from quartieri.calls.rules import CallFileKind
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.models import Authority


class DocumentError(InvalidError):
    """A document that cannot be taken in; ``notes`` say where and why (422)."""

    def __init__(self, notes: Sequence[Note]) -> None:
        """Keep all faults."""
        super().__init__(lazy("The document has faults: nothing was stored."), field="file")
        self.notes = tuple(notes)


def import_document(
    session: Session,
    authority: Authority,
    document: CallDocument,
    *,
    actor: Actor,
    at: datetime,
    source: str = "document",
) -> Call:
    """Start a draft from a document: design, sessions that have dates, endowment, shares.

    ``source`` is what the audit log says that it came from. Raises DocumentError when it names
    levels that the authority's programme does not have, NotYoursError.
    """
    faults, _warnings = against_city(session, authority.id, document)
    if faults:
        raise DocumentError(faults)
    call = start_draft(
        session,
        authority,
        document.design,
        endowment_cents=document.endowment_cents,
        actor=actor,
        at=at,
        after={"from": source},
    )
    dated = [w for w in document.windows if w.opens_at and w.closes_at]
    dates = [(w.opens_at, w.closes_at) for w in dated if w.opens_at and w.closes_at]
    set_windows(session, call, dates, actor=actor, at=at)
    own = {n: w.endowment_cents for n, w in enumerate(dated, 1)}
    set_endowments(session, call, own, actor=actor, at=at)
    codes = level_codes(session, authority.id)
    if document.shares and codes:
        set_pool(
            session,
            call,
            endowment_cents=document.endowment_cents,
            shares={codes[s.level]: s.cents for s in document.shares},
            actor=actor,
            at=at,
        )
    _take_files(session, call, document, actor=actor, at=at)
    return call


def _take_files(
    session: Session, call: Call, document: CallDocument, *, actor: Actor, at: datetime
) -> None:
    """Give the draft those files that another call of its authority has; none is copied."""
    known = known_files(session, call.authority_id, document) if document.documents else {}
    taken: dict[int, CallFile] = {}
    for n, file in enumerate(document.documents):
        if file.sha256 not in known:
            continue
        original = taken.get(file.copy_of) if file.copy_of is not None else None
        taken[n] = CallFile(
            call_id=call.id,
            kind=CallFileKind(file.kind),
            file_id=known[file.sha256],
            title_it=file.title.get("it", ""),
            title_en=file.title.get("en", ""),
            readable=file.readable,
            copy_of_id=original.id if original else None,
            added_by=actor.user_id,
            added_at=at,
        )
        session.add(taken[n])
        session.flush()


def duplicate(session: Session, call: Call, *, actor: Actor, at: datetime) -> Call:
    """Start a draft that says all that a call says; its sessions' dates come too, past ones not.

    Raises NotYoursError.
    """
    document = document_of(session, call).later_than(at)
    return import_document(
        session, call.authority, document, actor=actor, at=at, source=f"call:{call.id}"
    )
