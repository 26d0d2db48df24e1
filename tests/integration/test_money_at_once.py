"""Whoever hears of a payment first: what several workers do at once is booked once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions, jobs
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import receipts_of
from quartieri.campaigns.rules import PledgeState
from quartieri.db import db, unit_of_work
from quartieri.extensions import Services
from quartieri.gateways.sandbox.counter import Deed
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs.worker import work_until_idle
from quartieri.kit.clock import SetClock
from quartieri.ledger.models import LedgerTransaction
from quartieri.ledger.queries import verify
from quartieri.payments import jobs as payment_jobs
from quartieri.payments import queries as payments
from quartieri.payments.actions import messages
from quartieri.payments.models import InboxMessage, ReconciliationCase
from tests.factories.campaigns import STARTS, make_call_with_campaigns, make_live
from tests.factories.payments import at_once, paid_at_provider
from tests.factories.pledging import pay_now

TREASURER = Actor(None, "treasurer", frozenset({Role.TREASURER}))
GIFT = 50_00


@pytest.fixture
def provider(fresh_app: Flask) -> SandboxProvider:
    services: Services = fresh_app.extensions["services"]
    assert isinstance(services.payments, SandboxProvider)
    assert isinstance(services.clock, SetClock)
    services.clock.set(STARTS)
    return services.payments


@pytest.fixture
def pledge_id(fresh_app: Flask, provider: SandboxProvider) -> int:
    """Give a pledge that was paid on the provider's page; nobody here has heard of it yet."""
    with fresh_app.app_context():
        with unit_of_work() as session:
            call = make_call_with_campaigns(session, charged="at_once")
            campaign_id = make_live(session, call=call).campaign.id
        return pay_now(provider, campaign_id, GIFT)


def hear(provider: SandboxProvider) -> None:
    """Let the messages come, and do what they ask for."""
    payment_jobs.deliver()
    with unit_of_work() as session:
        waiting = [one.id for one in payments.unhandled(session)]
    for message_id in waiting:
        messages.handle(unit_of_work, provider, message_id, at=STARTS)


def all_at_once(app: Flask, *deeds: Callable[[], object]) -> None:
    """Do the deeds in threads that start together, then what they left to be done."""

    def deed(number: int) -> None:
        deeds[number % len(deeds)]()

    at_once(app, deed)
    with app.app_context():
        work_until_idle()


def booked(session: Session, pledge: Pledge, name: str) -> int:
    """Count the ledger's transactions of a pledge whose keys begin so."""
    key = LedgerTransaction.key.startswith(f"{pledge.subject}:{name}")
    return session.scalar(sa.select(sa.func.count()).where(key)) or 0


def test_a_payment_that_all_hear_of_at_once_is_booked_once(
    fresh_app: Flask, provider: SandboxProvider, pledge_id: int
) -> None:
    provider.sandbox.mode = Mode.TWICE
    all_at_once(
        fresh_app,
        lambda: hear(provider),
        payment_jobs.run_reconciliation,
        payment_jobs.reconcile,
        payment_jobs.run_reconciliation,
        lambda: jobs.settle(pledge_id),
        lambda: jobs.hear_pledge(pledge_id),
    )
    with fresh_app.app_context():
        session = db.session()
        pledge = session.get_one(Pledge, pledge_id)
        assert pledge.state is PledgeState.PAID
        campaign = session.get_one(Campaign, pledge.campaign_id)
        assert (campaign.collected_cents, campaign.promised_cents) == (GIFT, GIFT)
        assert booked(session, pledge, "charge") == 1
        assert len(receipts_of(session, pledge_id)) == 1
        assert verify(session).faults == []
        events = session.scalars(sa.select(InboxMessage.event_id)).all()
        assert len(set(events)) == len(events)


def test_a_refund_that_all_work_on_at_once_goes_back_once_beside_one_made_elsewhere(
    fresh_app: Flask, provider: SandboxProvider, pledge_id: int
) -> None:
    with fresh_app.app_context():
        hear(provider)
        work_until_idle()
        with unit_of_work() as session:
            pledge = session.get_one(Pledge, pledge_id)
            subject, intent = pledge.subject, _intent(session, pledge)
            actions.refund_paid(session, pledge, reason="asked for", actor=TREASURER, at=STARTS)
        provider.sandbox.do(intent, Deed.REFUND, 20_00)
    all_at_once(
        fresh_app,
        lambda: jobs.refund_pledge(pledge_id),
        lambda: jobs.refund_pledge(pledge_id),
        lambda: hear(provider),
        payment_jobs.reconcile,
        payment_jobs.run_reconciliation,
        lambda: jobs.settle(pledge_id),
    )
    assert paid_at_provider(provider, subject) == [GIFT]
    returned = [one.amount.cents for one in provider.list_refunds(intent)]
    assert sorted(returned) in ([20_00, 30_00], [20_00])
    with fresh_app.app_context():
        session = db.session()
        pledge = session.get_one(Pledge, pledge_id)
        assert pledge.refunded_cents == sum(returned)
        stands = {50_00: PledgeState.REFUNDED, 20_00: PledgeState.REFUND_STUCK}
        assert pledge.state is stands[sum(returned)]
        assert session.get_one(Campaign, pledge.campaign_id).collected_cents == 0
        assert verify(session).faults == []
        assert session.scalars(sa.select(ReconciliationCase)).all() == []


def _intent(session: Session, pledge: Pledge) -> str:
    charge = payments.live_charge(session, pledge.subject)
    assert charge is not None
    return str(charge.intent_id)
