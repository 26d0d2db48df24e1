"""Stripe's JSON objects read as ours. Knows no library: plain objects come in.

Source: https://docs.stripe.com/api (the objects' own pages).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from quartieri.gateways.payments import (
    Checkout,
    CheckoutStatus,
    Dispute,
    DisputeStatus,
    FraudWarning,
    Intent,
    IntentStatus,
    Method,
    Movement,
    MovementKind,
    ProviderMessage,
    Reference,
    Refund,
    RefundStatus,
    Setup,
    SetupStatus,
)
from quartieri.kit.money import Money

AUTHENTICATION = frozenset(
    {
        "authentication_required",
        "payment_intent_authentication_failure",
        "setup_intent_authentication_failure",
    }
)
"""Codes that all mean: the bank wants its customer to confirm in person."""


Word = TypeVar("Word", bound=StrEnum)


def _status(word: Any, kind: type[Word], otherwise: Word) -> Word:
    """Read a status; one that the provider has had since reads as one that is looked at again."""
    try:
        return kind(word)
    except ValueError:
        return otherwise


def _money(cents: int, doc: Mapping[str, Any]) -> Money:
    return Money(cents, str(doc["currency"]).upper())


def _id(value: Any) -> str | None:
    """Give the id of a reference, expanded or not."""
    if value is None:
        return None
    return str(value["id"]) if isinstance(value, Mapping) else str(value)


def _error(words: Mapping[str, Any] | None) -> str:
    if not words:
        return ""
    code = words.get("code") or ""
    if code in AUTHENTICATION:
        return "authentication_required"
    return str(words.get("decline_code") or code or "card_declined")


def _reference(doc: Mapping[str, Any]) -> Reference | None:
    return Reference.read(doc.get("metadata") or {})


def read_setup(doc: Mapping[str, Any]) -> Setup:
    """Read a SetupIntent."""
    return Setup(
        id=doc["id"],
        status=_status(doc["status"], SetupStatus, SetupStatus.PROCESSING),
        reference=_reference(doc),
        customer=_id(doc["customer"]),
        method=_id(doc["payment_method"]),
        error=_error(doc["last_setup_error"]),
    )


def read_checkout(doc: Mapping[str, Any]) -> Checkout:
    """Read a Checkout Session."""
    return Checkout(
        id=doc["id"],
        url=doc.get("url"),
        status=_status(doc["status"], CheckoutStatus, CheckoutStatus.OPEN),
        reference=_reference(doc),
        setup=_id(doc.get("setup_intent")),
        intent=_id(doc.get("payment_intent")),
    )


def read_intent(doc: Mapping[str, Any]) -> Intent:
    """Read a PaymentIntent, its fee if the charge is expanded."""
    charge = doc.get("latest_charge")
    charge = charge if isinstance(charge, Mapping) else {}
    entry = charge.get("balance_transaction")
    fee = _money(entry["fee"], entry) if isinstance(entry, Mapping) else None
    return Intent(
        id=doc["id"],
        status=_status(doc["status"], IntentStatus, IntentStatus.PROCESSING),
        amount=_money(doc["amount"], doc),
        received=_money(doc.get("amount_received") or 0, doc),
        refunded=_money(charge.get("amount_refunded") or 0, doc),
        reference=_reference(doc),
        customer=_id(doc.get("customer")),
        method=_id(doc.get("payment_method")),
        fee=fee,
        error=_error(doc.get("last_payment_error")),
    )


def read_refund(doc: Mapping[str, Any]) -> Refund:
    """Read a Refund."""
    return Refund(
        id=doc["id"],
        status=_status(doc["status"], RefundStatus, RefundStatus.PENDING),
        amount=_money(doc["amount"], doc),
        intent=_id(doc.get("payment_intent")),
        reference=_reference(doc),
        error=str(doc.get("failure_reason") or ""),
    )


def read_message(doc: Any, body: str) -> ProviderMessage:
    """Read an Event; ``body`` is kept as it came.

    What is none, or names things as no provider does, is told by its words alone: a message that
    is signed is kept, whatever it says.
    """
    try:
        return _event(doc, body)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        known_by = hashlib.sha256(body.encode(errors="replace")).hexdigest()
        return ProviderMessage(
            id=f"unreadable:{known_by}",
            kind="",
            object_kind="",
            object_id="",
            intent=None,
            live=False,
            created=None,
            body=body.replace("\0", "\N{REPLACEMENT CHARACTER}"),
        )


def _event(doc: Mapping[str, Any], body: str) -> ProviderMessage:
    about: Mapping[str, Any] = doc["data"]["object"]
    kind = _name(about["object"])
    own = about.get("id") if kind == "payment_intent" else about.get("payment_intent")
    return ProviderMessage(
        id=_name(doc["id"]),
        kind=_name(doc["type"]),
        object_kind=kind,
        object_id=_name(about["id"]) if "id" in about else "",
        intent=None if own is None else _name(_id(own)),
        live=_is(doc["livemode"]),
        created=datetime.fromtimestamp(doc["created"], tz=UTC),
        body=body,
        account=str(doc.get("account") or ""),
    )


_NAME = re.compile(r"[!-~]{1,100}")
"""What the provider's ids and kinds are made of."""


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        msg = "not an id"
        raise ValueError(msg)
    return value


