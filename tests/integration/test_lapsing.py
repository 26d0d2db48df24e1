"""Payments made at once for an end that was moved: slow banks, and workers that were down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.campaigns import actions, queries
from quartieri.campaigns.rules import CampaignState, Closing, PledgeState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.kit.clock import SetClock
from tests.factories.campaigns import Scene
from tests.factories.payments import paid_at_provider
from tests.factories.pledging import pay_now
from tests.integration.test_outcomes import TICK, end, live, state

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

P = PledgeState
Run = Callable[[], None]
ACT = ActData("12", date(2025, 2, 1), "Economia", "Dott. Rossi")


def extended(session: Session, clock: SetClock, scene: Scene) -> datetime:
    """Move the end by ten days at the last instant; give the old one."""
    old = scene.campaign.ends_at
    assert old is not None
    clock.set(old)
    new, manager = old + timedelta(days=10), scene.by(scene.manager)
    actions.extend(session, scene.campaign, new, ACT, actor=manager, at=old)
    session.commit()
    return old


def test_a_slow_payment_for_the_old_end_goes_back_when_it_comes(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    campaign = scene.campaign
    assert campaign.ends_at is not None
    clock.set(campaign.ends_at - timedelta(seconds=30))
    slow = pay_now(payments, campaign.id, 50_00, cards.PAYPAL_SLOW, at=clock.now())
    run()
    old = extended(session, clock, scene)
    clock.set(old + TICK)
    run()
    assert (state(session, slow), campaign.state) == (P.PROCESSING, CampaignState.LIVE)
    assert campaign.lapse_at is None, "others need not wait for one bank"
    pay_now(payments, campaign.id, 12_000_00, at=clock.now())
    run()
    clock.advance(timedelta(days=3))
    run()
    assert paid_at_provider(payments, f"pledge:{slow}") == [50_00]
    assert state(session, slow) is P.REFUNDED
    assert campaign.collected_cents == 12_000_00


def test_what_came_after_the_old_end_does_not_meet_its_condition_however_late_it_is_decided(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    silent = pay_now(payments, scene.campaign.id, 5_000_00)
    run()
    old = extended(session, clock, scene)
    clock.set(old + timedelta(days=2))
    later = pay_now(payments, scene.campaign.id, 8_000_00, at=clock.now())
    (found,) = queries.forecast(session, now=clock.now())
    session.rollback()
    assert (found.steps, found.let_go, found.let_go_cents) == ((Closing.LAPSE,), 1, 5_000_00)
    run()
    assert [state(session, one) for one in (silent, later)] == [P.REFUNDED, P.PAID]
    assert scene.campaign.promised_cents == 8_000_00


def test_who_met_the_old_condition_stays_though_the_worker_was_down_over_both_ends(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    first = pay_now(payments, scene.campaign.id, 6_000_00)
    second = pay_now(payments, scene.campaign.id, 5_000_00)
    run()
    extended(session, clock, scene)
    end(clock, scene)
    (found,) = queries.forecast(session, now=clock.now())
    session.rollback()
    assert found.steps == (Closing.END, Closing.COLLECT, Closing.SUCCEED)
    run()
    assert [state(session, one) for one in (first, second)] == [P.PAID, P.PAID]
    assert scene.campaign.succeeded
