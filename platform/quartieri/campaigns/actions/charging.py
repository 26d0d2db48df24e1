"""Charging: what a provider's answer does to a pledge and to the books.

Every function may be called twice, late or out of order: it changes something once. What it is
about, a pledge and its campaign, is locked by the caller.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM, Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import books, disputing
from quartieri.campaigns.actions.costs import hand_fee_over, settle_costs
from quartieri.campaigns.actions.extending import has_lapsed
from quartieri.campaigns.actions.refunding import begin_refund
from quartieri.campaigns.actions.sums import forget_card, locked, move_pledge
from quartieri.campaigns.actions.timing import is_in_time
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import design_of
from quartieri.campaigns.rules import (
    CampaignState,
    PledgeState,
    charge_at,
    grace_is_over,
    next_try,
)
from quartieri.jobs.actions import enqueue, enqueue_all
from quartieri.kit.money import Money
from quartieri.payments import queries as payments
from quartieri.payments.actions import charges
from quartieri.payments.actions.charges import Plan
from quartieri.payments.rules import NoCardError, PaymentFacts

CHARGEABLE = frozenset({PledgeState.CONFIRMED, PledgeState.RETRY_DUE, PledgeState.ACTION_REQUIRED})

CHARGE = "campaigns.charge_pledge"

GIVE_WAY = timedelta(hours=12)


def plan_charge(
    session: Session, pledge_id: int, *, at: datetime, at_once: bool = False
) -> Plan | None:
    """Begin a charge and write down what the provider is to be asked; None: nothing.

    Where the backer is paying on the provider's page, that payment is given (``hosted``) and
    nothing is begun. Without a card the charge is declined.
    """
    campaign, pledge = locked(session, pledge_id)
    known = payments.facts(session, pledge.subject)
    if known.charge_id is not None and known.live and known.hosted:
        return charges.plan_of(session, known.charge_id, at=at)
    if not begin_charge(session, campaign, pledge, known, actor=SYSTEM, at=at, at_once=at_once):
        return None
    amount = Money(pledge.amount_cents)
    try:
        return charges.prepare(session, known, amount, description=campaign.title, at=at)
    except NoCardError:
        record_declined(session, campaign, pledge, code="no_card", actor=SYSTEM, at=at)
    return None


def begin_charge(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    known: PaymentFacts,
    *,
    actor: Actor,
    at: datetime,
    at_once: bool = False,
) -> bool:
    """Take a locked pledge to *charging*, before the provider is asked; tell whether to ask.

    Asked again after a crash it stays *charging* and the same provider keys are used again. After
    the grace nothing is charged any more: the backer agreed to a latest date. Outside of the hours
    of a wave it is planned for the next one, unless ``at_once``: the backer is there.
    """
    if campaign.state is not CampaignState.COLLECTING:
        return False
    if grace_is_over(campaign.grace_ends_at, at):
        return False
    if pledge.state is PledgeState.CHARGING:
        return True
    if pledge.state not in CHARGEABLE:
        return False
    if not at_once and charge_at(at, campaign.grace_ends_at) > at:
        charge_soon(session, pledge, "wave", run_at=at)
        return False
    pledge.charge_mark = mark_of(known)
    pledge.attempts += 1
    pledge.tried_at, pledge.retry_at = at, None
    move_pledge(session, campaign, pledge, "charge", actor=actor, at=at, attempt=pledge.attempts)
    return True


def mark_of(known: PaymentFacts) -> str:
    """Sum up how far the charging of a pledge was: a later try gives another mark."""
    return f"{known.charge_id}:{known.attempts}:{known.charge}"


def charge_soon(
    session: Session, pledge: Pledge, token: str, *, run_at: datetime, at_once: bool = False
) -> None:
    """Plan a try; the same token is planned once while it waits.

    A new try waits for a wave unless ``at_once``; one that was begun is gone on with.
    """
    if not at_once and pledge.state is not PledgeState.CHARGING:
        run_at = charge_at(run_at, pledge.campaign.grace_ends_at)
    args, key = _job(pledge.id, token, at_once=at_once)
    enqueue(session, CHARGE, args, run_at=run_at, key=key)


def charge_first(
    session: Session, campaign: Campaign, pledge_ids: Sequence[int], *, run_at: datetime
) -> None:
    """Plan the first try of many pledges of a campaign, in one statement."""
    enqueue_all(
        session,
        CHARGE,
        [_job(pledge_id, "1") for pledge_id in pledge_ids],
        run_at=charge_at(run_at, campaign.grace_ends_at),
    )


def _job(pledge_id: int, token: str, *, at_once: bool = False) -> tuple[dict[str, Any], str]:
    return {"pledge_id": pledge_id, "at_once": at_once}, f"{CHARGE}:{pledge_id}:{token}"


def later(campaign: Campaign, *, at: datetime) -> datetime | None:
    """Say when a try that had to give way is made: in half a day, within the grace."""
    planned = at + GIVE_WAY
    return None if grace_is_over(campaign.grace_ends_at, planned) else planned


def record_known_paid(
    session: Session, pledge: Pledge, known: PaymentFacts, *, at: datetime
) -> None:
    """Record a payment as it is known at the provider, whole or in part."""
    received, fee = known.received_cents, known.fee_cents
    record_paid(session, pledge, received_cents=received, fee_cents=fee, actor=SYSTEM, at=at)


def record_paid(
    session: Session,
    pledge: Pledge,
    *,
    fee_cents: int | None,
    received_cents: int | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Record that the provider has the money: once, whatever is told twice or late.

    After the decision a late success still counts for what it is: owed to the proposer of a
    succeeded campaign, given back by a failed one. If the provider took less than was pledged
    (``received_cents``), the pledge counts for that. It and its campaign are locked by the caller.
    """
    campaign = pledge.campaign
    if pledge.paid_at is not None:
        record_fee(session, campaign, pledge, fee_cents, at=at)
        return
    chosen = pledge.reward
    pledge.paid_at, pledge.retry_at = at, None
    move_pledge(session, campaign, pledge, "pay", actor=actor, at=at)
    if pledge.charged_now:
        pledge.confirmed_at = given_at(session, pledge, at=at)
    forget_card(session, pledge, at=at)
    if received_cents is not None:
        disputing.note_part(session, campaign, pledge, received_cents, at=at)
    books.charged(session, pledge, at=at)
    if has_lapsed(session, campaign, pledge):
        begin_refund(session, campaign, pledge, reason="end was moved", actor=actor, at=at)
        letters.lapsed(session, campaign, pledge, at=at)
    elif books.decided_for(campaign):
        key = f"pledge:{pledge.id}:owed"
        books.owed(session, campaign, pledge.amount_cents, key=key, at=at)
        pledge.told_at = at
        letters.succeeded(session, campaign, pledge, at=at)
    elif books.decided_against(campaign):
        begin_refund(session, campaign, pledge, reason="campaign failed", actor=actor, at=at)
    elif pledge.charged_now and not is_in_time(campaign, pledge, pledge.confirmed_at or at):
        begin_refund(session, campaign, pledge, reason="paid too late", actor=actor, at=at)
        letters.too_late(session, campaign, pledge, at=at)
    if chosen is not None and pledge.reward_id is None and pledge.state is PledgeState.PAID:
        letters.reward_gone(session, campaign, pledge, chosen, at=at)
    record_fee(session, campaign, pledge, fee_cents, at=at)


