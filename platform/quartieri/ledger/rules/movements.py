"""Movements: what may be posted, and the transfers that each event of crowd money makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.money import Money
from quartieri.ledger.rules.chart import (
    Account,
    CampaignAccount,
    CustodyAccount,
    book_kind,
    campaign_account,
    custody_account,
)


class PostingKind(LabelEnum):
    """Why money moved. Stored as plain text: a new kind must not rebuild a guarded table."""

    BUDGET_SET = "budget.set", N_("Budget set by act")
    BUDGET_SPENT = "budget.spent", N_("Spent directly")
    POOL_BOUND = "pool.bound", N_("Endowment allotted to a call")
    POOL_CHANGED = "pool.changed", N_("Endowment changed by act")
    POOL_UNBOUND = "pool.unbound", N_("Endowment given back")
    POOL_PUT_BACK = "pool.put_back", N_("Recovered money made available by act")
    RESERVED = "grant.reserved", N_("Reserved for a grant")
    RELEASED = "grant.released", N_("Reservation released")
    MATCH_RESERVED = "match.reserved", N_("Reserved to match a pledge")
    MATCH_RELEASED = "match.released", N_("Match of a pledge given back")
    COMMITTED = "grant.committed", N_("Committed by grant act")
    DECOMMITTED = "grant.decommitted", N_("Commitment cancelled by act")
    DISBURSED = "grant.disbursed", N_("Paid to the beneficiary")
    RETURNED = "grant.returned", N_("Payment sent back by the bank")
    RECOVERED = "grant.recovered", N_("Recovered from the beneficiary")
    CHARGED = "crowd.charged", N_("Pledge paid")
    OFFLINE = "crowd.offline", N_("Offline pledge confirmed")
    OWED = "crowd.owed", N_("Crowd money owed to the proposer")
    FEE_NOTED = "crowd.fee", N_("Fee kept by the payment provider")
    FEES_COVERED = "crowd.fees_covered", N_("Provider's fees covered")
    """Only in books from before calls said who bears what (record 0051)."""
    PAID_OUT = "crowd.paid_out", N_("Crowd money paid to the proposer")
    REFUNDED = "crowd.refunded", N_("Pledge refunded")
    REFUND_BOUNCED = "crowd.refund_bounced", N_("Refund sent back by the bank")
    COSTS_COVERED = "crowd.costs_covered", N_("Costs covered by what is owed to the proposer")
    COSTS_BORNE = "crowd.costs_borne", N_("Costs borne by the authority")
    CLAIM_PAID = "crowd.claim_paid", N_("Costs paid back by the proposer")
    DISPUTED = "crowd.disputed", N_("Payment disputed")
    DISPUTE_FEE = "crowd.dispute_fee", N_("Fee of a dispute")
    DISPUTE_WON = "crowd.dispute_won", N_("Dispute won")
    CHARGED_BACK = "crowd.charged_back", N_("Payment charged back")
    TRANSFER_RECEIVED = "custody.received", N_("Bank transfer received")
    TRANSFER_MATCHED = "custody.matched", N_("Bank transfer matched to a campaign")
    REVERSED = "reversed", N_("Reversal of an earlier movement")


MATCHES = frozenset({PostingKind.MATCH_RESERVED, PostingKind.MATCH_RELEASED})
"""Public money that one pledge moves: its instant could lead to the person."""

CROSSING: dict[PostingKind, frozenset[str]] = {
    PostingKind.TRANSFER_MATCHED: frozenset({"custody", "crowd"}),
    PostingKind.REVERSED: frozenset({"custody", "crowd"}),
}
"""The kinds that may join two books, and the kinds of book that they may join."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A positive amount that moves from one account to another."""

    source: Account
    target: Account
    amount: Money


def is_personal(kind: str, books: Iterable[str]) -> bool:
    """Tell whether the public sees a movement's day only: crowd money, and what one pledge moves.

    Neither its instant nor its key are shown then, since both could lead to a person.
    """
    return kind in MATCHES or any(book_kind(book) != "authority" for book in books)


def check_posting(kind: PostingKind, transfers: Sequence[Transfer]) -> None:
    """Raise ValueError for a movement that the book refuses: a programming error above.

    Nothing to move, an amount that is not positive, an account to itself, two currencies, or two
    books that ``kind`` may not join; crowd money never meets an authority's book.
    """
    if not transfers:
        msg = "a transaction moves something"
        raise ValueError(msg)
    for transfer in transfers:
        source, target, amount = transfer.source, transfer.target, transfer.amount
        if amount.cents <= 0:
            msg = f"{source.code} to {target.code}: the amount must be positive"
            raise ValueError(msg)
        if source.code == target.code:
            msg = f"{source.code}: an account cannot pay itself"
            raise ValueError(msg)
        if not source.currency == target.currency == amount.currency:
            msg = f"{source.code} to {target.code}: currencies do not mix"
            raise ValueError(msg)
        if source.book == target.book:
            continue
        joined = frozenset({book_kind(source.book), book_kind(target.book)})
        if joined != CROSSING.get(kind):
            msg = f"{source.code} to {target.code}: {kind} may not join two books"
            raise ValueError(msg)


