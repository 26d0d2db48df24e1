"""Who bears what the provider keeps, what disputes take, and what refunds cannot recover.

The call says so, cost by cost (decision record 0051). A cost stands open in an account of its own
until its bearer covers it: the authority at once, the proposer out of what it is owed. What stays
open of the proposer's costs is a claim that the treasurer sees.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.calls.design import Bearer
from quartieri.campaigns.actions.books import balance, decided_for
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import design_of
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import rules as book
from quartieri.ledger.rules import CampaignAccount, PostingKind, Transfer


def settle_costs(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Let each open cost of a locked campaign be covered by who bears it, as far as can be."""
    for cost, bearer in _bearers(campaign):
        open_cents = -balance(session, campaign, cost)
        if bearer == Bearer.AUTHORITY:
            by, kind = CampaignAccount.AUTHORITY, PostingKind.COSTS_BORNE
        else:
            by, kind = CampaignAccount.PAYABLE, PostingKind.COSTS_COVERED
            open_cents = min(open_cents, balance(session, campaign, by))
        if open_cents:
            moved = book.bear(campaign.id, Money(abs(open_cents)), cost=cost, by=by)
            _post(session, campaign, kind, moved if open_cents > 0 else book.reverse(moved), at=at)


def _bearers(campaign: Campaign) -> list[tuple[CampaignAccount, str]]:
    """Say who bears the open costs; a charge's fee is nobody's while nothing is decided."""
    design = design_of(campaign)
    bearers = [
        (CampaignAccount.DISPUTES_DUE, design.disputes_borne_by),
        (CampaignAccount.LOSS, design.refunds_borne_by),
    ]
    if decided_for(campaign):
        bearers.insert(0, (CampaignAccount.FEES_DUE, design.fees_borne_by))
    elif campaign.decided_at is not None:
        bearers.insert(0, (CampaignAccount.FEES_DUE, design.refunds_borne_by))
    return bearers


def hand_fee_over(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Let the fee of a gift that goes back whole, after success, pass to who bears refunds."""
    cents, design = pledge.fee_cents, design_of(campaign)
    by_city = design.fees_borne_by == Bearer.AUTHORITY
    if not cents or not decided_for(campaign):
        return
    if by_city is (design.refunds_borne_by == Bearer.AUTHORITY):
        return
    relieved = CampaignAccount.AUTHORITY if by_city else CampaignAccount.PAYABLE
    ledger.post(
        session,
        key=f"pledge:{pledge.id}:fee_of_returned",
        kind=PostingKind.COSTS_BORNE,
        entries=book.bear(campaign.id, Money(cents), cost=relieved, by=CampaignAccount.LOSS),
        at=at,
        private={"pledge": pledge.id},
    )


def relieves_proposer(campaign: Campaign) -> bool:
    """Tell whether the fee of a gift that goes back after success is taken off the proposer."""
    design = design_of(campaign)
    by_city = design.refunds_borne_by == Bearer.AUTHORITY
    return by_city and design.fees_borne_by != Bearer.AUTHORITY


def _post(
    session: Session,
    campaign: Campaign,
    kind: PostingKind,
    entries: list[Transfer],
    *,
    at: datetime,
) -> None:
    campaign.costs += 1
    ledger.post(
        session,
        key=f"campaign:{campaign.id}:costs:{campaign.costs}",
        kind=kind,
        entries=entries,
        at=at,
    )
