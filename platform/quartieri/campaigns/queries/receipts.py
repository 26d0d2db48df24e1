"""Reading receipts: of one pledge, and of one campaign for officials."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Pledge, Receipt


def receipts_of(session: Session, pledge_id: int) -> list[Receipt]:
    """List the papers of a pledge, the oldest first."""
    found = sa.select(Receipt).where(Receipt.pledge_id == pledge_id)
    return list(session.scalars(found.order_by(Receipt.id)))


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