def _is(value: Any) -> bool:
    if not isinstance(value, bool):
        msg = "neither true nor false"
        raise TypeError(msg)
    return value


_COMPLAINTS = {
    "needs_response": DisputeStatus.OPEN,
    "under_review": DisputeStatus.OPEN,
    "won": DisputeStatus.WON,
    "lost": DisputeStatus.LOST,
    "prevented": DisputeStatus.LOST,
    "warning_needs_response": DisputeStatus.WARNING,
    "warning_under_review": DisputeStatus.WARNING,
    "warning_closed": DisputeStatus.WON,
}
"""A dispute that was prevented ended with the money given back; a closed inquiry, without. One that
stands in a way unknown here is open if money was taken for it, else an inquiry."""

_WANT_EVIDENCE = frozenset({"needs_response", "warning_needs_response"})


def read_dispute(doc: Mapping[str, Any]) -> Dispute:
    """Read a Dispute; its movements say what was taken and what it cost."""
    entries = doc.get("balance_transactions") or []
    due = (doc.get("evidence_details") or {}).get("due_by")
    if doc["status"] not in _WANT_EVIDENCE:
        due = None
    taken = -sum(entry["amount"] for entry in entries)
    otherwise = DisputeStatus.OPEN if taken else DisputeStatus.WARNING
    return Dispute(
        id=doc["id"],
        status=_COMPLAINTS.get(doc["status"], otherwise),
        amount=_money(doc["amount"], doc),
        taken=_money(taken, doc),
        fee=_money(sum(entry["fee"] for entry in entries), doc) if entries else None,
        intent=_id(doc.get("payment_intent")),
        reason=str(doc["reason"]),
        due_by=None if due is None else datetime.fromtimestamp(due, tz=UTC),
    )


def read_warning(doc: Mapping[str, Any]) -> FraudWarning:
    """Read an EarlyFraudWarning."""
    return FraudWarning(
        id=doc["id"],
        intent=_id(doc.get("payment_intent")),
        kind=str(doc["fraud_type"]),
        actionable=bool(doc["actionable"]),
    )


def read_method(doc: Mapping[str, Any]) -> Method:
    """Read a PaymentMethod; only cards have a number's end and a last month."""
    kind = str(doc["type"])
    card = doc.get("card")
    if not isinstance(card, Mapping):
        return Method(doc["id"], kind, kind, "", None)
    expires = (int(card["exp_year"]), int(card["exp_month"]))
    return Method(doc["id"], kind, str(card["brand"]), str(card["last4"]), expires)


_KINDS = {kind.value: kind for kind in MovementKind}


def read_movement(doc: Mapping[str, Any]) -> Movement:
    """Read a BalanceTransaction with its source expanded."""
    source = doc.get("source")
    charge = source.get("payment_intent") if isinstance(source, Mapping) else None
    return Movement(
        id=doc["id"],
        kind=_KINDS.get(doc["reporting_category"], MovementKind.OTHER),
        amount=_money(doc["amount"], doc),
        fee=_money(doc["fee"], doc),
        net=_money(doc["net"], doc),
        source=_id(source) or "",
        intent=_id(charge),
        created=datetime.fromtimestamp(doc["created"], tz=UTC),
    )
