"""Every outcome of a payment, one row of the table in docs/payments.md after the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.campaigns import actions
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Campaign, Pledge, PledgeCase
from quartieri.campaigns.queries import receipts_of
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.campaigns.rules.cases import CaseKind, CaseState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import InvalidError
from quartieri.ledger.queries import balances_of_book, verify
from tests.conftest import SiteClient
from tests.factories import complaints
from tests.factories.campaigns import STARTS, Scene, make_call_with_campaigns, make_live
from tests.factories.pledging import back, pay_now

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

P = PledgeState
TICK = timedelta(microseconds=1)
Run = Callable[[], None]
Browser = Callable[..., SiteClient]


def live(session: Session, clock: SetClock, **settings: Any) -> Scene:
    clock.set(STARTS)
    scene = make_live(session, call=make_call_with_campaigns(session, **settings))
    session.commit()
    return scene


def crowd(session: Session, campaign: Campaign) -> dict[str, int]:
    found = balances_of_book(session, f"crowd:{campaign.id}").get(f"campaign:{campaign.id}", {})
    return {kind: cents for kind, cents in found.items() if cents}


def state(session: Session, pledge_id: int) -> PledgeState:
    return session.get_one(Pledge, pledge_id).state


def end(clock: SetClock, scene: Scene) -> None:
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + TICK)


def case_of(session: Session, pledge_id: int) -> PledgeCase:
    return session.scalars(sa.select(PledgeCase).where(PledgeCase.pledge_id == pledge_id)).one()


def succeeded(
    session: Session, clock: SetClock, payments: SandboxProvider, run: Run, **settings: Any
) -> tuple[Scene, int, int]:
    """Give a campaign that succeeded with two gifts, 6,000 € and 5,000 €, charged at once."""
    scene = live(session, clock, charged="at_once", **settings)
    first = pay_now(payments, scene.campaign.id, 6_000_00)
    second = pay_now(payments, scene.campaign.id, 5_000_00)
    run()
    end(clock, scene)
    run()
    assert scene.campaign.state is CampaignState.PAYING_OUT
    return scene, first, second


def disputed(session: Session, payments: SandboxProvider, pledge_id: int, cents: int) -> str:
    intent = complaints.intent_of(session, pledge_id)
    assert intent is not None
    complaints.dispute(payments, intent, cents)
    return intent


def test_a_slow_payment_counts_as_promised_and_is_paid_when_the_bank_says_so(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    slow = pay_now(payments, scene.campaign.id, 50_00, cards.PAYPAL_SLOW)
    refused = pay_now(payments, scene.campaign.id, 70_00, cards.PAYPAL_SLOW_REFUSES)
    run()
    assert [state(session, one) for one in (slow, refused)] == [P.PROCESSING, P.PROCESSING]
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (120_00, 0)
    clock.advance(timedelta(days=2))
    run()
    assert [state(session, one) for one in (slow, refused)] == [P.PAID, P.REFUSED]
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (50_00, 50_00)


def test_of_a_payment_that_came_in_part_the_part_counts(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    half = pay_now(payments, scene.campaign.id, 50_00, cards.TAKES_HALF)
    run()
    pledge = session.get_one(Pledge, half)
    assert (pledge.state, pledge.amount_cents) == (P.PAID, 25_00)
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (25_00, 25_00)
    case = case_of(session, half)
    assert (case.kind, case.amount_cents, case.owner_id) == (
        CaseKind.PART,
        25_00,
        scene.treasurer.id,
    )
    assert crowd(session, scene.campaign)["collected"] == 25_00


def test_a_part_goes_back_by_decision_and_the_rest_still_counts(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00)
    run()
    pledge = session.get_one(Pledge, pledge_id)
    treasurer, now = scene.by(scene.treasurer), clock.now()

    def give(cents: int) -> None:
        actions.refund_paid(
            session, pledge, reason="Errore", amount_cents=cents, actor=treasurer, at=now
        )

    give(20_00)
    with pytest.raises(InvalidError, match="At most"):
        give(30_01)
    session.commit()
    run()
    assert (pledge.state, pledge.refunded_cents, pledge.returning_cents) == (P.PAID, 20_00, 0)
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (30_00, 30_00)
    give(30_00)
    session.commit()
    run()
    assert (pledge.state, pledge.refunded_cents) == (P.REFUNDED, 50_00)
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (0, 0)


def test_a_campaign_misses_by_the_cent_that_went_back(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge = session.get_one(Pledge, pay_now(payments, scene.campaign.id, 10_000_00))
    run()
    actor, now = scene.by(scene.treasurer), clock.now()
    actions.refund_paid(session, pledge, reason="Errore", amount_cents=1, actor=actor, at=now)
    session.commit()
    run()
    end(clock, scene)
    run()
    assert scene.campaign.decided_cents == 9_999_99
    assert (pledge.state, scene.campaign.state) == (P.REFUNDED, CampaignState.SETTLED)
    moves = session.scalars(
        sa.select(AuditEntry.verb).where(
            AuditEntry.subject_kind == "campaign", AuditEntry.subject_id == scene.campaign.id
        )
    ).all()
    assert "miss" in moves


def test_a_part_that_the_bank_refuses_opens_a_case(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.REFUND_FAILS)
    run()
    pledge = session.get_one(Pledge, pledge_id)
    actor, now = scene.by(scene.treasurer), clock.now()
    actions.refund_paid(session, pledge, reason="Sì", amount_cents=5_00, actor=actor, at=now)
    session.commit()
    run()
    clock.advance(timedelta(days=2))
    run()
    case = case_of(session, pledge_id)
    assert (case.kind, case.state, case.amount_cents) == (CaseKind.REFUND, CaseState.OPEN, 5_00)
    assert (pledge.state, pledge.refunded_cents) == (P.PAID, 0)
    assert scene.campaign.collected_cents == 50_00
    actions.close_case(session, case, note="Bonifico", by_hand=True, actor=actor, at=now)
    assert case.state is CaseState.DONE
    assert (pledge.state, pledge.refunded_cents, pledge.hand_cents) == (P.PAID, 5_00, 5_00)
    assert [r.amount_cents for r in receipts_of(session, pledge_id)] == [50_00, 5_00]


def test_a_warning_opens_a_case_that_a_refund_closes(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.WARNED_OF)
    run()
    case = case_of(session, pledge_id)
    assert (case.kind, case.state) == (CaseKind.WARNING, CaseState.OPEN)
    assert case.due_at == clock.now() + timedelta(days=2)
    pledge = session.get_one(Pledge, pledge_id)
    actor = scene.by(scene.treasurer)
    actions.refund_paid(session, pledge, reason="Frode", actor=actor, at=clock.now())
    session.commit()
    run()
    assert (pledge.state, case.state) == (P.REFUNDED, CaseState.DONE)


def test_an_inquiry_moves_no_money(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.ASKED_ABOUT)
    run()
    assert state(session, pledge_id) is P.PAID
    assert case_of(session, pledge_id).state is CaseState.OPEN
    assert scene.campaign.collected_cents == 50_00
    assert "disputed" not in crowd(session, scene.campaign)


def test_a_dispute_withholds_the_money_and_a_won_one_brings_it_back(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.DISPUTED)
    run()
    assert state(session, pledge_id) is P.DISPUTED
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (0, 0)
    assert crowd(session, scene.campaign)["disputed"] == 50_00
    intent = complaints.intent_of(session, pledge_id)
    assert intent is not None
    complaints.decide(payments, intent, won=True)
    run()
    assert state(session, pledge_id) is P.PAID
    assert scene.campaign.collected_cents == 50_00
    assert crowd(session, scene.campaign)["collected"] == 50_00
    assert case_of(session, pledge_id).state is CaseState.WON
    assert verify(session).faults == []


@pytest.mark.parametrize(("bearer", "payable"), [("proposer", 4_814_50), ("authority", 10_834_50)])
def test_a_lost_dispute_is_borne_as_the_call_says(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    bearer: str,
    payable: int,
) -> None:
    scene, first, _second = succeeded(session, clock, payments, run, disputes_borne_by=bearer)
    fees = 90_25 + 75_25
    assert crowd(session, scene.campaign)["payable"] == 11_000_00 - fees
    intent = disputed(session, payments, first, 6_000_00)
    run()
    assert crowd(session, scene.campaign)["disputed"] == 6_000_00
    complaints.decide(payments, intent, won=False)
    run()
    assert state(session, first) is P.CHARGED_BACK
    found = crowd(session, scene.campaign)
    assert (found["charged_back"], found["payable"]) == (6_000_00, payable)
    assert -found.get("authority", 0) == (6_020_00 if bearer == "authority" else 0)
    assert scene.campaign.succeeded
    assert verify(session).faults == []


def test_a_partial_dispute_is_an_amount_and_no_state(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00)
    run()
    intent = disputed(session, payments, pledge_id, 15_00)
    run()
    pledge = session.get_one(Pledge, pledge_id)
    assert (pledge.state, pledge.disputed_cents) == (P.PAID, 15_00)
    assert (scene.campaign.promised_cents, scene.campaign.collected_cents) == (35_00, 35_00)
    complaints.decide(payments, intent, won=False)
    run()
    assert (pledge.state, pledge.disputed_cents, pledge.lost_cents) == (P.PAID, 0, 15_00)
    end(clock, scene)
    run()
    assert (pledge.state, pledge.refunded_cents) == (P.REFUNDED, 35_00)
    assert scene.campaign.state is CampaignState.SETTLED


def test_a_failed_campaign_waits_for_a_dispute_and_gives_back_what_is_won(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.DISPUTED)
    run()
    end(clock, scene)
    run()
    assert scene.campaign.state is CampaignState.REFUNDING
    intent = complaints.intent_of(session, pledge_id)
    assert intent is not None
    complaints.decide(payments, intent, won=True)
    run()
    assert state(session, pledge_id) is P.REFUNDED
    assert scene.campaign.state is CampaignState.SETTLED


@pytest.mark.parametrize("bearer", ["authority", "proposer"])
def test_what_a_failed_campaign_cost_is_borne_as_the_call_says(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run, bearer: str
) -> None:
    scene = live(session, clock, charged="at_once", refunds_borne_by=bearer)
    pay_now(payments, scene.campaign.id, 1_000_00)
    run()
    end(clock, scene)
    run()
    found = crowd(session, scene.campaign)
    assert found["refunded"] == 1_000_00
    assert found.get("authority", 0) == (-15_25 if bearer == "authority" else 0)
    assert found.get("fees_due", 0) == (0 if bearer == "authority" else -15_25)


def test_the_authority_bears_the_fees_of_a_success_where_the_call_says_so(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene, _first, _second = succeeded(session, clock, payments, run, fees_borne_by="authority")
    found = crowd(session, scene.campaign)
    assert (found["payable"], found["authority"]) == (11_000_00, -165_50)


def test_a_refund_after_success_takes_its_fee_off_the_proposer(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene, first, _second = succeeded(session, clock, payments, run)
    intent = complaints.intent_of(session, first)
    assert intent is not None
    complaints.refund(payments, intent, 6_000_00, "dashboard")
    run()
    assert state(session, first) is P.REFUNDED
    found = crowd(session, scene.campaign)
    assert (found["payable"], found["authority"]) == (5_000_00 - 75_25, -90_25)
    assert "loss" not in found


def test_a_card_that_is_charged_later_is_disputed_like_any_other(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock)
    good = back(payments, scene.campaign.id, 10_000_00)
    bad = back(payments, scene.campaign.id, 1_000_00, cards.DISPUTED)
    run()
    end(clock, scene)
    run()
    assert [state(session, one) for one in (good, bad)] == [P.PAID, P.DISPUTED]
    assert scene.campaign.succeeded


def test_officials_and_backers_read_a_case_on_their_pages(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run, as_user: Browser
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id = pay_now(payments, scene.campaign.id, 50_00, cards.WARNED_OF)
    run()
    pledge = session.get_one(Pledge, pledge_id)
    treasurer = as_user(scene.treasurer)
    assert pledge.code in treasurer.get("/manage/campaigns/cases").text
    assert "Casi da seguire (1)" in treasurer.get("/manage/campaigns").text
    page = treasurer.get(f"/manage/pledges/{pledge_id}").text
    assert "Preavviso di frode" in page
    path = f"/manage/pledges/{pledge_id}/refund"
    assert treasurer.post(path, data={"part": "60", "reason": "Sì"}).status_code == 422
    assert treasurer.post(path, data={"part": "20", "reason": "Sì"}).status_code == 303
    case = case_of(session, pledge_id)
    closing = f"/manage/cases/{case.id}/close"
    assert as_user(scene.officer).post(closing, data={"note": "x"}).status_code == 403
    assert treasurer.post(closing, data={"note": ""}).status_code == 422
    assert treasurer.post(closing, data={"note": "Buono"}).status_code == 303
    run()
    assert "20,00" in as_user(scene.treasurer).get(f"/pledges/{pledge_token(pledge)}").text
    assert treasurer.get(f"/manage/campaigns/{scene.campaign.id}").status_code == 200
    public = treasurer.get(f"/projects/{scene.campaign.slug}").text
    assert "Come si raccoglie il denaro" in public
