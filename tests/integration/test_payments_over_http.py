"""The whole way over real sockets: Stripe's library asks, and signed messages come in.

One site and one sandbox serve all tests of this file; each test has a pledge of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from quartieri.db import db, unit_of_work
from quartieri.gateways.payments import ProviderMessage
from quartieri.gateways.sandbox import cards, webhooks
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.engine import SECRET, Sandbox
from quartieri.gateways.stripe import Stripe
from quartieri.jobs import registry
from quartieri.jobs.worker import work_until_idle
from quartieri.kit.clock import SetClock
from quartieri.kit.money import Money
from quartieri.payments import jobs, queries
from quartieri.payments.actions import messages, refunds, setups
from quartieri.payments.models import InboxMessage
from quartieri.payments.rules import ChargeStatus, PaymentFacts, ReturnStatus
from tests.databases import Databases
from tests.doubles import build_app, close_database
from tests.factories.payments import charge, make_charge, make_sandbox, make_setup, served, serving

PLEDGES = itertools.count(7_000)


@dataclass(slots=True)
class Wired:
    """A site that is served, and the provider that it talks to over HTTP."""

    app: Flask
    address: str
    sandbox: Sandbox
    provider: Stripe
    clock: SetClock

    def save_card(self, subject: str) -> None:
        """Let a payer save a card on the hosted page."""
        at = self.clock.now()
        with unit_of_work() as session:
            setup_id = make_setup(session, subject, at=at).id
        url = setups.open_page(unit_of_work, self.provider, setup_id, email="a@b.it", at=at)
        self.sandbox.pay(url.rpartition("/")[2], cards.SUCCEEDS)

    def deliver(self) -> int:
        """Post what is due to the site's address, and let the worker do what came in."""
        taken = self.sandbox.deliver(webhooks.over_http(self.address))
        work_until_idle()
        return taken

    def facts(self, subject: str) -> PaymentFacts:
        """Give what the site knows of a pledge's payments."""
        with unit_of_work() as session:
            return queries.facts(session, subject)

    def post(self, body: bytes, signature: str | None) -> int:
        """Post one message and give the answer's status."""
        words = {"Content-Type": "application/json"}
        words |= {} if signature is None else {"Stripe-Signature": signature}
        request = urllib.request.Request(self.address, data=body, headers=words, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code


def _settled(pledge_id: int) -> None:
    """Stand for the slice above."""
    del pledge_id


@pytest.fixture(scope="module")
def served_site(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wired]:
    database = databases.fresh("sqlite")
    app = build_app(database.url, tmp_path_factory.mktemp("site"))
    services = app.extensions["services"]
    sandbox = make_sandbox(services.clock)
    with (
        pytest.MonkeyPatch.context() as patch,
        served(sandbox) as provider,
        serving(app) as address,
    ):
        patch.setitem(registry.HANDLERS, "pledge.settle", _settled)
        services.payments = provider
        yield Wired(app, f"{address}/payments/webhook", sandbox, provider, services.clock)
    close_database(app)
    databases.drop(database)


@pytest.fixture
def site(served_site: Wired) -> Iterator[Wired]:
    """Give the site inside of its context, with messages that come at once."""
    served_site.sandbox.mode = Mode.NORMAL
    with served_site.app.app_context():
        served_site.deliver()
        yield served_site
        db.session.remove()


@pytest.fixture
def subject() -> str:
    return f"pledge:{next(PLEDGES)}"


def heard() -> list[str]:
    """List the ids of the events in the inbox, in the order of their coming."""
    with unit_of_work() as session:
        return list(session.scalars(sa.select(InboxMessage.event_id).order_by(InboxMessage.id)))


def happened(site: Wired) -> list[ProviderMessage]:
    """List the provider's events of these hours."""
    return list(site.provider.list_events(site.clock.now() - timedelta(hours=3)))


def news(site: Wired, before: list[ProviderMessage]) -> list[ProviderMessage]:
    """List the provider's events since ``before``."""
    known = {one.id for one in before}
    return [one for one in happened(site) if one.id not in known]


@pytest.mark.parametrize("mode", list(Mode))
def test_messages_over_http_end_the_same_however_they_come(
    site: Wired, subject: str, *, mode: Mode
) -> None:
    before, earlier = heard(), happened(site)
    site.sandbox.mode = mode
    site.save_card(subject)
    found = news(site, earlier)
    sent = [one.id for one in found]
    silent = {one.id for one in found if one.object_kind == queries.CARD}
    late = mode in {Mode.LATE, Mode.DROPPED}
    assert site.deliver() == {Mode.TWICE: 2 * len(sent), Mode.LATE: 0, Mode.DROPPED: 0}.get(
        mode, len(sent)
    )
    assert site.facts(subject).has_card is not late
    came = heard()[len(before) :]
    assert came == [] if late else sorted(came) == sorted(sent)
    if mode is Mode.OUT_OF_ORDER:
        assert came == sent[::-1]
    site.clock.advance(timedelta(hours=1))
    if mode is Mode.DROPPED:
        assert site.deliver() == 0
        jobs.reconcile()
        work_until_idle()
    elif mode is Mode.LATE:
        assert site.deliver() == len(sent)
    assert site.facts(subject).has_card
    assert set(sent) - set(heard()) == (silent if mode is Mode.DROPPED else set())


def test_a_charge_and_its_refund_are_the_same_after_all_their_messages(
    site: Wired, subject: str
) -> None:
    site.save_card(subject)
    site.deliver()
    at = site.clock.now()
    charge_id = make_charge(subject, Money(5_000), at=at)
    site.sandbox.mode = Mode.OUT_OF_ORDER
    charge(site.provider, charge_id, at=at)
    with unit_of_work() as session:
        refund_id = refunds.prepare(session, charge_id, Money(2_000), at=at).id
    refunds.send(unit_of_work, site.provider, refund_id, at=at)
    known = site.facts(subject)
    assert (known.charge, known.received_cents) == (ChargeStatus.PAID, 5_000)
    assert [(one.amount_cents, one.status) for one in known.refunds] == [
        (2_000, ReturnStatus.SUCCEEDED)
    ]
    assert site.deliver() > 0
    assert site.facts(subject) == known


def signed(message: ProviderMessage, *, at: int, secret: str = SECRET) -> tuple[bytes, str]:
    """Sign a message as Stripe does, at an instant and with a secret of one's own."""
    body = message.body.encode()
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={digest}"


def test_a_wrong_or_an_old_signature_is_refused_and_leaves_nothing(
    site: Wired, subject: str
) -> None:
    site.sandbox.mode = Mode.DROPPED
    before, earlier = heard(), happened(site)
    site.save_card(subject)
    message = news(site, earlier)[0]
    now = int(time.time())
    body, good = signed(message, at=now)
    assert site.post(*signed(message, at=now, secret="whsec_of_another")) == 400
    assert site.post(*signed(message, at=now - 301)) == 400
    assert site.post(body + b" ", good) == 400
    assert site.post(body, f"t={now - 1},{good.partition(',')[2]}") == 400
    assert site.post(body, "nonsense") == 400
    assert site.post(body, None) == 400
    assert heard() == before
    assert site.post(*signed(message, at=now - 240)) == 200
    assert site.post(body, good) == 200
    assert heard() == [*before, message.id]


def test_what_is_signed_but_no_event_is_kept_and_nothing_follows(site: Wired) -> None:
    event = {"id": "evt_1", "type": "charge.succeeded", "livemode": False, "created": 1}
    event |= {"data": {"object": {"object": "charge", "id": "ch_x"}}}
    wrong = [
        {"id": 5},
        {"id": "e" * 500},
        {"id": "evt\0"},
        {"created": 10**30},
        {"livemode": "no"},
        {"data": {"object": {"object": "charge", "id": "c", "payment_intent": "pi\0"}}},
    ]
    bodies = [b"", b"{", b"[]", b"\0", b"[" * 100_000]
    bodies += [json.dumps(event | change).encode() for change in wrong]
    before = len(heard())
    for body in bodies:
        assert site.post(body, webhooks.signature(body, SECRET)) == 200
    with unit_of_work() as session:
        kept = session.scalars(sa.select(InboxMessage).order_by(InboxMessage.id)).all()[before:]
        assert [m.note for m in kept] == [messages.UNREADABLE] * len(bodies)
        assert all(m.handled_at for m in kept)
