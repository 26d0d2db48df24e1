"""Backers who are to hear of a coming charge, and have not heard yet."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.mail.models import Letter
from quartieri.payments.models import PaymentSetup
from quartieri.payments.rules import CardStatus


def ending_campaigns(session: Session, *, now: datetime, within: timedelta) -> list[Campaign]:
    """List the campaigns under way that end within a time, the first to end first.

    A suspended one ends by the clock as well, and its cards are charged.
    """
    found = sa.select(Campaign).where(
        Campaign.state.in_([CampaignState.LIVE, CampaignState.SUSPENDED]),
        Campaign.ends_at > now,
        Campaign.ends_at <= now + within,
    )
    return list(session.scalars(found.order_by(Campaign.ends_at, Campaign.id)))


def untold(
    session: Session,
    campaign: Campaign,
    occasion: str,
    times: int = 0,
    *,
    ends_before: date | None = None,
    limit: int,
) -> list[Pledge]:
    """List the next promised pledges of a campaign that a letter was not written to yet.

    ``ends_before``: only those whose newest saved card is no longer good on that day.
    """
    number = sa.cast(Pledge.id, sa.String)
    key = sa.literal(f"pledge-{occasion}:") + number + f":{times}"
    found = (
        sa.select(Pledge)
        .where(
            Pledge.campaign_id == campaign.id,
            Pledge.state == PledgeState.CONFIRMED,
            Pledge.charged_now.is_(False),
            Pledge.email != "",
            ~sa.exists().where(Letter.key == key),
        )
        .order_by(Pledge.id)
        .limit(limit)
    )
    if ends_before is not None:
        newer = aliased(PaymentSetup)
        later = sa.exists().where(
            newer.subject == PaymentSetup.subject,
            newer.status == CardStatus.SAVED,
            newer.n > PaymentSetup.n,
        )
        found = found.where(
            sa.exists().where(
                PaymentSetup.subject == sa.literal("pledge:") + number,
                PaymentSetup.status == CardStatus.SAVED,
                PaymentSetup.forgotten_at.is_(None),
                PaymentSetup.expires_on < ends_before,
                ~later,
            )
        )
    return list(session.scalars(found).all())
