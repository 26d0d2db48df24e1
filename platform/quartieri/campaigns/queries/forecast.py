"""What the closing of campaigns would do, and how far the charges are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries.lapsing import LetGo, let_go, unagreed
from quartieri.campaigns.queries.single import due_campaigns, standing_of
from quartieri.campaigns.rules import (
    UNDECIDED,
    CampaignState,
    Closing,
    PledgeState,
    Standing,
    charge_at,
    next_step,
)
from quartieri.db import get


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is due for one campaign: the steps that follow one another now, and the charges.

    ``steps`` ends with "wait" while answers or charges are awaited. ``promised_cents`` and
    ``collected_cents`` are those of now; ``let_go`` and its cents are what goes from them first,
    by an end that was moved and has passed. ``charges`` and their cents are the cards still to be
    charged, the first of them at ``charge_at``; ``awaited``: charges whose answer is up to a bank
    or a backer.
    """

    campaign_id: int
    slug: str
    state: CampaignState
    steps: tuple[Closing, ...]
    target_cents: int
    promised_cents: int
    collected_cents: int
    let_go: int
    let_go_cents: int
    unfinished: int
    charges: int
    charges_cents: int
    charge_at: datetime | None
    awaited: int

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values: cents, and instants in ISO 8601."""
        return {
            "campaign": self.slug,
            "state": self.state.value,
            "steps": [step.value for step in self.steps],
            "target_cents": self.target_cents,
            "promised_cents": self.promised_cents,
            "collected_cents": self.collected_cents,
            "let_go": self.let_go,
            "let_go_cents": self.let_go_cents,
            "unfinished": self.unfinished,
            "charges": self.charges,
            "charges_cents": self.charges_cents,
            "charge_at": self.charge_at.isoformat() if self.charge_at else None,
            "awaited": self.awaited,
        }


_LEADS_TO = {
    Closing.GO_LIVE: CampaignState.LIVE,
    Closing.END: CampaignState.ENDED,
    Closing.COLLECT: CampaignState.COLLECTING,
}


def forecast(session: Session, *, now: datetime) -> list[Forecast]:
    """Predict what closing would do with each campaign that is due now, the first to end first.

    Nothing is asked of the provider and nothing is written: a pledge whose card may have been
    saved meanwhile still counts as unfinished.
    """
    due = [get(session, Campaign, key) for key in due_campaigns(session, now=now)]
    found = [_forecast(session, campaign, now=now) for campaign in due]
    return [one for one in found if one.steps]


def _forecast(session: Session, campaign: Campaign, *, now: datetime) -> Forecast:
    gone = let_go(session, campaign, now=now)
    standing = _without(standing_of(session, campaign, now=now), gone)
    steps = [Closing.LAPSE] if gone.number else []
    step = next_step(standing)
    while step is not Closing.NOTHING:
        steps.append(step)
        if step not in _LEADS_TO:
            break
        standing = replace(standing, state=_LEADS_TO[step])
        step = next_step(standing)
    charges = Charges()
    if standing.state is CampaignState.COLLECTING:
        charges = _charges(session, campaign, gone.until, now=now)
    return Forecast(
        campaign_id=campaign.id,
        slug=campaign.slug,
        state=campaign.state,
        steps=tuple(steps),
        target_cents=campaign.target_cents,
        promised_cents=campaign.promised_cents,
        collected_cents=campaign.collected_cents,
        let_go=gone.number,
        let_go_cents=gone.cents,
        unfinished=standing.unfinished,
        charges=charges.number,
        charges_cents=charges.cents,
        charge_at=charges.first_at,
        awaited=charges.awaited,
    )


def _without(standing: Standing, gone: LetGo) -> Standing:
    """Take what will be let go first out of what the next steps are decided on."""
    return replace(
        standing,
        promised_cents=standing.promised_cents - gone.cents,
        promised_fees_cents=standing.promised_fees_cents - gone.fees_cents,
        collected_cents=standing.collected_cents - gone.paid_cents,
        fees_cents=standing.fees_cents - gone.paid_fees_cents,
    )


@dataclass(frozen=True, slots=True)
class Charges:
    """The charges of a campaign that are not final: ours to make, and awaited."""

    number: int = 0
    cents: int = 0
    first_at: datetime | None = None
    awaited: int = 0


def _charges(
    session: Session, campaign: Campaign, gone_until: datetime | None, *, now: datetime
) -> Charges:
    """Count what is still to be charged: promised cards at once, refused ones by the calendar.

    Not the promises that name an end up to ``gone_until``: they are let go.
    """
    stays: sa.ColumnElement[bool] = sa.true()
    if gone_until is not None:
        stays = sa.or_(Pledge.agreed_ends_at.is_(None), sa.not_(unagreed(campaign, gone_until)))
    begins = charge_at(now, campaign.grace_ends_at)
    found = Charges()
    rows = session.execute(
        sa.select(Pledge.state, Pledge.retry_at, sa.func.count(), sa.func.sum(Pledge.amount_cents))
        .where(
            Pledge.campaign_id == campaign.id,
            Pledge.state.in_(UNDECIDED | {PledgeState.CONFIRMED}),
            Pledge.charged_now.is_(False),
            stays,
        )
        .group_by(Pledge.state, Pledge.retry_at)
    )
    for state, retry_at, number, cents in rows:
        planned = begins if state in _OURS else retry_at
        if state not in _OURS | {PledgeState.RETRY_DUE} or planned is None:
            found = replace(found, awaited=found.awaited + int(number))
            continue
        first_at = max(planned, begins)
        found = replace(
            found,
            number=found.number + int(number),
            cents=found.cents + int(cents),
            first_at=min(found.first_at or first_at, first_at),
        )
    return found


_OURS = frozenset({PledgeState.CONFIRMED, PledgeState.CHARGING})


@dataclass(frozen=True, slots=True)
class Progress:
    """How many pledges stand where on their way in, and on their way back.

    In: charged, waiting for their turn, declined, given up. Back: returned, on their way, stuck,
    and in a dispute that the banks decide. ``lately``: charged within the last ``PACE``.
    """

    charged: int = 0
    lately: int = 0
    waiting: int = 0
    declined: int = 0
    dropped: int = 0
    returned: int = 0
    returning: int = 0
    stuck: int = 0
    disputed: int = 0

    @property
    def to_charge(self) -> int:
        """All whose card is, was or will be charged."""
        return self.charged + self.waiting + self.declined + self.dropped

    @property
    def left(self) -> timedelta | None:
        """How long those that wait take at the pace of the last minutes; None if none is known."""
        return PACE * self.waiting / self.lately if self.waiting and self.lately else None


PACE = timedelta(minutes=2)


def charging_progress(session: Session, campaign_id: int, *, now: datetime) -> Progress:
    """Count a campaign's pledges by how far their charge, or their refund, is: in one query."""
    lately = sa.case((Pledge.paid_at > now - PACE, 1), else_=0)
    rows = session.execute(
        sa.select(Pledge.state, sa.func.count(), sa.func.sum(lately))
        .where(Pledge.campaign_id == campaign_id)
        .group_by(Pledge.state)
    ).all()
    counts = {row[0]: int(row[1]) for row in rows}

    def of(*states: PledgeState) -> int:
        return sum(counts.get(state, 0) for state in states)

    return Progress(
        charged=of(PledgeState.PAID),
        lately=sum(int(row[2]) for row in rows),
        waiting=of(PledgeState.CONFIRMED, PledgeState.CHARGING, PledgeState.PROCESSING),
        declined=of(PledgeState.RETRY_DUE, PledgeState.ACTION_REQUIRED),
        dropped=of(PledgeState.DROPPED),
        returned=of(PledgeState.REFUNDED, PledgeState.CHARGED_BACK),
        returning=of(PledgeState.REFUND_PENDING),
        stuck=of(PledgeState.REFUND_STUCK),
        disputed=of(PledgeState.DISPUTED),
    )
