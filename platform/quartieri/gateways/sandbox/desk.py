"""What every verb of the sandbox needs: objects, the clock, events, and how to refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from quartieri.gateways.sandbox.cards import Fees
from quartieri.gateways.sandbox.store import Doc, Store
from quartieri.kit.labels import N_, LabelEnum

API_VERSION = "2026-10-28.endive"
LATE = timedelta(hours=1)


class Mode(LabelEnum):
    """How messages about events are delivered."""

    NORMAL = "normal", N_("At once")
    TWICE = "twice", N_("Twice")
    LATE = "late", N_("An hour late")
    OUT_OF_ORDER = "out_of_order", N_("In the wrong order")
    DROPPED = "dropped", N_("Never")


class RefusedError(Exception):
    """A request that Stripe would refuse: nothing is kept of it."""

    def __init__(
        self, status: int, message: str, *, code: str = "", param: str = "", **more: Any
    ) -> None:
        """Build the body of the answer."""
        super().__init__(message)
        self.status = status
        kind = more.pop("type", "invalid_request_error")
        error: Doc = {"type": kind, "message": message} | more
        if code:
            error["code"] = code
        if param:
            error["param"] = param
        self.body: Doc = {"error": error}


class Desk:
    """The store with a clock, fees, and a way to tell what happened."""

    def __init__(self, store: Store, *, now: Callable[[], datetime], fees: Fees) -> None:
        """Start with messages delivered normally."""
        self.store = store
        self.fees = fees
        self.mode = Mode.NORMAL
        self._clock = now
        self._instant = 0

    def look_at_clock(self) -> int:
        """Read the clock, in whole seconds as Stripe does. It may ask another database."""
        return int(self._clock().timestamp())

    def set_now(self, instant: int) -> None:
        """Let this unit happen at ``instant``."""
        self._instant = instant

    def now(self) -> int:
        """Give the instant of this unit."""
        return self._instant

    def find(self, kind: str, key: str, *, status: int = 404) -> Doc:
        """Give an object; refuse with 404 (or 400 for a parameter) if there is none."""
        doc = self.store.get(kind, key)
        if doc is None:
            raise RefusedError(status, f"No such {kind}: '{key}'", code="resource_missing")
        return doc

    def add(self, prefix: str, doc: Doc, *, parent: str = "") -> Doc:
        """Keep a new object."""
        return self.store.add(prefix, doc, created=self.now(), parent=parent)

    def save(self, doc: Doc, **changes: Any) -> Doc:
        """Change an object and keep it."""
        doc.update(changes)
        self.store.put(doc)
        return doc

    def book(self, source: str, kind: str, amount: int, fee: int, *, category: str = "") -> Doc:
        """Keep a movement on the provider's balance; ``category`` is the kind unless named."""
        return self.add(
            "txn",
            {
                "object": "balance_transaction",
                "amount": amount,
                "currency": "eur",
                "fee": fee,
                "net": amount - fee,
                "reporting_category": category or kind,
                "source": source,
                "status": "available",
                "type": kind,
            },
        )

    def mode_of(self, doc: Doc) -> Mode:
        """Give how messages about an object go out: as was chosen for its payer, if it was."""
        payer = doc.get("customer")
        if payer is None and doc.get("payment_intent"):
            payer = self.find("payment_intent", doc["payment_intent"])["customer"]
        if payer is None:
            return self.mode
        return Mode(self.find("customer", payer).get("_mode", self.mode))

    def emit(self, kind: str, doc: Doc) -> None:
        """Keep an event with the object as it is now, and plan its messages by the mode."""
        mode = self.mode_of(doc)
        event = self.add(
            "evt",
            {
                "object": "event",
                "api_version": API_VERSION,
                "type": kind,
                "livemode": False,
                "data": {"object": public(doc)},
                "_mode": mode.value,
            },
        )
        if mode is Mode.DROPPED:
            return
        due = self.now() + (int(LATE.total_seconds()) if mode is Mode.LATE else 0)
        self.store.plan_delivery(event["id"], due=due)
        if mode is Mode.TWICE:
            self.store.plan_delivery(event["id"], due=due)


def public(doc: Any) -> Any:
    """Give an object without what the sandbox keeps for itself (names that begin with _)."""
    if isinstance(doc, dict):
        return {key: public(value) for key, value in doc.items() if not key.startswith("_")}
    if isinstance(doc, list):
        return [public(value) for value in doc]
    return doc
