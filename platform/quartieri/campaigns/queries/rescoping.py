"""Requests to change cost and target before the launch."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Campaign, Rescoping
from quartieri.campaigns.rules import RESCOPABLE, RescopingState


def rescopings_of(session: Session, campaign_id: int) -> list[Rescoping]:
    """List a campaign's requests, the newest first."""
    return list(
        session.scalars(
            sa.select(Rescoping)
            .where(Rescoping.campaign_id == campaign_id)
            .options(joinedload(Rescoping.act))
            .order_by(Rescoping.id.desc())
        )
    )


def approved_rescopings(session: Session, campaign: Campaign | None) -> list[Rescoping]:
    """List what acts changed, for everybody; asks nothing in a call that lets nothing change."""
    design = campaign.proposal.edition.design.campaign if campaign is not None else None
    if campaign is None or design is None or design.rescope_share is None:
        return []
    found = rescopings_of(session, campaign.id)
    return [one for one in found if one.state is RescopingState.APPROVED]


def may_rescope(campaign: Campaign) -> bool:
    """Tell whether the call lets cost and target of a campaign change now."""
    design = campaign.proposal.edition.design
    rule = design.money.rule
    allowed = design.campaign is not None and design.campaign.rescope_share is not None
    crowd = rule is not None and rule.kind.has_campaign
    return allowed and crowd and campaign.state in RESCOPABLE
