"""What a person does at the sandbox's desk: what banks and the provider's own pages would do."""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.gateways.sandbox import charges, complaints, refunds, verbs
from quartieri.gateways.sandbox.cards import WALLET_DECLINE
from quartieri.gateways.sandbox.desk import Desk, Mode, RefusedError
from quartieri.gateways.sandbox.store import Doc
from quartieri.kit.labels import N_, LabelEnum


class Deed(LabelEnum):
    """What can happen to a payment; some of it for a part of its amount."""

    SUCCEED = "succeed", N_("The slow payment succeeds")
    REFUSE = "refuse", N_("The slow payment is refused")
    CANCEL = "cancel", N_("It is cancelled in the provider's pages")
    REFUND = "refund", N_("It is given back in the provider's pages")
    REFUND_FAILS = "refund_fails", N_("The bank sends the last refund back")
    WARN = "warn", N_("The bank warns of fraud")
    INQUIRY = "inquiry", N_("The bank asks about it")
    DISPUTE = "dispute", N_("The payer disputes it")
    WIN = "win", N_("The dispute is won")
    LOSE = "lose", N_("The dispute is lost")


class Standing(LabelEnum):
    """How far a payment is; the code is the provider's own."""

    OPEN = "requires_payment_method", N_("Waits for a card")
    PREPARED = "requires_confirmation", N_("Being prepared")
    ACTION = "requires_action", N_("Waits for the payer's confirmation")
    PROCESSING = "processing", N_("At the bank")
    PAID = "succeeded", N_("Paid")
    CANCELED = "canceled", N_("Canceled")


@dataclass(frozen=True, slots=True)
class Paper:
    """A payment as the desk shows it; ``mode``: how messages about its payer go out."""

    id: str
    status: Standing
    about: str
    amount_cents: int
    received_cents: int
    mode: Mode
    deeds: tuple[Deed, ...]


def listed(desk: Desk, *, most: int) -> list[Paper]:
    """List the newest payments, the newest first."""
    found = desk.store.newest("payment_intent", since=0, before="", most=most)
    return [paper(desk, intent) for intent in found]


def paper(desk: Desk, intent: Doc) -> Paper:
    """Give one payment with what can happen to it now."""
    return Paper(
        id=intent["id"],
        status=Standing(intent["status"]),
        about=intent["metadata"].get("subject", ""),
        amount_cents=intent["amount"],
        received_cents=intent["amount_received"],
        mode=desk.mode_of(intent),
        deeds=tuple(_possible(desk, intent)),
    )


def _possible(desk: Desk, intent: Doc) -> list[Deed]:
    if intent["status"] == "processing":
        return [Deed.SUCCEED, Deed.REFUSE]
    if intent["status"] in charges.OPEN:
        return [] if intent["_session"] else [Deed.CANCEL]
    if intent["status"] != "succeeded":
        return []
    charge = desk.find("charge", intent["latest_charge"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    found = [Deed.WARN]
    if left > 0:
        found.append(Deed.REFUND)
    if _refund(desk, intent) is not None:
        found.append(Deed.REFUND_FAILS)
    dispute = _dispute(desk, intent)
    if dispute is not None:
        found += [Deed.WIN] if dispute["status"] == "lost" else [Deed.WIN, Deed.LOSE]
    elif left > 0 and not charge["disputed"]:
        found += [Deed.INQUIRY, Deed.DISPUTE]
    return [deed for deed in Deed if deed in found]


def _refund(desk: Desk, intent: Doc) -> Doc | None:
    sent = [one for one in desk.store.children("refund", intent["id"]) if one["status"] != "failed"]
    return sent[-1] if sent else None


def _dispute(desk: Desk, intent: Doc) -> Doc | None:
    """Give the dispute that a bank may still decide, or decide otherwise than it did."""
    waits = {"needs_response", "warning_needs_response", "lost"}
    opened = desk.store.children("dispute", intent["id"])
    return next((one for one in opened if one["status"] in waits), None)


def do(desk: Desk, key: str, deed: Deed, cents: int | None) -> None:
    """Let something happen, for ``cents`` of the payment or all that is left of it."""
    intent = desk.find("payment_intent", key)
    if deed not in _possible(desk, intent):
        raise RefusedError(400, "This cannot happen to this payment now.")
    if deed in {Deed.SUCCEED, Deed.REFUSE}:
        verbs.end_slow(desk, intent, decline="" if deed is Deed.SUCCEED else WALLET_DECLINE)
    elif deed is Deed.CANCEL:
        charges.cancel(desk, intent)
    else:
        _after_charge(desk, intent, deed, cents)


def _after_charge(desk: Desk, intent: Doc, deed: Deed, cents: int | None) -> None:
    charge = desk.find("charge", intent["latest_charge"])
    amount = cents or charge["amount_captured"] - charge["amount_refunded"]
    refund, dispute = _refund(desk, intent), _dispute(desk, intent)
    if deed is Deed.WARN:
        complaints.warn(desk, charge)
    elif deed is Deed.REFUND:
        refunds.create(desk, {"payment_intent": intent["id"], "amount": amount})
    elif deed is Deed.REFUND_FAILS and refund is not None:
        refunds.fail(desk, refund)
    elif deed in {Deed.INQUIRY, Deed.DISPUTE}:
        complaints.open_dispute(desk, charge, amount, inquiry=deed is Deed.INQUIRY)
    elif dispute is not None:
        complaints.close_dispute(desk, dispute, won=deed is Deed.WIN)


def choose_mode(desk: Desk, key: str, mode: Mode) -> None:
    """Say how messages about a payment's payer go out from now on."""
    intent = desk.find("payment_intent", key)
    desk.save(desk.find("customer", intent["customer"]), _mode=mode.value)
