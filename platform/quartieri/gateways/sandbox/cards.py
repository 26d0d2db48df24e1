"""Test cards and wallets: which one behaves how, from Stripe's own list and a few of our own.

Source: https://docs.stripe.com/testing, with the outcomes that this site must survive. Numbers that
begin with 4999 and the wallets are ours: Stripe has no number for them.
"""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.kit.labels import N_, LabelEnum

SUCCEEDS = "4242424242424242"
DECLINED = "4000000000000002"
REFUSED_LATER = "4000000000000341"
NO_FUNDS = "4000000000009995"
LOST = "4000000000009987"
EXPIRED = "4000000000000069"
WRONG_CODE = "4000000000000127"
BANK_IS_DOWN = "4000000000000119"
AUTHENTICATE_AT_SETUP = "4000002500003155"
AUTHENTICATE_ALWAYS = "4000002760003184"
REFUND_FAILS = "4000000000005126"
DISPUTED = "4000000000000259"
ASKED_ABOUT = "4000000000001976"
WARNED_OF = "4000000000005423"
DISPUTED_IN_PART = "4999000000000102"
DISPUTE_WON = "4999000000000110"
DISPUTE_LOST = "4999000000000128"
REFUNDED_THERE = "4999000000000136"
HALF_REFUNDED_THERE = "4999000000000144"
EXPIRES_SOON = "4999000000000011"
TAKES_HALF = "4999000000000052"
PAYPAL = "paypal"
PAYPAL_REFUSES = "paypal_refuses"
PAYPAL_SLOW = "paypal_slow"
PAYPAL_SLOW_REFUSES = "paypal_slow_refuses"

WALLET_DECLINE = "payment_method_provider_decline"
"""The code by which PayPal declines (https://docs.stripe.com/error-codes)."""


@dataclass(frozen=True, slots=True)
class Card:
    """How a card or wallet behaves: refusal codes ("" = accepted) when saved and when charged.

    ``slow``: the answer to a charge comes later. ``takes_half``: only half is charged. ``months``:
    how long it is still good for, counted from the present month; None: for long. ``then``: what
    follows a charge ("dispute", "inquiry", "warning", "refund"), of ``part`` "half" or all of it;
    ``decided``: how the bank decides the dispute ("won", "lost"; "": not by itself).
    """

    number: str
    setup_decline: str = ""
    charge_decline: str = ""
    asks_at_setup: bool = False
    asks_at_charge: bool = False
    refund_fails: bool = False
    kind: str = "card"
    slow: bool = False
    takes_half: bool = False
    months: int | None = None
    then: str = ""
    part: str = "all"
    decided: str = ""


def _refused(number: str, code: str) -> Card:
    return Card(number, setup_decline=code, charge_decline=code)


CARDS: dict[str, Card] = {
    card.number: card
    for card in (
        Card(SUCCEEDS),
        _refused(DECLINED, "generic_decline"),
        Card(REFUSED_LATER, charge_decline="generic_decline"),
        _refused(NO_FUNDS, "insufficient_funds"),
        _refused(LOST, "lost_card"),
        _refused(EXPIRED, "expired_card"),
        _refused(WRONG_CODE, "incorrect_cvc"),
        _refused(BANK_IS_DOWN, "processing_error"),
        Card(AUTHENTICATE_AT_SETUP, asks_at_setup=True),
        Card(AUTHENTICATE_ALWAYS, asks_at_setup=True, asks_at_charge=True),
        Card(REFUND_FAILS, refund_fails=True),
        Card(DISPUTED, then="dispute"),
        Card(DISPUTED_IN_PART, then="dispute", part="half"),
        Card(DISPUTE_WON, then="dispute", decided="won"),
        Card(DISPUTE_LOST, then="dispute", decided="lost"),
        Card(REFUNDED_THERE, then="refund"),
        Card(HALF_REFUNDED_THERE, then="refund", part="half"),
        Card(ASKED_ABOUT, then="inquiry"),
        Card(WARNED_OF, then="warning"),
        Card(EXPIRES_SOON, months=1),
        Card(TAKES_HALF, takes_half=True),
        Card(PAYPAL, kind="paypal"),
        Card(PAYPAL_REFUSES, kind="paypal", charge_decline=WALLET_DECLINE),
        Card(PAYPAL_SLOW, kind="paypal", slow=True),
        Card(PAYPAL_SLOW_REFUSES, kind="paypal", slow=True, charge_decline=WALLET_DECLINE),
    )
}

TOKENS = {
    "pm_card_visa": SUCCEEDS,
    "pm_card_visa_chargeDeclined": DECLINED,
    "pm_card_chargeCustomerFail": REFUSED_LATER,
    "pm_card_visa_chargeDeclinedInsufficientFunds": NO_FUNDS,
    "pm_card_authenticationRequiredOnSetup": AUTHENTICATE_AT_SETUP,
    "pm_card_authenticationRequired": AUTHENTICATE_ALWAYS,
    "pm_card_createDispute": DISPUTED,
    "pm_card_createDisputeInquiry": ASKED_ABOUT,
    "pm_card_createIssuerFraudRecord": WARNED_OF,
}
"""Stripe's test payment methods, accepted wherever a payment method is named."""


class Group(LabelEnum):
    """What the outcomes of the hosted page are shown among."""

    GOOD = "good", N_("It goes well")
    REFUSED = "refused", N_("It comes to nothing")
    AFTER = "after", N_("It goes well, and then")
    PAYPAL = "paypal", N_("With PayPal")


