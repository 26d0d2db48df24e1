"""Reading meetings, questions and followers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from quartieri.calls.models import (
    Call,
    Meeting,
    MeetingCall,
    MeetingMaterial,
    MeetingPlace,
)
from quartieri.calls.rules import PUBLIC_CALL_STATES, MeetingState, PlaceState
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.people.rules import Scope

PAST_SHOWN = 20
MANAGE_SHOWN = 200
CALENDAR_PAST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Places:
    """How full a meeting is."""

    taken: int = 0
    waiting: int = 0
    came: int = 0

    def free(self, capacity: int | None) -> int | None:
        """Give how many places are free, None where there is no limit."""
        return None if capacity is None else max(capacity - self.taken, 0)


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A meeting in one line on a call's page; ``place`` is empty for one on line alone."""

    id: int
    title: Mapping[str, str]
    starts_at: datetime
    place: str


def meeting_by_id(session: Session, meeting_id: int) -> Meeting:
    """Give a meeting with its calls, area and files; raise NotFoundError."""
    found = session.scalars(
        sa.select(Meeting).where(Meeting.id == meeting_id).options(*_WHOLE)
    ).one_or_none()
    if found is None:
        raise NotFoundError(lazy("There is no meeting at this address."))
    return found


def coming_meetings(
    session: Session, *, now: datetime, call_id: int | None = None, area_id: int | None = None
) -> list[Meeting]:
    """List the meetings that have not ended, the next first; of one call or area, if asked."""
    return list(
        session.scalars(
            _narrowed(call_id, area_id)
            .where(Meeting.ends_at >= now)
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )


def meetings_of(session: Session, call_id: int, *, now: datetime) -> list[MeetingLine]:
    """List the meetings to come that present a call, the next first: one query of plain rows."""
    rows = session.execute(
        sa.select(
            Meeting.id,
            Meeting.title_it,
            Meeting.title_en,
            Meeting.starts_at,
            Meeting.place,
        )
        .join(MeetingCall, MeetingCall.meeting_id == Meeting.id)
        .where(
            MeetingCall.call_id == call_id,
            Meeting.ends_at >= now,
            Meeting.state == MeetingState.PLANNED,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return [
        MeetingLine(r.id, {"it": r.title_it, "en": r.title_en}, r.starts_at, r.place) for r in rows
    ]


def past_meetings(
    session: Session, *, now: datetime, call_id: int | None = None, area_id: int | None = None
) -> list[Meeting]:
    """List the last meetings that took place, the latest first."""
    return list(
        session.scalars(
            _narrowed(call_id, area_id)
            .where(Meeting.ends_at < now, Meeting.state == MeetingState.PLANNED)
            .order_by(Meeting.starts_at.desc(), Meeting.id.desc())
            .limit(PAST_SHOWN)
        )
    )


def calendar_meetings(session: Session, *, now: datetime) -> list[Meeting]:
    """List what the calendar holds: all that comes and three months of what was."""
    return list(
        session.scalars(
            _narrowed(None, None)
            .where(Meeting.ends_at >= now - CALENDAR_PAST)
            .order_by(Meeting.starts_at, Meeting.id)
        )
    )


def manage_meetings(session: Session, *, scopes: Sequence[Scope] | None) -> list[Meeting]:
    """List the meetings of an official's authorities (None: all), the latest date first."""
    query = sa.select(Meeting).options(*_WHOLE)
    if scopes is not None:
        mine = {s.authority_id for s in scopes if s.call_id is None}
        query = query.where(Meeting.authority_id.in_(mine))
    newest = query.order_by(Meeting.starts_at.desc(), Meeting.id.desc()).limit(MANAGE_SHOWN)
    return list(session.scalars(newest))


def places_of(session: Session, meetings: Sequence[Meeting]) -> dict[int, Places]:
    """Give how full meetings are, by id, in one query."""
    rows = session.execute(
        sa.select(
            MeetingPlace.meeting_id,
            sa.func.count(sa.case((MeetingPlace.state == PlaceState.PLACED, 1))).label("taken"),
            sa.func.count(sa.case((MeetingPlace.state == PlaceState.WAITING, 1))).label("waiting"),
            sa.func.count(sa.case((MeetingPlace.attended.is_(True), 1))).label("came"),
        )
        .where(MeetingPlace.meeting_id.in_([m.id for m in meetings]))
        .group_by(MeetingPlace.meeting_id)
    )
    found = {row.meeting_id: Places(row.taken, row.waiting, row.came) for row in rows}
    return {m.id: found.get(m.id, Places()) for m in meetings}


def place_by_code(session: Session, code: str) -> MeetingPlace:
    """Give a sign-up by the code of its letter; raise NotFoundError."""
    found = session.scalars(
        sa.select(MeetingPlace)
        .where(MeetingPlace.code == code)
        .options(joinedload(MeetingPlace.meeting))
    ).one_or_none()
    if found is None:
        raise NotFoundError(lazy("This link is not valid any more. Ask for a new one."))
    return found


def material_by_id(session: Session, meeting_id: int, material_id: int) -> MeetingMaterial:
    """Give a file of a meeting; raise NotFoundError."""
    found = session.scalars(
        sa.select(MeetingMaterial).where(
            MeetingMaterial.id == material_id, MeetingMaterial.meeting_id == meeting_id
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return found


def meetings_between(session: Session, after: datetime, until: datetime) -> list[int]:
    """List the planned meetings that begin within two instants, by id."""
    return list(
        session.scalars(
            sa.select(Meeting.id)
            .where(
                Meeting.state == MeetingState.PLANNED,
                Meeting.starts_at > after,
                Meeting.starts_at <= until,
            )
            .order_by(Meeting.id)
        )
    )


def meetings_to_forget(session: Session, before: datetime) -> list[int]:
    """List the meetings that ended before an instant and still hold names."""
    return list(
        session.scalars(
            sa.select(Meeting.id)
            .where(Meeting.ends_at < before, Meeting.forgotten_at.is_(None))
            .order_by(Meeting.id)
        )
    )


def presentable_calls(session: Session, authority_id: int) -> list[Call]:
    """List the published calls of an authority that a meeting may present, newest first."""
    return list(
        session.scalars(
            sa.select(Call)
            .where(
                Call.authority_id == authority_id,
                Call.state.in_(PUBLIC_CALL_STATES),
                sa.not_(Call.historical),
            )
            .order_by(Call.published_at.desc(), Call.id.desc())
        )
    )


_WHOLE = (
    joinedload(Meeting.area),
    joinedload(Meeting.authority),
    selectinload(Meeting.calls),
    selectinload(Meeting.materials).joinedload(MeetingMaterial.file),
)


def _narrowed(call_id: int | None, area_id: int | None) -> sa.Select[Meeting]:
    query = sa.select(Meeting).options(*_WHOLE)
    if call_id is not None:
        query = query.where(
            Meeting.id.in_(sa.select(MeetingCall.meeting_id).where(MeetingCall.call_id == call_id))
        )
    if area_id is not None:
        query = query.where(Meeting.area_id == area_id)
    return query
