"""Paying crowd money out to the proposer, less the provider's fees; then the campaign settles."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.campaigns.actions import books
from quartieri.campaigns.actions.costs import settle_costs
from quartieri.campaigns.models import Campaign, Payout, Pledge
from quartieri.campaigns.rules import CAMPAIGN, UNDECIDED, CampaignState, PledgeState
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger.rules import CampaignAccount

OPEN_ENDS = UNDECIDED | {
    PledgeState.REFUND_PENDING,
    PledgeState.REFUND_STUCK,
    PledgeState.DISPUTED,
}


def record_payout(
    session: Session,
    campaign: Campaign,
    *,
    amount_cents: int,
    reference: str,
    actor: Actor,
    at: datetime,
) -> Payout:
    """Record that crowd money was paid to the proposer, with the bank's reference.

    Raises IllegalMoveError while nothing is owed, InvalidError for more than is owed (in cents,
    after the fees and what refunds will take). The same reference for the same campaign twice is
    refused.
    """
    campaign = lock(session, Campaign, campaign.id)
    if not books.decided_for(campaign):
        raise IllegalMoveError(
            lazy("Nothing is owed to the proposer: the campaign has no success.")
        )
    if campaign.state is CampaignState.SUCCEEDED:
        raise IllegalMoveError(lazy("The backers are being told: try again in a minute."))
    if not reference.strip():
        raise InvalidError(lazy("Write the bank's reference."), field="reference")
    known = session.scalar(
        sa.select(Payout.id).where(
            Payout.campaign_id == campaign.id, Payout.reference == reference.strip()
        )
    )
    if known is not None:
        raise InvalidError(lazy("This payout is recorded already."), field="reference")
    settle_costs(session, campaign, at=at)
    payable = books.payable(session, campaign)
    if amount_cents <= 0:
        raise InvalidError(lazy("The amount must be more than zero."), field="amount")
    if amount_cents > payable:
        raise InvalidError(
            lazy("%(amount)s are owed: no more than that can be paid.", amount=Money(payable)),
            field="amount",
        )
    payout = Payout(
        campaign_id=campaign.id,
        amount_cents=amount_cents,
        reference=reference.strip(),
        recorded_by=actor.user_id,
        at=at,
    )
    session.add(payout)
    session.flush()
    books.paid_out(session, payout, at=at)
    record(
        session,
        "record_payout",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        after={"amount": amount_cents, "payout": payout.id},
    )
    settle_if_paid_out(session, campaign, actor=actor, at=at)
    return payout


def settle_if_paid_out(session: Session, campaign: Campaign, *, actor: Actor, at: datetime) -> None:
    """Settle a succeeded campaign when nothing is owed and no charge or refund is open."""
    if campaign.state is not CampaignState.PAYING_OUT:
        return
    if books.balance(session, campaign, CampaignAccount.PAYABLE):
        return
    open_ends = sa.select(Pledge.id).where(
        Pledge.campaign_id == campaign.id, Pledge.state.in_(OPEN_ENDS)
    )
    if session.scalar(open_ends.limit(1)) is None:
        move(session, campaign, CAMPAIGN, "settle", actor=actor, at=at)
