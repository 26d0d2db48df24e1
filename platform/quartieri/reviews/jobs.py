"""Letters about a published ranking or the end of a call, some at a time."""

from __future__ import annotations

from quartieri.acts.models import Act
from quartieri.db import get, unit_of_work
from quartieri.extensions import services
from quartieri.jobs.registry import handler
from quartieri.reviews import actions
from quartieri.reviews.models import Ranking


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
