"""Deadlines and meetings as iCalendar (RFC 5545), for whoever keeps a calendar of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from quartieri.calls.links import absolute, call_url, meeting_url
from quartieri.calls.models import Call, Meeting
from quartieri.calls.rules import CallState, MeetingState, WindowState
from quartieri.kit.clock import end_of_day, in_rome
from quartieri.kit.labels import Lazy, lazy

STOPPED = frozenset({CallState.SUSPENDED, CallState.CANCELLED, CallState.ANNULLED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. A day instead of an instant is the whole day; ``ends_at`` None: a moment.

    ``sequence`` rises with each change, so that calendars take the new date.
    """

    uid: str
    summary: Lazy | str
    starts_at: datetime | date
    changed_at: datetime
    url: str
    ends_at: datetime | None = None
    location: str = ""
    description: str = ""
    sequence: int = 0
    cancelled: bool = False


def deadlines(call: Call, language: str) -> Iterator[Entry]:
    """Give the openings and deadlines of a call's sessions, and that of its questions."""
    title = call.title(language)
    stopped = call.state in STOPPED
    changed = call.published_at or call.created_at
    for window in call.windows:
        moved = window.extensions[-1].at if window.extensions else changed
        gone = stopped or window.state is WindowState.CANCELLED
        for kind, label, at in (
            ("opens", lazy("Applications open: %(call)s, session %(number)s"), window.opens_at),
            ("closes", lazy("Deadline: %(call)s, session %(number)s"), window.closes_at),
        ):
            yield Entry(
                uid=f"window-{window.id}-{kind}",
                summary=lazy(label.msgid, call=title, number=window.number),
                starts_at=_moment(at),
                changed_at=moved,
                url=call_url(call),
                sequence=len(window.extensions) + gone,
                cancelled=gone,
            )
    if call.questions_until is not None:
        yield Entry(
            uid=f"call-{call.id}-questions",
            summary=lazy("Last questions to the office: %(call)s", call=title),
            starts_at=_moment(call.questions_until),
            changed_at=changed,
            url=call_url(call) + "/questions",
            cancelled=stopped,
        )


def meeting_entry(meeting: Meeting, language: str) -> Entry:
    """Give a meeting as an event."""
    return Entry(
        uid=f"meeting-{meeting.id}",
        summary=meeting.title(language),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        changed_at=meeting.changed_at,
        url=meeting_url(meeting),
        location=meeting.place or meeting.link,
        description="\n\n".join(
            x for x in (meeting.about(language), meeting.link if meeting.place else "") if x
        ),
        sequence=meeting.version,
        cancelled=meeting.state is MeetingState.CANCELLED,
    )


def calendar_of(name: str, entries: Iterable[Entry], say: Callable[[object], str]) -> bytes:
    """Write a calendar; ``say`` puts a summary into the reader's language."""
    from icalendar import (  # noqa: PLC0415 -- loaded late: a tenth of a second, and few pages need it
        Calendar,
        Event,
    )

    host = urlsplit(absolute("/")).hostname or "localhost"
    calendar = Calendar()
    calendar.add("prodid", "-//Quartieri//IT")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("dtstamp", entry.changed_at.replace(microsecond=0))
        event.add("last-modified", entry.changed_at.replace(microsecond=0))
        event.add("summary", say(entry.summary))
        event.add("dtstart", entry.starts_at)
        if entry.ends_at is not None:
            event.add("dtend", entry.ends_at)
        event.add("url", entry.url)
        if entry.location:
            event.add("location", entry.location)
        if entry.description:
            event.add("description", entry.description)
        event.add("sequence", entry.sequence)
        event.add("transp", "OPAQUE" if entry.ends_at else "TRANSPARENT")
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _moment(at: datetime) -> datetime | date:
    """Give the whole day for a deadline at its end, else the instant."""
    day = in_rome(at).date()
    return day if at == end_of_day(day) else at
