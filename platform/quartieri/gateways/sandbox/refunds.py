"""The sandbox's refunds: asked by the site, made at the desk, or sent back by the payer's bank."""

from __future__ import annotations

from quartieri.gateways.sandbox import charges
from quartieri.gateways.sandbox.charges import whole
from quartieri.gateways.sandbox.desk import Desk, RefusedError
from quartieri.gateways.sandbox.store import Doc

FAILS_AFTER = 60


def create(desk: Desk, params: Doc) -> Doc:
    """Send money back, never more than is left of the charge."""
    intent = desk.find("payment_intent", str(params.get("payment_intent")), status=400)
    if intent["status"] != "succeeded":
        raise RefusedError(400, "This PaymentIntent does not have a successful charge to refund.")
    charge = desk.find("charge", intent["latest_charge"])
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = whole(params, "amount") if "amount" in params else left
    if left == 0:
        raise RefusedError(
            400,
            f"Charge {charge['id']} has already been refunded.",
            code="charge_already_refunded",
        )
    if not 0 < amount <= left:
        raise RefusedError(
            400,
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    fails = charges.card_of(charge).refund_fails
    refund = desk.add(
        "re",
        {
            "object": "refund",
            "amount": amount,
            "balance_transaction": None,
            "charge": charge["id"],
            "currency": "eur",
            "failure_reason": None,
            "metadata": params.get("metadata", {}),
            "payment_intent": intent["id"],
            "reason": params.get("reason"),
            "status": "pending" if fails else "succeeded",
        },
        parent=intent["id"],
    )
    if fails:
        desk.store.remind(refund["id"], due=desk.now() + FAILS_AFTER)
    entry = desk.book(refund["id"], "refund", -amount, 0)
    desk.save(refund, balance_transaction=entry["id"])
    _count_refunded(desk, charge, amount)
    desk.emit("refund.created", refund)
    desk.emit("charge.refunded", charge)
    return refund


def fail(desk: Desk, refund: Doc) -> None:
    """Let the payer's bank send a refund back."""
    desk.save(refund, status="failed", failure_reason="lost_or_stolen_card")
    desk.book(refund["id"], "refund_failure", refund["amount"], 0)
    _count_refunded(desk, desk.find("charge", refund["charge"]), -refund["amount"])
    desk.emit("refund.failed", refund)


def _count_refunded(desk: Desk, charge: Doc, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    desk.save(charge, amount_refunded=refunded, refunded=refunded == charge["amount_captured"])
