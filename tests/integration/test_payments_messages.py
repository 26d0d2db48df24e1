"""Messages twice, late, out of order or never: the same end; and the web address they come to."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from quartieri.db import unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.payments import CheckoutStatus, Reference
from quartieri.gateways.sandbox import cards, webhooks
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs import registry
from quartieri.kit.clock import SetClock
from quartieri.kit.money import Money
from quartieri.payments import jobs, queries
from quartieri.payments.actions import messages, pages, setups
from quartieri.payments.models import InboxMessage, PaymentCharge, PaymentMark
from quartieri.payments.rules import CardStatus, ChargeStatus, ReturnStatus
from tests.conftest import SiteClient
from tests.factories.payments import (
    BACK,
    begin,
    make_charge,
    make_paid,
    make_saved_card,
    make_setup,
)

SUBJECT = "pledge:12"
PLEDGES = itertools.count(1000)


@pytest.fixture
def provider(services: Services, session: Session) -> SandboxProvider:
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stand for the slice above: note which pledges are to be settled."""
    told: list[int] = []

    def settle(pledge_id: int) -> None:
        told.append(pledge_id)

    monkeypatch.setitem(registry.HANDLERS, "pledge.settle", settle)
    return told


def open_setup(provider: SandboxProvider, clock: SetClock) -> str:
    with unit_of_work() as session:
        setup_id = make_setup(session, at=clock.now()).id
    url = setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=clock.now())
    return url.rpartition("/")[2]


def inbox(session: Session) -> list[InboxMessage]:
    found = session.scalars(
        sa.select(InboxMessage).order_by(InboxMessage.id).execution_options(populate_existing=True)
    )
    return list(found)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_saved_card_is_heard_of_in_every_mode(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    work: Callable[[], int],
    settled: list[int],
    *,
    mode: Mode,
) -> None:
    provider.sandbox.mode = mode
    provider.sandbox.pay(open_setup(provider, clock), cards.SUCCEEDS)
    jobs.deliver()
    work()
    heard = mode not in {Mode.LATE, Mode.DROPPED}
    assert queries.facts(session, SUBJECT).has_card is heard
    if mode is Mode.DROPPED:
        clock.advance(timedelta(hours=1))
        jobs.reconcile()
    else:
        clock.advance(timedelta(hours=2))
    work()
    assert queries.facts(session, SUBJECT).has_card is True
    assert settled == [12]
    assert len(inbox(session)) == (2 if mode is Mode.DROPPED else 3)
    assert all(message.handled_at for message in inbox(session))


def test_messages_about_a_charge_change_nothing_once_it_is_recorded(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    work: Callable[[], int],
    settled: list[int],
) -> None:
    provider.sandbox.mode = Mode.TWICE
    make_paid(provider, at=clock.now())
    work()
    before = queries.facts(session, SUBJECT)
    told = len(settled)
    session.rollback()
    provider.sandbox.mode = Mode.OUT_OF_ORDER
    jobs.deliver()
    work()
    assert queries.facts(session, SUBJECT) == before
    assert len(settled) == told


def test_a_payment_on_a_page_is_found_by_the_words_that_went_along(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    work: Callable[[], int],
    settled: list[int],
) -> None:
    with unit_of_work() as writing:
        charge_id = pages.prepare(
            writing,
            SUBJECT,
            Money(2_000),
            description="Orto",
            success_url=BACK,
            cancel_url=BACK,
            locale="en",
            expires_at=clock.now() + timedelta(hours=1),
            at=clock.now(),
        ).id
    url = pages.open_page(unit_of_work, provider, charge_id, email="a@b.it", at=clock.now())
    provider.sandbox.pay(url.rpartition("/")[2], cards.SUCCEEDS)
    session.rollback()
    first = [m for m in provider.list_events(clock.now()) if m.kind == "payment_intent.created"]
    with unit_of_work() as writing:
        assert messages.take(writing, first[0], at=clock.now())
    work()
    assert queries.facts(session, SUBJECT).charge is ChargeStatus.PAID
    assert settled == [12]


