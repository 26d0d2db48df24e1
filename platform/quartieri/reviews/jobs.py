"""Letters about a ranking or the end of a call, some at a time; offers that lapse, lists too."""

from __future__ import annotations

from datetime import timedelta

from quartieri.acts.models import Act
from quartieri.db import db, get, unit_of_work
from quartieri.extensions import services
from quartieri.jobs.registry import handler
from quartieri.reviews import actions
from quartieri.reviews.actions.scrolling import ON_THE_WAY
from quartieri.reviews.models import Ranking
from quartieri.reviews.queries.waiting import expired_rankings, overdue_offers


@handler("reviews.tell")
def tell(*, ranking_id: int, final: bool, corrected: bool, after: int) -> None:
    """Write every letter that is still missing; cut off half-way, it goes on where it was."""
    place: int | None = after
    while place is not None:
        with unit_of_work() as session:
            place = actions.tell(
                session,
                get(session, Ranking, ranking_id),
                final=final,
                corrected=corrected,
                after=place,
                at=services().clock.now(),
            )


@handler("reviews.tell_end")
def tell_end(*, act_id: int, proposal_ids: list[int]) -> None:
    """Write to some applicants that their call was cancelled or annulled."""
    with unit_of_work() as session:
        act = get(session, Act, act_id)
        actions.tell_end(session, act, proposal_ids, at=services().clock.now())


@handler("reviews.expire_lists", every=timedelta(hours=6))
def expire_lists() -> None:
    """Let rankings expire whose time is over; one unit of work each."""
    now = services().clock.now()
    due = expired_rankings(db.session(), now)
    db.session.rollback()
    for ranking_id in due:
        with unit_of_work() as session:
            actions.expire_list(session, get(session, Ranking, ranking_id), at=now)


@handler("reviews.lapse_offers", every=timedelta(minutes=1))
def lapse_offers() -> None:
    """Let offers lapse that nobody answered in time; one unit of work each."""
    now = services().clock.now()
    due = overdue_offers(db.session(), now - ON_THE_WAY)
    db.session.rollback()
    for made_id in due:
        with unit_of_work() as session:
            actions.lapse_offer(session, made_id, at=now)
