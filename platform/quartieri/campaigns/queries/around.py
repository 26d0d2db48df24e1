"""Offers of help and comments on a draft."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, Comment, Offer
from quartieri.campaigns.queries.manage import scoped
from quartieri.campaigns.rules import PREPARED
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal


def offers_of(session: Session, campaign_id: int) -> list[Offer]:
    """List a campaign's offers of help, the newest first."""
    return list(
        session.scalars(
            sa.select(Offer).where(Offer.campaign_id == campaign_id).order_by(Offer.id.desc())
        )
    )


def comments_of(session: Session, campaign_id: int) -> list[Comment]:
    """List what was said of a campaign's page, the oldest first."""
    return list(
        session.scalars(
            sa.select(Comment).where(Comment.campaign_id == campaign_id).order_by(Comment.id)
        )
    )


def pages_in_preparation(
    session: Session, *, scopes: Sequence[Scope] | None
) -> list[tuple[Campaign, int]]:
    """List the campaigns in ``scopes`` whose page is being prepared, with their open comments."""
    waiting = (
        sa.select(sa.func.count(Comment.id))
        .where(Comment.campaign_id == Campaign.id, Comment.resolved_at.is_(None))
        .correlate(Campaign)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Campaign, waiting)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(Campaign.state.in_(PREPARED), *scoped(scopes))
        .options(
            joinedload(Campaign.proposal).joinedload(Proposal.call),
            joinedload(Campaign.proposal).joinedload(Proposal.organisation),
        )
        .order_by(Campaign.id)
        .limit(500)
    )
    return [(campaign, int(number)) for campaign, number in rows]