def test_what_is_not_ours_or_of_the_wrong_mode_is_kept_with_a_note(
    provider: SandboxProvider, session: Session, clock: SetClock, work: Callable[[], int]
) -> None:
    make_paid(provider, at=clock.now())
    foreign = Reference(SUBJECT, 1, "elsewhere")
    customer = provider.create_customer(email="x@y.it", reference=foreign, key="foreign:1")
    provider.create_intent(
        customer=customer,
        method="pm_card_visa",
        amount=Money(900),
        description="",
        reference=foreign,
        key="foreign:2",
    )
    live = {"id": "evt_live", "object": "event", "type": "charge.succeeded", "livemode": True}
    live |= {"created": 1, "data": {"object": {"object": "charge", "id": "ch_x"}}}
    jobs.receive(*webhooks.signed(live, provider.sandbox.secret))
    account = live | {"id": "evt_other", "livemode": False, "type": "account.updated"}
    account |= {"data": {"object": {"object": "account", "id": "acct_1"}}}
    jobs.receive(*webhooks.signed(account, provider.sandbox.secret))
    jobs.deliver()
    work()
    notes = {m.kind: m.note for m in inbox(session) if m.note}
    assert notes == {
        "charge.succeeded": messages.WRONG_MODE,
        "account.updated": messages.NOT_OURS,
        "payment_intent.created": messages.NOT_OURS,
    }
    assert queries.facts(session, SUBJECT).received_cents == 5_000


def test_reconciliation_finds_a_charge_whose_answer_and_messages_were_lost(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    work: Callable[[], int],
    settled: list[int],
) -> None:
    provider.sandbox.mode = Mode.DROPPED
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    intent, method = begin(provider, charge_id, at=clock.now())
    provider.confirm_intent(intent, method=method, key="confirm:lost")
    clock.advance(timedelta(minutes=30))
    new = messages.reconcile(unit_of_work, provider, at=clock.now())
    assert new > 0
    assert queries.facts(session, SUBJECT).charge is ChargeStatus.PAID
    session.rollback()
    assert messages.reconcile(unit_of_work, provider, at=clock.now()) == 0
    work()
    assert 12 in settled


