"""Reading receipts: of one pledge, and of one campaign for officials."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, load_only

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, Pledge, Receipt
from quartieri.people.models import Organisation
from quartieri.proposals.models import Proposal


def receipts_of(session: Session, pledge_id: int) -> list[Receipt]:
    """List the papers of a pledge, the oldest first."""
    found = sa.select(Receipt).where(Receipt.pledge_id == pledge_id)
    return list(session.scalars(found.order_by(Receipt.id)))


def recipient_of(session: Session, campaign: Campaign) -> Organisation:
    """Give whose receipts a campaign's are, read with the call's authority that a paper may name.

    What may change of them is read as it is now.
    """
    proposal = session.scalars(_WITH_RECIPIENT, {"proposal_id": campaign.proposal_id}).one()
    return proposal.organisation


_WITH_RECIPIENT = (
    sa.select(Proposal)
    .where(Proposal.id == sa.bindparam("proposal_id"))
    .options(
        load_only(Proposal.organisation_id, Proposal.call_id),
        joinedload(Proposal.organisation, innerjoin=True),
        joinedload(Proposal.call, innerjoin=True).joinedload(Call.authority, innerjoin=True),
    )
)


def receipts_of_campaign(session: Session, campaign_id: int) -> list[Receipt]:
    """List the papers of a campaign by year and number, each with the one that it voids."""
    return list(
        session.scalars(
            sa.select(Receipt)
            .join(Pledge, Pledge.id == Receipt.pledge_id)
            .where(Pledge.campaign_id == campaign_id)
            .options(joinedload(Receipt.voids))
            .order_by(Receipt.year, Receipt.number)
        )
    )
