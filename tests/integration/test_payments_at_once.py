"""Several workers at the same subject at once: one charge, and refunds within what was paid."""

from __future__ import annotations

import pytest
from flask import Flask

from quartieri.db import unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.money import Money
from quartieri.payments import jobs, queries
from quartieri.payments.actions import charges, messages, refunds
from quartieri.payments.rules import ChargeStatus, TooMuchError
from tests.doubles import NOW
from tests.factories.payments import (
    at_once,
    begin,
    charge,
    facts,
    make_charge,
    make_paid,
    make_saved_card,
    paid_at_provider,
)


@pytest.fixture
def provider(fresh_app: Flask) -> SandboxProvider:
    services: Services = fresh_app.extensions["services"]
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


def test_workers_at_one_charge_make_it_once(fresh_app: Flask, provider: SandboxProvider) -> None:
    with fresh_app.app_context():
        make_saved_card(provider, at=NOW)
        charge_id = make_charge(at=NOW)

    def deed(_number: int) -> ChargeStatus:
        return charge(provider, charge_id, at=NOW)

    assert set(at_once(fresh_app, deed)) == {ChargeStatus.PAID}
    assert paid_at_provider(provider) == [5_000]
    with fresh_app.app_context():
        assert (facts().received_cents, facts().attempts) == (5_000, 1)


def test_charging_canceling_and_messages_at_once_end_as_the_provider_says(
    fresh_app: Flask, provider: SandboxProvider
) -> None:
    with fresh_app.app_context():
        make_saved_card(provider, at=NOW)
        charge_id = make_charge(at=NOW)
        begin(provider, charge_id, at=NOW)

    def deed(number: int) -> None:
        if number % 3 == 0:
            charge(provider, charge_id, at=NOW)
        elif number % 3 == 1:
            charges.cancel(unit_of_work, provider, charge_id, at=NOW)
        else:
            jobs.deliver()
            with unit_of_work() as session:
                waiting = [message.id for message in queries.unhandled(session)]
            for message_id in waiting:
                messages.handle(unit_of_work, provider, message_id, at=NOW)

    at_once(fresh_app, deed)
    taken = paid_at_provider(provider)
    with fresh_app.app_context():
        charges.refresh(unit_of_work, provider, charge_id, at=NOW)
        found = facts()
    assert (found.charge, found.received_cents, taken) in [
        (ChargeStatus.PAID, 5_000, [5_000]),
        (ChargeStatus.CANCELED, 0, []),
    ]


def test_refunds_at_once_never_pass_what_was_paid(
    fresh_app: Flask, provider: SandboxProvider
) -> None:
    with fresh_app.app_context():
        charge_id = make_paid(provider, at=NOW)

    def deed(_number: int) -> int:
        try:
            with unit_of_work() as session:
                refund_id = refunds.prepare(session, charge_id, Money(2_000), at=NOW).id
        except TooMuchError:
            return 0
        for _ in range(2):
            refunds.send(unit_of_work, provider, refund_id, at=NOW)
        return 2_000

    assert sum(at_once(fresh_app, deed)) == 4_000
    with fresh_app.app_context():
        assert facts().returned_cents == 4_000
        assert [refund.n for refund in facts().refunds] == [1, 2]
