"""Moving a pledge, with the sums that stand beside it: the one way to change a pledge's state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.rules import (
    COLLECTED,
    HOLDS_STOCK,
    PLEDGE,
    PROMISED,
    PledgeChannel,
    PledgeState,
)
from quartieri.db import lock
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy


def locked(session: Session, pledge_id: int) -> tuple[Campaign, Pledge]:
    """Give a pledge and its campaign under their locks: campaign first (the lock order)."""
    campaign_id = session.scalar(sa.select(Pledge.campaign_id).where(Pledge.id == pledge_id))
    campaign = lock(session, Campaign, campaign_id)
    return campaign, lock(session, Pledge, pledge_id)


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
    """Move a locked pledge; its locked campaign's sums and its reward's stock follow."""
    before = pledge.state
    move(session, pledge, PLEDGE, verb, actor=actor, at=at, reason=reason, **facts)
    _follow(campaign, pledge, before, pledge.state)
    _follow_stock(session, pledge, before, pledge.state)
    session.flush()


def _follow(campaign: Campaign, pledge: Pledge, before: PledgeState, after: PledgeState) -> None:
    promised = (after in PROMISED) - (before in PROMISED)
    collected = (after in COLLECTED) - (before in COLLECTED)
    campaign.promised_cents += promised * pledge.amount_cents
    campaign.backers += promised
    campaign.collected_cents += collected * pledge.amount_cents
    if pledge.channel is PledgeChannel.OFFLINE:
        campaign.offline_cents += collected * pledge.amount_cents


def _follow_stock(
    session: Session, pledge: Pledge, before: PledgeState, after: PledgeState
) -> None:
    held = (after in HOLDS_STOCK) - (before in HOLDS_STOCK)
    if pledge.reward_id is None or held == 0:
        return
    if held > 0:
        take_stock(session, pledge.reward_id)
    else:
        session.execute(
            sa.update(Reward)
            .where(Reward.id == pledge.reward_id)
            .values(taken=Reward.taken - 1)
            .execution_options(synchronize_session=False)
        )


def take_stock(session: Session, reward_id: int) -> None:
    """Take one of a reward; raise ConflictError when none is left, under any concurrency."""
    left = sa.or_(Reward.stock.is_(None), Reward.taken < Reward.stock)
    taken = session.execute(
        sa.update(Reward)
        .where(Reward.id == reward_id, left)
        .values(taken=Reward.taken + 1)
        .returning(Reward.id)
        .execution_options(synchronize_session=False)
    ).first()
    if taken is None:
        raise ConflictError(
            lazy("This reward has just run out. Choose another one."), field="reward"
        )
