"""Charges, pages and refunds: each once, whatever happens in between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.payments import (
    Checkout,
    CheckoutStatus,
    Intent,
    ProviderUnavailableError,
)
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import RefusedError
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs.models import Job
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError
from quartieri.kit.money import Money
from quartieri.payments import queries
from quartieri.payments.actions import charges, look, pages, setups
from quartieri.payments.models import PaymentCharge
from quartieri.payments.rules import (
    AlreadyPaidError,
    CardStatus,
    ChargeStatus,
    NoCardError,
)
from tests.factories.payments import (
    AMOUNT,
    BACK,
    Cut,
    Killed,
    begin,
    charge,
    facts,
    make_charge,
    make_paid,
    make_saved_card,
    make_setup,
    paid_at_provider,
)

SUBJECT = "pledge:12"


@pytest.fixture
def provider(services: Services, session: Session) -> SandboxProvider:
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


def open_rescue(provider: SandboxProvider, clock: SetClock) -> str:
    url = pages.rescue(
        unit_of_work,
        provider,
        SUBJECT,
        AMOUNT,
        description="Orto",
        success_url=BACK,
        cancel_url=BACK,
        locale="it",
        email="a@b.it",
        expires_at=clock.now() + timedelta(hours=1),
        at=clock.now(),
    )
    return url.rpartition("/")[2]


# -- cards -------------------------------------------------------------------------------------


def test_a_card_is_saved_on_the_page_and_its_owner_is_told(
    session: Session, provider: SandboxProvider, clock: SetClock
) -> None:
    setup_id = make_saved_card(provider, at=clock.now())
    assert facts().card is CardStatus.SAVED
    assert facts().has_card is True
    settles = session.scalars(sa.select(Job).where(Job.kind == "pledge.settle")).all()
    assert [job.args for job in settles] == [{"pledge_id": 12}]
    setups.refresh(unit_of_work, provider, setup_id, at=clock.now())
    assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 1


def test_an_open_page_is_given_again_and_a_new_one_after_it_ended(
    session: Session, provider: SandboxProvider, clock: SetClock
) -> None:
    first = make_setup(session, at=clock.now()).id
    session.commit()
    url = setups.open_page(unit_of_work, provider, first, email="a@b.it", at=clock.now())
    assert make_setup(session, at=clock.now()).id == first
    session.commit()
    again = setups.open_page(unit_of_work, provider, first, email="a@b.it", at=clock.now())
    assert again == url
    clock.advance(timedelta(hours=1))
    assert setups.refresh(unit_of_work, provider, first, at=clock.now()) is CardStatus.EXPIRED
    with unit_of_work() as writing:
        assert make_setup(writing, at=clock.now()).n == 2


def test_a_closed_page_saves_no_card(
    session: Session, provider: SandboxProvider, clock: SetClock
) -> None:
    setup_id = make_setup(session, at=clock.now()).id
    session.commit()
    url = setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=clock.now())
    setups.close(unit_of_work, provider, SUBJECT, at=clock.now())
    assert facts().card is CardStatus.EXPIRED
    with pytest.raises(Exception, match="over"):
        provider.sandbox.pay(url.rpartition("/")[2], cards.SUCCEEDS)


def test_a_forgotten_card_cannot_be_charged(provider: SandboxProvider, clock: SetClock) -> None:
    make_saved_card(provider, at=clock.now())
    setups.forget(unit_of_work, provider, SUBJECT, at=clock.now())
    setups.forget(unit_of_work, provider, SUBJECT, at=clock.now())
    assert facts().has_card is False
    with pytest.raises(NoCardError):
        make_charge(at=clock.now())


# -- charges -----------------------------------------------------------------------------------


def test_a_saved_card_is_charged_once_however_often_it_is_asked(
    provider: SandboxProvider, clock: SetClock
) -> None:
    charge_id = make_paid(provider, at=clock.now())
    for _ in range(3):
        assert make_charge(at=clock.now()) == charge_id
        status = charge(provider, charge_id, at=clock.now())
        assert status is ChargeStatus.PAID
    found = facts()
    assert (found.charge, found.received_cents, found.fee_cents, found.attempts) == (
        ChargeStatus.PAID,
        5_000,
        100,
        1,
    )
    assert paid_at_provider(provider) == [5_000]


def test_a_declined_charge_is_tried_again_on_the_same_intent_with_the_newest_card(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    make_saved_card(provider, cards.REFUSED_LATER, at=clock.now())
    charge_id = make_charge(at=clock.now())
    for attempt in (1, 2):
        status = charge(provider, charge_id, at=clock.now())
        assert status is ChargeStatus.DECLINED
        assert (facts().error, facts().attempts) == ("generic_decline", attempt)
    intent = session.get_one(PaymentCharge, charge_id).intent_id
    clock.advance(timedelta(days=3))
    make_saved_card(provider, cards.SUCCEEDS, at=clock.now())
    status = charge(provider, charge_id, at=clock.now())
    assert status is ChargeStatus.PAID
    assert session.get_one(PaymentCharge, charge_id, populate_existing=True).intent_id == intent
    assert paid_at_provider(provider) == [5_000]


def test_a_bank_that_asks_leads_to_a_page_with_the_next_number(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    make_saved_card(provider, cards.AUTHENTICATE_ALWAYS, at=clock.now())
    charge_id = make_charge(at=clock.now())
    status = charge(provider, charge_id, at=clock.now())
    assert status is ChargeStatus.ACTION_REQUIRED
    page = open_rescue(provider, clock)
    assert open_rescue(provider, clock) == page
    assert (facts().charge, facts().hosted) == (ChargeStatus.READY, True)
    provider.sandbox.pay(page, cards.AUTHENTICATE_ALWAYS)
    assert look.present(session, provider, SUBJECT).charge is ChargeStatus.PAID
    assert facts().charge is ChargeStatus.READY
    look.again(unit_of_work, provider, SUBJECT, at=clock.now())
    assert (facts().charge, facts().received_cents) == (ChargeStatus.PAID, 5_000)
    with pytest.raises(AlreadyPaidError):
        open_rescue(provider, clock)
    assert paid_at_provider(provider) == [5_000]
    old = session.get_one(PaymentCharge, charge_id, populate_existing=True)
    assert old.status is ChargeStatus.CANCELED


def test_a_rescue_page_that_ended_is_replaced(provider: SandboxProvider, clock: SetClock) -> None:
    make_saved_card(provider, cards.AUTHENTICATE_ALWAYS, at=clock.now())
    charge(provider, make_charge(at=clock.now()), at=clock.now())
    first = open_rescue(provider, clock)
    provider.sandbox.pay(first, cards.DECLINED)
    clock.advance(timedelta(hours=2))
    second = open_rescue(provider, clock)
    assert second != first
    provider.sandbox.pay(second, cards.SUCCEEDS)
    look.again(unit_of_work, provider, SUBJECT, at=clock.now())
    assert facts().charge is ChargeStatus.PAID
    assert paid_at_provider(provider) == [5_000]


def test_a_rescue_after_a_payment_that_we_had_not_heard_of_charges_nothing(
    provider: SandboxProvider, clock: SetClock
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    intent, method = begin(provider, charge_id, at=clock.now())
    provider.confirm_intent(intent, method=method, key="confirm:other")
    with pytest.raises(AlreadyPaidError):
        open_rescue(provider, clock)
    assert facts().charge is ChargeStatus.PAID


def test_a_canceled_charge_is_not_made_by_a_worker_that_comes_late(
    provider: SandboxProvider, clock: SetClock
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    begin(provider, charge_id, at=clock.now())
    assert charges.cancel(unit_of_work, provider, charge_id, at=clock.now()) is (
        ChargeStatus.CANCELED
    )
    status = charge(provider, charge_id, at=clock.now())
    assert status is ChargeStatus.CANCELED
    assert paid_at_provider(provider) == []
    assert make_charge(at=clock.now()) != charge_id


def test_a_charge_never_asked_about_is_canceled_without_the_provider(
    provider: SandboxProvider, clock: SetClock
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    status = charges.cancel(unit_of_work, provider, charge_id, at=clock.now())
    assert status is ChargeStatus.CANCELED


def test_a_card_that_the_provider_no_longer_knows_reads_as_declined(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    card = queries.saved_card(session, SUBJECT)
    assert card is not None
    session.rollback()
    provider.detach_method(card.method)
    charge(provider, charge_id, at=clock.now())
    assert facts().charge is ChargeStatus.DECLINED
    make_saved_card(provider, at=clock.now())
    again = make_charge(at=clock.now())
    assert again != charge_id
    assert charge(provider, again, at=clock.now()) is ChargeStatus.PAID


def test_two_live_charges_of_one_subject_are_refused_by_the_database(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    make_saved_card(provider, at=clock.now())
    make_charge(at=clock.now())
    with pytest.raises(ConflictError):
        make_charge(amount=Money(6_000), at=clock.now())
    twin = PaymentCharge(
        subject=SUBJECT, n=2, amount_cents=1, created_at=clock.now(), looked_at=clock.now()
    )
    with pytest.raises(sa.exc.IntegrityError), unit_of_work() as writing:
        writing.add(twin)


@pytest.mark.parametrize("moment", range(1, 5))
def test_a_charge_cut_off_at_any_point_is_gone_on_with_and_made_once(
    provider: SandboxProvider, clock: SetClock, moment: int
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    shaky = SandboxProvider(provider.sandbox, fault=Cut(moment))
    with pytest.raises(ProviderUnavailableError):
        charge(shaky, charge_id, at=clock.now())
    clock.advance(timedelta(days=2))  # the provider has forgotten the keys
    status = charge(provider, charge_id, at=clock.now())
    assert status is ChargeStatus.PAID
    assert paid_at_provider(provider) == [5_000]


@pytest.mark.parametrize("dies_at", range(1, 3))
def test_a_worker_killed_at_any_commit_leaves_a_charge_that_is_made_once(
    provider: SandboxProvider, clock: SetClock, dies_at: int
) -> None:
    make_saved_card(provider, at=clock.now())
    charge_id = make_charge(at=clock.now())
    units = Killed(dies_at)
    with pytest.raises(KeyboardInterrupt):
        charge(provider, charge_id, units=units, at=clock.now())
    status = charge(provider, charge_id, at=clock.now())
    assert status is ChargeStatus.PAID
    assert paid_at_provider(provider) == [5_000]
    assert facts().attempts == 1


def test_facts_of_many_take_five_queries(
    provider: SandboxProvider, session: Session, clock: SetClock
) -> None:
    for key in range(3):
        make_paid(provider, f"pledge:{key}", at=clock.now())
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        statements.append(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        found = queries.facts_of(session, [f"pledge:{key}" for key in range(4)])
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
    assert [f.charge for f in found.values()] == [ChargeStatus.PAID] * 3 + [None]
    assert len([s for s in statements if s.startswith("SELECT")]) == 5


def test_what_could_not_be_canceled_while_the_bank_worked_is_canceled_once_it_declined(
    provider: SandboxProvider, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider keeps its answers by their keys, refusals too."""
    kept: dict[str, Intent] = {}
    ask = provider.cancel_intent

    def keeping(intent: str, *, key: str) -> Intent:
        if key not in kept:
            kept[key] = ask(intent, key=key)
        return kept[key]

    monkeypatch.setattr(provider, "cancel_intent", keeping)
    charge_id = make_paid(provider, number=cards.PAYPAL_SLOW_REFUSES, at=clock.now())
    given_up = charges.cancel(unit_of_work, provider, charge_id, at=clock.now())
    assert given_up is ChargeStatus.PROCESSING
    clock.advance(timedelta(days=2))
    later = charges.refresh(unit_of_work, provider, charge_id, at=clock.now())
    assert later is ChargeStatus.DECLINED
    ended = charges.cancel(unit_of_work, provider, charge_id, at=clock.now())
    assert ended is ChargeStatus.CANCELED