def test_reconciliation_tells_of_a_charge_that_a_dead_worker_left(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    work: Callable[[], int],
    settled: list[int],
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    begin(provider, charge_id, at=clock.now())
    work()
    settled.clear()
    clock.advance(timedelta(minutes=30))
    messages.reconcile(unit_of_work, provider, at=clock.now())
    work()
    assert settled == [12]


def test_reconciliation_looks_at_open_pages_until_they_end(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    open_setup(provider, clock)
    with unit_of_work() as writing:  # one that the provider does not know holds it not up
        unknown = make_setup(writing, "pledge:11", at=clock.now())
        unknown.session_id, unknown.status = "cs_unknown", CardStatus.OPEN
        unknown.looked_at = clock.now() - timedelta(hours=1)
    clock.advance(timedelta(hours=3))
    messages.reconcile(unit_of_work, provider, at=clock.now())
    assert queries.facts(session, SUBJECT).card is CardStatus.EXPIRED


def test_the_mark_never_goes_back_and_old_events_are_not_asked_for(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    now = clock.now()
    messages.reconcile(unit_of_work, provider, at=now)
    messages.reconcile(unit_of_work, provider, at=now - timedelta(hours=1))
    mark = session.get_one(PaymentMark, queries.EVENTS, populate_existing=True)
    assert mark.at == now


def test_a_refund_that_fails_later_is_heard_of(
    provider: SandboxProvider,
    session: Session,
    clock: SetClock,
    work: Callable[[], int],
    settled: list[int],
) -> None:
    charge_id = make_paid(provider, number=cards.REFUND_FAILS, at=clock.now())
    intent = session.get_one(PaymentCharge, charge_id).intent_id
    session.rollback()
    provider.sandbox.request("POST", "/v1/refunds", {"payment_intent": intent})
    jobs.deliver()
    work()
    found = queries.facts(session, SUBJECT).refund
    assert found is not None
    assert (found.outside, found.status) == (True, ReturnStatus.PENDING)
    session.rollback()
    clock.advance(timedelta(minutes=5))
    jobs.deliver()
    work()
    found = queries.facts(session, SUBJECT).refund
    assert found is not None
    assert found.status is ReturnStatus.FAILED


@pytest.mark.soak
@given(
    number=st.sampled_from([cards.SUCCEEDS, cards.REFUSED_LATER]),
    order=st.lists(st.tuples(st.integers(0, 99), st.integers(1, 2)), max_size=16),
)
def test_any_order_and_repetition_of_messages_ends_the_same(
    provider: SandboxProvider, clock: SetClock, number: str, order: list[tuple[int, int]]
) -> None:
    subject = f"pledge:{next(PLEDGES)}"
    before = {message.id for message in provider.list_events(clock.now())}
    make_paid(provider, subject, number=number, at=clock.now())
    events = [one for one in provider.list_events(clock.now()) if one.id not in before]
    with unit_of_work() as session:
        expected = queries.facts(session, subject)
    for chosen, times in order:
        message = events[chosen % len(events)]
        with unit_of_work() as session:
            messages.take(session, message, at=clock.now())
            found = session.scalars(
                sa.select(InboxMessage.id).where(InboxMessage.event_id == message.id)
            ).one()
        for _ in range(times):
            messages.handle(unit_of_work, provider, found, at=clock.now())
    with unit_of_work() as session:
        assert queries.facts(session, subject) == expected


# -- the web -----------------------------------------------------------------------------------


def test_the_address_keeps_a_signed_message_once_and_refuses_others(
    app: Flask, provider: SandboxProvider, session: Session, clock: SetClock, client: SiteClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        provider.sandbox.pay(open_setup(provider, clock), cards.SUCCEEDS)
        answers: list[int] = []

        def post(body: bytes, signature: str) -> bool:
            for _ in range(2):
                answer = client.post(
                    "/payments/webhook", data=body, headers={"Stripe-Signature": signature}
                )
                answers.append(answer.status_code)
            changed = client.post(
                "/payments/webhook", data=body + b" ", headers={"Stripe-Signature": signature}
            )
            answers.append(changed.status_code)
            return True

        session.commit()
        provider.sandbox.deliver(post)
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert answers == [200, 200, 400] * 3
    assert len(inbox(session)) == 3


@pytest.mark.parametrize(
    ("outcome", "approve", "saved"),
    [
        ("succeeds", None, True),
        ("declined", None, False),
        ("no_funds", None, False),
        ("second_factor", "approve", True),
        ("second_factor", "refuse", False),
        ("always", "approve", True),
        ("refused_later", None, True),
    ],
)
def test_the_sandbox_page_does_what_was_chosen(
    provider: SandboxProvider,
    clock: SetClock,
    client: SiteClient,
    work: Callable[[], int],
    settled: list[int],
    *,
    outcome: str,
    approve: str | None,
    saved: bool,
) -> None:
    address = f"/sandbox/checkout/{open_setup(provider, clock)}"
    shown = client.get(address, headers={"Accept-Language": "en"})
    assert "no real money moves" in shown.text
    answer = client.post(address, data={"outcome": outcome})
    assert answer.status_code == 303
    if approve:
        assert answer.location == address
        assert "approve" in client.get(address, headers={"Accept-Language": "en"}).text
        answer = client.post(f"{address}/answer", data={"answer": approve})
    assert answer.location == (BACK if saved else address)
    work()
    with unit_of_work() as session:
        assert queries.facts(session, SUBJECT).has_card is saved
    over = client.get(address, headers={"Accept-Language": "en"}).text
    assert ("This payment page is over." in over) is saved


def test_on_the_sandbox_page_messages_can_be_lost_and_the_page_can_run_out(
    provider: SandboxProvider, session: Session, clock: SetClock, client: SiteClient
) -> None:
    page = open_setup(provider, clock)
    address = f"/sandbox/checkout/{page}"
    assert 'name="mode"' in client.get(address).text
    assert client.post(address, data={"outcome": "succeeds", "mode": "no"}).status_code == 422
    answer = client.post(address, data={"outcome": "runs_out", "mode": Mode.DROPPED.value})
    assert answer.location == BACK
    assert provider.read_checkout(page).status is CheckoutStatus.EXPIRED
    jobs.deliver()
    assert inbox(session) == []


def test_the_sandbox_page_wants_a_choice_and_knows_no_other_page(
    provider: SandboxProvider, clock: SetClock, client: SiteClient
) -> None:
    address = f"/sandbox/checkout/{open_setup(provider, clock)}"
    assert client.post(address, data={"outcome": "nonsense"}).status_code == 422
    assert client.get("/sandbox/checkout/cs_none").status_code == 404
    clock.advance(timedelta(hours=2))
    assert client.post(address, data={"outcome": "succeeds"}).location == address


def test_where_real_money_moves_there_is_no_sandbox_page(
    services: Services, provider: SandboxProvider, clock: SetClock, client: SiteClient
) -> None:
    address = f"/sandbox/checkout/{open_setup(provider, clock)}"
    services.payments = object()  # type: ignore[assignment] # any provider but the sandbox
    assert client.get(address).status_code == 404
    assert client.post(address, data={"outcome": "succeeds"}).status_code == 404
