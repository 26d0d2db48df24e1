"""What happens to crowd money, written to the ledger; every posting has a key of its own.

Who bears what it costs is in ``costs``, what disputes do to it in ``dispute_books``.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign, Payout, Pledge
from quartieri.campaigns.queries import certified
from quartieri.campaigns.rules import (
    DECIDED_AGAINST,
    DECIDED_FOR,
    CampaignState,
    PledgeChannel,
    PledgeState,
)
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import queries as balances
from quartieri.ledger import rules as book
from quartieri.ledger.rules import CampaignAccount, PostingKind

WAITS = (PledgeState.REFUND_PENDING, PledgeState.REFUND_STUCK)
"""In these a pledge's money is to go back, and may not have gone yet."""


def decided_for(campaign: Campaign) -> bool:
    """Tell whether what is collected is the proposer's: success was decided, for good."""
    settled = campaign.state is CampaignState.SETTLED and campaign.succeeded
    return campaign.state in DECIDED_FOR or settled


def decided_against(campaign: Campaign) -> bool:
    """Tell whether what is collected goes back: failure was decided, or the campaign stopped."""
    settled = campaign.state is CampaignState.SETTLED and not campaign.succeeded
    return campaign.state in DECIDED_AGAINST or settled


def balance(session: Session, campaign: Campaign, name: CampaignAccount) -> int:
    """Give the balance of one of a campaign's accounts, in cents."""
    return balances.balance(session, book.campaign_account(campaign.id, name).code)


def charged(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Book a charge: the gross amount is collected."""
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:charge",
        kind=PostingKind.CHARGED,
        entries=book.charge(pledge.campaign_id, Money(pledge.amount_cents)),
        at=at,
        private={"pledge": pledge.id},
    )


def fee_kept(session: Session, pledge: Pledge, fee_cents: int, *, at: datetime) -> None:
    """Note the provider's fee of a charge, once it is known; or what it changed since."""
    before = pledge.fee_cents or 0
    change = fee_cents - before
    if not change:
        return
    entries = book.note_fee(pledge.campaign_id, Money(abs(change)))
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:fee" + (f":{before}:{fee_cents}" if before else ""),
        kind=PostingKind.FEE_NOTED,
        entries=entries if change > 0 else book.reverse(entries),
        at=at,
        private={"pledge": pledge.id},
    )


def owed(session: Session, campaign: Campaign, cents: int, *, key: str, at: datetime) -> None:
    """Book collected money as the proposer's."""
    if not cents:
        return
    ledger.post(
        session,
        key=key,
        kind=PostingKind.OWED,
        entries=book.owe(campaign.id, Money(cents)),
        at=at,
    )


def paid_out(session: Session, payout: Payout, *, at: datetime) -> None:
    """Book a payout to the proposer."""
    ledger.post(
        session,
        key=f"payout:{payout.id}",
        kind=PostingKind.PAID_OUT,
        entries=book.pay_out(payout.campaign_id, Money(payout.amount_cents)),
        at=at,
        private={"payout": payout.id, "reference": payout.reference},
    )


def received_offline(
    session: Session, pledge: Pledge, *, actor_id: int | None, at: datetime
) -> None:
    """Book an offline pledge that two persons vouch for; the proposer holds the money."""
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:offline",
        kind=PostingKind.OFFLINE,
        entries=book.offline(pledge.campaign_id, Money(pledge.amount_cents)),
        at=at,
        private={"pledge": pledge.id, "actor": actor_id},
    )


