"""Test cards: which number behaves how, from Stripe's own list.

Source: Stripe's documentation, "Testing", with the outcomes that this site must survive.
"""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.kit.labels import N_, LabelEnum

SUCCEEDS = "4242424242424242"
DECLINED = "4000000000000002"
REFUSED_LATER = "4000000000000341"
NO_FUNDS = "4000000000009995"
AUTHENTICATE_AT_SETUP = "4000002500003155"
AUTHENTICATE_ALWAYS = "4000002760003184"
REFUND_FAILS = "4000000000005126"


@dataclass(frozen=True, slots=True)
class Card:
    """How a card behaves: refusal codes ("" = accepted) when saved and charged; second factor."""

    number: str
    setup_decline: str = ""
    charge_decline: str = ""
    asks_at_setup: bool = False
    asks_at_charge: bool = False
    refund_fails: bool = False


CARDS: dict[str, Card] = {
    card.number: card
    for card in (
        Card(SUCCEEDS),
        Card(DECLINED, setup_decline="generic_decline", charge_decline="generic_decline"),
        Card(REFUSED_LATER, charge_decline="generic_decline"),
        Card(NO_FUNDS, setup_decline="insufficient_funds", charge_decline="insufficient_funds"),
        Card(AUTHENTICATE_AT_SETUP, asks_at_setup=True),
        Card(AUTHENTICATE_ALWAYS, asks_at_setup=True, asks_at_charge=True),
        Card(REFUND_FAILS, refund_fails=True),
    )
}

TOKENS = {
    "pm_card_visa": SUCCEEDS,
    "pm_card_visa_chargeDeclined": DECLINED,
    "pm_card_chargeCustomerFail": REFUSED_LATER,
    "pm_card_visa_chargeDeclinedInsufficientFunds": NO_FUNDS,
    "pm_card_authenticationRequiredOnSetup": AUTHENTICATE_AT_SETUP,
    "pm_card_authenticationRequired": AUTHENTICATE_ALWAYS,
}
"""Stripe's test payment methods, accepted wherever a payment method is named."""


class Choice(LabelEnum):
    """What a person can try on the hosted page; each is a card."""

    SUCCEEDS = "succeeds", N_("It succeeds")
    DECLINED = "declined", N_("The card is declined")
    NO_FUNDS = "no_funds", N_("There is not enough money on the card")
    SECOND_FACTOR = "second_factor", N_("The bank asks for a second factor")
    ALWAYS_SECOND_FACTOR = "always", N_("The bank asks for a second factor now and at each charge")
    REFUSED_LATER = "refused_later", N_("The card is saved, but refused when it is charged")

    @classmethod
    def offered(cls, *, saving: bool) -> list[Choice]:
        """List what can be tried; some only mean something when a card is saved for later."""
        later = {cls.ALWAYS_SECOND_FACTOR, cls.REFUSED_LATER}
        return [one for one in cls if saving or one not in later]

    @property
    def number(self) -> str:
        """The card that behaves so."""
        return _NUMBERS[self]


_NUMBERS = {
    Choice.SUCCEEDS: SUCCEEDS,
    Choice.DECLINED: DECLINED,
    Choice.NO_FUNDS: NO_FUNDS,
    Choice.SECOND_FACTOR: AUTHENTICATE_AT_SETUP,
    Choice.ALWAYS_SECOND_FACTOR: AUTHENTICATE_ALWAYS,
    Choice.REFUSED_LATER: REFUSED_LATER,
}


@dataclass(frozen=True, slots=True)
class Fees:
    """What the provider keeps of a charge: basis points of the amount, and a fixed part."""

    basis_points: int = 150
    fixed_cents: int = 25

    def of(self, cents: int) -> int:
        """Give the fee in cents, the share rounded half up, never above the amount."""
        return min(cents, (cents * self.basis_points + 5000) // 10_000 + self.fixed_cents)
