"""Recording acts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from quartieri.acts.models import Act
from quartieri.acts.queries import same_number
from quartieri.acts.rules import ACT, ActKind, ActState
from quartieri.audit.actions import record as audit
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.files.models import StoredFile
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy


@dataclass(frozen=True, slots=True)
class ActData:
    """What the person who records an act types; ``file`` is kept already."""

    number: str
    dated: date
    office: str
    signer: str
    decides: str = ""
    file: StoredFile | None = None


def record(
    session: Session,
    authority_id: int,
    kind: ActKind,
    data: ActData,
    *,
    actor: Actor,
    at: datetime,
    publish: bool = True,
) -> Act:
    """Record an act that was signed outside; with ``publish`` it is published too.

    A grant act is published apart, since payment waits for its publication. Raises ConflictError
    when an act of this kind has the same number and date.
    """
    if same_number(session, authority_id, kind, data.number, data.dated) is not None:
        raise ConflictError(
            lazy("An act with this number and date is recorded already."), field="number"
        )
    act = Act(
        authority_id=authority_id,
        kind=kind,
        number=data.number,
        dated=data.dated,
        office=data.office,
        signer=data.signer,
        decides=data.decides,
        file_id=data.file.id if data.file else None,
        file_sha256=data.file.sha256 if data.file else "",
        state=ActState.DRAFT,
        recorded_by=actor.user_id,
        recorded_at=at,
    )
    session.add(act)
    session.flush()
    audit(
        session,
        "record",
        "act",
        act.id,
        actor=actor,
        at=at,
        after={"kind": kind, "number": data.number, "dated": data.dated.isoformat()},
    )
    move(session, act, ACT, "sign", actor=actor, at=at)
    if publish:
        publish_act(session, act, actor=actor, at=at)
    return act


def publish_act(session: Session, act: Act, *, actor: Actor, at: datetime) -> None:
    """Publish a signed act: from then on it has effect (d.lgs. 33/2013, art. 26)."""
    move(session, act, ACT, "publish", actor=actor, at=at)
    act.published_at = at
