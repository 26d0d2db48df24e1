"""Letters ahead of a charge: a card that ends before it, and the charge itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.campaigns.letters import to_backer
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import recorded_until


def card_ends(
    session: Session, campaign: Campaign, pledge: Pledge, *, days: int, at: datetime
) -> None:
    """Tell a backer that the saved card ends before it would be charged."""
    to_backer(session, "card_ends", campaign, pledge, at=at, times=days)


def charge_comes(
    session: Session, campaign: Campaign, pledge: Pledge, *, charged_from: datetime, at: datetime
) -> None:
    """Tell a backer, a day ahead, of the charge that may come."""
    until = recorded_until(campaign)
    to_backer(
        session, "charge_comes", campaign, pledge, at=at, charged_from=charged_from, until=until
    )
