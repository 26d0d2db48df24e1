"""The sandbox for tests: in memory, with a clock that is set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from socketserver import ThreadingMixIn
from threading import Barrier, Thread
from typing import TypeVar
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import WSGIApplication

from flask import Flask
from sqlalchemy.orm import Session

from quartieri.db import db, unit_of_work
from quartieri.gateways.payments import (
    Checkout,
    Intent,
    PaymentProvider,
    ProviderUnavailableError,
    Reference,
)
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.checkout import Step
from quartieri.gateways.sandbox.engine import SECRET, Sandbox
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.gateways.sandbox.wire import Fault, Wire
from quartieri.gateways.stripe import Stripe
from quartieri.kit.clock import SetClock
from quartieri.kit.money import Money
from quartieri.payments import queries
from quartieri.payments.actions import charges, setups
from quartieri.payments.actions.records import Units
from quartieri.payments.models import PaymentSetup
from quartieri.payments.rules import ChargeStatus, PaymentFacts

BACK = "http://localhost/back"
START = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
AMOUNT = Money(5_000)


def make_clock() -> SetClock:
    return SetClock(START)


def make_sandbox(clock: SetClock | None = None, **over: object) -> Sandbox:
    clock = clock or make_clock()
    return Sandbox(now=clock.now, **over)  # type: ignore[arg-type] # what a test overrides


def make_provider(sandbox: Sandbox, fault: Fault | None = None) -> SandboxProvider:
    return SandboxProvider(sandbox, fault=fault)


def make_reference(subject: str = "pledge:12", n: int = 1, site: str = "") -> Reference:
    return Reference(subject, n, site)


# -- the provider's own verbs, without rows ----------------------------------------------------


def open_setup_page(
    provider: Stripe, n: int = 1, *, until: datetime = START + timedelta(hours=1)
) -> Checkout:
    reference = make_reference(n=n)
    customer = provider.create_customer(email="a@b.it", reference=reference, key="customer:12")
    return provider.create_setup_checkout(
        customer=customer,
        reference=reference,
        success_url=BACK,
        cancel_url=BACK,
        locale="it",
        expires_at=until,
        key=f"setup:12:{n}",
    )


def save_card_there(
    sandbox: Sandbox, provider: Stripe, number: str = cards.SUCCEEDS
) -> tuple[str, str]:
    session = open_setup_page(provider)
    assert sandbox.pay(session.id, number) is Step.DONE
    setup = provider.read_setup(str(session.setup))
    return str(setup.customer), str(setup.method)


def prepare_intent(
    provider: Stripe, customer: str, method: str, cents: int = 5_000, n: int = 1
) -> Intent:
    return provider.create_intent(
        customer=customer,
        method=method,
        amount=Money(cents),
        description="Orto",
        reference=make_reference(n=n),
        key=f"charge:12:{n}",
    )


def open_payment_page(provider: Stripe, cents: int = 5_000) -> Checkout:
    reference = make_reference(n=2)
    customer = provider.create_customer(email="a@b.it", reference=reference, key="customer:12:2")
    return provider.create_payment_checkout(
        customer=customer,
        amount=Money(cents),
        description="Orto",
        reference=reference,
        success_url=BACK,
        cancel_url=BACK,
        locale="it",
        expires_at=START + timedelta(hours=1),
        key="rescue:12:2",
    )


# -- over HTTP ---------------------------------------------------------------------------------


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128  # five by default: a crowd that calls at once is then cut off


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base's name
        del format, args


@contextmanager
def served(sandbox: Sandbox) -> Iterator[Stripe]:
    """Serve the sandbox on a loopback port and give a provider that talks to it over HTTP."""
    with serving(Wire(sandbox)) as address:
        yield Stripe("sk_test_http", SECRET, api=address)


@contextmanager
def serving(application: WSGIApplication) -> Iterator[str]:
    """Serve an application on a loopback port and give its address."""
    server = _Server(("127.0.0.1", 0), _Quiet)
    server.set_app(application)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# -- rows, through the slice's own verbs -------------------------------------------------------


def make_setup(session: Session, subject: str = "pledge:12", *, at: datetime) -> PaymentSetup:
    return setups.prepare(
        session,
        subject,
        success_url=BACK,
        cancel_url=BACK,
        locale="it",
        expires_at=at + timedelta(hours=1),
        at=at,
    )


def make_saved_card(
    provider: SandboxProvider,
    number: str = cards.SUCCEEDS,
    subject: str = "pledge:12",
    *,
    at: datetime,
) -> int:
    """Save a card on the sandbox's page and record it; needs an application context."""
    with unit_of_work() as session:
        setup_id = make_setup(session, subject, at=at).id
    url = setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=at)
    provider.sandbox.pay(url.rpartition("/")[2], number)
    setups.refresh(unit_of_work, provider, setup_id, at=at)
    return setup_id


