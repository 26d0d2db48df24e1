"""The sandbox's endpoints, each with the parameters that it takes. Any other one is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from quartieri.gateways.sandbox import charges
from quartieri.gateways.sandbox.charges import flag, whole
from quartieri.gateways.sandbox.desk import Desk, RefusedError, public
from quartieri.gateways.sandbox.store import Doc

HALF_HOUR = 1800
DAY = 86_400
SLACK = 120
REFUND_FAILS_AFTER = 60

Verb = Callable[..., Doc | tuple[int, Doc]]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    method: str
    path: re.Pattern[str]
    takes: frozenset[str]
    verb: Verb


def create_customer(desk: Desk, params: Doc) -> Doc:
    """Keep a payer."""
    return desk.add(
        "cus",
        {
            "object": "customer",
            "email": params.get("email"),
            "livemode": False,
            "metadata": params.get("metadata", {}),
        },
    )


# -- hosted pages ------------------------------------------------------------------------------


def create_session(desk: Desk, params: Doc) -> Doc:
    """Open a hosted page; a setup intent comes at once, a payment intent when the payer pays."""
    mode = params.get("mode")
    if mode not in {"setup", "payment"}:
        raise RefusedError(400, "Invalid mode: must be one of payment or setup", param="mode")
    for name in ("success_url", "cancel_url"):
        if not str(params.get(name, "")).startswith("http"):
            raise RefusedError(400, "Not a valid URL", code="url_invalid", param=name)
    if params.get("customer"):
        desk.find("customer", params["customer"], status=400)
    now = desk.now()
    expires = whole(params, "expires_at") if "expires_at" in params else now + DAY
    if not now + HALF_HOUR - SLACK <= expires <= now + DAY + SLACK:
        raise RefusedError(
            400, "The `expires_at` timestamp must be 30 minutes to 24 hours ahead.",
            param="expires_at",
        )  # fmt: skip
    amount = _line_items(params) if mode == "payment" else None
    setup = _new_setup(desk, params) if mode == "setup" else None
    session = desk.add(
        "cs",
        {
            "object": "checkout.session",
            "amount_total": amount,
            "cancel_url": params["cancel_url"],
            "client_reference_id": params.get("client_reference_id"),
            "currency": "eur",
            "customer": params.get("customer"),
            "expires_at": expires,
            "livemode": False,
            "locale": params.get("locale"),
            "metadata": params.get("metadata", {}),
            "mode": mode,
            "payment_intent": None,
            "payment_status": "no_payment_required" if mode == "setup" else "unpaid",
            "setup_intent": setup["id"] if setup else None,
            "status": "open",
            "success_url": params["success_url"],
            "url": None,
            "_intent_data": params.get("payment_intent_data", {}),
            "_method": None,
            "_title": _title(params),
        },
    )
    desk.store.remind(session["id"], due=expires)
    return desk.save(session, url=_page_address(session))


def _page_address(session: Doc) -> str:
    """Put the page on the site that the payer comes from: it is served there, under /sandbox."""
    site = urlsplit(session["success_url"])
    return f"{site.scheme}://{site.netloc}/sandbox/checkout/{session['id']}"


def _line_items(params: Doc) -> int:
    total = 0
    for item in params.get("line_items", []):
        price = item.get("price_data", {})
        if price.get("currency") != "eur":
            raise RefusedError(400, "Invalid currency: only eur here", param="line_items")
        total += whole(price, "unit_amount") * whole(item, "quantity")
    if total < charges.SMALLEST_CENTS:
        raise RefusedError(400, "The total amount due is too small.", code="amount_too_small")
    return total


def _title(params: Doc) -> str:
    items = params.get("line_items", [])
    return str(items[0]["price_data"]["product_data"]["name"]) if items else ""


def _new_setup(desk: Desk, params: Doc) -> Doc:
    if params.get("currency") != "eur":
        raise RefusedError(400, "Missing required param: currency.", param="currency")
    return desk.add(
        "seti",
        {
            "object": "setup_intent",
            "customer": params.get("customer"),
            "last_setup_error": None,
            "livemode": False,
            "metadata": params.get("setup_intent_data", {}).get("metadata", {}),
            "payment_method": None,
            "status": "requires_payment_method",
            "usage": "off_session",
        },
    )


def expire_session(desk: Desk, params: Doc, key: str) -> Doc:
    """Close a hosted page before its time."""
    del params
    session = desk.find("checkout.session", key)
    if session["status"] != "open":
        raise RefusedError(
            400,
            f'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of {session['status']}.",
        )
    return end_session(desk, session)


def end_session(desk: Desk, session: Doc) -> Doc:
    """Make an open page expired and cancel what it was opened for."""
    desk.save(session, status="expired", url=None)
    if session["payment_intent"]:
        intent = desk.find("payment_intent", session["payment_intent"])
        if intent["status"] in charges.OPEN:
            charges.withdraw(desk, intent)
    if session["setup_intent"]:
        setup = desk.find("setup_intent", session["setup_intent"])
        desk.save(setup, status="canceled")
        desk.emit("setup_intent.canceled", setup)
    desk.emit("checkout.session.expired", session)
    return session


# -- refunds -----------------------------------------------------------------------------------


def create_refund(desk: Desk, params: Doc) -> Doc:
    """Send money back, never more than is left of the charge."""
    intent = desk.find("payment_intent", str(params.get("payment_intent")), status=400)
    if intent["status"] != "succeeded":
        raise RefusedError(400, "This PaymentIntent does not have a successful charge to refund.")
    charge = desk.find("charge", intent["latest_charge"])
    left = charge["amount"] - charge["amount_refunded"]
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
        desk.store.remind(refund["id"], due=desk.now() + REFUND_FAILS_AFTER)
    entry = charges.book(desk, refund["id"], "refund", -amount, 0)
    desk.save(refund, balance_transaction=entry["id"])
    _count_refunded(desk, charge, amount)
    desk.emit("refund.created", refund)
    desk.emit("charge.refunded", charge)
    return refund


def fail_refund(desk: Desk, refund: Doc) -> None:
    """Let the payer's bank send a refund back."""
    desk.save(refund, status="failed", failure_reason="lost_or_stolen_card")
    charges.book(desk, refund["id"], "refund_failure", refund["amount"], 0)
    _count_refunded(desk, desk.find("charge", refund["charge"]), -refund["amount"])
    desk.emit("refund.failed", refund)


