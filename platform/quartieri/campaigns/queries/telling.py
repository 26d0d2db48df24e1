"""What a proposer told backers."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from quartieri.campaigns.models import Campaign, Message, Update
from quartieri.campaigns.queries.project import campaign_by_slug
from quartieri.campaigns.rules import PUBLIC_CAMPAIGN_STATES
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy


def public_campaign(session: Session, slug: str) -> Campaign:
    """Give a campaign whose page everyone may see; raise NotFoundError for any other."""
    campaign = campaign_by_slug(session, slug)
    shown = campaign is not None and campaign.state in PUBLIC_CAMPAIGN_STATES
    if campaign is None or not shown or campaign.starts_at is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return campaign


def updates_of(session: Session, campaign_id: int) -> list[Update]:
    """List a campaign's updates with their edits, the newest first."""
    return list(
        session.scalars(
            sa.select(Update)
            .where(Update.campaign_id == campaign_id)
            .options(selectinload(Update.edits))
            .order_by(Update.id.desc())
        )
    )


def messages_of(session: Session, campaign_id: int) -> list[Message]:
    """List a campaign's messages, the newest first."""
    return list(
        session.scalars(
            sa.select(Message)
            .where(Message.campaign_id == campaign_id)
            .options(joinedload(Message.reward))
            .order_by(Message.id.desc())
        )
    )