def make_charge(subject: str = "pledge:12", amount: Money = AMOUNT, *, at: datetime) -> int:
    with unit_of_work() as session:
        known = queries.facts(session, subject)
        return charges.prepare(session, known, amount, description="Orto", at=at).id


def charge(
    provider: PaymentProvider, charge_id: int, *, units: Units = unit_of_work, at: datetime
) -> ChargeStatus:
    with unit_of_work() as session:
        plan = charges.plan_of(session, charge_id, at=at)
    return charges.charge(units, provider, plan, at=at)


def begin(provider: SandboxProvider, charge_id: int, *, at: datetime) -> tuple[str, str]:
    """Make a charge there, lose the line just before it is confirmed; give intent and card."""
    shaky = SandboxProvider(provider.sandbox, fault=Cut(3))
    with suppress(ProviderUnavailableError):
        charge(shaky, charge_id, at=at)
    with unit_of_work() as session:
        plan = charges.plan_of(session, charge_id, at=at)
    return str(plan.intent), str(plan.method)


def make_paid(
    provider: SandboxProvider,
    subject: str = "pledge:12",
    amount: Money = AMOUNT,
    number: str = cards.SUCCEEDS,
    *,
    at: datetime,
) -> int:
    make_saved_card(provider, number, subject, at=at)
    charge_id = make_charge(subject, amount, at=at)
    charge(provider, charge_id, at=at)
    return charge_id


def facts(subject: str = "pledge:12") -> PaymentFacts:
    with unit_of_work() as session:
        return queries.facts(session, subject)


def paid_at_provider(provider: SandboxProvider, subject: str = "pledge:12") -> list[int]:
    """List what the sandbox really took for a subject, in cents."""
    store = provider.sandbox._desk.store
    with store.unit():
        rows = store._run("SELECT doc FROM object WHERE kind = 'charge'").fetchall()
    found = [json.loads(row[0]) for row in rows]
    return [
        c["amount_captured"] for c in found if c["paid"] and c["metadata"]["subject"] == subject
    ]


# -- several at once --------------------------------------------------------------------------

WORKERS = 6
Result = TypeVar("Result")


def at_once(app: Flask, deed: Callable[[int], Result]) -> list[Result]:
    """Do the deed in several threads that start together, each with a session of its own."""
    start = Barrier(WORKERS)

    def one(number: int) -> Result:
        with app.app_context():
            try:
                start.wait()
                return deed(number)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


# -- a shaky outside ---------------------------------------------------------------------------


class Cut:
    """Cuts the line at the n-th moment, once: before or after the provider's deed."""

    def __init__(self, moment: int) -> None:
        self.left = moment

    def __call__(self, when: str, name: str) -> None:
        del when
        if name.startswith("GET"):
            return
        self.left -= 1
        if self.left == 0:
            raise ConnectionError


class Killed:
    """Units of work of a process that dies inside of the n-th one, before its commit."""

    def __init__(self, dies_at: int) -> None:
        self.left = dies_at

    def __call__(self) -> AbstractContextManager[Session]:
        return self._unit()

    @contextmanager
    def _unit(self) -> Iterator[Session]:
        with unit_of_work() as session:
            yield session
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