def _count_refunded(desk: Desk, charge: Doc, amount: int) -> None:
    refunded = charge["amount_refunded"] + amount
    desk.save(charge, amount_refunded=refunded, refunded=refunded == charge["amount"])


# -- time --------------------------------------------------------------------------------------


def pass_time(desk: Desk) -> None:
    """Do what is due by the clock: pages expire, refunds that will fail fail."""
    for doc in desk.store.take_due(now=desk.now()):
        if doc["object"] == "checkout.session" and doc["status"] == "open":
            end_session(desk, doc)
        elif doc["object"] == "refund" and doc["status"] == "pending":
            fail_refund(desk, doc)


# -- reading -----------------------------------------------------------------------------------


def reads(kind: str) -> Verb:
    """Build the verb that reads one object of a kind."""

    def read(desk: Desk, params: Doc, key: str) -> Doc:
        del params
        return desk.find(kind, key)

    return read


def list_events(desk: Desk, params: Doc) -> Doc:
    """List events, newest first, a page at a time."""
    since = int(params.get("created", {}).get("gte", 0))
    most = min(100, int(params.get("limit", 10)))
    found = desk.store.newest(
        "event", since=since, before=params.get("starting_after", ""), most=most + 1
    )
    return _page("/v1/events", found[:most], more=len(found) > most)


def list_refunds(desk: Desk, params: Doc) -> Doc:
    """List a charge's refunds, newest first."""
    found = desk.store.children("refund", str(params.get("payment_intent", "")))[::-1]
    return _page("/v1/refunds", found, more=False)


