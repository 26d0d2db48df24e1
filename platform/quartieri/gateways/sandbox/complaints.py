"""What a payer's bank says after a charge: disputes, inquiries and early fraud warnings.

Source: https://docs.stripe.com/disputes/how-disputes-work; the amount and the fee of a dispute are
taken when it is opened, the amount comes back if it is won.
"""

from __future__ import annotations

from quartieri.gateways.sandbox.desk import Desk, RefusedError
from quartieri.gateways.sandbox.store import Doc

ANSWER_WITHIN = 7 * 86_400
DECIDABLE = {True: {"needs_response", "lost"}, False: {"needs_response"}}
"""From which statuses a dispute is won, and lost."""


def open_dispute(desk: Desk, charge: Doc, cents: int, *, inquiry: bool = False) -> Doc:
    """Open a dispute about a charge or a part of it; an ``inquiry`` moves no money."""
    left = charge["amount_captured"] - charge["amount_refunded"]
    if charge["disputed"] or not 0 < cents <= left:
        raise RefusedError(400, "This charge cannot be disputed for this amount.")
    dispute = desk.add(
        "du",
        {
            "object": "dispute",
            "amount": cents,
            "balance_transactions": [],
            "charge": charge["id"],
            "currency": "eur",
            "evidence_details": {"due_by": desk.now() + ANSWER_WITHIN, "has_evidence": False},
            "is_charge_refundable": inquiry,
            "livemode": False,
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent" if inquiry else "product_not_received",
            "status": "warning_needs_response" if inquiry else "needs_response",
        },
        parent=charge["payment_intent"],
    )
    desk.save(charge, disputed=True)
    desk.emit("charge.dispute.created", dispute)
    if not inquiry:
        _move(desk, dispute, "dispute", -cents, desk.fees.dispute_cents)
        desk.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close_dispute(desk: Desk, dispute: Doc, *, won: bool) -> Doc:
    """Decide a dispute: what was taken comes back if it is won; an inquiry just ends.

    A bank may take back what it decided against us: a lost dispute is won then after all.
    """
    if dispute["status"] == "warning_needs_response":
        desk.save(dispute, status="warning_closed")
        desk.emit("charge.dispute.closed", dispute)
        return dispute
    if dispute["status"] not in DECIDABLE[won]:
        raise RefusedError(400, "This dispute is decided already.")
    desk.save(dispute, status="won" if won else "lost")
    if won:
        _move(desk, dispute, "dispute_reversal", dispute["amount"], 0)
        desk.emit("charge.dispute.funds_reinstated", dispute)
    desk.emit("charge.dispute.closed", dispute)
    return dispute


def warn(desk: Desk, charge: Doc) -> Doc:
    """Let the bank report that a charge was not its customer's."""
    warning = desk.add(
        "issfr",
        {
            "object": "radar.early_fraud_warning",
            "actionable": charge["amount_refunded"] < charge["amount_captured"],
            "charge": charge["id"],
            "fraud_type": "made_with_stolen_card",
            "livemode": False,
            "payment_intent": charge["payment_intent"],
        },
        parent=charge["payment_intent"],
    )
    desk.emit("radar.early_fraud_warning.created", warning)
    return warning


def _move(desk: Desk, dispute: Doc, category: str, amount: int, fee: int) -> None:
    entry = desk.book(dispute["id"], "adjustment", amount, fee, category=category)
    desk.save(dispute, balance_transactions=[*dispute["balance_transactions"], entry])
