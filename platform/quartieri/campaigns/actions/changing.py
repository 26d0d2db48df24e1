"""Changing a pledge that counts and is not charged yet: amount, reward, what covers the fees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import match
from quartieri.campaigns.actions.limits import refuse_over_cap
from quartieri.campaigns.actions.pledging import refuse_moved, reward_of
from quartieri.campaigns.actions.sums import give_stock_back, locked, take_stock
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import cover_for, design_of, terms_of
from quartieri.campaigns.rules import (
    PLEDGE,
    CampaignState,
    PledgeState,
    check_amount,
    has_ended,
)
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy


@dataclass(frozen=True, slots=True)
class Change:
    """What a pledge becomes: the gift in cents, its reward, and the words agreed to.

    ``ends``: the end that the words name.
    """

    amount_cents: int
    consent: str
    reward_id: int | None = None
    cover: bool = False
    shipping_answer: str = ""
    ends: str = ""


def refuse_unchangeable(campaign: Campaign, pledge: Pledge, at: datetime) -> None:
    """Refuse to change what is charged, or comes too late; the campaign's end is inclusive."""
    if pledge.state is not PledgeState.CONFIRMED:
        raise IllegalMoveError(
            lazy("Only a pledge that counts and is not charged yet can be changed.")
        )
    ended = has_ended(campaign.ends_at, at)
    if ended or campaign.state not in {CampaignState.LIVE, CampaignState.SUSPENDED}:
        raise IllegalMoveError(
            lazy("The campaign has ended: this pledge cannot be changed any more.")
        )
    if campaign.state is CampaignState.SUSPENDED:
        raise IllegalMoveError(lazy("The campaign takes no pledges now."))


def change_pledge(
    session: Session, pledge: Pledge, change: Change, *, actor: Actor, at: datetime
) -> None:
    """Raise or lower a pledge until the deadline; ``at`` is when the request came in.

    The same limits hold as for a new one: the call's amounts, the reward's minimum and stock, the
    cap for one person. The words agreed to before stay in the audit log.
    """
    campaign, pledge = locked(session, pledge.id)
    refuse_unchangeable(campaign, pledge, at)
    refuse_moved(campaign, change.ends)
    reward = reward_of(session, campaign, change.reward_id)
    check_amount(change.amount_cents, terms_of(campaign), reward.minimum_cents if reward else None)
    refuse_over_cap(session, campaign, pledge, change.amount_cents)
    before_cents, before_words = pledge.amount_cents, pledge.consent
    if pledge.reward_id != change.reward_id:
        if reward is not None:
            take_stock(session, reward.id)
        if pledge.reward_id is not None:
            give_stock_back(session, pledge.reward_id)
        pledge.reward_id = change.reward_id
    cover_cents = cover_for(design_of(campaign), change.amount_cents, wanted=change.cover)
    amount_cents = change.amount_cents + cover_cents
    campaign.promised_cents += amount_cents - pledge.amount_cents
    pledge.amount_cents, pledge.cover_cents = amount_cents, cover_cents
    pledge.shipping_answer = change.shipping_answer.strip() if reward else ""
    pledge.consent, pledge.agreed_ends_at = change.consent, campaign.ends_at
    pledge.changes += 1
    session.flush()
    match.resize(session, campaign, pledge, before_cents=before_cents, actor=actor, at=at)
    record(
        session,
        "change_amount",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        before={"amount": before_cents, "consent": before_words},
        after={"amount": amount_cents},
    )
    letters.changed(session, campaign, pledge, at=at)
