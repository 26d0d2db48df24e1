"""What the proposer sees of the backing: pledges by day, rewards to hand over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import BACKED, UNPAID, PledgeState
from quartieri.kit.clock import in_rome, last_day
from quartieri.kit.money import Money

MOST_DAYS = 200


@dataclass(frozen=True, slots=True)
class Day:
    """The pledges that were made on one day of Rome."""

    day: date
    number: int
    amount: Money


def pledges_by_day(session: Session, campaign: Campaign, *, now: datetime) -> list[Day]:
    """Count and add up the pledges of each day, from the start to the end or to today, in Rome.

    Counted is who backs (or backed) the campaign, by when the pledge was begun; what was given
    while charges were tried again has its days after the end.
    """
    starts_at, ends_at = campaign.starts_at, campaign.ends_at
    if starts_at is None or ends_at is None or now < starts_at:
        return []
    made: dict[date, tuple[int, int]] = {}
    rows = session.connection().execute(
        sa.select(Pledge.started_at, Pledge.amount_cents).where(
            Pledge.campaign_id == campaign.id,
            Pledge.state.in_(BACKED),
            sa.not_(sa.and_(Pledge.charged_now, Pledge.state.in_(UNPAID))),
        )
    )
    for started_at, cents in rows:
        day = in_rome(started_at).date()
        number, amount = made.get(day, (0, 0))
        made[day] = number + 1, amount + cents
    first = min([in_rome(starts_at).date(), *made])
    last = max([first, last_day(min(now, ends_at)), *made])
    days = (last - first).days + 1
    span = (first + timedelta(days=n) for n in range(min(days, MOST_DAYS)))
    found = ((day, *made.get(day, (0, 0))) for day in span)
    return [Day(day, number, Money(amount)) for day, number, amount in found]


def rewards_to_hand_over(session: Session, campaign_id: int) -> list[Pledge]:
    """List the paid pledges that chose a reward, by reward and then in their order."""
    return list(
        session.scalars(
            sa.select(Pledge)
            .where(
                Pledge.campaign_id == campaign_id,
                Pledge.reward_id.is_not(None),
                Pledge.state == PledgeState.PAID,
            )
            .options(joinedload(Pledge.reward))
            .order_by(Pledge.reward_id, Pledge.id)
        )
    )
