"""Money that goes back: stuck, by hand, of a cancelled campaign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.campaigns import actions, queries
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState, RewardData
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError, IllegalMoveError
from quartieri.ledger.queries import balances_of_book, verify
from quartieri.payments import jobs as payment_jobs
from tests.factories import complaints
from tests.factories.campaigns import STARTS, Scene, make_call_with_campaigns, make_live
from tests.factories.pledging import back, pay_now

TICK = timedelta(microseconds=1)


@pytest.fixture
def scene(session: Session, clock: SetClock) -> Scene:
    clock.set(STARTS)
    found = make_live(session)
    session.commit()
    return found


def crowd(session: Session, campaign: Campaign) -> dict[str, int]:
    found = balances_of_book(session, f"crowd:{campaign.id}").get(f"campaign:{campaign.id}", {})
    return {kind: cents for kind, cents in found.items() if cents}


def pledge(session: Session, pledge_id: int) -> Pledge:
    return session.get_one(Pledge, pledge_id)


def end(clock: SetClock, scene: Scene) -> None:
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + TICK)


def test_a_refund_that_the_bank_refuses_is_stuck_with_an_owner_and_a_due_date(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
) -> None:
    stuck = back(payments, scene.campaign.id, 10_000_00, cards.REFUND_FAILS)
    run()
    end(clock, scene)
    run()
    assert scene.campaign.state is CampaignState.PAYING_OUT
    actions.refund_paid(
        session,
        pledge(session, stuck),
        reason="Chiesto",
        actor=scene.by(scene.treasurer),
        at=clock.now(),
    )
    session.commit()
    run()
    clock.advance(timedelta(hours=1))
    run()
    payment_jobs.reconcile()
    run()
    found = pledge(session, stuck)
    assert found.state is PledgeState.REFUND_STUCK
    assert found.refund_owner_id == scene.treasurer.id
    assert found.refund_due_at is not None
    assert queries.count_refunds(session, scopes=None, now=clock.now()) == 1
    actions.refund_by_hand(
        session, found, evidence="Bonifico 7", actor=scene.by(scene.treasurer), at=clock.now()
    )
    session.commit()
    run()
    assert pledge(session, stuck).state is PledgeState.REFUNDED
    assert crowd(session, scene.campaign).get("refunded") == 10_000_00


def test_a_campaign_cancelled_while_collecting_returns_what_came(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
) -> None:
    good = back(payments, scene.campaign.id, 5_000_00)
    bad = back(payments, scene.campaign.id, 5_000_00, cards.REFUSED_LATER)
    run()
    end(clock, scene)
    run()
    actions.cancel(
        session, scene.campaign, reason="Frode", actor=scene.by(scene.manager), at=clock.now()
    )
    session.commit()
    run()
    assert pledge(session, good).state is PledgeState.REFUNDED
    assert pledge(session, bad).state is PledgeState.DROPPED
    assert scene.campaign.state is CampaignState.SETTLED
    assert scene.grant.state is GrantState.RELEASED


def disputed(session: Session, payments: SandboxProvider, pledge_id: int, cents: int) -> str:
    intent = complaints.intent_of(session, pledge_id)
    assert intent is not None
    complaints.dispute(payments, intent, cents)
    return intent


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_dispute_that_is_won_leaves_the_backer_the_last_of_a_reward(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Callable[[], None]
) -> None:
    clock.set(STARTS)
    call = make_call_with_campaigns(session, charged="at_once")
    campaign = make_live(
        session, call=call, rewards=(RewardData("Un vaso", "", 20_00, 1),)
    ).campaign
    reward = campaign.rewards[0]
    session.commit()
    first = pay_now(payments, campaign.id, 20_00, reward_id=reward.id)
    run()
    intent = disputed(session, payments, first, 20_00)
    run()
    assert (pledge(session, first).state, reward.taken) == (PledgeState.DISPUTED, 1)
    with pytest.raises(ConflictError):
        pay_now(payments, campaign.id, 20_00, reward_id=reward.id)
    complaints.decide(payments, intent, won=True)
    run()
    found = pledge(session, first)
    assert (found.state, found.reward_id, reward.taken) == (PledgeState.PAID, reward.id, 1)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_stuck_refund_is_not_given_by_hand_while_the_bank_decides(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Callable[[], None]
) -> None:
    clock.set(STARTS)
    scene = make_live(session, call=make_call_with_campaigns(session, charged="at_once"))
    session.commit()
    stuck = pay_now(payments, scene.campaign.id, 50_00, cards.REFUND_FAILS)
    run()
    end(clock, scene)
    run()
    clock.advance(timedelta(hours=1))
    run()
    intent = disputed(session, payments, stuck, 50_00)
    run()
    found, treasurer = pledge(session, stuck), scene.by(scene.treasurer)
    assert (found.state, found.disputed_cents) == (PledgeState.REFUND_STUCK, 50_00)
    with pytest.raises(IllegalMoveError):
        actions.refund_by_hand(session, found, evidence="x", actor=treasurer, at=clock.now())
    session.rollback()
    complaints.decide(payments, intent, won=False)
    run()
    assert pledge(session, stuck).state is PledgeState.REFUNDED
    assert verify(session).faults == []