def held_elsewhere(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Book what another platform certified of a campaign that succeeded: the proposer has it."""
    certificate = certified(session, campaign.id)
    if certificate is None or not certificate.raised_cents:
        return
    ledger.post(
        session,
        key=f"campaign:{campaign.id}:elsewhere",
        kind=PostingKind.OFFLINE,
        entries=book.offline(campaign.id, Money(certificate.raised_cents)),
        at=at,
        private={"certificate": certificate.id},
    )


def reversed_offline(
    session: Session, pledge: Pledge, *, actor_id: int | None, at: datetime
) -> None:
    """Book the reversal of an offline pledge."""
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:reversed",
        kind=PostingKind.REVERSED,
        entries=book.reverse(book.offline(pledge.campaign_id, Money(pledge.amount_cents))),
        at=at,
        private={"pledge": pledge.id, "actor": actor_id},
    )


def _sources(
    session: Session, campaign: Campaign, pledge: Pledge, cents: int
) -> list[tuple[CampaignAccount, int]]:
    """Say where the money of a pledge is, account by account; what is gone comes out of LOSS.

    What a bank has taken back of it is not here, whatever there is of others.
    """
    if pledge.channel is PledgeChannel.OFFLINE:
        return [(CampaignAccount.HELD, cents)]
    left = min(cents, pledge.kept_cents)
    lost, sources = cents - left, []
    names = (CampaignAccount.COLLECTED, CampaignAccount.PAYABLE)
    for name in names if decided_for(campaign) else names[:1]:
        part = min(left, balance(session, campaign, name))
        if part > 0:
            sources.append((name, part))
            left -= part
    return [*sources, (CampaignAccount.LOSS, lost + left)] if lost + left else sources


def can_return(
    session: Session, campaign: Campaign, pledge: Pledge, cents: int, *, relieved: bool
) -> bool:
    """Tell whether the money of a pledge is still here, but for the fees that the provider kept.

    ``relieved``: the fee of what goes back whole is taken off the proposer's money.
    What goes back already, booked as a loss or not booked yet, is not here for another one.
    """
    if pledge.channel is PledgeChannel.OFFLINE:
        return True
    here = sum(
        balance(session, campaign, name)
        for name in (CampaignAccount.COLLECTED, CampaignAccount.PAYABLE)
    )
    lacking = cents + going_back(session, campaign) - here
    if relieved:
        lacking -= (pledge.fee_cents or 0) + _fees_going_back(session, campaign)
    lost = lacking - balance(session, campaign, CampaignAccount.LOSS)
    return lacking <= 0 or lost <= balance(session, campaign, CampaignAccount.FEES)


def going_back(session: Session, campaign: Campaign) -> int:
    """Sum up the card money that is to go back to backers and is not booked yet, in cents."""
    session.flush()
    gone = Pledge.refunded_cents + Pledge.disputed_cents + Pledge.lost_cents
    whole = sa.case(
        (Pledge.state.in_(WAITS), Pledge.amount_cents - gone), else_=Pledge.returning_cents
    )
    found = sa.select(sa.func.sum(whole)).where(
        Pledge.campaign_id == campaign.id,
        Pledge.channel == PledgeChannel.CARD,
        Pledge.state.in_((*WAITS, PledgeState.PAID)),
    )
    return int(session.scalar(found) or 0)


def _fees_going_back(session: Session, campaign: Campaign) -> int:
    found = sa.select(sa.func.sum(Pledge.fee_cents)).where(
        Pledge.campaign_id == campaign.id,
        Pledge.channel == PledgeChannel.CARD,
        Pledge.state.in_(WAITS),
    )
    return int(session.scalar(found) or 0)


def payable(session: Session, campaign: Campaign) -> int:
    """Give what may be paid to the proposer: what is owed, less what refunds will still take."""
    spare = balance(session, campaign, CampaignAccount.COLLECTED)
    taken = max(going_back(session, campaign) - spare, 0)
    return max(balance(session, campaign, CampaignAccount.PAYABLE) - taken, 0)


def returned(
    session: Session, campaign: Campaign, pledge: Pledge, cents: int, *, at: datetime
) -> None:
    """Book money given back, under the number of the pledge's movement.

    It comes out of where it stands: held by the proposer (offline), collected, or owed to the
    proposer; what fees took or was paid out already is a loss.
    """
    sources = _sources(session, campaign, pledge, cents)
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:refund:{pledge.returns}",
        kind=PostingKind.REFUNDED,
        entries=[
            transfer
            for name, part in sources
            for transfer in book.refund(campaign.id, Money(part), out_of=name)
        ],
        at=at,
        private={"pledge": pledge.id},
    )


def bounced(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    cents: int,
    *,
    lost_cents: int = 0,
    at: datetime,
) -> None:
    """Book money given back that the backer's bank sent back: it is owed to the backer again.

    ``lost_cents`` of it the backer has from the bank already: they make good what was lost.
    """
    parts = (
        (CampaignAccount.COLLECTED, cents - lost_cents),
        (CampaignAccount.LOSS, lost_cents),
    )
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:bounced:{pledge.returns}",
        kind=PostingKind.REFUND_BOUNCED,
        entries=[
            transfer
            for name, part in parts
            if part
            for transfer in book.refund_bounced(campaign.id, Money(part), back_to=name)
        ],
        at=at,
        private={"pledge": pledge.id},
    )
