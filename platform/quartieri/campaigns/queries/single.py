"""Reading campaigns and pledges."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import CallDesign, CampaignDesign
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries.gift import design_of
from quartieri.campaigns.queries.net import counts_net, fee_of, promised
from quartieri.campaigns.queries.outside import certified
from quartieri.campaigns.rules import (
    COLLECTED,
    DUE_BY_STATE,
    PROMISED,
    UNDECIDED,
    UNPAID,
    CampaignState,
    PledgeState,
    Standing,
    Terms,
)
from quartieri.campaigns.rules.effect import GIFT, usual_gift
from quartieri.people.models import User
from quartieri.proposals.models import Scorer


def campaign_of_proposal(session: Session, proposal_id: int) -> Campaign | None:
    """Give a proposal's campaign, or None."""
    return session.scalars(sa.select(Campaign).where(Campaign.proposal_id == proposal_id)).first()


def terms_of(campaign: Campaign) -> Terms:
    """Give the terms that the campaign's call sets for pledges."""
    design = design_of(campaign)
    return Terms(
        pledge_min_cents=design.pledge_min_cents,
        pledge_max_cents=design.pledge_max_cents,
        confirm=timedelta(minutes=design.confirm_minutes),
        person_cap_cents=design.person_cap_cents,
    )


def recorded_until(campaign: Campaign) -> datetime | None:
    """Give until when offline money received by the end is recorded; None where that is the end."""
    end = campaign.ends_at
    until = design_of(campaign).recorded_until(end) if end is not None else None
    return until if until != end else None


def reckoned_gift(design: CallDesign) -> int:
    """Give the gift that a call's pages reckon with, in cents."""
    terms = design.campaign
    return usual_gift(terms.pledge_min_cents, terms.pledge_max_cents) if terms else GIFT


def scorer_of(
    session: Session, window_id: int | None, *, user_id: int | None, email: str
) -> int | None:
    """Give the account that scored any application of a window: this one, or a guest's address's.

    None where it did not, or where there is no such account.
    """
    who = {"user_id": user_id, "email": "" if user_id else email.strip().lower()}
    found = session.connection().execute(_SCORER, {"window_id": window_id, **who}).first()
    return None if found is None else int(found.user_id)


_SCORER = (
    sa.select(Scorer.user_id)
    .join(User, User.id == Scorer.user_id)
    .where(
        Scorer.window_id == sa.bindparam("window_id"),
        sa.or_(User.id == sa.bindparam("user_id"), User.email == sa.bindparam("email")),
    )
    .limit(1)
)


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
    design = campaign.proposal.edition.design.campaign or CampaignDesign()
    fee = fee_of(design) if counts_net(design) else sa.literal(0)
    rows = session.execute(
        sa.select(Pledge.state, Pledge.charged_now, sa.func.count(), sa.func.sum(fee))
        .where(Pledge.campaign_id == campaign.id)
        .group_by(Pledge.state, Pledge.charged_now)
    )
    counts: dict[PledgeState, int] = {}
    unfinished = fees = promised_fees = 0
    for state, charged_now, number, kept in rows:
        if state is PledgeState.CREATED or (charged_now and state in UNPAID):
            unfinished += int(number)
            continue
        counts[state] = counts.get(state, 0) + int(number)
        fees += int(kept) if state in COLLECTED else 0
        promised_fees += int(kept) if state in PROMISED else 0
    undecided = UNDECIDED | {PledgeState.CONFIRMED}
    return Standing(
        state=campaign.state,
        now=now,
        starts_at=campaign.starts_at,
        ends_at=campaign.ends_at,
        grace_ends_at=campaign.grace_ends_at,
        target_cents=campaign.target_cents,
        city_cents=campaign.city_cents,
        promised_cents=campaign.promised_cents,
        collected_cents=campaign.collected_cents,
        uncertified=design.is_elsewhere and certified(session, campaign.id) is None,
        unfinished=unfinished,
        undecided=sum(counts.get(state, 0) for state in undecided),
        asking=counts.get(PledgeState.CHARGING, 0),
        fees_cents=fees,
        promised_fees_cents=promised_fees,
        keeps_all=design.keeps_all,
        tops_up=design.top_up_in_grace,
        recorded_until=recorded_until(campaign),
    )


def promised_by(session: Session, campaign: Campaign, end: datetime) -> int:
    """Give what of the pledges begun by an instant still counts toward the target, in cents.

    Less the fees, in a call whose target counts net.
    """
    design = design_of(campaign)
    fee = fee_of(design) if counts_net(design) else sa.literal(0)
    gone = Pledge.refunded_cents + Pledge.disputed_cents + Pledge.lost_cents
    found = sa.select(sa.func.sum(Pledge.amount_cents - gone - fee)).where(
        Pledge.campaign_id == campaign.id,
        Pledge.started_at <= end,
        promised(),
    )
    return int(session.scalar(found) or 0)
