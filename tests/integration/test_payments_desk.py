"""The sandbox's desk: every outcome and every way of messages, chosen by a person."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.extensions import Services
from quartieri.gateways.payments import DisputeStatus, IntentStatus
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.counter import Deed
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.kit.money import Money
from quartieri.payments.models import PaymentCharge
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.factories.payments import make_paid
from tests.factories.people import make_official


@pytest.fixture
def provider(services: Services, session: Session) -> SandboxProvider:
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


def test_disputes_refunds_and_warnings_are_let_happen_with_messages_as_chosen(
    provider: SandboxProvider, session: Session, clock: SetClock, client: SiteClient
) -> None:
    administrator = make_official(session, Role.ADMINISTRATOR, Scope())
    session.commit()
    client.sign_in(administrator)
    charge_id = make_paid(provider, at=clock.now())
    intent = str(session.get_one(PaymentCharge, charge_id).intent_id)
    session.rollback()
    address = f"/sandbox/payments/{intent}"
    assert intent[-8:] in client.get("/sandbox/payments/").text
    shown = client.get(address, headers={"Accept-Language": "en"}).text
    assert "no real money moves" in shown
    words = {"deed": "dispute", "amount": "20,00", "mode": "twice"}
    assert client.post(address, data=words).status_code == 303
    (dispute,) = provider.list_disputes(intent)
    assert (dispute.status, dispute.amount, dispute.taken) == (
        DisputeStatus.OPEN,
        Money(2_000),
        Money(2_000),
    )
    paper = provider.sandbox.payment(intent)
    assert paper is not None
    assert (paper.mode, Deed.WIN in paper.deeds) == (Mode.TWICE, True)
    assert client.post(address, data={"deed": "win", "mode": "normal"}).status_code == 303
    won = provider.read_dispute(dispute.id)
    assert (won.status, won.taken, won.fee) == (DisputeStatus.WON, Money(0), Money(2_000))
    for deed in ("refund", "refund_fails", "warn"):
        assert client.post(address, data={"deed": deed, "mode": "normal"}).status_code == 303
    assert provider.read_intent(intent).refunded == Money(0)
    assert client.post(address, data={"deed": "succeed", "mode": "normal"}).status_code == 422


@pytest.mark.parametrize(
    ("deed", "status"),
    [(Deed.SUCCEED, IntentStatus.SUCCEEDED), (Deed.REFUSE, IntentStatus.NEEDS_METHOD)],
)
def test_a_slow_wallet_ends_as_is_chosen(
    provider: SandboxProvider, session: Session, clock: SetClock, deed: Deed, status: IntentStatus
) -> None:
    charge_id = make_paid(provider, number=cards.PAYPAL_SLOW, at=clock.now())
    intent = str(session.get_one(PaymentCharge, charge_id).intent_id)
    assert provider.read_intent(intent).status is IntentStatus.PROCESSING
    provider.sandbox.do(intent, deed)
    assert provider.read_intent(intent).status is status
