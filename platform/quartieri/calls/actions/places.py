"""Places at a meeting: asking, confirming, giving up, moving up, attendance, forgetting.

The meeting's row is locked before its places are counted: two confirmations at once never take the
same last place.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.calls.actions.followers import CONFIRM_WITHIN, the_one
from quartieri.calls.links import meeting_url, new_code, place_url
from quartieri.calls.models import Meeting, MeetingPlace
from quartieri.calls.rules import MEETING, PLACE, MeetingState, PlaceState
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.mail.actions import forget, write

KEPT_AFTER_MEETING = timedelta(days=30)
"""How long names and addresses are kept after a meeting."""
REMIND_BEFORE = timedelta(hours=24)
_SIGNED_UP = (PlaceState.PLACED, PlaceState.WAITING)


def ask_place(
    session: Session,
    meeting: Meeting,
    *,
    name: str,
    email: str,
    language: str,
    at: datetime,
    own: bool = False,
) -> MeetingPlace:
    """Sign up; ``own`` says that the address is known to be the asker's, else a letter asks.

    A place is taken only by a confirmed address. Nothing tells whether an address signed up
    already: its owner gets the letter again. Raises IllegalMoveError once the meeting has begun or
    is cancelled.
    """
    _refuse_closed(meeting, at)
    address = email.strip().lower()
    same = sa.select(MeetingPlace).where(
        MeetingPlace.meeting_id == meeting.id, MeetingPlace.email == address
    )
    new = MeetingPlace(
        meeting_id=meeting.id,
        code=new_code(),
        name=name.strip(),
        email=address,
        language=language,
        asked_at=at,
    )
    found = the_one(session, same, new)
    if own:
        return confirm_place(session, found, at=at)
    found.asked_at = at
    tell_person(session, found, "meeting_sign_up", occasion=f"asked:{at.isoformat()}", at=at)
    return found


def confirm_place(session: Session, place: MeetingPlace, *, at: datetime) -> MeetingPlace:
    """Take a place, or stand on the waiting list when there is none; again changes nothing."""
    meeting = lock(session, Meeting, place.meeting_id)
    place = lock(session, MeetingPlace, place.id)
    if place.state in _SIGNED_UP:
        return place
    _refuse_closed(meeting, at)
    free = free_places(session, meeting)
    verb = "place" if free is None or free > 0 else "queue"
    move(session, place, PLACE, verb, actor=SYSTEM, at=at)
    place.since = at
    session.flush()
    template = "meeting_place" if verb == "place" else "meeting_waiting"
    tell_person(session, place, template, occasion=f"{verb}:{at.isoformat()}", at=at)
    return place


def give_up(session: Session, place: MeetingPlace, *, at: datetime) -> None:
    """Give a place back, or leave the waiting list; the first who waits gets what is free."""
    meeting = lock(session, Meeting, place.meeting_id)
    place = lock(session, MeetingPlace, place.id)
    if place.state is PlaceState.GIVEN_UP:
        return
    _refuse_closed(meeting, at)
    move(session, place, PLACE, "give_up", actor=SYSTEM, at=at)
    place.since = at
    session.flush()
    move_up(session, meeting, at=at)


def move_up(session: Session, meeting: Meeting, *, at: datetime) -> int:
    """Give free places to those who wait, first come first; the caller holds the meeting's lock.

    Gives how many moved up; each is told by letter. Nothing moves once the meeting has begun.
    """
    if meeting.state is not MeetingState.PLANNED or at >= meeting.starts_at:
        return 0
    free = free_places(session, meeting)
    waiting = session.scalars(
        sa.select(MeetingPlace)
        .where(MeetingPlace.meeting_id == meeting.id, MeetingPlace.state == PlaceState.WAITING)
        .order_by(MeetingPlace.since, MeetingPlace.id)
        .limit(free)
    ).all()
    for place in waiting:
        move(session, place, PLACE, "move_up", actor=SYSTEM, at=at)
        place.since = at
        tell_person(session, place, "meeting_moved_up", occasion=f"up:{at.isoformat()}", at=at)
    session.flush()
    return len(waiting)


def free_places(session: Session, meeting: Meeting) -> int | None:
    """Give how many places are free, None where there is no limit."""
    if meeting.capacity is None:
        return None
    taken = session.scalar(
        sa.select(sa.func.count()).where(
            MeetingPlace.meeting_id == meeting.id, MeetingPlace.state == PlaceState.PLACED
        )
    )
    return max(meeting.capacity - (taken or 0), 0)


def mark_attendance(
    session: Session, meeting: Meeting, present: Collection[int], *, actor: Actor, at: datetime
) -> int:
    """Note who of those with a place came; gives how many. Not before the meeting's day."""
    if at < meeting.starts_at - REMIND_BEFORE:
        raise IllegalMoveError(lazy("Attendance is noted on the day of the meeting."))
    meeting = lock(session, Meeting, meeting.id)
    if meeting.forgotten_at is not None:
        raise IllegalMoveError(lazy("The list of this meeting was deleted."))
    people = [p for p in people_of(session, meeting) if p.state is PlaceState.PLACED]
    for person in people:
        person.attended = person.id in present
    count = sum(bool(p.attended) for p in people)
    session.flush()
    record(
        session,
        "mark_attendance",
        MEETING.name,
        meeting.id,
        actor=actor,
        at=at,
        after={"attended": count, "places": len(people)},
    )
    return count


