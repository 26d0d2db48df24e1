"""Refunds: each sent once, never more than was received."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.db import unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.payments import ProviderUnavailableError
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.kit.money import Money
from quartieri.payments.actions import charges, refunds
from quartieri.payments.models import PaymentCharge
from quartieri.payments.rules import (
    ReturnStatus,
    TooMuchError,
)
from tests.factories.payments import (
    AMOUNT,
    Cut,
    facts,
    make_paid,
)

SUBJECT = "pledge:12"


@pytest.fixture
def provider(services: Services, session: Session) -> SandboxProvider:
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


def test_refunds_are_sent_once_and_never_pass_what_was_received(
    provider: SandboxProvider, clock: SetClock
) -> None:
    charge_id = make_paid(provider, at=clock.now())
    with unit_of_work() as session:
        first = refunds.prepare(session, charge_id, Money(3_000), at=clock.now()).id
    with pytest.raises(TooMuchError), unit_of_work() as session:
        refunds.prepare(session, charge_id, Money(2_001), at=clock.now())
    for _ in range(2):
        status = refunds.send(unit_of_work, provider, first, at=clock.now())
        assert status is ReturnStatus.SUCCEEDED
    with unit_of_work() as session:
        second = refunds.prepare(session, charge_id, Money(2_000), at=clock.now())
        assert second.n == 2
        second_id = second.id
    refunds.send(unit_of_work, provider, second_id, at=clock.now())
    assert facts().returned_cents == 5_000
    assert provider.read_intent(intent_of(charge_id)).refunded == Money(5_000)


def intent_of(charge_id: int) -> str:
    with unit_of_work() as session:
        return str(session.get_one(PaymentCharge, charge_id).intent_id)


@pytest.mark.parametrize("moment", [1, 2])
def test_a_refund_cut_off_is_not_sent_twice_even_days_later(
    provider: SandboxProvider, clock: SetClock, moment: int
) -> None:
    charge_id = make_paid(provider, at=clock.now())
    with unit_of_work() as session:
        refund_id = refunds.prepare(session, charge_id, Money(1_000), at=clock.now()).id
    shaky = SandboxProvider(provider.sandbox, fault=Cut(moment))
    with pytest.raises(ProviderUnavailableError):
        refunds.send(unit_of_work, shaky, refund_id, at=clock.now())
    clock.advance(timedelta(days=2))
    status = refunds.send(unit_of_work, provider, refund_id, at=clock.now())
    assert status is ReturnStatus.SUCCEEDED
    assert provider.read_intent(intent_of(charge_id)).refunded == Money(1_000)


def test_a_refund_sent_back_by_the_bank_frees_its_amount(
    provider: SandboxProvider, clock: SetClock
) -> None:
    charge_id = make_paid(provider, number=cards.REFUND_FAILS, at=clock.now())
    with unit_of_work() as session:
        refund_id = refunds.prepare(session, charge_id, AMOUNT, at=clock.now()).id
    refunds.send(unit_of_work, provider, refund_id, at=clock.now())
    assert facts().returning_cents == 5_000
    clock.advance(timedelta(minutes=5))
    charges.refresh(unit_of_work, provider, charge_id, at=clock.now())
    found = facts()
    assert found.refund is not None
    assert (found.refund.status, found.returning_cents) == (ReturnStatus.FAILED, 0)
    with unit_of_work() as session:
        assert refunds.prepare(session, charge_id, AMOUNT, at=clock.now()).n == 2


def test_a_refund_made_in_the_provider_s_own_pages_is_counted_and_ours_is_refused(
    provider: SandboxProvider, clock: SetClock
) -> None:
    charge_id = make_paid(provider, at=clock.now())
    with unit_of_work() as session:
        ours = refunds.prepare(session, charge_id, Money(3_000), at=clock.now()).id
    outside = provider.sandbox.request(
        "POST", "/v1/refunds", {"payment_intent": intent_of(charge_id), "amount": "4000"}
    )
    assert outside.status == 200
    assert refunds.send(unit_of_work, provider, ours, at=clock.now()) is ReturnStatus.FAILED
    found = facts()
    assert found.returned_cents == 4_000
    assert [(one.outside, one.amount_cents) for one in found.refunds] == [
        (False, 3_000),
        (True, 4_000),
    ]
    with pytest.raises(TooMuchError), unit_of_work() as session:
        refunds.prepare(session, charge_id, Money(1_001), at=clock.now())