def given_at(session: Session, pledge: Pledge, *, at: datetime) -> datetime:
    """Give when the payer was through, by the provider's own message; ``at`` where none came."""
    told = payments.given_at_of(session, pledge.subject)
    return min(told, at) if told is not None else at


def record_fee(
    session: Session, campaign: Campaign, pledge: Pledge, fee_cents: int | None, *, at: datetime
) -> None:
    """Note the provider's fee, and let it be covered by who bears it."""
    if fee_cents is not None:
        books.fee_kept(session, pledge, fee_cents, at=at)
        pledge.fee_cents = fee_cents
    if pledge.state is PledgeState.REFUNDED:
        hand_fee_over(session, campaign, pledge, at=at)
    settle_costs(session, campaign, at=at)


def record_processing(
    session: Session, campaign: Campaign, pledge: Pledge, *, actor: Actor, at: datetime
) -> None:
    """Note that the bank takes its time."""
    begun = PledgeState.CREATED if pledge.charged_now else PledgeState.CHARGING
    if pledge.state is begun:
        move_pledge(session, campaign, pledge, "process", actor=actor, at=at)


def record_action_required(
    session: Session, campaign: Campaign, pledge: Pledge, *, actor: Actor, at: datetime
) -> None:
    """Note that the bank asks for the payer, who gets a letter with a link."""
    if pledge.state not in {PledgeState.CHARGING, PledgeState.PROCESSING}:
        return
    move_pledge(session, campaign, pledge, "ask_action", actor=actor, at=at)
    if campaign.state is CampaignState.COLLECTING:
        letters.action_required(session, campaign, pledge, at=at)
    else:
        drop(session, campaign, pledge, actor=actor, at=at)


def record_declined(
    session: Session, campaign: Campaign, pledge: Pledge, *, code: str, actor: Actor, at: datetime
) -> None:
    """Note a refused charge and plan the next try, within the grace."""
    if pledge.state not in {PledgeState.CHARGING, PledgeState.PROCESSING}:
        return
    move_pledge(session, campaign, pledge, "decline", actor=actor, at=at, reason=code)
    if campaign.state is not CampaignState.COLLECTING:
        drop(session, campaign, pledge, actor=actor, at=at)
        return
    calendar = design_of(campaign).retry_days
    pledge.retry_at = next_try(pledge.attempts, at, campaign.grace_ends_at, calendar)
    if not grace_is_over(campaign.grace_ends_at, at):
        letters.declined(session, campaign, pledge, code=code, at=at)
    if pledge.retry_at is not None:
        charge_soon(session, pledge, str(pledge.attempts + 1), run_at=pledge.retry_at)


def drop(
    session: Session, campaign: Campaign, pledge: Pledge, *, actor: Actor, at: datetime
) -> None:
    """Give a pledge up at the end of the grace; both are locked by the caller."""
    pledge.retry_at = None
    if pledge.charged_now:
        move_pledge(session, campaign, pledge, "expire", actor=actor, at=at)
        return
    move_pledge(session, campaign, pledge, "drop", actor=actor, at=at)
    letters.dropped(session, campaign, pledge, at=at)