def charge(campaign_id: int, amount: Money) -> list[Transfer]:
    """Book a charged pledge: gross to *collected*; what the provider kept is noted apart.

    Success is decided on the gross, and a refund gives the gross back, so the fee never lessens
    *collected*: it stands in *fees_due* until whoever bears it covers it.
    """
    return _move(campaign_id, CampaignAccount.CLEARING, CampaignAccount.COLLECTED, amount)


def note_fee(campaign_id: int, fee: Money) -> list[Transfer]:
    """Note what the provider kept; it may become known after the charge."""
    return _move(campaign_id, CampaignAccount.FEES_DUE, CampaignAccount.FEES, fee)


def offline(campaign_id: int, amount: Money) -> list[Transfer]:
    """Book an offline pledge confirmed by a second person; the proposer holds the money."""
    return _move(campaign_id, CampaignAccount.OUTSIDE, CampaignAccount.HELD, amount)


def owe(campaign_id: int, amount: Money) -> list[Transfer]:
    """Book success: what was collected is now the proposer's."""
    return _move(campaign_id, CampaignAccount.COLLECTED, CampaignAccount.PAYABLE, amount)


def pay_out(campaign_id: int, amount: Money) -> list[Transfer]:
    """Book a payout to the proposer."""
    return _move(campaign_id, CampaignAccount.PAYABLE, CampaignAccount.PAID_OUT, amount)


def refund(
    campaign_id: int, amount: Money, *, out_of: CampaignAccount = CampaignAccount.COLLECTED
) -> list[Transfer]:
    """Book money given back, out of *collected*, *payable* or (an offline pledge) *held*."""
    return _move(campaign_id, out_of, CampaignAccount.REFUNDED, amount)


def refund_bounced(
    campaign_id: int, amount: Money, *, back_to: CampaignAccount = CampaignAccount.COLLECTED
) -> list[Transfer]:
    """Book a refund that the bank sent back: it is owed to the backer again."""
    return _move(campaign_id, CampaignAccount.REFUNDED, back_to, amount)


def dispute(
    campaign_id: int, amount: Money, *, out_of: CampaignAccount = CampaignAccount.COLLECTED
) -> list[Transfer]:
    """Book a disputed payment; what is not here any more is a cost (``out_of`` DISPUTES_DUE)."""
    return _move(campaign_id, out_of, CampaignAccount.DISPUTED, amount)


def dispute_won(
    campaign_id: int, amount: Money, *, back_to: CampaignAccount = CampaignAccount.COLLECTED
) -> list[Transfer]:
    """Book a dispute that was won: the money returns to where it was."""
    return _move(campaign_id, CampaignAccount.DISPUTED, back_to, amount)


def charge_back(campaign_id: int, amount: Money) -> list[Transfer]:
    """Book a dispute that was lost: the backer has the money back."""
    return _move(campaign_id, CampaignAccount.DISPUTED, CampaignAccount.CHARGED_BACK, amount)


def bear(
    campaign_id: int,
    amount: Money,
    *,
    cost: CampaignAccount,
    by: CampaignAccount = CampaignAccount.AUTHORITY,
) -> list[Transfer]:
    """Book who bears an open cost: the authority; the proposer out of *payable*, or by paying."""
    return _move(campaign_id, by, cost, amount)


def dispute_fee(campaign_id: int, amount: Money) -> list[Transfer]:
    """Note what the provider asks for a dispute."""
    return _move(campaign_id, CampaignAccount.DISPUTES_DUE, CampaignAccount.FEES, amount)


def receive_transfer(custody: int, amount: Money) -> list[Transfer]:
    """Book a bank transfer that is nobody's yet."""
    bank = custody_account(custody, CustodyAccount.BANK, currency=amount.currency)
    suspense = custody_account(custody, CustodyAccount.SUSPENSE, currency=amount.currency)
    return [Transfer(bank, suspense, amount)]


def match_transfer(custody: int, campaign_id: int, amount: Money) -> list[Transfer]:
    """Book a received transfer as a campaign's: the one step between two books."""
    suspense = custody_account(custody, CustodyAccount.SUSPENSE, currency=amount.currency)
    collected = campaign_account(campaign_id, CampaignAccount.COLLECTED, currency=amount.currency)
    return [Transfer(suspense, collected, amount)]


def reverse(transfers: Iterable[Transfer]) -> list[Transfer]:
    """Turn transfers round: the only correction that the book knows."""
    return [Transfer(t.target, t.source, t.amount) for t in transfers]


def _move(
    campaign_id: int, source: CampaignAccount, target: CampaignAccount, amount: Money
) -> list[Transfer]:
    return [
        Transfer(
            campaign_account(campaign_id, source, currency=amount.currency),
            campaign_account(campaign_id, target, currency=amount.currency),
            amount,
        )
    ]
