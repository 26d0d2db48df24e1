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
from quartieri.campaigns.rules import PledgeState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import IllegalMoveError
from quartieri.ledger.queries import verify
from tests.factories.pledging import pay_now
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
