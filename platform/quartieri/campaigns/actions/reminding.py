"""Telling backers of a coming charge: a day ahead, and of cards that end before it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.campaigns import reminder_letters
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.reminding import untold
from quartieri.campaigns.rules import next_wave
from quartieri.db import get
from quartieri.kit.clock import in_rome

CARD_DAYS = (14, 3)
"""Days before the end at which a card that ends before the charge is told of."""

CHARGE_AHEAD = timedelta(days=1)
LETTERS = 50
"""Letters in one unit of work: the writer's lock on SQLite is short."""


def remind(session: Session, campaign_id: int, *, at: datetime) -> bool:
    """Write the next letters of a campaign that ends soon; tell whether there may be more.

    Each backer hears once of each occasion: what was written is seen by the letters' keys.
    """
    campaign = get(session, Campaign, campaign_id)
    if campaign.ends_at is None or campaign.ends_at <= at:
        return False
    left = campaign.ends_at - at
    charged_from = next_wave(campaign.ends_at)
    written = 0
    days = min((one for one in CARD_DAYS if left <= timedelta(days=one)), default=None)
    if days is not None:
        day = in_rome(charged_from).date()
        ending = untold(session, campaign, "card_ends", days, ends_before=day, limit=LETTERS)
        for pledge in ending:
            reminder_letters.card_ends(session, campaign, pledge, days=days, at=at)
        written += len(ending)
    if left <= CHARGE_AHEAD:
        some = untold(session, campaign, "charge_comes", limit=LETTERS)
        for pledge in some:
            reminder_letters.charge_comes(
                session, campaign, pledge, charged_from=charged_from, at=at
            )
        written += len(some)
    return bool(written)
