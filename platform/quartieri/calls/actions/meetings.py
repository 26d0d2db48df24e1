"""Presentation meetings: planning, changing, cancelling, what was shown there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.actions.places import move_up, people_of, tell_person
from quartieri.calls.meeting import MeetingData
from quartieri.calls.models import Call, Meeting, MeetingCall, MeetingMaterial, MeetingPlace
from quartieri.calls.rules import MEETING, MeetingState, PlaceState
from quartieri.db import check_version, lock
from quartieri.files.models import StoredFile
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.models import Authority

MOST_MATERIALS = 20


def plan_meeting(
    session: Session, authority: Authority, data: MeetingData, *, actor: Actor, at: datetime
) -> Meeting:
    """Plan a meeting; everybody sees it at once. Raises InvalidError for what does not fit."""
    _check(session, authority.id, data, taken=0)
    meeting = Meeting(
        authority_id=authority.id, created_by=actor.user_id, created_at=at, changed_at=at
    )
    _write(meeting, data)
    session.add(meeting)
    session.flush()
    _set_calls(session, meeting, data.call_ids)
    record(session, "plan", MEETING.name, meeting.id, actor=actor, at=at, after=_facts(data))
    return meeting


def change_meeting(
    session: Session,
    meeting: Meeting,
    data: MeetingData,
    *,
    version: int,
    actor: Actor,
    at: datetime,
) -> Meeting:
    """Change a meeting; people with a place are told of a new time or place, freed places move up.

    Raises ConflictError when a colleague saved meanwhile, InvalidError for fewer places than are
    taken, IllegalMoveError for a cancelled one.
    """
    meeting = lock(session, Meeting, meeting.id)
    check_version(meeting.version, version)
    if meeting.state is MeetingState.CANCELLED:
        raise IllegalMoveError(lazy("The meeting is cancelled: plan a new one."))
    _check(session, meeting.authority_id, data, taken=_taken(session, meeting))
    before = (meeting.starts_at, meeting.ends_at, meeting.place, meeting.link)
    _write(meeting, data)
    meeting.version += 1
    meeting.changed_at = at
    session.flush()
    _set_calls(session, meeting, data.call_ids)
    record(session, "change", MEETING.name, meeting.id, actor=actor, at=at, after=_facts(data))
    if before != (meeting.starts_at, meeting.ends_at, meeting.place, meeting.link):
        occasion = f"changed:{meeting.version}"
        for person in people_of(session, meeting):
            tell_person(session, person, "meeting_changed", occasion=occasion, at=at)
    move_up(session, meeting, at=at)
    return meeting


def cancel_meeting(
    session: Session, meeting: Meeting, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Cancel a meeting that has not ended; everybody who signed up is told why."""
    meeting = lock(session, Meeting, meeting.id)
    if meeting.ends_at < at:
        raise IllegalMoveError(lazy("The meeting is over."))
    reason = reason.strip()
    if not reason:
        raise InvalidError(lazy("This must be filled in."), field="reason")
    move(session, meeting, MEETING, "cancel", actor=actor, at=at, reason=reason)
    meeting.reason = reason[:500]
    meeting.version += 1
    meeting.changed_at = at
    session.flush()
    for person in people_of(session, meeting):
        tell_person(session, person, "meeting_cancelled", occasion="cancelled", at=at)


def add_material(
    session: Session,
    meeting: Meeting,
    stored: StoredFile,
    *,
    title: str,
    actor: Actor,
    at: datetime,
) -> MeetingMaterial:
    """Put a public file on a meeting's page."""
    meeting = lock(session, Meeting, meeting.id)
    if len(meeting.materials) >= MOST_MATERIALS:
        raise InvalidError(lazy("A meeting has at most %(most)s files.", most=MOST_MATERIALS))
    material = MeetingMaterial(
        meeting_id=meeting.id, file_id=stored.id, title=title.strip(), added_at=at
    )
    meeting.materials.append(material)
    session.flush()
    record(
        session,
        "add_material",
        MEETING.name,
        meeting.id,
        actor=actor,
        at=at,
        after={"title": material.title, "sha256": stored.sha256},
    )
    return material


def remove_material(
    session: Session, meeting: Meeting, material_id: int, *, actor: Actor, at: datetime
) -> None:
    """Take a file off a meeting's page; one that is gone already changes nothing."""
    found = next((m for m in meeting.materials if m.id == material_id), None)
    if found is None:
        return
    record(
        session,
        "remove_material",
        MEETING.name,
        meeting.id,
        actor=actor,
        at=at,
        before={"title": found.title, "sha256": found.file.sha256},
    )
    meeting.materials.remove(found)
    session.delete(found)
    session.flush()


def _check(session: Session, authority_id: int, data: MeetingData, *, taken: int) -> None:
    if data.starts_at >= data.ends_at:
        raise InvalidError(lazy("The end comes after the beginning."), field="ends_at")
    if not data.place.strip() and not data.link.strip():
        raise InvalidError(
            lazy("Say where: a place, the address of an on-line meeting, or both."), field="place"
        )
    if data.link.strip() and not data.link.strip().startswith(("https://", "http://")):
        raise InvalidError(lazy("The address begins with https://"), field="link")
    if data.capacity is not None and data.capacity < max(taken, 1):
        raise InvalidError(
            lazy("%(taken)s people have a place already.", taken=taken)
            if taken
            else lazy("A meeting has at least one place."),
            field="capacity",
        )
    known = session.scalars(
        sa.select(Call.id).where(Call.id.in_(data.call_ids), Call.authority_id == authority_id)
    ).all()
    if not known or set(known) != set(data.call_ids):
        raise InvalidError(lazy("Choose at least one call of this authority."), field="calls")


def _write(meeting: Meeting, data: MeetingData) -> None:
    for name, value in asdict(data).items():
        if name != "call_ids":
            setattr(meeting, name, value.strip() if isinstance(value, str) else value)


def _set_calls(session: Session, meeting: Meeting, call_ids: Sequence[int]) -> None:
    session.execute(sa.delete(MeetingCall).where(MeetingCall.meeting_id == meeting.id))
    session.add_all(MeetingCall(meeting_id=meeting.id, call_id=c) for c in sorted(set(call_ids)))
    session.flush()
    session.expire(meeting, ["calls"])


def _taken(session: Session, meeting: Meeting) -> int:
    taken = sa.select(sa.func.count()).where(
        MeetingPlace.meeting_id == meeting.id, MeetingPlace.state == PlaceState.PLACED
    )
    return session.scalar(taken) or 0


def _facts(data: MeetingData) -> dict[str, Any]:
    return {
        "title": data.title_it,
        "starts_at": in_rome(data.starts_at).isoformat(),
        "ends_at": in_rome(data.ends_at).isoformat(),
        "place": data.place,
        "link": data.link,
        "capacity": data.capacity,
        "calls": list(data.call_ids),
    }
