"""Whether a campaign has what its call's setting needs before it can be scheduled."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import Collector
from quartieri.campaigns.models import Campaign, Collection
from quartieri.campaigns.queries.gift import design_of
from quartieri.campaigns.rules import TYPED, Need, needs


def needs_of(campaign: Campaign, *, cards: bool) -> tuple[Need, ...]:
    """Give what a campaign needs; ``cards``: this site has a payment service."""
    design = design_of(campaign)
    return needs(
        elsewhere=design.is_elsewhere,
        by_proposer=design.collected_by == Collector.PROPOSER,
        cards=cards,
    )


def collection_of(session: Session, campaign_id: int) -> Collection | None:
    """Give what is known of who receives a campaign's money."""
    return session.scalars(
        sa.select(Collection).where(Collection.campaign_id == campaign_id)
    ).first()


def confirmed_collection(session: Session, campaign_id: int) -> Collection | None:
    """Give what two persons vouch for: only this is shown to everybody."""
    found = collection_of(session, campaign_id)
    return found if found is not None and found.confirmed else None


def readiness(session: Session, campaign: Campaign, *, cards: bool) -> list[tuple[Need, bool]]:
    """List what a campaign needs, each with whether it is there."""
    found = collection_of(session, campaign.id)
    return [(need, _is_there(found, need)) for need in needs_of(campaign, cards=cards)]


def _is_there(found: Collection | None, need: Need) -> bool:
    if need is Need.SERVICE:
        return True
    if found is None:
        return False
    return bool(getattr(found, need)) if need in TYPED else found.confirmed
