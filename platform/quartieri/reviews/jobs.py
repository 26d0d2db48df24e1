"""Letters about a published ranking, some at a time."""

from __future__ import annotations

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
