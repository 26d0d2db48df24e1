"""The chart of accounts: every account has a holder, a name in the holder's part, and a book.

A balance is what came in less what went out. An account with a floor of zero can never be
overdrawn; a *contra* account has no floor and shows, as a negative balance, where money came from.
Within a book all balances add up to zero at every instant.

Level of the programme tree (book of its authority; only levels with a published figure)::

    opening (contra)  -> available -> allotted        budget = available + allotted + spent
                         available -> spent           (spent directly, without a call)

Endowment pool (book of its authority)::

    endowment (contra) -> available -> reserved -> committed -> disbursed
    payments  (contra) -> outstanding                 with each disbursement, the same sum
                          outstanding -> recovered -> available   (the last only by an act)
    accrued   (contra) -> interest                    interest on what was recovered
    matching  (contra) -> (a grant's) matched         with each live match, the same sum

    available + reserved + committed + disbursed = endowment + what an act has put back
    outstanding is what beneficiaries hold: nobody can give back more than was paid

Campaign (a book of its own: the money is the backers', then the proposer's, never the city's)::

    clearing (contra) -> collected -> payable -> paid_out       through the payment provider
                         collected | payable -> refunded | disputed -> charged_back
    outside  (contra) -> held                         offline pledges, kept by the proposer
    fees_due     (contra) -> fees                     what the provider kept of charges
    disputes_due (contra) -> fees | disputed          what disputes cost: fee, what is gone
    loss         (contra) -> refunded                 given back after the money was paid out
    payable | authority (contra) | proposer (contra) -> fees_due | disputes_due | loss
                                                      who bears these costs; the last pays a claim

What was *promised* is no money and stands on the campaign's row, not here.

Custody (book of the platform's own trust account: bank money not yet known to be anyone's)::

    bank (contra) -> suspense -> (a campaign's) collected,   bank (contra) -> interest
"""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.kit.errors import InsufficientFundsError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.kit.money import Money

EURO = "EUR"


class LevelAccount(LabelEnum):
    """The accounts of a level of the programme tree that has a published figure."""

    OPENING = "opening", N_("Budget")
    AVAILABLE = "available", N_("Available")
    ALLOTTED = "allotted", N_("Allotted to calls")
    SPENT = "spent", N_("Spent directly")


class PoolAccount(LabelEnum):
    """The accounts of an endowment pool."""

    ENDOWMENT = "endowment", N_("Endowment")
    AVAILABLE = "available", N_("Available")
    RESERVED = "reserved", N_("Reserved")
    COMMITTED = "committed", N_("Committed")
    DISBURSED = "disbursed", N_("Disbursed")
    PAYMENTS = "payments", N_("Payments made")
    OUTSTANDING = "outstanding", N_("Held by beneficiaries")
    RECOVERED = "recovered", N_("Recovered")
    ACCRUED = "accrued", N_("Interest received")
    INTEREST = "interest", N_("Interest")
    MATCHING = "matching", N_("Live matches")


class GrantAccount(LabelEnum):
    """The account of a grant that grows with each pledge (live match); in its authority's book."""

    MATCHED = "matched", N_("Matched pledges")


class CampaignAccount(LabelEnum):
    """The accounts of a campaign's crowd money."""

    CLEARING = "clearing", N_("Payment provider")
    OUTSIDE = "outside", N_("Received outside of the platform")
    COLLECTED = "collected", N_("Collected")
    HELD = "held", N_("Held by the proposer")
    PAYABLE = "payable", N_("Owed to the proposer")
    PAID_OUT = "paid_out", N_("Paid out")
    REFUNDED = "refunded", N_("Refunded")
    DISPUTED = "disputed", N_("Disputed")
    CHARGED_BACK = "charged_back", N_("Charged back")
    FEES_DUE = "fees_due", N_("Fees to be covered")
    FEES = "fees", N_("Fees of the payment provider")
    DISPUTES_DUE = "disputes_due", N_("Cost of disputes to be covered")
    LOSS = "loss", N_("Loss")
    AUTHORITY = "authority", N_("Borne by the authority")
    PROPOSER = "proposer", N_("Paid back by the proposer")


class CustodyAccount(LabelEnum):
    """The accounts of the trust account on which bank transfers arrive."""

    BANK = "bank", N_("Bank")
    SUSPENSE = "suspense", N_("Bank suspense")
    INTEREST = "interest", N_("Interest")


CONTRA: dict[str, frozenset[str]] = {
    "level": frozenset({"opening"}),
    "pool": frozenset({"endowment", "payments", "accrued", "matching"}),
    "grant": frozenset(),
    "campaign": frozenset(
        {"clearing", "outside", "fees_due", "disputes_due", "loss", "authority", "proposer"}
    ),
    "custody": frozenset({"bank"}),
}
"""The accounts without a floor, by the part that they stand in."""


class BelowFloorError(InsufficientFundsError):
    """An account would fall below its floor; ``code`` names it, ``missing_cents`` what lacks."""

    def __init__(self, code: str, missing: Money) -> None:
        """Say what is missing on which account."""
        super().__init__(
            lazy("There is not enough money: %(missing)s are missing.", missing=missing),
            missing_cents=missing.cents,
        )
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """One account of the chart, whether its row exists yet or not.

    ``holder`` is "pool:3", ``kind`` the name in the holder's part, ``book`` its legal owner's book
    ("authority:1", "crowd:12", "custody:1"), ``floor_cents`` what the balance never falls below.
    """

    holder: str
    kind: str
    book: str
    floor_cents: int | None = 0
    currency: str = EURO

    @property
    def code(self) -> str:
        """The account's unique name: "pool:3:available"."""
        return f"{self.holder}:{self.kind}"


def book_kind(book: str) -> str:
    """Give the kind of a book: "authority", "crowd" or "custody"."""
    return book.partition(":")[0]


def _account(part: str, number: int, name: LabelEnum, book: str, currency: str) -> Account:
    floor = None if str(name) in CONTRA[part] else 0
    return Account(f"{part}:{number}", str(name), book, floor, currency)


def level_account(
    level_id: int, name: LevelAccount, *, authority_id: int, currency: str = EURO
) -> Account:
    """Give an account of a programme level; it lies in its authority's book."""
    return _account("level", level_id, name, f"authority:{authority_id}", currency)


def pool_account(
    pool_id: int, name: PoolAccount, *, authority_id: int, currency: str = EURO
) -> Account:
    """Give an account of an endowment pool; it lies in its authority's book."""
    return _account("pool", pool_id, name, f"authority:{authority_id}", currency)


def grant_account(
    grant_id: int, name: GrantAccount, *, authority_id: int, currency: str = EURO
) -> Account:
    """Give an account of a grant; it lies in its authority's book."""
    return _account("grant", grant_id, name, f"authority:{authority_id}", currency)


def campaign_account(campaign_id: int, name: CampaignAccount, *, currency: str = EURO) -> Account:
    """Give an account of a campaign; each campaign's crowd money is a book of its own."""
    return _account("campaign", campaign_id, name, f"crowd:{campaign_id}", currency)


def custody_account(number: int, name: CustodyAccount, *, currency: str = EURO) -> Account:
    """Give an account of the trust account ``number`` on which bank transfers arrive."""
    return _account("custody", number, name, f"custody:{number}", currency)
