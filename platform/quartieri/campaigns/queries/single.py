"""Reading campaigns and pledges."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import (
    DUE_BY_STATE,
    UNDECIDED,
    CampaignState,
    PledgeState,
    Standing,
    Terms,
)
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Scorer


def campaign_of_proposal(session: Session, proposal_id: int) -> Campaign | None:
    """Give a proposal's campaign, or None."""
    return session.scalars(sa.select(Campaign).where(Campaign.proposal_id == proposal_id)).first()


def terms_of(campaign: Campaign) -> Terms:
    """Give the terms that the campaign's call sets for pledges."""
    design = campaign.proposal.edition.design.campaign
    if design is None:
        raise IllegalMoveError(lazy("This call has no campaigns."))
    return Terms(
        pledge_min_cents=design.pledge_min_cents,
        pledge_max_cents=design.pledge_max_cents,
        confirm=timedelta(minutes=design.confirm_minutes),
    )


def has_scored(session: Session, window_id: int | None, user_id: int | None) -> bool:
    """Tell whether an account scored any application of a window."""
    if window_id is None or user_id is None:
        return False
    found = sa.select(Scorer.user_id).where(
        Scorer.window_id == window_id, Scorer.user_id == user_id
    )
    return session.scalar(found.limit(1)) is not None


def due_campaigns(session: Session, *, now: datetime) -> list[int]:
    """List the campaigns that may have a next step now, the first to end first."""
    state = Campaign.state
    runs = state.in_([CampaignState.LIVE, CampaignState.SUSPENDED])
    found = sa.select(Campaign.id).where(
        sa.or_(
            sa.and_(state == CampaignState.SCHEDULED, Campaign.starts_at <= now),
            sa.and_(runs, Campaign.ends_at < now),
            sa.and_(runs, Campaign.lapse_at < now),
            state.in_(DUE_BY_STATE),
        )
    )
    return list(session.scalars(found.order_by(Campaign.ends_at, Campaign.id)))


def standing_of(session: Session, campaign: Campaign, *, now: datetime) -> Standing:
    """Collect what the next step of a campaign is decided on."""
    undecided = UNDECIDED | {PledgeState.CONFIRMED}
    rows = session.execute(
        sa.select(Pledge.state, sa.func.count())
        .where(Pledge.campaign_id == campaign.id)
        .group_by(Pledge.state)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    return Standing(
        state=campaign.state,
        now=now,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        grace_ends_at=campaign.grace_ends_at,
        target_cents=campaign.target_cents,
        promised_cents=campaign.promised_cents,
        collected_cents=campaign.collected_cents,
        unfinished=counts.get(PledgeState.CREATED, 0),
        undecided=sum(counts.get(state, 0) for state in undecided),
        asking=counts.get(PledgeState.CHARGING, 0),
    )