def remind(session: Session, meeting: Meeting, *, at: datetime) -> int:
    """Write to whoever has a place since before the day before; each is reminded once a date."""
    if meeting.state is not MeetingState.PLANNED or at >= meeting.starts_at:
        return 0
    occasion = f"reminder:{meeting.starts_at.isoformat()}"
    return sum(
        tell_person(session, person, "meeting_reminder", occasion=occasion, at=at)
        for person in people_of(session, meeting)
        if person.state is PlaceState.PLACED
        and person.since is not None
        and person.since <= meeting.starts_at - REMIND_BEFORE
    )


def forget_people(session: Session, meeting: Meeting, *, at: datetime) -> None:
    """Delete names, addresses and letters of those who signed up; the numbers stay."""
    ids = list(
        session.scalars(
            sa.select(MeetingPlace.id)
            .where(MeetingPlace.meeting_id == meeting.id)
            .order_by(MeetingPlace.id)
        )
    )
    forget(session, "meeting_place", ids)
    session.execute(
        sa.update(MeetingPlace).where(MeetingPlace.id.in_(ids)).values(name="", email=None)
    )
    meeting.forgotten_at = at
    session.flush()


def forget_unconfirmed(session: Session, *, at: datetime) -> int:
    """Delete sign-ups whose address nobody confirmed in time."""
    ids = list(
        session.scalars(
            sa.select(MeetingPlace.id)
            .where(
                MeetingPlace.state == PlaceState.ASKED,
                MeetingPlace.asked_at < at - CONFIRM_WITHIN,
            )
            .order_by(MeetingPlace.id)
        )
    )
    forget(session, "meeting_place", ids)
    session.execute(sa.delete(MeetingPlace).where(MeetingPlace.id.in_(ids)))
    return len(ids)


def people_of(session: Session, meeting: Meeting) -> list[MeetingPlace]:
    """List who has a place or waits for one: the waiting last, each in their order."""
    return list(
        session.scalars(
            sa.select(MeetingPlace)
            .where(MeetingPlace.meeting_id == meeting.id, MeetingPlace.state.in_(_SIGNED_UP))
            .order_by(MeetingPlace.state, MeetingPlace.since, MeetingPlace.id)
        )
    )


def tell_person(
    session: Session, place: MeetingPlace, template: str, *, occasion: str, at: datetime
) -> bool:
    """Write one letter about a meeting to one person; tell whether it is new."""
    if not place.email:
        return False
    meeting = session.get_one(Meeting, place.meeting_id)
    letter = write(
        session,
        template,
        to=place.email,
        language=place.language,
        key=f"meeting:{place.code[:12]}:{occasion}",
        at=at,
        about=("meeting_place", place.id),
        name=place.name,
        signed_up=place.state in _SIGNED_UP,
        title=meeting.title(place.language),
        meeting=meeting,
        url=place_url(place),
        page=meeting_url(meeting),
    )
    return letter is not None


def _refuse_closed(meeting: Meeting, at: datetime) -> None:
    if meeting.state is MeetingState.CANCELLED:
        raise IllegalMoveError(lazy("The meeting is cancelled."))
    if at >= meeting.starts_at:
        raise IllegalMoveError(lazy("The meeting has begun: nothing can change any more."))
