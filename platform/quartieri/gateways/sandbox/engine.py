"""The sandbox: requests with idempotency keys, the payer's page, and what goes out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from quartieri.gateways.sandbox import charges, checkout, counter, verbs, webhooks
from quartieri.gateways.sandbox.cards import Fees
from quartieri.gateways.sandbox.checkout import Step
from quartieri.gateways.sandbox.desk import Desk, Mode, RefusedError, public
from quartieri.gateways.sandbox.store import Doc, Store

KEY_LIFE = 86_400
OK = 200
SECRET = "whsec_sandbox"  # noqa: S105 -- the sandbox's own, worth nothing


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body."""

    status: int
    body: Doc


@dataclass(frozen=True, slots=True)
class Page:
    """What the hosted page shows. ``amount_cents`` is None when a card is only saved."""

    id: str
    status: str
    amount_cents: int | None
    title: str
    reference: str
    success_url: str
    cancel_url: str
    asks_second_factor: bool
    mode: Mode


class Sandbox:
    """One provider; several objects on one file are the same provider.

    ``path`` None keeps it in memory. ``mode`` says how messages are delivered.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        now: Callable[[], datetime],
        fees: Fees | None = None,
        secret: str = SECRET,
    ) -> None:
        """Open the store late; ``now`` is the site's clock."""
        self._desk = Desk(Store(path), now=now, fees=fees or Fees())
        self.secret = secret

    @property
    def mode(self) -> Mode:
        """How messages about coming events are delivered."""
        return self._desk.mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._desk.mode = mode

    @contextmanager
    def _unit(self) -> Iterator[None]:
        """Open one transaction at the clock's instant; first comes what time itself brings."""
        instant = self._desk.look_at_clock()
        with self._desk.store.unit():
            self._desk.set_now(instant)
            verbs.pass_time(self._desk)
            yield

    # -- the site's side -----------------------------------------------------------------------

    def request(self, method: str, path: str, params: Doc, key: str = "") -> Answer:
        """Answer one request, whole or not at all; a key once answered gives the same answer.

        One key with other words or on another endpoint is refused with 400, as Stripe does. A
        refused request (400, 404) leaves nothing; a refused card (402) is an answer and is kept.
        """
        try:
            with self._unit():
                return self._once(method, path, params, key)
        except RefusedError as error:
            return Answer(error.status, error.body)

    def _once(self, method: str, path: str, params: Doc, key: str) -> Answer:
        if method == "GET" or not key:
            return self._do(method, path, params)
        store, now = self._desk.store, self._desk.now()
        words = json.dumps(params, sort_keys=True)
        kept = store.answer(key, since=now - KEY_LIFE)
        if kept is None:
            answer = self._do(method, path, params)
            body = json.dumps(answer.body)
            store.keep_answer(key, path, words, answer.status, body, created=now)
            return answer
        if (kept[0], kept[1]) != (path, words):
            raise RefusedError(
                400,
                "Keys for idempotent requests can only be used with the same parameters and "
                f"endpoint they were first used with. Try using a key other than '{key}'.",
                type="idempotency_error",
            )
        return Answer(kept[2], json.loads(kept[3]))

    def _do(self, method: str, path: str, params: Doc) -> Answer:
        for route in verbs.ROUTES:
            found = route.path.fullmatch(path)
            if found is None or route.method != method:
                continue
            unknown = sorted(set(params) - route.takes)
            if unknown:
                raise RefusedError(
                    400,
                    f"Received unknown parameter: {unknown[0]}",
                    code="parameter_unknown",
                    param=unknown[0],
                )
            result = route.verb(self._desk, params, *found.groups())
            status, doc = result if isinstance(result, tuple) else (OK, result)
            if status != OK:
                return Answer(status, doc)
            return Answer(status, verbs.expanded(self._desk, doc, params.get("expand", [])))
        raise RefusedError(404, f"Unrecognized request URL ({method}: {path}).")

    # -- the payer's side ----------------------------------------------------------------------

    def page(self, session: str) -> Page | None:
        """Give what the hosted page shows, or None if there is no such page."""
        with self._unit():
            doc = self._desk.store.get("checkout.session", session)
            if doc is None:
                return None
            mode = self._desk.mode_of(doc)
        return Page(
            id=doc["id"],
            status=doc["status"],
            amount_cents=doc["amount_total"],
            title=doc["_title"],
            reference=doc["client_reference_id"] or "",
            success_url=doc["success_url"].replace("{CHECKOUT_SESSION_ID}", doc["id"]),
            cancel_url=doc["cancel_url"],
            asks_second_factor=checkout.waits_for_answer(doc),
            mode=mode,
        )

    def submit(self, session: str, number: str) -> Step:
        """Type in a card; raise RefusedError if the page is over."""
        with self._unit():
            return checkout.submit(self._desk, session, number)

    def run_out(self, session: str) -> None:
        """Let a page's time be over now; raise RefusedError if it is over."""
        with self._unit():
            verbs.expire_session(self._desk, {}, session)

    def choose_page_mode(self, session: str, mode: Mode) -> None:
        """Say how messages about a page's payer go out from now on."""
        with self._unit():
            doc = self._desk.find("checkout.session", session)
            self._desk.save(self._desk.find("customer", doc["customer"]), _mode=mode.value)

    def answer(self, session: str, *, approve: bool) -> Step:
        """Answer the bank's question; raise RefusedError if the page is over."""
        with self._unit():
            return checkout.answer(self._desk, session, approve=approve)

    def pay(self, session: str, number: str, *, approve: bool = True) -> Step:
        """Do the whole page at once, for tests and replays: the card, and the bank's question."""
        step = self.submit(session, number)
        return self.answer(session, approve=approve) if step is Step.SECOND_FACTOR else step

    # -- the desk ------------------------------------------------------------------------------

    def payments(self, *, most: int = 50) -> list[counter.Paper]:
        """List the newest payments with what can happen to them."""
        with self._unit():
            return counter.listed(self._desk, most=most)

    def payment(self, intent: str) -> counter.Paper | None:
        """Give one payment, or None if there is none."""
        with self._unit():
            doc = self._desk.store.get("payment_intent", intent)
            return None if doc is None else counter.paper(self._desk, doc)

    def do(self, intent: str, deed: counter.Deed, cents: int | None = None) -> None:
        """Let something happen to a payment; raise RefusedError if it cannot."""
        with self._unit():
            counter.do(self._desk, intent, deed, cents)

    def choose_mode(self, intent: str, mode: Mode) -> None:
        """Say how messages about a payment's payer go out from now on."""
        with self._unit():
            counter.choose_mode(self._desk, intent, mode)

    # -- what goes out -------------------------------------------------------------------------

    def deliver(self, post: webhooks.Post) -> int:
        """Send the messages that are due; give how many were taken. See :mod:`webhooks`."""
        with self._unit():
            pass
        return webhooks.deliver(self._desk, post, self.secret)

    def next_delivery(self) -> datetime | None:
        """Give when the next waiting message is due, or None."""
        with self._unit():
            due = self._desk.store.next_due()
        return None if due is None else datetime.fromtimestamp(due, tz=UTC)

    def hasten(self) -> None:
        """Make every waiting message due now, however late it was meant to be."""
        with self._unit():
            now = self._desk.now()
            for number in self._desk.store.waiting_deliveries():
                self._desk.store.deliver_later(number, due=now)

    def fill(self, most: int, number: str) -> list[tuple[str, str]]:
        """Keep many payers, each with a saved card; give their names, for measurements."""
        with self._unit():
            made = []
            for _ in range(most):
                payer = verbs.create_customer(self._desk, {})["id"]
                made.append((payer, charges.make_method(self._desk, number, payer)["id"]))
            return made

    def objects(self, kind: str, parent: str) -> list[Doc]:
        """List what is kept of a kind under a parent, for tests."""
        with self._desk.store.unit():
            return [public(doc) for doc in self._desk.store.children(kind, parent)]
