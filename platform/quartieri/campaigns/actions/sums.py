"""Moving a pledge, with the sums that stand beside it: the one way to change a pledge's state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import match
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.rules import (
    CAMPAIGN,
    COLLECTED,
    NEVER_CHARGED,
    PLEDGE,
    PledgeChannel,
    PledgeState,
    holds_stock,
    is_promised,
)
from quartieri.db import get, lock
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy


def lock_campaign(session: Session, campaign_id: int) -> Campaign:
    """Give a campaign under its lock, after that of its grant, which a match may let grow."""
    session.scalars(
        sa.select(Grant)
        .join(Campaign, Campaign.proposal_id == Grant.proposal_id)
        .where(Campaign.id == campaign_id, Grant.state == GrantState.RESERVED)
        .with_for_update(of=Grant)
        .execution_options(populate_existing=True)
    ).all()
    return lock(session, Campaign, campaign_id)


def locked(session: Session, pledge_id: int) -> tuple[Campaign, Pledge]:
    """Give a pledge and its campaign under their locks: campaign first (the lock order)."""
    campaign = lock_campaign(session, get(session, Pledge, pledge_id).campaign_id)
    return campaign, lock(session, Pledge, pledge_id)


def go_live(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Open a locked campaign whose start has come: by the worker, or by its first backer."""
    move(session, campaign, CAMPAIGN, "go_live", actor=SYSTEM, at=at)
    letters.live(session, campaign, at=at)


def wake(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Let the campaign look at once whether it can go on, and not only at the next tick."""
    enqueue(
        session,
        "campaigns.advance",
        {"campaign_id": campaign.id},
        run_at=at,
        key=f"campaigns.advance:{campaign.id}",
    )


def move_pledge(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    **facts: Any,
) -> None:
    """Move a locked pledge; its locked campaign's sums, its reward's stock, its match follow.

    A pledge that ends without a charge has its saved card forgotten, by a job.
    """
    before = pledge.state
    facts["pledge"] = pledge
    move(session, pledge, PLEDGE, verb, actor=actor, at=at, reason=reason, **facts)
    _follow(campaign, pledge, before, pledge.state)
    _follow_stock(session, pledge, before, pledge.state)
    session.flush()
    match.follow(session, campaign, pledge, before, actor=actor, at=at)
    if pledge.state in NEVER_CHARGED:
        forget_card(session, pledge, at=at)


def forget_card(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Plan to close the provider's pages of a pledge and to detach its saved card."""
    enqueue(
        session,
        "campaigns.forget_card",
        {"pledge_id": pledge.id},
        run_at=at,
        key=f"campaigns.forget_card:{pledge.id}",
    )


def _follow(campaign: Campaign, pledge: Pledge, before: PledgeState, after: PledgeState) -> None:
    now = pledge.charged_now
    promised = is_promised(after, charged_now=now) - is_promised(before, charged_now=now)
    collected = (after in COLLECTED) - (before in COLLECTED)
    here = pledge.kept_cents
    campaign.promised_cents += promised * here
    campaign.backers += promised
    campaign.collected_cents += collected * here
    if pledge.channel is PledgeChannel.OFFLINE:
        campaign.offline_cents += collected * here


def follow_kept(campaign: Campaign, pledge: Pledge, before_cents: int) -> None:
    """Let the campaign's sums follow what is here of a paid pledge, which was ``before_cents``."""
    if pledge.state not in COLLECTED:
        return
    change = pledge.kept_cents - before_cents
    campaign.promised_cents += change
    campaign.collected_cents += change
    if pledge.channel is PledgeChannel.OFFLINE:
        campaign.offline_cents += change


def _follow_stock(
    session: Session, pledge: Pledge, before: PledgeState, after: PledgeState
) -> None:
    before_it = pledge.disputed_from
    held = holds_stock(after, before_it) - holds_stock(before, before_it)
    if pledge.reward_id is None or held == 0:
        return
    if held < 0:
        give_stock_back(session, pledge.reward_id)
    elif not _took(session, pledge.reward_id):
        # a late success: the money came, the reward went to somebody else meanwhile
        pledge.reward_id = None


def give_stock_back(session: Session, reward_id: int) -> None:
    """Give one of a reward back."""
    session.execute(
        sa.update(Reward)
        .where(Reward.id == reward_id)
        .values(taken=Reward.taken - 1)
        .execution_options(synchronize_session=False)
    )


def take_stock(session: Session, reward_id: int) -> None:
    """Take one of a reward; raise ConflictError when none is left, under any concurrency."""
    if not _took(session, reward_id):
        raise ConflictError(
            lazy("This reward has just run out. Choose another one."), field="reward"
        )


def _took(session: Session, reward_id: int) -> bool:
    left = sa.or_(Reward.stock.is_(None), Reward.taken < Reward.stock)
    taken = session.execute(
        sa.update(Reward)
        .where(Reward.id == reward_id, left)
        .values(taken=Reward.taken + 1)
        .returning(Reward.id)
        .execution_options(synchronize_session=False)
    ).first()
    return taken is not None
