"""A bank that takes a lost dispute back: the money is here again, and goes where it belongs."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns import actions
from quartieri.campaigns.models import Pledge, PledgeCase, Receipt
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.campaigns.rules.cases import CaseKind, CaseState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.ledger.queries import verify
from tests.factories import complaints
from tests.factories.pledging import pay_now
from tests.integration.test_outcomes import crowd, disputed, end, live, state, succeeded

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

P = PledgeState
Run = Callable[[], None]


def cases(session: Session, pledge_id: int) -> dict[CaseKind, CaseState]:
    found = sa.select(PledgeCase).where(PledgeCase.pledge_id == pledge_id)
    return {case.kind: case.state for case in session.scalars(found)}


def receipted(session: Session, pledge_id: int) -> int:
    found = session.scalars(sa.select(Receipt).where(Receipt.pledge_id == pledge_id)).all()
    return sum(-r.amount_cents if r.voids_id else r.amount_cents for r in found)


def test_a_failed_campaign_gives_back_what_a_bank_took_and_brought_back(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.DISPUTED)
    run()
    intent = complaints.intent_of(session, pledge_id)
    assert intent is not None
    complaints.decide(payments, intent, won=False)
    run()
    assert state(session, pledge_id) is P.CHARGED_BACK
    end(clock, scene)
    run()
    assert scene.campaign.state is CampaignState.SETTLED
    complaints.decide(payments, intent, won=True)
    run()
    pledge = session.get_one(Pledge, pledge_id)
    assert (pledge.state, pledge.refunded_cents, pledge.lost_cents) == (P.REFUNDED, 50_00, 0)
    found = crowd(session, scene.campaign)
    assert found["refunded"] == 50_00
    assert not {"collected", "charged_back", "disputed"} & set(found)
    assert cases(session, pledge_id) == {
        CaseKind.DISPUTE: CaseState.WON,
        CaseKind.BACK: CaseState.OPEN,
    }
    assert receipted(session, pledge_id) == 0
    assert verify(session).faults == []


def test_while_the_campaign_runs_a_pledge_that_came_back_counts_again(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00)
    run()
    intent = disputed(session, payments, pledge_id, 50_00)
    run()
    complaints.decide(payments, intent, won=False)
    run()
    assert (scene.campaign.promised_cents, scene.campaign.backers) == (0, 0)
    complaints.decide(payments, intent, won=True)
    run()
    assert state(session, pledge_id) is P.PAID
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (50_00, 50_00)
    assert scene.campaign.backers == 1
    assert receipted(session, pledge_id) == 50_00
    assert crowd(session, scene.campaign)["collected"] == 50_00


@pytest.mark.parametrize(("bearer", "paid_out"), [("proposer", False), ("authority", True)])
def test_after_a_success_what_came_back_is_the_proposers_once(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    bearer: str,
    paid_out: bool,
) -> None:
    scene, first, _second = succeeded(session, clock, payments, run, disputes_borne_by=bearer)
    whole = crowd(session, scene.campaign)["payable"]
    intent = disputed(session, payments, first, 6_000_00)
    run()
    complaints.decide(payments, intent, won=False)
    run()
    paid = crowd(session, scene.campaign).get("payable", 0) if paid_out else 0
    if paid:
        actions.record_payout(
            session,
            scene.campaign,
            amount_cents=paid,
            reference="CRO 1",
            actor=scene.by(scene.treasurer),
            at=clock.now(),
        )
        session.commit()
    complaints.decide(payments, intent, won=True)
    run()
    assert state(session, first) is P.PAID
    found = crowd(session, scene.campaign)
    fee = 20_00  # of the dispute: it stays
    own = fee if bearer == "proposer" else 0
    assert found.get("payable", 0) + paid == whole - own
    assert -found.get("authority", 0) == fee - own
    assert not {"disputed", "charged_back", "disputes_due"} & set(found)
    assert cases(session, first)[CaseKind.BACK] is CaseState.OPEN
    assert verify(session).faults == []
