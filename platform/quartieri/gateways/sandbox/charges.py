"""The sandbox's payment methods, payment intents and charges."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from quartieri.gateways.sandbox import complaints
from quartieri.gateways.sandbox.cards import CARDS, TOKENS, WALLET_DECLINE, Card
from quartieri.gateways.sandbox.desk import Desk, RefusedError, public
from quartieri.gateways.sandbox.store import Doc

SMALLEST_CENTS = 50
OPEN = frozenset({"requires_payment_method", "requires_confirmation", "requires_action"})
CARD_ERROR = 402

SLOW_FOR = 60
FOLLOWS_AFTER = 60
OWN_CODES = frozenset({"expired_card", "incorrect_cvc", "processing_error", WALLET_DECLINE})
"""Refusals that are codes of their own; the others are a ``card_declined`` with a reason."""

WORDS = {
    "card_declined": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    WALLET_DECLINE: "The payment was declined by the payment method's provider.",
    "authentication_required": (
        "Your card was declined. This transaction requires authentication."
    ),
    "payment_intent_authentication_failure": ("We are unable to authenticate your payment method."),
    "setup_intent_authentication_failure": "We are unable to authenticate your payment method.",
}


def card_of(method: Doc) -> Card:
    """Give how the card behind a payment method behaves."""
    return CARDS[method["_number"]]


def make_method(desk: Desk, number: str, customer: str | None) -> Doc:
    """Keep a card by its number."""
    if number not in CARDS:
        raise RefusedError(
            CARD_ERROR, "Your card number is incorrect.", code="incorrect_number", type="card_error"
        )
    kind = CARDS[number].kind
    words = _card_words(desk, CARDS[number]) if kind == "card" else {"payer_email": None}
    doc = {
        "object": "payment_method",
        "type": kind,
        kind: words,
        "customer": customer,
        "livemode": False,
        "metadata": {},
        "_number": number,
    }
    return desk.add("pm", doc)


def _card_words(desk: Desk, card: Card) -> Doc:
    year, month = 2049, 12
    if card.months is not None:
        today = datetime.fromtimestamp(desk.now(), tz=UTC)
        year, month = divmod(today.year * 12 + today.month - 1 + card.months, 12)
        month += 1
    return {"brand": "visa", "last4": card.number[-4:], "exp_month": month, "exp_year": year}


def decline_of(desk: Desk, method: Doc) -> str:
    """Give the code by which a charge of this method is refused now, or ""."""
    words = method.get("card")
    if words:
        today = datetime.fromtimestamp(desk.now(), tz=UTC)
        if (words["exp_year"], words["exp_month"]) < (today.year, today.month):
            return "expired_card"
    return card_of(method).charge_decline


def code_of(decline: str) -> str:
    """Give the error's code for a reason."""
    return decline if decline in OWN_CODES else "card_declined"


def usable_method(desk: Desk, named: str, customer: str | None) -> Doc:
    """Give the payment method that a request names: one of the customer's, or a test token."""
    if named in TOKENS:
        return make_method(desk, TOKENS[named], customer)
    method = desk.find("payment_method", named, status=400)
    if method["customer"] is None:
        raise RefusedError(
            400,
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer "
            "attachment, or was detached from a Customer. It may not be used again.",
        )
    if method["customer"] != customer:
        raise RefusedError(400, "The payment method does not belong to the customer.")
    return method


def new_intent(desk: Desk, params: Doc, *, session: str = "") -> Doc:
    """Keep an unconfirmed intent; ``session`` is the hosted page that it belongs to."""
    amount = whole(params, "amount")
    if amount < SMALLEST_CENTS:
        raise RefusedError(
            400, "Amount must be at least €0.50 eur", code="amount_too_small", param="amount"
        )
    if params.get("currency") != "eur":
        raise RefusedError(400, "Invalid currency: only eur here", param="currency")
    customer = params.get("customer")
    if customer:
        desk.find("customer", customer, status=400)
    method = None
    if params.get("payment_method"):
        method = usable_method(desk, params["payment_method"], customer)
    intent = desk.add(
        "pi",
        {
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "canceled_at": None,
            "capture_method": "automatic",
            "currency": "eur",
            "customer": customer,
            "description": params.get("description"),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": params.get("metadata", {}),
            "payment_method": method["id"] if method else None,
            "status": "requires_confirmation" if method else "requires_payment_method",
            "_session": session,
        },
    )
    desk.emit("payment_intent.created", intent)
    return intent


def confirm(desk: Desk, intent: Doc, params: Doc) -> tuple[int, Doc]:
    """Charge an intent with the payer absent (``off_session``), or ask for a second factor."""
    _must_be_open(intent, "confirm")
    named = params.get("payment_method") or intent["payment_method"]
    if not named:
        raise RefusedError(
            400,
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
            payment_intent=public(intent),
        )
    method = usable_method(desk, named, intent["customer"])
    if flag(params, "off_session"):
        code = attempt(desk, intent, method, asks=card_of(method).asks_at_charge, absent=True)
    else:
        code = attempt(desk, intent, method, asks=card_of(method).asks_at_charge)
    if not code:
        return 200, intent
    return (400 if code == WALLET_DECLINE else CARD_ERROR), card_error(intent)


