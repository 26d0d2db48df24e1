"""The sandbox's endpoints, each with the parameters that it takes. Any other one is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from quartieri.gateways.sandbox import charges, complaints, refunds
from quartieri.gateways.sandbox.charges import flag, whole
from quartieri.gateways.sandbox.desk import Desk, RefusedError, public
from quartieri.gateways.sandbox.store import Doc

HALF_HOUR = 1800
DAY = 86_400
SLACK = 120

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


def correct_customer(desk: Desk, params: Doc, key: str) -> Doc:
    """Write down what changed of a payer."""
    named = {name: params[name] for name in ("email", "name", "metadata") if name in params}
    return desk.save(desk.find("customer", key), **named)


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


# -- time --------------------------------------------------------------------------------------


def pass_time(desk: Desk) -> None:
    """Do what is due by the clock: pages expire, slow charges end, refunds that will fail fail.

    Cards of their own bring refunds in the provider's pages and decisions about disputes.
    """
    for doc in desk.store.take_due(now=desk.now()):
        if doc["object"] == "checkout.session" and doc["status"] == "open":
            end_session(desk, doc)
        elif doc["object"] == "payment_intent" and doc["status"] == "processing":
            end_slow(desk, doc)
        elif doc["object"] == "refund" and doc["status"] == "pending":
            refunds.fail(desk, doc)
        elif doc["object"] == "charge" and not doc["amount_refunded"]:
            words = {"payment_intent": doc["payment_intent"], "amount": charges.part_of(doc)}
            refunds.create(desk, words)
        elif doc["object"] == "dispute" and doc["status"] == "needs_response":
            card = charges.card_of(desk.find("charge", doc["charge"]))
            complaints.close_dispute(desk, doc, won=card.decided == "won")


def end_slow(desk: Desk, intent: Doc, *, decline: str | None = None) -> None:
    """Let a slow charge end, as its method behaves or by ``decline`` ("": it succeeds)."""
    method = desk.find("payment_method", intent["payment_method"])
    code = charges.decline_of(desk, method) if decline is None else decline
    charges.finish(desk, intent, method, decline=code)
    if not intent["_session"]:
        return
    session = desk.find("checkout.session", intent["_session"])
    if code:
        desk.emit("checkout.session.async_payment_failed", session)
    else:
        desk.save(session, payment_status="paid")
        desk.emit("checkout.session.async_payment_succeeded", session)


# -- reading -----------------------------------------------------------------------------------


def reads(kind: str) -> Verb:
    """Build the verb that reads one object of a kind."""

    def read(desk: Desk, params: Doc, key: str) -> Doc:
        del params
        return desk.find(kind, key)

    return read


def list_events(desk: Desk, params: Doc) -> Doc:
    """List events, newest first, a page at a time."""
    return _newest(desk, params, "event", "/v1/events")


def _newest(desk: Desk, params: Doc, kind: str, url: str) -> Doc:
    since = int(params.get("created", {}).get("gte", 0))
    most = min(100, int(params.get("limit", 10)))
    found = desk.store.newest(
        kind, since=since, before=params.get("starting_after", ""), most=most + 1
    )
    return _page(url, found[:most], more=len(found) > most)


def list_movements(desk: Desk, params: Doc) -> Doc:
    """List the balance's movements, newest first, a page at a time."""
    return _newest(desk, params, "balance_transaction", "/v1/balance_transactions")


def lists(kind: str, url: str) -> Verb:
    """Build the verb that lists a charge's objects of a kind, newest first."""

    def listing(desk: Desk, params: Doc) -> Doc:
        found = desk.store.children(kind, str(params.get("payment_intent", "")))[::-1]
        return _page(url, found, more=False)

    return listing


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
    _route("GET", "/v1/customers/{id}", reads("customer")),
    _route("POST", "/v1/customers/{id}", correct_customer, "email name metadata"),
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
    _route("POST", "/v1/refunds", refunds.create, "payment_intent amount metadata reason"),
    _route(
        "GET",
        "/v1/refunds",
        lists("refund", "/v1/refunds"),
        "payment_intent limit starting_after",
    ),
    _route("GET", "/v1/refunds/{id}", reads("refund")),
    _route(
        "GET",
        "/v1/disputes",
        lists("dispute", "/v1/disputes"),
        "payment_intent limit starting_after",
    ),
    _route("GET", "/v1/disputes/{id}", reads("dispute")),
    _route("GET", "/v1/radar/early_fraud_warnings/{id}", reads("radar.early_fraud_warning")),
    _route("GET", "/v1/balance_transactions", list_movements, "created limit starting_after"),
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
    "source": "",
}
SOURCES = {"ch": "charge", "re": "refund", "du": "dispute"}
"""What moved the balance, by how its id begins."""


def expanded(desk: Desk, doc: Doc, paths: list[Any]) -> Doc:
    """Give an object in its public shape with the named references replaced by objects.

    ``data.…`` is about each object of a list.
    """
    doc = public(doc)
    for path in paths:
        steps = str(path).split(".")
        if steps[0] == "data" and doc["object"] == "list":
            for one in doc["data"]:
                _expand(desk, one, steps[1:])
        else:
            _expand(desk, doc, steps)
    return doc


def _expand(desk: Desk, doc: Doc, steps: list[str]) -> None:
    here: Any = doc
    for name in steps:
        if not isinstance(here, dict) or name not in here or name not in EXPANDABLE:
            raise RefusedError(400, f"This property cannot be expanded ({'.'.join(steps)}).")
        if isinstance(here[name], str):
            kind = EXPANDABLE[name] or SOURCES[here[name].partition("_")[0]]
            here[name] = public(desk.find(kind, here[name]))
        here = here[name]
        if here is None:
            return
