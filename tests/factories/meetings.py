"""Meetings for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from quartieri.calls.actions.meetings import plan_meeting
from quartieri.calls.meeting import MeetingData
from quartieri.calls.models import Call, Meeting
from tests.doubles import NOW
from tests.factories.calls import MANAGER, make_published_call

STARTS = NOW + timedelta(days=7)


def meeting_data(*calls: Call, **over: Any) -> MeetingData:
    """Give the facts of a meeting in a week, of two places."""
    values: dict[str, Any] = {
        "title_it": "Presentazione del bando",
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(hours=2),
        "place": "Biblioteca Dergano, via Baldinucci 60",
        "capacity": 2,
        "call_ids": tuple(c.id for c in calls),
    }
    return MeetingData(**(values | over))


def make_meeting(session: Session, call: Call | None = None, **over: Any) -> Meeting:
    """Add a planned meeting that presents one call."""
    call = call or make_published_call(session)
    data = meeting_data(call, **over)
    return plan_meeting(session, call.authority, data, actor=MANAGER, at=NOW)