def attempt(desk: Desk, intent: Doc, method: Doc, *, asks: bool, absent: bool = False) -> str:
    """Try to charge: succeeded, requires_action (then ""), or the code of the refusal."""
    if asks and not absent:
        desk.save(intent, status="requires_action", payment_method=method["id"])
        desk.emit("payment_intent.requires_action", intent)
        return ""
    if asks:
        return fail(desk, intent, method, "authentication_required", "authentication_required")
    if card_of(method).slow:
        desk.save(intent, status="processing", payment_method=method["id"])
        desk.store.remind(intent["id"], due=desk.now() + SLOW_FOR)
        desk.emit("payment_intent.processing", intent)
        return ""
    return finish(desk, intent, method, decline=decline_of(desk, method))


def finish(desk: Desk, intent: Doc, method: Doc, *, decline: str) -> str:
    """Make the charge, or refuse it by ``decline``; give the code of the refusal or ""."""
    if decline:
        return fail(desk, intent, method, code_of(decline), decline)
    charge = _charge(desk, intent, method)
    desk.save(
        intent,
        status="succeeded",
        payment_method=method["id"],
        latest_charge=charge["id"],
        amount_received=charge["amount_captured"],
        last_payment_error=None,
    )
    desk.emit("charge.succeeded", charge)
    desk.emit("payment_intent.succeeded", intent)
    _follow(desk, charge, method)
    return ""


def part_of(charge: Doc) -> int:
    """Give how much of a charge its card's aftermath is about, in cents."""
    captured: int = charge["amount_captured"]
    return captured // 2 if card_of(charge).part == "half" else captured


def _follow(desk: Desk, charge: Doc, method: Doc) -> None:
    """Let happen what follows a charge; what the bank or a person decides later comes later."""
    card = card_of(method)
    if card.then == "warning":
        complaints.warn(desk, charge)
    elif card.then == "refund":
        desk.store.remind(charge["id"], due=desk.now() + FOLLOWS_AFTER)
    elif card.then:
        asked = card.then == "inquiry"
        dispute = complaints.open_dispute(desk, charge, part_of(charge), inquiry=asked)
        if card.decided:
            desk.store.remind(dispute["id"], due=desk.now() + FOLLOWS_AFTER)


def fail(desk: Desk, intent: Doc, method: Doc, code: str, decline: str) -> str:
    """Note a refusal: the intent wants another try."""
    charge = _charge(desk, intent, method, failure=code)
    error = {
        "type": "invalid_request_error" if code == WALLET_DECLINE else "card_error",
        "code": code,
        "decline_code": None if code == WALLET_DECLINE else decline,
        "message": WORDS[code],
        "charge": charge["id"],
        "payment_method": public(method),
    }
    desk.save(
        intent,
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        last_payment_error=error,
    )
    desk.emit("charge.failed", charge)
    desk.emit("payment_intent.payment_failed", intent)
    return code


def card_error(intent: Doc) -> Doc:
    """Give the body of a refused charge: the intent's last error with the intent in it."""
    return {"error": intent["last_payment_error"] | {"payment_intent": public(intent)}}


def cancel(desk: Desk, intent: Doc) -> Doc:
    """Cancel an intent that is not made; one of a hosted page ends with the page alone."""
    _must_be_open(intent, "cancel")
    if intent["_session"]:
        raise RefusedError(
            400,
            "You cannot cancel PaymentIntents created by Checkout Sessions. "
            "Expire the Checkout Session instead.",
        )
    return withdraw(desk, intent)


def withdraw(desk: Desk, intent: Doc) -> Doc:
    """Make an open intent canceled."""
    desk.save(intent, status="canceled", canceled_at=desk.now())
    desk.emit("payment_intent.canceled", intent)
    return intent


def _must_be_open(intent: Doc, verb: str) -> None:
    if intent["status"] not in OPEN:
        raise RefusedError(
            400,
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}.",
            code="payment_intent_unexpected_state",
            payment_intent=public(intent),
        )


def _charge(desk: Desk, intent: Doc, method: Doc, *, failure: str = "") -> Doc:
    amount, paid = intent["amount"], not failure
    taken = amount // 2 if card_of(method).takes_half else amount
    charge = desk.add(
        "ch",
        {
            "object": "charge",
            "amount": amount,
            "amount_captured": taken if paid else 0,
            "amount_refunded": 0,
            "balance_transaction": None,
            "captured": paid,
            "currency": "eur",
            "customer": intent["customer"],
            "disputed": False,
            "failure_code": failure or None,
            "livemode": False,
            "metadata": intent["metadata"],
            "paid": paid,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "refunded": False,
            "status": "succeeded" if paid else "failed",
            "_number": method["_number"],
        },
        parent=intent["id"],
    )
    if paid:
        entry = desk.book(charge["id"], "charge", taken, desk.fees.of(taken))
        desk.save(charge, balance_transaction=entry["id"])
    return charge


def whole(params: Doc, name: str) -> int:
    """Read a whole number from a form."""
    try:
        return int(str(params[name]))
    except (KeyError, ValueError):
        raise RefusedError(400, f"Invalid integer: {name}", param=name) from None


def flag(params: Doc, name: str) -> bool:
    """Read a yes or no from a form."""
    value: Any = params.get(name, "")
    return str(value).lower() == "true"
