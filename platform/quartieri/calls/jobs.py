"""Timed work on the public side of calls: letters to followers, reminders, forgetting."""

from __future__ import annotations

from datetime import timedelta

from quartieri.calls.actions import followers, places, questions
from quartieri.calls.models import Call, Meeting
from quartieri.calls.queries.meetings import meetings_between, meetings_to_forget
from quartieri.db import db, get, unit_of_work
from quartieri.extensions import services
from quartieri.jobs.actions import enqueue
from quartieri.jobs.registry import handler


@handler("calls.tell")
def tell(call_id: int, news: str, occasion: str, values: dict[str, str | int], after: int) -> None:
    """Write the letters of one piece of news, a chunk a unit of work; the next one is planned."""
    with unit_of_work() as session:
        now = services().clock.now()
        last = followers.write_news(
            session,
            get(session, Call, call_id),
            followers.News(news),
            occasion=occasion,
            values=values,
            after=after,
            at=now,
        )
        if last is not None:
            enqueue(
                session,
                "calls.tell",
                {
                    "call_id": call_id,
                    "news": news,
                    "occasion": occasion,
                    "values": values,
                    "after": last,
                },
                run_at=now,
                key=f"calls.tell:{call_id}:{occasion}:{last}",
            )


@handler("calls.remind", every=timedelta(minutes=15))
def remind() -> None:
    """Remind of the meetings of the next day, one unit of work each."""
    now = services().clock.now()
    due = meetings_between(db.session(), now, now + places.REMIND_BEFORE)
    db.session.rollback()
    for meeting_id in due:
        with unit_of_work() as session:
            places.remind(session, get(session, Meeting, meeting_id), at=now)


@handler("calls.forget", every=timedelta(hours=6))
def forget() -> None:
    """Delete the personal data that has had its time."""
    now = services().clock.now()
    past = meetings_to_forget(db.session(), now - places.KEPT_AFTER_MEETING)
    db.session.rollback()
    for meeting_id in past:
        with unit_of_work() as session:
            places.forget_people(session, get(session, Meeting, meeting_id), at=now)
    with unit_of_work() as session:
        places.forget_unconfirmed(session, at=now)
        questions.forget_askers(session, at=now)
        followers.forget_followers(session, at=now)