def test_a_page_that_was_given_up_while_it_was_opened_takes_no_money(
    provider: SandboxProvider, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unit_of_work() as session:
        charge_id = pages.prepare(
            session,
            SUBJECT,
            AMOUNT,
            description="Orto",
            success_url=BACK,
            cancel_url=BACK,
            locale="it",
            expires_at=clock.now() + timedelta(hours=1),
            at=clock.now(),
        ).id
    ask = provider.create_payment_checkout
    opened: list[Checkout] = []

    def given_up_meanwhile(**asked: Any) -> Checkout:
        opened.append(ask(**asked))
        charges.cancel(unit_of_work, provider, charge_id, at=clock.now())
        return opened[0]

    monkeypatch.setattr(provider, "create_payment_checkout", given_up_meanwhile)
    url = pages.open_page(unit_of_work, provider, charge_id, email="a@b.it", at=clock.now())
    assert url == BACK, "the payer is not sent to a page of which nothing is known here"
    assert provider.read_checkout(opened[0].id).status is CheckoutStatus.EXPIRED
    with pytest.raises(RefusedError):
        provider.sandbox.pay(opened[0].id, cards.SUCCEEDS)
    assert paid_at_provider(provider) == []


def test_a_page_that_was_prepared_while_the_provider_was_away_is_prepared_anew(
    provider: SandboxProvider, clock: SetClock
) -> None:
    """The provider opens none that ends in less than half an hour."""

    def prepared() -> tuple[int, int]:
        now = clock.now()
        asked: dict[str, Any] = {"success_url": BACK, "cancel_url": BACK, "locale": "it", "at": now}
        ends_at = now + timedelta(minutes=31)
        with unit_of_work() as session:
            setup = setups.prepare(session, SUBJECT, expires_at=ends_at, **asked)
            charge = pages.prepare(
                session, "pledge:13", AMOUNT, description="Orto", expires_at=ends_at, **asked
            )
            return setup.id, charge.id

    first = prepared()
    assert prepared() == first
    clock.advance(timedelta(minutes=5))
    setup_id, charge_id = prepared()
    for opened in (
        setups.open_page(unit_of_work, provider, setup_id, email="a@b.it", at=clock.now()),
        pages.open_page(unit_of_work, provider, charge_id, email="a@b.it", at=clock.now()),
    ):
        assert provider.sandbox.page(opened.rpartition("/")[2]) is not None
    assert prepared() == (setup_id, charge_id)
