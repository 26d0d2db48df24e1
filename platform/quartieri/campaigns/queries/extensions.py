"""What a moved end means: the acts, and the promises that name the present end."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Campaign, CampaignExtension, Pledge
from quartieri.campaigns.rules import AGREEABLE, PledgeChannel
from quartieri.kit.money import Money


@dataclass(frozen=True, slots=True)
class Promises:
    """How many pledges stand on the backers' consent, and their sum."""

    number: int
    amount: Money


def extensions_of(session: Session, campaign: Campaign | None) -> list[CampaignExtension]:
    """List the acts that moved a campaign's end, in their order; asks nothing where none did."""
    if campaign is None or campaign.first_ends_at is None:
        return []
    return list(
        session.scalars(
            sa.select(CampaignExtension)
            .where(CampaignExtension.campaign_id == campaign.id)
            .options(joinedload(CampaignExtension.act))
            .order_by(CampaignExtension.id)
        )
    )


def promises_of(session: Session, campaign_id: int) -> Promises:
    """Count the pledges whose backers would have to agree to another end, and add them up."""
    here = Pledge.amount_cents - Pledge.refunded_cents - Pledge.disputed_cents - Pledge.lost_cents
    number, cents = session.execute(
        sa.select(sa.func.count(Pledge.id), sa.func.coalesce(sa.func.sum(here), 0)).where(
            Pledge.campaign_id == campaign_id,
            Pledge.channel != PledgeChannel.OFFLINE,
            Pledge.state.in_(AGREEABLE),
        )
    ).one()
    return Promises(int(number), Money(int(cents)))
