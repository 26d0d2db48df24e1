"""What a dispute does to the book: the money is held back, comes back, or is gone; and its fee."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.calls.design import Bearer
from quartieri.campaigns.actions.books import balance, decided_for, owed
from quartieri.campaigns.models import Campaign, PledgeCase
from quartieri.campaigns.queries import design_of
from quartieri.kit.money import Money
from quartieri.ledger import actions as ledger
from quartieri.ledger import rules as book
from quartieri.ledger.rules import CampaignAccount, PostingKind, Transfer

A = CampaignAccount


def held_back(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Book that the provider holds back what is disputed; ``part_cents`` of it is still here.

    What is not (given back already, or paid out) is a cost of the dispute.
    """
    left, found = case.part_cents, {}
    for name in (A.COLLECTED, A.PAYABLE) if decided_for(campaign) else (A.COLLECTED,):
        found[name] = max(min(left, balance(session, campaign, name)), 0)
        left -= found[name]
    case.from_collected_cents = found[A.COLLECTED]
    case.from_payable_cents = found.get(A.PAYABLE, 0)
    case.from_cost_cents = case.amount_cents - sum(found.values())
    _post(session, case, PostingKind.DISPUTED, _held(case), at=at)


def _held(case: PledgeCase) -> list[Transfer]:
    number = case.pledge.campaign_id
    parts = (
        (A.COLLECTED, case.from_collected_cents),
        (A.PAYABLE, case.from_payable_cents),
        (A.DISPUTES_DUE, case.from_cost_cents),
    )
    return [
        transfer
        for name, cents in parts
        if cents
        for transfer in book.dispute(number, Money(cents), out_of=name)
    ]


def came_back(
    session: Session, campaign: Campaign, case: PledgeCase, spare_cents: int, *, at: datetime
) -> None:
    """Book that the money is back where it was.

    ``spare_cents`` of it belong to nobody, since their backer had them already: they make good what
    that refund had lost. What was collected is the proposer's where success was decided meanwhile.
    """
    number = case.pledge.campaign_id
    spare = min(spare_cents, case.from_collected_cents + case.from_payable_cents)
    collected = max(case.from_collected_cents - spare, 0)
    payable = case.from_payable_cents - max(spare - case.from_collected_cents, 0)
    parts = (
        (A.COLLECTED, collected),
        (A.PAYABLE, payable),
        (A.LOSS, spare),
        (A.DISPUTES_DUE, case.from_cost_cents),
    )
    entries = [
        transfer
        for name, cents in parts
        if cents
        for transfer in book.dispute_won(number, Money(cents), back_to=name)
    ]
    _post(session, case, PostingKind.DISPUTE_WON, entries, at=at)
    if collected and decided_for(campaign):
        owed(session, campaign, collected, key=f"case:{case.id}:owed:{case.moves}", at=at)


def gone(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Book a dispute that was lost; an authority that bears it makes the proposer whole."""
    entries = book.charge_back(case.pledge.campaign_id, Money(case.amount_cents))
    _post(session, case, PostingKind.CHARGED_BACK, entries, at=at)
    if case.from_payable_cents and design_of(campaign).disputes_borne_by == Bearer.AUTHORITY:
        _post(session, case, PostingKind.COSTS_BORNE, _relief(case), at=at)


def not_gone(session: Session, case: PledgeCase, *, at: datetime) -> None:
    """Book that a bank took its decision back: the money is only held again."""
    entries = book.charge_back(case.pledge.campaign_id, Money(case.amount_cents))
    _post(session, case, PostingKind.DISPUTED, book.reverse(entries), at=at)


def relief_back(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Book that the proposer needs no relief any more: what was lost came back.

    Booked after that, so that what the authority gave is there even if it was paid out since.
    """
    if not case.from_payable_cents or design_of(campaign).disputes_borne_by != Bearer.AUTHORITY:
        return
    back = min(case.from_payable_cents, balance(session, campaign, A.PAYABLE))
    if back:
        relief = book.bear(campaign.id, Money(back), cost=A.PAYABLE, by=A.DISPUTES_DUE)
        _post(session, case, PostingKind.COSTS_BORNE, book.reverse(relief), at=at)


def _relief(case: PledgeCase) -> list[Transfer]:
    number, cents = case.pledge.campaign_id, Money(case.from_payable_cents)
    return book.bear(number, cents, cost=A.PAYABLE, by=A.DISPUTES_DUE)


def fee_noted(session: Session, case: PledgeCase, fee_cents: int, *, at: datetime) -> None:
    """Book what the provider asks for a dispute, or that it asks less now."""
    change = fee_cents - case.fee_cents
    if not change:
        return
    case.fee_cents = fee_cents
    entries = book.dispute_fee(case.pledge.campaign_id, Money(abs(change)))
    entries = entries if change > 0 else book.reverse(entries)
    _post(session, case, PostingKind.DISPUTE_FEE, entries, at=at)


def _post(
    session: Session,
    case: PledgeCase,
    kind: PostingKind,
    entries: list[Transfer],
    *,
    at: datetime,
) -> None:
    case.moves += 1
    session.flush()
    ledger.post(
        session,
        key=f"case:{case.id}:{case.moves}",
        kind=kind,
        entries=entries,
        at=at,
        private={"pledge": case.pledge_id, "case": case.id},
    )
