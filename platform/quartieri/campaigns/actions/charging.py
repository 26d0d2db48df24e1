"""Charging and giving back: what a provider's answer does to a pledge and to the books."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions.sums import locked, move_pledge
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import (
    DECIDED_AGAINST,
    DECIDED_FOR,
    CampaignState,
    PledgeChannel,
    PledgeState,
    retry_after,
)
from quartieri.jobs.actions import enqueue
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import rules as book

STUCK_DAYS = 14


def begin_charge(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> bool:
    """Take a pledge to *charging*, before the provider is asked; tell whether to ask.

    Asked again after a crash it stays *charging* and the same provider keys are used again.
    """
    campaign, pledge = locked(session, pledge_id)
    if campaign.state is not CampaignState.COLLECTING:
        return False
    if pledge.state is PledgeState.CHARGING:
        return True
    if pledge.state not in {
        PledgeState.CONFIRMED,
        PledgeState.RETRY_DUE,
        PledgeState.ACTION_REQUIRED,
    }:
        return False
    pledge.attempts += 1
    pledge.retry_at = None
    move_pledge(session, campaign, pledge, "charge", actor=actor, at=at, attempt=pledge.attempts)
    return True


def record_paid(
    session: Session, pledge_id: int, *, fee_cents: int | None, actor: Actor, at: datetime
) -> None:
    """Record that the provider has the money: once, whatever is told twice or late.

    After the decision a late success still counts for what it is: owed to the proposer of a
    succeeded campaign, given back by a failed one.
    """
    campaign, pledge = locked(session, pledge_id)
    if pledge.paid_at is not None:
        return
    pledge.paid_at = at
    move_pledge(session, campaign, pledge, "pay", actor=actor, at=at)
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:charge",
        kind=book.PostingKind.CHARGED,
        entries=book.charge(
            campaign.id, Money(pledge.amount_cents), Money(fee_cents) if fee_cents else None
        ),
        at=at,
        private={"pledge": pledge.id, "fee": fee_cents},
    )
    letters.receipt(session, campaign, pledge, at=at)
    settled_for = campaign.state is CampaignState.SETTLED and campaign.succeeded
    if campaign.state in DECIDED_FOR or settled_for:
        ledger.post(
            session,
            key=f"pledge:{pledge.id}:owed",
            kind=book.PostingKind.OWED,
            entries=book.owe(campaign.id, Money(pledge.amount_cents)),
            at=at,
            private={"pledge": pledge.id},
        )
    elif campaign.state in DECIDED_AGAINST or campaign.state is CampaignState.SETTLED:
        begin_refund(session, campaign, pledge, reason="campaign failed", actor=actor, at=at)


def record_processing(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> None:
    """Note that the bank takes its time."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is PledgeState.CHARGING:
        move_pledge(session, campaign, pledge, "process", actor=actor, at=at)


def record_action_required(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> None:
    """Note that the bank asks for the payer, who gets a letter with a link."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state in {PledgeState.CHARGING, PledgeState.PROCESSING}:
        move_pledge(session, campaign, pledge, "ask_action", actor=actor, at=at)
        letters.action_required(session, campaign, pledge, at=at)


def record_declined(
    session: Session, pledge_id: int, *, code: str, actor: Actor, at: datetime
) -> None:
    """Note a refused charge and plan the next try, within the grace."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state not in {PledgeState.CHARGING, PledgeState.PROCESSING}:
        return
    move_pledge(session, campaign, pledge, "decline", actor=actor, at=at, reason=code)
    pledge.retry_at = at + retry_after(pledge.attempts)
    letters.declined(session, campaign, pledge, at=at)
    enqueue(
        session,
        "campaigns.charge_pledge",
        {"pledge_id": pledge.id},
        run_at=pledge.retry_at,
        key=f"campaigns.charge_pledge:{pledge.id}:{pledge.attempts + 1}",
    )


def drop(
    session: Session, campaign: Campaign, pledge: Pledge, *, actor: Actor, at: datetime
) -> None:
    """Give a pledge up at the end of the grace; both are locked by the caller."""
    move_pledge(session, campaign, pledge, "drop", actor=actor, at=at)
    letters.dropped(session, campaign, pledge, at=at)


def begin_refund(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Plan to give a paid pledge back; both are locked by the caller.

    Card money goes back by the provider (a job); offline money by who holds it, confirmed by hand.
    """
    if pledge.state is not PledgeState.PAID:
        return
    move_pledge(session, campaign, pledge, "refund", actor=actor, at=at, reason=reason)
    pledge.refund_due_at = at + timedelta(days=STUCK_DAYS)
    if pledge.channel is PledgeChannel.CARD:
        enqueue(
            session,
            "campaigns.refund_pledge",
            {"pledge_id": pledge.id},
            run_at=at,
            key=f"campaigns.refund_pledge:{pledge.id}",
        )


def record_refunded(session: Session, pledge_id: int, *, actor: Actor, at: datetime) -> None:
    """Record that the backer has the money back: once, never more than was paid."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state not in {PledgeState.REFUND_PENDING, PledgeState.REFUND_STUCK}:
        return
    move_pledge(session, campaign, pledge, "settle_refund", actor=actor, at=at)
    offline = pledge.channel is PledgeChannel.OFFLINE
    out_of = book.CampaignAccount.HELD if offline else book.CampaignAccount.COLLECTED
    left = pledge.amount_cents - pledge.refunded_cents
    pledge.refunded_cents = pledge.amount_cents
    pledge.refund_due_at = None
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:refund",
        kind=book.PostingKind.REFUNDED,
        entries=book.refund(campaign.id, Money(left), out_of=out_of),
        at=at,
        private={"pledge": pledge.id},
    )
    letters.refunded(session, campaign, pledge, at=at)


def record_refund_stuck(
    session: Session, pledge_id: int, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Put a refund that does not arrive on the list of stuck ones, with a due date."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state is PledgeState.REFUND_PENDING:
        move_pledge(session, campaign, pledge, "stick", actor=actor, at=at, reason=reason)
        pledge.refund_due_at = at + timedelta(days=STUCK_DAYS)
