"""Who bears what the provider keeps, what disputes take, and what refunds cannot recover.

The call says so, cost by cost (decision record 0051). A cost stands open in an account of its own
until its bearer covers it: the authority at once, the proposer out of what it is owed. What stays
open of the proposer's costs is a claim: the treasurer sees it, and records what is paid of it.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.design import Bearer
from quartieri.campaigns.actions.books import balance, decided_against, decided_for
from quartieri.campaigns.models import Campaign, ClaimPayment, Pledge
from quartieri.campaigns.queries import design_of
from quartieri.campaigns.rules import CAMPAIGN
from quartieri.db import lock
from quartieri.files.models import StoredFile
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import rules as book
from quartieri.ledger.queries import balances
from quartieri.ledger.rules import CampaignAccount, PostingKind, Transfer


def claims(session: Session, campaign: Campaign) -> dict[CampaignAccount, int]:
    """Give what is to be claimed from the proposer, in cents by the cost's account.

    That is what it bears and nothing that is owed to it covers.
    """
    found = {
        cost: -balance(session, campaign, cost)
        for cost, bearer in _bearers(campaign)
        if bearer != Bearer.AUTHORITY
    }
    return {cost: cents for cost, cents in found.items() if cents > 0}


def record_claim_paid(
    session: Session,
    campaign: Campaign,
    *,
    amount_cents: int,
    received_on: date,
    reference: str,
    file: StoredFile | None,
    note: str = "",
    actor: Actor,
    at: datetime,
) -> ClaimPayment:
    """Record that the proposer paid a claim, whole or in part; costs are covered in their order.

    What it owes is reckoned first against what is owed to it. Raises InvalidError for more than is
    claimed, a day to come, a reference that is recorded already, or no evidence.
    """
    campaign = lock(session, Campaign, campaign.id)
    settle_costs(session, campaign, at=at)
    open_claims = claims(session, campaign)
    claimed = sum(open_claims.values())
    if not claimed:
        raise IllegalMoveError(lazy("Nothing is to be claimed from the proposer."))
    if not 0 < amount_cents <= claimed:
        raise InvalidError(
            lazy("Between one cent and %(most)s can be recorded.", most=Money(claimed)),
            field="amount",
        )
    if received_on > in_rome(at).date():
        raise InvalidError(lazy("This day is still to come."), field="received_on")
    if file is None:
        raise InvalidError(lazy("Add what proves the payment as a file."), field="file")
    same = sa.select(ClaimPayment.id).where(
        ClaimPayment.campaign_id == campaign.id, ClaimPayment.reference == reference.strip()
    )
    if session.scalar(same) is not None:
        raise InvalidError(lazy("A payment with this reference is recorded."), field="reference")
    payment = ClaimPayment(
        campaign_id=campaign.id,
        amount_cents=amount_cents,
        received_on=received_on,
        reference=reference.strip(),
        file_id=file.id,
        note=note.strip(),
        recorded_by=actor.user_id,
        at=at,
    )
    session.add(payment)
    session.flush()
    left, entries = amount_cents, list[Transfer]()
    for cost, cents in open_claims.items():
        part = min(left, cents)
        if part:
            by = CampaignAccount.PROPOSER
            entries += book.bear(campaign.id, Money(part), cost=cost, by=by)
            left -= part
    ledger.post(
        session,
        key=f"claim:{payment.id}",
        kind=PostingKind.CLAIM_PAID,
        entries=entries,
        at=at,
        private={"claim": payment.id, "reference": payment.reference},
    )
    record(
        session,
        "record_claim_paid",
        CAMPAIGN.name,
        campaign.id,
        actor=actor,
        at=at,
        after={"amount": amount_cents, "claim": payment.id, "sha256": file.sha256},
    )
    return payment


def settle_costs(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Let each open cost of a locked campaign be covered by who bears it, as far as can be."""
    bearers = _bearers(campaign)
    open_costs, payable = _open(session, campaign, [cost for cost, _bearer in bearers])
    for cost, bearer in bearers:
        open_cents = open_costs[cost]
        if bearer == Bearer.AUTHORITY:
            by, kind = CampaignAccount.AUTHORITY, PostingKind.COSTS_BORNE
        else:
            by, kind = CampaignAccount.PAYABLE, PostingKind.COSTS_COVERED
            open_cents = min(open_cents, payable)
            payable -= open_cents
        if open_cents:
            moved = book.bear(campaign.id, Money(abs(open_cents)), cost=cost, by=by)
            _post(session, campaign, kind, moved if open_cents > 0 else book.reverse(moved), at=at)


def _open(
    session: Session, campaign: Campaign, costs: list[CampaignAccount]
) -> tuple[dict[CampaignAccount, int], int]:
    """Give what stands open of some costs, and what is owed to the proposer, in cents."""
    codes = {
        name: book.campaign_account(campaign.id, name).code
        for name in (*costs, CampaignAccount.PAYABLE)
    }
    found = balances(session, codes.values())
    return {cost: -found[codes[cost]] for cost in costs}, found[codes[CampaignAccount.PAYABLE]]


def _bearers(campaign: Campaign) -> list[tuple[CampaignAccount, str]]:
    """Say who bears the open costs; a charge's fee is nobody's while nothing is decided."""
    design = design_of(campaign)
    bearers = [
        (CampaignAccount.DISPUTES_DUE, design.disputes_borne_by),
        (CampaignAccount.LOSS, design.refunds_borne_by),
    ]
    if decided_for(campaign):
        bearers.insert(0, (CampaignAccount.FEES_DUE, design.fees_borne_by))
    elif decided_against(campaign):
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
