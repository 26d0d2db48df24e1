"""Pledging: started, confirmed by a saved card, cancelled by the backer, expired."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions.sums import locked, move_pledge, take_stock
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.queries import has_scored, terms_of
from quartieri.campaigns.rules import (
    PLEDGE,
    CampaignState,
    PledgeChannel,
    PledgeState,
    check_amount,
    confirmed_in_time,
)
from quartieri.db import get, lock
from quartieri.jobs.actions import enqueue
from quartieri.kit.clock import is_late
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.rules import refuse_excluded

CODE_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class PledgeData:
    """What a backer types; the amount in cents. ``public_name`` empty: anonymous to the public."""

    amount_cents: int
    email: str
    name: str
    public_name: str = ""
    message: str = ""
    reward_id: int | None = None
    language: str = "it"
    consent: str = ""


def new_code() -> str:
    """Give a pledge's code: ten signs that are not mistaken for each other."""
    return "".join(secrets.choice(CODE_SIGNS) for _ in range(10))


def make_pledge(
    session: Session,
    campaign: Campaign,
    data: PledgeData,
    *,
    started_at: datetime,
    actor: Actor,
    at: datetime,
) -> Pledge:
    """Start a pledge; ``started_at`` is when the request entered the application.

    It holds its reward while paying and expires if the card is not saved in the call's minutes.
    Raises IllegalMoveError when the campaign is not live or has ended, InvalidError, ConflictError
    (the reward ran out), NotYoursError (who scored in this window never pledges in it).
    """
    campaign = lock(session, Campaign, campaign.id)
    refuse_closed(campaign, started_at)
    proposal = campaign.proposal
    if has_scored(session, proposal.window_id, actor.user_id):
        refuse_excluded("window", "pledge", actor.user_id, {"score": actor.user_id})
    reward = _reward(session, campaign, data.reward_id)
    terms = terms_of(campaign)
    check_amount(data.amount_cents, terms, reward.minimum_cents if reward else None)
    if reward is not None:
        take_stock(session, reward.id)
    pledge = Pledge(
        code=new_code(),
        campaign_id=campaign.id,
        reward_id=reward.id if reward else None,
        user_id=actor.user_id,
        channel=PledgeChannel.CARD,
        state=PledgeState.CREATED,
        amount_cents=data.amount_cents,
        email=data.email.strip().lower(),
        name=data.name.strip(),
        public_name=data.public_name.strip(),
        message=data.message.strip(),
        language=data.language,
        consent=data.consent,
        started_at=started_at,
    )
    session.add(pledge)
    session.flush()
    record(
        session,
        "make",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        after={"campaign": campaign.id, "amount": pledge.amount_cents},
    )
    enqueue(
        session,
        "campaigns.expire_pledge",
        {"pledge_id": pledge.id},
        run_at=started_at + terms.confirm + timedelta(seconds=1),
        key=f"campaigns.expire_pledge:{pledge.id}",
    )
    return pledge


def refuse_closed(campaign: Campaign, instant: datetime) -> None:
    """Refuse money for a campaign that is not live at ``instant``; its end is inclusive."""
    if campaign.state is CampaignState.SCHEDULED:
        raise IllegalMoveError(lazy("The campaign has not started yet."))
    if campaign.ends_at is not None and is_late(instant, campaign.ends_at):
        raise IllegalMoveError(
            lazy("The campaign has ended and is being counted: it takes no more pledges.")
        )
    if campaign.state is not CampaignState.LIVE:
        raise IllegalMoveError(lazy("The campaign takes no pledges now."))


def _reward(session: Session, campaign: Campaign, reward_id: int | None) -> Reward | None:
    if reward_id is None:
        return None
    reward = get(session, Reward, reward_id)
    if reward.campaign_id != campaign.id:
        raise InvalidError(lazy("Choose one of this campaign's rewards."), field="reward")
    return reward


def confirm_pledge(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> bool:
    """Confirm a pledge whose card the provider has saved; tell whether it counts.

    A second message changes nothing. A card saved too late does not count: the pledge expires and
    the card is given up.
    """
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is not PledgeState.CREATED:
        return pledge.state is PledgeState.CONFIRMED
    if campaign.ends_at is None:
        return False
    open_states = {CampaignState.LIVE, CampaignState.SUSPENDED, CampaignState.ENDED}
    in_time = campaign.state in open_states and confirmed_in_time(
        started_at=pledge.started_at,
        confirmed_at=at,
        ends_at=campaign.ends_at,
        confirm=terms_of(campaign).confirm,
    )
    if not in_time:
        move_pledge(session, campaign, pledge, "expire", actor=actor, at=at, reason="too late")
        letters.too_late(session, campaign, pledge, at=at)
        return False
    pledge.confirmed_at = at
    move_pledge(session, campaign, pledge, "confirm", actor=actor, at=at)
    letters.confirmed(session, campaign, pledge, at=at)
    return True


def refuse_pledge(
    session: Session, pledge_id: int, *, code: str, actor: Actor, at: datetime
) -> None:
    """Note that the provider refused to save the card; the reward goes back."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is PledgeState.CREATED:
        move_pledge(session, campaign, pledge, "refuse", actor=actor, at=at, reason=code)


def expire_pledge(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> None:
    """End a pledge that was not finished within the call's minutes."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is PledgeState.CREATED and at > pledge.started_at + terms_of(campaign).confirm:
        move_pledge(session, campaign, pledge, "expire", actor=actor, at=at)


def cancel_pledge(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Cancel by the backer, until the deadline; nothing was charged."""
    campaign, pledge = locked(session, pledge.id)
    if campaign.ends_at is not None and is_late(at, campaign.ends_at):
        raise IllegalMoveError(
            lazy("The campaign has ended: this pledge cannot be cancelled any more.")
        )
    move_pledge(session, campaign, pledge, "cancel", actor=actor, at=at)
    letters.cancelled(session, campaign, pledge, at=at)
