"""Reading campaigns and pledges."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import UNDECIDED, PledgeState, Standing, Terms
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


def standing_of(session: Session, campaign: Campaign, *, now: datetime) -> Standing:
    """Collect what the next step of a campaign is decided on."""
    undecided = UNDECIDED | {PledgeState.CONFIRMED}
    counts = session.execute(
        sa.select(
            sa.func.coalesce(
                sa.func.sum(sa.case((Pledge.state == PledgeState.CREATED, 1), else_=0)), 0
            ),
            sa.func.coalesce(sa.func.sum(sa.case((Pledge.state.in_(undecided), 1), else_=0)), 0),
        ).where(Pledge.campaign_id == campaign.id)
    ).one()
    return Standing(
        state=campaign.state,
        now=now,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        grace_ends_at=campaign.grace_ends_at,
        confirm=terms_of(campaign).confirm,
        target_cents=campaign.target_cents,
        promised_cents=campaign.promised_cents,
        collected_cents=campaign.collected_cents,
        unfinished=int(counts[0]),
        undecided=int(counts[1]),
    )
