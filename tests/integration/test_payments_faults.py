"""What a provider's own faults, and objects that nobody can read, do to the others: nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.payments import (
    Checkout,
    PaymentError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.gateways.sandbox.wire import Wire
from quartieri.gateways.stripe import InProcess, Stripe
from quartieri.jobs.models import Job, JobState
from quartieri.kit.clock import SetClock, rome
from quartieri.kit.money import Money
from quartieri.payments import differences, jobs, queries
from quartieri.payments.actions import messages, pages, setups
from quartieri.payments.models import InboxMessage, PaymentMark, PaymentSetup, ReconciliationRun
from quartieri.payments.rules import CardStatus, ChargeStatus
from tests.doubles import NOW
from tests.factories.payments import (
    BACK,
    charge,
    facts,
    make_charge,
    make_saved_card,
    make_setup,
    paid_at_provider,
)

pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

FAULT = b'{"error": {"type": "api_error", "message": "Something went wrong."}}'


class Faulty:
    """A line to a provider that fails once at each named request, before or after the deed.

    As the real one does it keeps that answer, for whoever asks with the same key.
    """

    def __init__(self, provider: SandboxProvider, *names: str, after: bool = False) -> None:
        self._wire = Wire(provider.sandbox)
        self._fails = list(names)
        self._after = after
        self._kept: set[str] = set()
        self.asked: list[str] = []

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        key = headers.get("Idempotency-Key", "")
        verb = urlsplit(url).path.rpartition("/")[2]
        if method.upper() == "GET":
            return self._wire.answer(method, url, headers, body)
        self.asked.append(key)
        if key in self._kept:
            return 500, {}, FAULT
        if verb not in self._fails:
            return self._wire.answer(method, url, headers, body)
        self._fails.remove(verb)
        self._kept.add(key)
        if self._after:
            self._wire.answer(method, url, headers, body)
        return 500, {}, FAULT


def behind(line: Faulty) -> Stripe:
    """Give a provider behind such a line."""
    client = InProcess(line)
    return Stripe(
        "sk_test_faulty", "whsec_x", api="http://faulty.invalid", client=client, retries=0
    )


@pytest.mark.parametrize("after", [False, True])
def test_a_page_opens_under_another_key_after_a_fault_that_the_provider_keeps(
    session: Session, payments: SandboxProvider, *, after: bool
) -> None:
    line = Faulty(payments, "customers", "sessions", after=after)
    provider = behind(line)
    setup_id = make_setup(session, at=NOW).id
    session.commit()
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=NOW)
    url = setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=NOW)
    payments.sandbox.pay(url.rpartition("/")[2], cards.SUCCEEDS)
    assert setups.refresh(unit_of_work, provider, setup_id, at=NOW) is CardStatus.SAVED
    assert len(set(line.asked)) == len(line.asked)


@pytest.mark.parametrize("after", [False, True])
def test_a_charge_goes_on_under_other_keys_and_takes_the_money_once(
    session: Session, payments: SandboxProvider, *, after: bool
) -> None:
    make_saved_card(payments, at=NOW)
    charge_id = make_charge(at=NOW)
    provider = behind(Faulty(payments, "payment_intents", "confirm", after=after))
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError):
            charge(provider, charge_id, at=NOW)
    assert charge(provider, charge_id, at=NOW) is ChargeStatus.PAID
    assert paid_at_provider(payments) == [5_000]
    assert facts().received_cents == 5_000


def test_another_address_or_another_setting_never_meets_a_key_that_was_used(
    session: Session, payments: SandboxProvider
) -> None:
    line = Faulty(payments, "sessions", after=True)
    setup_id = make_setup(session, at=NOW).id
    session.commit()
    with pytest.raises(ProviderUnavailableError):
        setups.open_page(unit_of_work, behind(line), setup_id, email="a@b.it", at=NOW)
    setups.open_page(unit_of_work, behind(line), setup_id, email="b@b.it", at=NOW)
    with unit_of_work() as writing:
        charge_id = pages.prepare(
            writing,
            "pledge:13",
            Money(500),
            description="Orto",
            success_url=BACK,
            cancel_url=BACK,
            locale="it",
            expires_at=NOW + timedelta(hours=1),
            at=NOW,
        ).id
    cut = SandboxProvider(payments.sandbox, fault=_cut_after_the_page)
    with pytest.raises(ProviderUnavailableError):
        pages.open_page(unit_of_work, cut, charge_id, email="c@b.it", at=NOW)
    fewer = behind(Faulty(payments))  # cards alone, where the other took PayPal as well
    with pytest.raises(ProviderRefusedError, match="idempotency"):
        pages.open_page(unit_of_work, fewer, charge_id, email="c@b.it", at=NOW)
    assert pages.open_page(unit_of_work, fewer, charge_id, email="c@b.it", at=NOW)


def _cut_after_the_page(when: str, name: str) -> None:
    if when == "after" and name.endswith("sessions"):
        raise ConnectionError


# -- reading ---------------------------------------------------------------------------------------


class Stubborn:
    """A provider that cannot read one page, for a reason of its own."""

    def __init__(self, provider: SandboxProvider, page: str, error: Exception) -> None:
        self._provider, self._page, self._error = provider, page, error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def read_checkout(self, session: str) -> Checkout:
        """Read a page, but for the one."""
        if session == self._page:
            raise self._error
        return self._provider.read_checkout(session)


def open_cards(provider: SandboxProvider, *subjects: str) -> Iterator[tuple[int, str]]:
    """Open pages for subjects and let each payer save a card; nobody is told of it."""
    provider.sandbox.mode = Mode.DROPPED
    for subject in subjects:
        with unit_of_work() as session:
            setup_id = make_setup(session, subject, at=NOW).id
        url = setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=NOW)
        page = url.rpartition("/")[2]
        provider.sandbox.pay(page, cards.SUCCEEDS)
        yield setup_id, page


@pytest.mark.parametrize(
    "error",
    [
        KeyError("status"),
        ProviderRefusedError("resource_missing"),
        ProviderUnavailableError("no answer"),
        ProviderRefusedError("no_permission"),
    ],
)
def test_what_cannot_be_read_holds_nothing_else_up(
    session: Session, payments: SandboxProvider, *, error: Exception
) -> None:
    first, second = open_cards(payments, "pledge:12", "pledge:13")
    with unit_of_work() as writing:  # no event is left to tell: the pages themselves are looked at
        writing.execute(sa.update(PaymentSetup).values(looked_at=NOW - timedelta(hours=1)))
        writing.add(PaymentMark(name=queries.EVENTS, word="", at=NOW + timedelta(days=1)))
    stubborn: Any = Stubborn(payments, first[1], error)
    for at in (NOW, NOW + timedelta(minutes=11)):
        with suppress(PaymentError):  # it is told where it concerns all, after this one's turn
            messages.reconcile(unit_of_work, stubborn, at=at)
    assert facts("pledge:13").card is CardStatus.SAVED
    assert facts("pledge:12").card is CardStatus.OPEN
    assert messages.reconcile(unit_of_work, payments, at=NOW + timedelta(hours=1)) == 0
    assert facts("pledge:12").card is CardStatus.SAVED
    assert second[0] > first[0]


def test_messages_that_were_given_up_are_gone_on_with(
    session: Session, payments: SandboxProvider
) -> None:
    [(_setup, _page)] = open_cards(payments, "pledge:12")
    messages.take_events(unit_of_work, payments, at=NOW)
    with unit_of_work() as writing:
        tired = sa.update(Job).where(Job.kind == "payments.message")
        writing.execute(tired.values(state=JobState.FAILED, last_error="no answer"))
    messages.reconcile(unit_of_work, payments, at=NOW + timedelta(minutes=1))
    session.expire_all()
    states = session.scalars(sa.select(Job.state).where(Job.kind == "payments.message"))
    assert set(states) == {JobState.WAITING}


def test_events_from_which_nothing_follows_stay_at_the_provider(
    session: Session, payments: SandboxProvider
) -> None:
    [_one] = open_cards(payments, "pledge:12")
    desk = payments.sandbox._desk
    with payments.sandbox._unit():
        for kind in ("customer", "payout", "product", "price", "balance"):
            desk.emit(f"{kind}.created", {"object": kind, "id": f"{kind}_1"})
    assert len(payments.list_events(NOW)) > messages.take_events(unit_of_work, payments, at=NOW)
    known = session.scalars(sa.select(InboxMessage.object_kind).distinct()).all()
    assert set(known) == {"setup_intent", "checkout.session"}


def test_the_words_of_old_messages_are_deleted_and_what_they_did_stays(
    session: Session, payments: SandboxProvider, clock: SetClock
) -> None:
    make_saved_card(payments, at=NOW)
    jobs.deliver()
    words = sa.select(InboxMessage.body).order_by(InboxMessage.id)
    clock.advance(messages.WORDS_KEPT)
    jobs.forget()
    assert all(session.scalars(words).all())
    clock.advance(timedelta(seconds=1))
    jobs.forget()
    session.expire_all()
    assert set(session.scalars(words)) == {""}
    assert queries.card_saved_at(session, str(facts().card_setup)) == NOW


# -- the night -------------------------------------------------------------------------------------


def at_three(day: int, *, minutes: int = 0) -> datetime:
    """Give 3 in the morning in Rome on a day of March 2025, with its night of 23 hours."""
    return rome(date(2025, 3, day), differences.WALKS_AT) + timedelta(minutes=minutes)


def test_the_books_are_compared_once_a_night_by_romes_clocks(session: Session) -> None:
    def run(began: datetime, **over: Any) -> None:
        done: dict[str, Any] = {"since": NOW, "ended_at": began, "counts": {}}
        session.add(ReconciliationRun(started_at=began, **(done | over)))
        session.flush()

    assert differences.is_due(session, at=at_three(29))
    run(at_three(29))
    assert not differences.is_due(session, at=at_three(29, minutes=5))
    assert not differences.is_due(session, at=at_three(30, minutes=-1))
    assert differences.is_due(session, at=at_three(30))
    run(at_three(30), ended_at=None)
    run(at_three(30, minutes=1), error="no answer")
    assert differences.is_due(session, at=at_three(30, minutes=60))
    run(at_three(30, minutes=60))
    assert not differences.is_due(session, at=at_three(30, minutes=120))
    assert differences.is_due(session, at=at_three(31))


def test_a_night_without_an_answer_is_kept_with_its_reason_and_made_again(
    session: Session, payments: SandboxProvider, clock: SetClock, services: Services
) -> None:
    def gone(_when: str, _name: str) -> None:
        raise ConnectionError

    services.payments = SandboxProvider(payments.sandbox, fault=gone)
    jobs.walk_at_night()
    services.payments = payments
    clock.advance(timedelta(hours=1))
    jobs.walk_at_night()
    jobs.walk_at_night()
    session.expire_all()
    runs = session.scalars(sa.select(ReconciliationRun).order_by(ReconciliationRun.id)).all()
    assert [bool(run.error) for run in runs] == [True, False]