def _page(url: str, data: list[Doc], *, more: bool) -> Doc:
    return {"object": "list", "url": url, "has_more": more, "data": data}


def detach_method(desk: Desk, params: Doc, key: str) -> Doc:
    """Forget a saved card."""
    del params
    method = desk.find("payment_method", key)
    if method["customer"] is None:
        raise RefusedError(400, "The payment method you provided is not attached to a customer.")
    desk.save(method, customer=None)
    desk.emit("payment_method.detached", method)
    return method


def create_intent(desk: Desk, params: Doc) -> Doc | tuple[int, Doc]:
    """Keep an intent, and confirm it at once if asked to."""
    intent = charges.new_intent(desk, params)
    return charges.confirm(desk, intent, params) if flag(params, "confirm") else intent


def confirm_intent(desk: Desk, params: Doc, key: str) -> tuple[int, Doc]:
    """Charge."""
    return charges.confirm(desk, desk.find("payment_intent", key), params)


def cancel_intent(desk: Desk, params: Doc, key: str) -> Doc:
    """Give up a charge."""
    del params
    return charges.cancel(desk, desk.find("payment_intent", key))


def _route(method: str, path: str, verb: Verb, takes: str = "") -> Route:
    pattern = re.compile(path.replace("{id}", "([A-Za-z0-9_]+)"))
    return Route(method, pattern, frozenset(takes.split()) | {"expand"}, verb)


ROUTES = (
    _route("POST", "/v1/customers", create_customer, "email name metadata"),
    _route(
        "POST",
        "/v1/checkout/sessions",
        create_session,
        "mode currency customer client_reference_id success_url cancel_url locale expires_at "
        "metadata setup_intent_data payment_intent_data line_items allowed_payment_method_types",
    ),
    _route("GET", "/v1/checkout/sessions/{id}", reads("checkout.session")),
    _route("POST", "/v1/checkout/sessions/{id}/expire", expire_session),
    _route("GET", "/v1/setup_intents/{id}", reads("setup_intent")),
    _route(
        "POST",
        "/v1/payment_intents",
        create_intent,
        "amount currency customer payment_method description metadata confirm off_session "
        "allowed_payment_method_types",
    ),
    _route("GET", "/v1/payment_intents/{id}", reads("payment_intent")),
    _route(
        "POST", "/v1/payment_intents/{id}/confirm", confirm_intent, "payment_method off_session"
    ),
    _route("POST", "/v1/payment_intents/{id}/cancel", cancel_intent, "cancellation_reason"),
    _route("GET", "/v1/charges/{id}", reads("charge")),
    _route("POST", "/v1/refunds", create_refund, "payment_intent amount metadata reason"),
    _route("GET", "/v1/refunds", list_refunds, "payment_intent limit starting_after"),
    _route("GET", "/v1/refunds/{id}", reads("refund")),
    _route("GET", "/v1/payment_methods/{id}", reads("payment_method")),
    _route("POST", "/v1/payment_methods/{id}/detach", detach_method),
    _route("GET", "/v1/events", list_events, "created limit starting_after types type"),
    _route("GET", "/v1/events/{id}", reads("event")),
)

EXPANDABLE = {
    "latest_charge": "charge",
    "balance_transaction": "balance_transaction",
    "payment_intent": "payment_intent",
    "setup_intent": "setup_intent",
    "charge": "charge",
}


def expanded(desk: Desk, doc: Doc, paths: list[Any]) -> Doc:
    """Give an object in its public shape with the named references replaced by objects."""
    doc = public(doc)
    for path in paths:
        here: Any = doc
        for name in str(path).split("."):
            if not isinstance(here, dict) or name not in here or name not in EXPANDABLE:
                raise RefusedError(400, f"This property cannot be expanded ({path}).")
            if isinstance(here[name], str):
                here[name] = public(desk.find(EXPANDABLE[name], here[name]))
            here = here[name]
            if here is None:
                break
    return doc
