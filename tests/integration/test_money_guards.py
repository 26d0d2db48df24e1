"""What a hostile eye found in the money code: each stays mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import actions
from quartieri.campaigns.actions.charging import record_paid
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import IllegalMoveError
from quartieri.ledger.queries import verify
from tests.factories import complaints
from tests.factories.payments import paid_at_provider
from tests.factories.pledging import back, pay_now
from tests.integration.test_outcomes import case_of, crowd, end, live

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

P = PledgeState
Run = Callable[[], None]


def test_a_fee_that_the_provider_corrects_is_booked_by_its_difference(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge = session.get_one(Pledge, pay_now(payments, scene.campaign.id, 100_00))
    run()
    assert pledge.fee_cents == 1_75
    for fee in (2_75, 1_00, None, 1_00):
        record_paid(session, pledge, fee_cents=fee, actor=SYSTEM, at=clock.now())
    assert pledge.fee_cents == 1_00
    assert crowd(session, scene.campaign)["fees"] == 1_00
    assert verify(session).faults == []


def test_a_payment_that_the_provider_cancels_while_the_bank_works_is_tried_again(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock)
    slow = back(payments, scene.campaign.id, 10_000_00, cards.PAYPAL_SLOW)
    run()
    end(clock, scene)
    run()
    pledge = session.get_one(Pledge, slow)
    assert pledge.state is P.PROCESSING
    complaints.withdraw(payments, f"pledge:{slow}")
    run()
    assert pledge.state is P.RETRY_DUE
    clock.advance(timedelta(days=6))
    run()
    clock.advance(timedelta(days=2))
    run()
    assert pledge.state is P.REFUNDED, "it came after the grace, and the campaign had failed"
    assert paid_at_provider(payments, f"pledge:{slow}") == [10_000_00]
    assert scene.campaign.state is CampaignState.SETTLED


def test_a_part_is_not_given_back_by_hand_while_all_is_on_its_way(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge = session.get_one(
        Pledge, pay_now(payments, scene.campaign.id, 50_00, cards.REFUND_FAILS)
    )
    run()
    actor = scene.by(scene.treasurer)
    actions.refund_paid(
        session, pledge, reason="Sì", amount_cents=5_00, actor=actor, at=clock.now()
    )
    session.commit()
    run()
    clock.advance(timedelta(days=2))
    run()
    case = case_of(session, pledge.id)
    end(clock, scene)
    run()
    assert pledge.state is P.REFUND_PENDING
    with pytest.raises(IllegalMoveError, match="on its way"):
        actions.close_case(
            session, case, note="Bonifico", by_hand=True, actor=actor, at=clock.now()
        )
