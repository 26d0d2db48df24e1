"""What the proposer bears and nothing covers is a claim; what is paid of it is recorded."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy.orm import Session

from quartieri.campaigns import actions
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.ledger.queries import verify
from tests.conftest import SiteClient
from tests.factories import complaints
from tests.factories.call_forms import text
from tests.factories.campaigns import make_picture
from tests.factories.pledging import pay_now
from tests.integration.test_outcomes import crowd, disputed, end, live, succeeded

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

Run = Callable[[], None]
Browser = Callable[..., SiteClient]
PROOF = b"%PDF-1.4\n%%EOF\n"


def typed(amount: str, reference: str, *, proof: bool = True) -> dict[str, Any]:
    values: dict[str, Any] = {
        "amount": amount,
        "received_on": "2025-01-10",
        "reference": reference,
        "note": "Bonifico",
    }
    return values | ({"file": (BytesIO(PROOF), "contabile.pdf")} if proof else {})


def test_a_claim_is_paid_in_parts_on_its_page_with_what_proves_it(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run, as_user: Browser
) -> None:
    scene = live(session, clock, charged="at_once", refunds_borne_by="proposer")
    pay_now(payments, scene.campaign.id, 1_000_00)
    run()
    assert actions.claims(session, scene.campaign) == {}, "nothing is decided"
    end(clock, scene)
    run()
    treasurer = as_user(scene.treasurer)
    path = f"/manage/campaigns/{scene.campaign.id}/claims"
    assert "15,25" in text(treasurer.get(path))
    assert "15,25" in text(treasurer.get(f"/manage/campaigns/{scene.campaign.id}"))
    for wrong in (typed("15,26", "A"), typed("5", "A", proof=False), typed("0", "A")):
        refused = treasurer.post(path, data=wrong)
        assert refused.status_code == 422
        assert "Bonifico" in text(refused)
    assert as_user(scene.officer).post(path, data=typed("5", "A")).status_code == 403
    assert treasurer.post(path, data=typed("10", "A")).status_code == 303
    assert treasurer.post(path, data=typed("1", " A ")).status_code == 422
    assert treasurer.post(path, data=typed("5,25", "B")).status_code == 303
    session.expire_all()
    found = crowd(session, scene.campaign)
    assert found["proposer"] == -15_25
    assert "fees_due" not in found
    page = text(treasurer.get(path))
    assert "10,00" in page
    assert treasurer.get("/manage/claim-payments/1/file").data == PROOF
    assert treasurer.post(path, data=typed("1", "C")).status_code in {409, 422}
    own = text(as_user(scene.owner).get(f"/account/campaigns/{scene.campaign.id}"))
    assert "Costi che hai restituito" in own
    assert verify(session).faults == []


def test_a_claim_that_was_paid_comes_back_with_the_dispute_that_is_won_after_all(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene, first, _second = succeeded(session, clock, payments, run)
    owed = crowd(session, scene.campaign)["payable"]
    treasurer, now = scene.by(scene.treasurer), clock.now()
    actions.record_payout(
        session, scene.campaign, amount_cents=owed, reference="CRO", actor=treasurer, at=now
    )
    session.commit()
    intent = disputed(session, payments, first, 6_000_00)
    run()
    complaints.decide(payments, intent, won=False)
    run()
    assert sum(actions.claims(session, scene.campaign).values()) == 6_020_00
    actions.record_claim_paid(
        session,
        scene.campaign,
        amount_cents=6_020_00,
        received_on=now.date(),
        reference="CRO 2",
        file=make_picture(session),
        actor=treasurer,
        at=clock.now(),
    )
    session.commit()
    assert actions.claims(session, scene.campaign) == {}
    complaints.decide(payments, intent, won=True)
    run()
    found = crowd(session, scene.campaign)
    assert (found["payable"], found["proposer"]) == (6_000_00, -6_020_00)
    assert verify(session).faults == []


def test_the_fee_of_what_had_gone_back_before_a_campaign_was_cancelled_has_a_bearer(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once", refunds_borne_by="authority")
    pledge = session.get_one(Pledge, pay_now(payments, scene.campaign.id, 1_000_00))
    run()
    treasurer, manager, now = scene.by(scene.treasurer), scene.by(scene.manager), clock.now()
    actions.refund_paid(session, pledge, reason="Errore", actor=treasurer, at=now)
    session.commit()
    run()
    assert crowd(session, scene.campaign)["fees_due"] == -15_25, "nothing is decided"
    actions.cancel(session, scene.campaign, reason="Frode", actor=manager, at=now)
    session.commit()
    run()
    assert scene.campaign.state is CampaignState.SETTLED
    found = crowd(session, scene.campaign)
    assert found["authority"] == -15_25
    assert "fees_due" not in found
