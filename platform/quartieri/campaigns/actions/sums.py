"""Moving a pledge, with the sums that stand beside it: the one way to change a pledge's state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer
from sqlalchemy.orm.util import identity_key

from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import match
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.queries.gift import WITH_DESIGN
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
from quartieri.db import connection_to_write, lock, table_of
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import ConflictError, NotFoundError
from quartieri.kit.labels import lazy


def lock_campaign(session: Session, campaign_id: int) -> Campaign:
    """Give a campaign under its lock, after that of its grant, which a match may let grow."""
    return _lock_campaign(session, _BY_ID, campaign_id)


def _lock_campaign(session: Session, by: Locks, key: int) -> Campaign:
    growing, locking = by
    session.flush()  # what is pending is not lost to what is read anew
    for grant_id in session.connection().scalars(growing, {"key": key}):
        grant = session.identity_map.get(identity_key(Grant, grant_id))
        if grant is not None:
            session.expire(grant)
    campaign: Campaign | None = session.scalars(locking, {"key": key}).first()
    if campaign is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return campaign


_GRANT, _OWN = table_of(Grant), table_of(Campaign)
_GROWING = (
    sa.select(_GRANT.c.id)
    .join(_OWN, _OWN.c.proposal_id == _GRANT.c.proposal_id)
    .where(_GRANT.c.state == GrantState.RESERVED)
    .with_for_update(of=_GRANT)
)
"""Its lock alone: few of those who take it look at the grant, and they read it after that."""
_CAMPAIGN = (
    sa.select(Campaign)
    .options(
        defer(Campaign.story),
        defer(Campaign.story_html),
        WITH_DESIGN,
    )
    .with_for_update(of=Campaign)
    .execution_options(populate_existing=True)
)
Locks = tuple[sa.Select[Any], sa.Select[Any]]
"""What locks a growing grant, and then its campaign."""

_ITS_ID = sa.bindparam("key", type_=sa.Integer)
_PLEDGED_TO = sa.select(Pledge.campaign_id).where(Pledge.id == _ITS_ID).scalar_subquery()
_BY_ID, _BY_PLEDGE = (
    (_GROWING.where(_OWN.c.id == key), _CAMPAIGN.where(Campaign.id == key))
    for key in (_ITS_ID, _PLEDGED_TO)
)
"""By the campaign's own id, or by a pledge's, which never goes to another campaign."""


def locked(session: Session, pledge_id: int) -> tuple[Campaign, Pledge]:
    """Give a pledge and its campaign under their locks: campaign first (the lock order)."""
    return _lock_campaign(session, _BY_PLEDGE, pledge_id), lock(session, Pledge, pledge_id)


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


def wake_after_last(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Wake a campaign that collects, after its last charge: each of the others has one to come."""
    if session.connection().scalar(_STILL_CHARGED, {"campaign_id": campaign.id}) is None:
        wake(session, campaign, at=at)


_STILL_CHARGED = (
    sa.select(Pledge.id)
    .where(
        Pledge.campaign_id == sa.bindparam("campaign_id"),
        Pledge.state.in_([PledgeState.CHARGING, PledgeState.CONFIRMED]),
    )
    .limit(1)
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
    move(session, pledge, PLEDGE, verb, actor=actor, at=at, reason=reason, at_once=False, **facts)
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
    connection_to_write(session).execute(_GIVE_BACK, {"reward_id": reward_id})


def take_stock(session: Session, reward_id: int) -> None:
    """Take one of a reward; raise ConflictError when none is left, under any concurrency."""
    if not _took(session, reward_id):
        raise ConflictError(
            lazy("This reward has just run out. Choose another one."), field="reward"
        )


def _took(session: Session, reward_id: int) -> bool:
    done = connection_to_write(session).execute(_TAKE, {"reward_id": reward_id})
    return done.rowcount == 1


_REWARD = table_of(Reward).c
_GIVE_BACK = (
    sa.update(table_of(Reward))
    .where(_REWARD.id == sa.bindparam("reward_id"))
    .values(taken=_REWARD.taken - 1)
)
_TAKE = (
    sa.update(table_of(Reward))
    .where(_REWARD.id == sa.bindparam("reward_id"))
    .where(sa.or_(_REWARD.stock.is_(None), _REWARD.taken < _REWARD.stock))
    .values(taken=_REWARD.taken + 1)
)
"""Only while some are left: whoever waited for the row looks at it anew."""
