"""A campaign from its deadline to the last cent, with the sandbox and the worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.campaigns import actions
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import SetClock
from quartieri.ledger.queries import balances, balances_of_book, verify
from quartieri.payments import jobs as payment_jobs
from quartieri.proposals.rules import ProposalState
from tests.doubles import Outbox
from tests.factories.campaigns import STARTS, Scene, make_live
from tests.factories.payments import paid_at_provider
from tests.factories.pledging import back, change_card, open_card_page

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


def test_a_missed_target_charges_nobody_and_releases_the_grant(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    outbox: Outbox,
    run: Callable[[], None],
) -> None:
    first = back(payments, scene.campaign.id, 5_000_00)
    run()
    assert pledge(session, first).state is PledgeState.CONFIRMED
    assert scene.campaign.promised_cents == 5_000_00
    end(clock, scene)
    run()
    assert scene.campaign.state is CampaignState.SETTLED
    assert (scene.campaign.decided_cents, scene.campaign.decided_backers) == (5_000_00, 1)
    assert pledge(session, first).state is PledgeState.RELEASED
    assert paid_at_provider(payments, f"pledge:{first}") == []
    assert scene.grant.state is GrantState.RELEASED
    assert scene.proposal.state is ProposalState.LAPSED
    assert crowd(session, scene.campaign) == {}
    subjects = [letter.subject for letter in outbox.to(pledge(session, first).email)]
    assert len(subjects) == 2


def test_success_collects_proposes_the_grant_and_owes_the_rest_after_fees(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    outbox: Outbox,
    run: Callable[[], None],
) -> None:
    ids = [back(payments, scene.campaign.id, 5_000_00) for _ in range(2)]
    run()
    end(clock, scene)
    run()
    campaign = scene.campaign
    assert campaign.state is CampaignState.PAYING_OUT
    assert (campaign.decided_cents, campaign.collected_cents) == (10_000_00, 10_000_00)
    assert [pledge(session, one).state for one in ids] == [PledgeState.PAID] * 2
    assert [paid_at_provider(payments, f"pledge:{one}") for one in ids] == [[5_000_00]] * 2
    assert scene.grant.proposed_at is not None
    assert (scene.grant.state, scene.grant.reserved_cents) == (GrantState.RESERVED, 10_000_00)
    fee = 2 * (7500 + 25)
    assert crowd(session, campaign) == {
        "clearing": -10_000_00,
        "payable": 10_000_00 - fee,
        "fees": fee,
    }
    payout = actions.record_payout(
        session,
        campaign,
        amount_cents=10_000_00 - fee,
        reference="CRO 1",
        actor=scene.by(scene.treasurer),
        at=clock.now(),
    )
    assert payout.id is not None
    assert campaign.state is CampaignState.SETTLED
    # confirmed, receipt, succeeded
    assert len(outbox.to(pledge(session, ids[0]).email)) == 4
    assert verify(session).faults == []


def test_a_declined_card_is_tried_again_and_then_counts(
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
    assert pledge(session, good).state is PledgeState.PAID
    assert pledge(session, bad).state is PledgeState.RETRY_DUE
    assert scene.campaign.state is CampaignState.COLLECTING
    change_card(payments, pledge(session, bad), cards.SUCCEEDS, at=clock.now())
    run()
    assert pledge(session, bad).state is PledgeState.PAID
    assert pledge(session, bad).attempts == 2
    assert scene.campaign.state is CampaignState.PAYING_OUT


def test_below_the_target_after_the_grace_everyone_gets_the_money_back(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    outbox: Outbox,
    run: Callable[[], None],
) -> None:
    good = back(payments, scene.campaign.id, 5_000_00)
    bad = back(payments, scene.campaign.id, 5_000_00, cards.REFUSED_LATER)
    run()
    end(clock, scene)
    run()
    for _ in range(8):
        clock.advance(timedelta(days=1))
        run()
    assert pledge(session, bad).state is PledgeState.DROPPED
    assert pledge(session, bad).attempts == 4
    assert pledge(session, good).state is PledgeState.REFUNDED
    assert pledge(session, good).refunded_cents == 5_000_00
    assert scene.campaign.state is CampaignState.SETTLED
    assert scene.campaign.decided_cents == 5_000_00
    assert (scene.campaign.collected_cents, scene.campaign.promised_cents) == (0, 0)
    assert scene.grant.state is GrantState.RELEASED
    fee = 7500 + 25
    assert crowd(session, scene.campaign) == {
        "clearing": -5_000_00,
        "refunded": 5_000_00,
        "fees": fee,
        "authority": -fee,
    }
    assert len(outbox.to(pledge(session, good).email)) == 4
    assert outbox.to(pledge(session, bad).email)[-1].subject.startswith(("Your pledge", "Non"))
    available = f"pool:{scene.grant.pool_id}:available"
    assert balances(session, [available]) == {available: 100_000_00}


def test_a_bank_that_asks_is_answered_in_person_on_the_payment_page(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
    outbox: Outbox,
) -> None:
    asked = back(payments, scene.campaign.id, 10_000_00, cards.AUTHENTICATE_ALWAYS)
    run()
    end(clock, scene)
    run()
    assert pledge(session, asked).state is PledgeState.ACTION_REQUIRED
    assert "/pledges/" in outbox.to(pledge(session, asked).email)[-1].text
    found = pledge(session, asked)
    subject, email = found.subject, found.email
    session.rollback()
    url = _rescue(payments, subject, email, clock)
    payments.sandbox.pay(url.rpartition("/")[2], cards.AUTHENTICATE_ALWAYS)
    run()
    assert pledge(session, asked).state is PledgeState.PAID
    assert paid_at_provider(payments, subject) == [10_000_00]
    assert scene.campaign.state is CampaignState.PAYING_OUT


def _rescue(payments: SandboxProvider, subject: str, email: str, clock: SetClock) -> str:
    from quartieri.db import unit_of_work
    from quartieri.kit.money import Money
    from quartieri.payments.actions import pages

    return pages.rescue(
        unit_of_work,
        payments,
        subject,
        Money(10_000_00),
        description="Orto",
        success_url="http://localhost/back",
        cancel_url="http://localhost/back",
        locale="it",
        email=email,
        expires_at=clock.now() + timedelta(hours=1),
        at=clock.now(),
    )


@pytest.mark.parametrize("mode", list(Mode))
def test_messages_twice_late_reordered_or_lost_end_the_same(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
    mode: Mode,
) -> None:
    payments.sandbox.mode = mode
    ids = [back(payments, scene.campaign.id, 5_000_00) for _ in range(2)]
    run()
    end(clock, scene)
    run()
    clock.advance(timedelta(hours=2))
    run()
    payment_jobs.reconcile()
    run()
    assert [pledge(session, one).state for one in ids] == [PledgeState.PAID] * 2
    assert [paid_at_provider(payments, f"pledge:{one}") for one in ids] == [[5_000_00]] * 2
    assert scene.campaign.state is CampaignState.PAYING_OUT


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.DROPPED])
def test_a_card_saved_in_time_counts_although_the_worker_slept_for_a_day(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
    mode: Mode,
) -> None:
    payments.sandbox.mode = mode
    end_at = scene.campaign.ends_at
    assert end_at is not None
    clock.set(end_at)
    in_time, page = open_card_page(payments, scene.campaign.id, 5_000_00, at=end_at)
    late, late_page = open_card_page(payments, scene.campaign.id, 5_000_00, at=end_at)
    clock.set(end_at + timedelta(minutes=60))
    payments.sandbox.pay(page, cards.SUCCEEDS)
    clock.set(end_at + timedelta(minutes=61))
    payments.sandbox.pay(late_page, cards.SUCCEEDS)
    clock.set(end_at + timedelta(days=1))
    run()
    run()
    assert pledge(session, in_time).state is PledgeState.RELEASED
    assert pledge(session, late).state is PledgeState.EXPIRED
    assert scene.campaign.decided_cents == 5_000_00


def test_a_charge_that_the_worker_left_half_way_is_finished_once(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = back(payments, scene.campaign.id, 10_000_00)
    run()
    end(clock, scene)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "settle_locked", killed)
        with pytest.raises(KeyboardInterrupt):
            run()
    session.rollback()
    assert pledge(session, one).state is PledgeState.CHARGING
    clock.advance(timedelta(minutes=11))
    run()
    assert pledge(session, one).state is PledgeState.PAID
    assert paid_at_provider(payments, f"pledge:{one}") == [10_000_00]
    assert scene.campaign.state is CampaignState.PAYING_OUT


def test_no_pledge_is_charged_after_the_last_day_that_was_agreed(
    *,
    session: Session,
    scene: Scene,
    clock: SetClock,
    payments: SandboxProvider,
    run: Callable[[], None],
) -> None:
    one = back(payments, scene.campaign.id, 10_000_00)
    run()
    assert scene.campaign.grace_ends_at is not None
    clock.set(scene.campaign.grace_ends_at + TICK)
    run()
    assert pledge(session, one).state is PledgeState.RELEASED
    assert paid_at_provider(payments, f"pledge:{one}") == []
    assert scene.campaign.state is CampaignState.SETTLED
