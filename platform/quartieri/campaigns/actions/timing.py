"""Whether a pledge came in time, as far as the provider's messages say."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import terms_of
from quartieri.campaigns.rules import confirmed_in_time
from quartieri.jobs.actions import enqueue


def is_overdue(campaign: Campaign, pledge: Pledge, *, at: datetime) -> bool:
    """Tell whether a started pledge has used up the call's minutes."""
    return at > pledge.started_at + terms_of(campaign).confirm


def is_in_time(campaign: Campaign, pledge: Pledge, confirmed_at: datetime) -> bool:
    """Tell whether a pledge confirmed at an instant counts; a top-up's deadline is the grace's."""
    if campaign.ends_at is None or campaign.grace_ends_at is None:
        return False
    tops_up = pledge.started_at > campaign.ends_at
    return confirmed_in_time(
        started_at=pledge.started_at,
        confirmed_at=confirmed_at,
        ends_at=campaign.grace_ends_at if tops_up else campaign.ends_at,
        confirm=terms_of(campaign).confirm,
    )


def hear_first(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Have the provider asked for messages that never came: only they say when a payer was through.

    For a pledge that would be too late by when this was read.
    """
    enqueue(
        session,
        "campaigns.hear_pledge",
        {"pledge_id": pledge.id},
        run_at=at,
        key=f"campaigns.hear_pledge:{pledge.id}",
    )
