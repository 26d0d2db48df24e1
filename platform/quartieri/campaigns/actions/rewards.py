"""Rewards: written with the page; once it is online only their number changes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns.actions.parts import refuse_unless_editable
from quartieri.campaigns.models import Campaign, Reward
from quartieri.campaigns.queries.parts import image_of, reward_data_of
from quartieri.campaigns.rules import CAMPAIGN, SHOWN, RewardData, mark_of
from quartieri.db import lock
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy

MOST_REWARDS = 30


def save_reward(
    session: Session,
    campaign: Campaign,
    data: RewardData,
    *,
    reward: Reward | None = None,
    seen: str | None = None,
    actor: Actor,
    at: datetime,
) -> Reward:
    """Add a reward or change one; they stand in the order of their price.

    ``seen`` is the mark of the reward as it was when its form was opened (ConflictError).
    """
    campaign = lock(session, Campaign, campaign.id)
    refuse_unless_editable(campaign)
    if reward is None:
        if len(campaign.rewards) >= MOST_REWARDS:
            raise InvalidError(lazy("A page has at most %(most)s rewards.", most=MOST_REWARDS))
        reward = Reward(taken=0)
        campaign.rewards.append(reward)
    else:
        reward = lock(session, Reward, reward.id)
        if seen is not None and mark_of(reward_data_of(reward)) != seen:
            raise ConflictError(
                lazy(
                    "This page was saved in another window meanwhile. Your words are kept below,"
                    " beside the saved ones: save again to keep yours."
                )
            )
    if data.image_id is not None and image_of(session, campaign.id, data.image_id) is None:
        raise InvalidError(lazy("The page has no such picture."), field="image")
    _check_stock(reward, data.stock)
    reward.title, reward.text = data.title.strip(), data.text.strip()
    reward.minimum_cents, reward.stock = data.minimum_cents, data.stock
    reward.image_id, reward.delivery = data.image_id, data.delivery
    reward.shipping_question = data.shipping_question.strip()
    _put_in_order(campaign)
    campaign.version += 1
    session.flush()
    after = {"reward": reward.id, "minimum": reward.minimum_cents, "stock": reward.stock}
    record(session, "save_reward", CAMPAIGN.name, campaign.id, actor=actor, at=at, after=after)
    return reward


def _check_stock(reward: Reward, stock: int | None) -> None:
    if stock is not None and stock < max(reward.taken, 1):
        raise InvalidError(
            lazy("%(taken)s are taken already: there cannot be fewer.", taken=reward.taken)
            if reward.taken
            else lazy("There must be at least one; leave it empty for no limit."),
            field="stock",
        )


def _put_in_order(campaign: Campaign) -> None:
    ordered = sorted(campaign.rewards, key=lambda one: (one.minimum_cents, one.id or 0))
    for number, one in enumerate(ordered, start=1):
        one.position = number


def remove_reward(
    session: Session, campaign: Campaign, reward: Reward, *, actor: Actor, at: datetime
) -> None:
    """Take a reward off the page before it is online; never one that somebody chose."""
    campaign = lock(session, Campaign, campaign.id)
    refuse_unless_editable(campaign)
    if reward.taken:
        raise IllegalMoveError(lazy("Somebody chose this reward: it stays."))
    before = {"reward": reward.id, "title": reward.title}
    campaign.rewards.remove(reward)
    _put_in_order(campaign)
    campaign.version += 1
    session.flush()
    record(session, "remove_reward", CAMPAIGN.name, campaign.id, actor=actor, at=at, before=before)


def set_stock(
    session: Session, reward: Reward, stock: int | None, *, actor: Actor, at: datetime
) -> None:
    """Say how many of a reward there are while the page is online; never fewer than are taken."""
    campaign = lock(session, Campaign, reward.campaign_id)
    if campaign.state not in SHOWN:
        raise IllegalMoveError(lazy("The page is not online."))
    reward = lock(session, Reward, reward.id)
    _check_stock(reward, stock)
    before = {"reward": reward.id, "stock": reward.stock}
    reward.stock = stock
    session.flush()
    after = {"stock": stock}
    record(
        session,
        "set_stock",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        before=before,
        after=after,
    )
