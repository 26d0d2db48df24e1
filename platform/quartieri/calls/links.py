"""Addresses in letters about calls. A random code opens what is one person's own, without account.

Codes are 192 bits from the system's source, kept with the row and gone with it.
"""

from __future__ import annotations

import secrets

from quartieri.calls.models import Call, CallQuestion, Follower, Meeting, MeetingPlace
from quartieri.extensions import services


def new_code() -> str:
    """Give a code that nobody can guess."""
    return secrets.token_urlsafe(24)


def absolute(path: str) -> str:
    """Give the whole address of a path of this site."""
    return services().settings.base_url + path


def call_url(call: Call) -> str:
    """Give the address of a call's page."""
    return absolute(f"/calls/{call.slug}")


def meeting_url(meeting: Meeting) -> str:
    """Give the address of a meeting's page."""
    return absolute(f"/meetings/{meeting.id}")


def place_url(place: MeetingPlace) -> str:
    """Give the address where a person confirms, reads or gives up a place."""
    return absolute(f"/meetings/places/{place.code}")


def question_url(question: CallQuestion) -> str:
    """Give the address where a person confirms a question."""
    return absolute(f"/calls/questions/{question.code}")


def follower_url(follower: Follower) -> str:
    """Give the address where a person confirms to follow a call."""
    return absolute(f"/calls/follow/{follower.code}")


def unsubscribe_url(follower: Follower) -> str:
    """Give the address where one click, or a mail program's POST, ends the letters."""
    return absolute(f"/calls/unsubscribe/{follower.code}")
