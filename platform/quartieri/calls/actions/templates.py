"""Templates that an authority keeps: from its calls, to start others from."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import need_manager
from quartieri.calls.actions.exchange import import_document
from quartieri.calls.exchange import CallDocument
from quartieri.calls.models import Call, KeptTemplate
from quartieri.calls.queries.exchange import document_of
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy


def keep_template(
    session: Session, call: Call, *, name: str, actor: Actor, at: datetime
) -> KeptTemplate:
    """Keep a call as a template of its authority, without dates, shares and files.

    Raises InvalidError for a name that is empty or in use, NotYoursError.
    """
    need_manager(actor)
    title = name.strip()
    if not title:
        raise InvalidError(lazy("Give the template a name."), field="name")
    used = sa.select(KeptTemplate.id).where(
        KeptTemplate.authority_id == call.authority_id, KeptTemplate.name == title
    )
    if session.scalar(used) is not None:
        raise InvalidError(lazy("There is a template with this name already."), field="name")
    kept = KeptTemplate(
        authority_id=call.authority_id,
        name=title,
        document=document_of(session, call).undated().to_json(),
        created_by=actor.user_id,
        created_at=at,
    )
    session.add(kept)
    session.flush()
    record(
        session,
        "keep",
        "call_template",
        kept.id,
        actor=actor,
        at=at,
        after={"name": title, "call": call.id},
    )
    return kept


def create_from_kept(session: Session, kept: KeptTemplate, *, actor: Actor, at: datetime) -> Call:
    """Start a draft from a template that an authority keeps."""
    document = CallDocument.from_json(kept.document)
    return import_document(
        session, kept.authority, document, actor=actor, at=at, source=f"template:{kept.id}"
    )


def delete_template(session: Session, kept: KeptTemplate, *, actor: Actor, at: datetime) -> None:
    """Delete a template; the calls that were started from it stay."""
    need_manager(actor)
    record(
        session,
        "delete",
        "call_template",
        kept.id,
        actor=actor,
        at=at,
        before={"name": kept.name, "document": kept.document},
    )
    session.delete(kept)
    session.flush()