class Choice(LabelEnum):
    """What a person can try on the hosted page; each is a card or a wallet."""

    SUCCEEDS = "succeeds", N_("It succeeds")
    DECLINED = "declined", N_("The card is declined")
    NO_FUNDS = "no_funds", N_("There is not enough money on the card")
    LOST = "lost", N_("The card was reported lost")
    EXPIRED = "expired", N_("The card has expired")
    WRONG_CODE = "wrong_code", N_("The card's code is wrong")
    BANK_IS_DOWN = "bank_is_down", N_("The bank cannot be reached")
    SECOND_FACTOR = "second_factor", N_("The bank asks for a second factor")
    ALWAYS_SECOND_FACTOR = "always", N_("The bank asks for a second factor now and at each charge")
    REFUSED_LATER = "refused_later", N_("The card is saved, but refused when it is charged")
    EXPIRES_SOON = "expires_soon", N_("The card is saved, but good only until next month")
    TAKES_HALF = "takes_half", N_("Only half of the amount is taken")
    WARNED_OF = "warned_of", N_("The bank warns of fraud after the charge")
    ASKED_ABOUT = "asked_about", N_("The bank asks about the charge")
    DISPUTED = "disputed", N_("The payer disputes the charge")
    DISPUTED_IN_PART = "disputed_in_part", N_("The payer disputes half of the charge")
    DISPUTE_WON = "dispute_won", N_("The payer disputes the charge, and we win")
    DISPUTE_LOST = "dispute_lost", N_("The payer disputes the charge, and we lose")
    REFUNDED = "refunded", N_("All is given back in the provider's pages")
    HALF_REFUNDED = (
        "half_refunded",
        N_("Half is given back in the provider's pages"),
    )
    REFUND_FAILS = "refund_fails", N_("The bank sends a refund back")
    PAYPAL = "paypal", N_("PayPal: it succeeds")
    PAYPAL_REFUSES = "paypal_refuses", N_("PayPal: it refuses to pay")
    PAYPAL_SLOW = "paypal_slow", N_("PayPal: it takes a while, then succeeds")
    PAYPAL_SLOW_REFUSES = "paypal_slow_refuses", N_("PayPal: it takes a while, then refuses")
    RUNS_OUT = "runs_out", N_("The page runs out before an answer")

    @classmethod
    def offered(cls, *, saving: bool) -> list[Choice]:
        """List what can be tried; some only mean something when a card is saved for later."""
        later = {cls.ALWAYS_SECOND_FACTOR, cls.REFUSED_LATER, cls.EXPIRES_SOON}
        return [one for one in cls if saving or one not in later]

    @property
    def group(self) -> Group:
        """What it is shown among."""
        if self in _GOOD:
            return Group.GOOD
        if self.number.startswith("paypal"):
            return Group.PAYPAL
        card = CARDS.get(self.number)
        after = card is not None and (card.then or card.refund_fails)
        return Group.AFTER if after else Group.REFUSED

    @property
    def number(self) -> str:
        """The card that behaves so; "" where no card is typed in."""
        return _NUMBERS[self]


_GOOD = frozenset(
    {
        Choice.SUCCEEDS,
        Choice.SECOND_FACTOR,
        Choice.ALWAYS_SECOND_FACTOR,
        Choice.EXPIRES_SOON,
        Choice.TAKES_HALF,
    }
)

_NUMBERS = {
    Choice.SUCCEEDS: SUCCEEDS,
    Choice.DECLINED: DECLINED,
    Choice.NO_FUNDS: NO_FUNDS,
    Choice.LOST: LOST,
    Choice.EXPIRED: EXPIRED,
    Choice.WRONG_CODE: WRONG_CODE,
    Choice.BANK_IS_DOWN: BANK_IS_DOWN,
    Choice.SECOND_FACTOR: AUTHENTICATE_AT_SETUP,
    Choice.ALWAYS_SECOND_FACTOR: AUTHENTICATE_ALWAYS,
    Choice.REFUSED_LATER: REFUSED_LATER,
    Choice.EXPIRES_SOON: EXPIRES_SOON,
    Choice.TAKES_HALF: TAKES_HALF,
    Choice.WARNED_OF: WARNED_OF,
    Choice.ASKED_ABOUT: ASKED_ABOUT,
    Choice.DISPUTED: DISPUTED,
    Choice.DISPUTED_IN_PART: DISPUTED_IN_PART,
    Choice.DISPUTE_WON: DISPUTE_WON,
    Choice.DISPUTE_LOST: DISPUTE_LOST,
    Choice.REFUNDED: REFUNDED_THERE,
    Choice.HALF_REFUNDED: HALF_REFUNDED_THERE,
    Choice.REFUND_FAILS: REFUND_FAILS,
    Choice.PAYPAL: PAYPAL,
    Choice.PAYPAL_REFUSES: PAYPAL_REFUSES,
    Choice.PAYPAL_SLOW: PAYPAL_SLOW,
    Choice.PAYPAL_SLOW_REFUSES: PAYPAL_SLOW_REFUSES,
    Choice.RUNS_OUT: "",
}


@dataclass(frozen=True, slots=True)
class Fees:
    """What the provider keeps of a charge: basis points of the amount, and a fixed part.

    ``dispute_cents`` is what each dispute costs, won or lost.
    """

    basis_points: int = 150
    fixed_cents: int = 25
    dispute_cents: int = 20_00

    def of(self, cents: int) -> int:
        """Give the fee in cents, the share rounded half up, never above the amount."""
        return min(cents, (cents * self.basis_points + 5000) // 10_000 + self.fixed_cents)
