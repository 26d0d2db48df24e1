"""Pledges that are paid at once: in calls that charge now, keep what they raise, or top up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import actions
from quartieri.campaigns.links import pledge_token
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import project_cards
from quartieri.campaigns.rules import CampaignState, PledgeState, RewardData
from quartieri.db import unit_of_work
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import IllegalMoveError
from quartieri.ledger.queries import balances_of_book, verify
from quartieri.mail.models import Letter
from quartieri.proposals.rules import ProposalState
from tests.conftest import SiteClient
from tests.doubles import Outbox
from tests.factories.campaigns import (
    STARTS,
    Scene,
    make_call_with_campaigns,
    make_live,
    start_pledge,
)
from tests.factories.payments import paid_at_provider
from tests.factories.pledging import BACKER, back, open_payment_page, pay_now

# what the databases do differently is tried by the machine of random steps
pytestmark = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)

P = PledgeState
TICK = timedelta(microseconds=1)
Run = Callable[[], None]


def live(session: Session, clock: SetClock, **settings: Any) -> Scene:
    clock.set(STARTS)
    scene = make_live(session, call=make_call_with_campaigns(session, **settings))
    session.commit()
    return scene


def crowd(session: Session, campaign: Campaign) -> dict[str, int]:
    found = balances_of_book(session, f"crowd:{campaign.id}").get(f"campaign:{campaign.id}", {})
    return {kind: cents for kind, cents in found.items() if cents}


def states(session: Session, *pledges: int) -> list[PledgeState]:
    return [session.get_one(Pledge, one).state for one in pledges]


def end(clock: SetClock, scene: Scene) -> None:
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + TICK)


def test_a_payment_counts_at_once_and_success_waits_for_nobody(
    *, session: Session, clock: SetClock, payments: SandboxProvider, outbox: Outbox, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledges = [pay_now(payments, scene.campaign.id, 6_000_00) for _ in range(2)]
    unpaid, _page = open_payment_page(payments, scene.campaign.id, 50_00)
    run()
    assert states(session, *pledges, unpaid) == [P.PAID, P.PAID, P.CREATED]
    campaign = scene.campaign
    assert (campaign.promised_cents, campaign.collected_cents) == (12_000_00, 12_000_00)
    assert crowd(session, campaign)["collected"] == 12_000_00
    end(clock, scene)
    run()
    assert states(session, *pledges, unpaid) == [P.PAID, P.PAID, P.EXPIRED]
    assert campaign.state is CampaignState.PAYING_OUT
    assert campaign.succeeded
    assert scene.grant.computed_cents == 10_000_00
    names = [letter.name for letter in outbox.letters if "collecting" in letter.name]
    assert names == []  # nobody who has paid is told that cards are charged now
    assert verify(session).faults == []


def test_a_missed_target_gives_everything_back_in_waves(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledges = [pay_now(payments, scene.campaign.id, 1_000_00) for _ in range(3)]
    run()
    end(clock, scene)
    run()
    run()
    assert set(states(session, *pledges)) == {P.REFUNDED}
    assert scene.campaign.state is CampaignState.SETTLED
    assert not scene.campaign.succeeded
    assert scene.grant.state is GrantState.RELEASED
    assert crowd(session, scene.campaign)["refunded"] == 3_000_00


@pytest.mark.parametrize("mode", [Mode.NORMAL, Mode.DROPPED])
def test_a_payer_who_was_through_in_time_counts_however_slow_the_bank_is(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run, mode: Mode
) -> None:
    scene = live(session, clock, charged="at_once", confirm_minutes=15)
    payments.sandbox.mode = mode
    end_at = scene.campaign.ends_at
    assert end_at is not None
    clock.set(end_at)
    in_time = pay_now(payments, scene.campaign.id, 10_000_00, cards.PAYPAL_SLOW, at=end_at)
    late, page = open_payment_page(payments, scene.campaign.id, 50_00, at=end_at)
    clock.set(end_at + timedelta(minutes=15, seconds=1))
    payments.sandbox.pay(page, cards.PAYPAL_SLOW)
    clock.set(end_at + timedelta(days=2))
    run()
    run()
    assert states(session, in_time, late) == [P.PAID, P.REFUNDED]
    assert scene.campaign.succeeded
    assert scene.campaign.decided_cents == 10_000_00


def test_a_refused_payment_is_tried_again_on_the_page_and_then_refused(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id, page = open_payment_page(payments, scene.campaign.id, 50_00)
    payments.sandbox.pay(page, cards.NO_FUNDS)
    run()
    assert states(session, pledge_id) == [P.CREATED]
    clock.advance(timedelta(minutes=61))
    run()
    assert states(session, pledge_id) == [P.REFUSED]
    assert scene.campaign.promised_cents == 0


def test_an_unanswered_second_factor_counts_for_nothing_and_expires(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id, page = open_payment_page(payments, scene.campaign.id, 50_00)
    payments.sandbox.submit(page, cards.AUTHENTICATE_AT_SETUP)
    run()
    assert states(session, pledge_id) == [P.ACTION_REQUIRED]
    assert (scene.campaign.promised_cents, scene.campaign.backers) == (0, 0)
    clock.advance(timedelta(minutes=61))
    run()
    assert states(session, pledge_id) == [P.EXPIRED]
    assert paid_at_provider(payments) == []


@pytest.mark.parametrize("mode", ["all_or_nothing", "keep_it_all"])
def test_what_was_paid_at_once_is_taken_back_until_the_deadline_unless_it_is_kept(
    *,
    session: Session,
    clock: SetClock,
    payments: SandboxProvider,
    run: Run,
    client: SiteClient,
    mode: str,
) -> None:
    scene = live(session, clock, charged="at_once", mode=mode)
    one, other = (pay_now(payments, scene.campaign.id, 50_00) for _ in range(2))
    run()
    pages = [f"/pledges/{pledge_token(session.get_one(Pledge, n))}" for n in (one, other)]
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at)
    assert (f"{pages[0]}/cancel" in client.get(pages[0]).text) is (mode == "all_or_nothing")
    done = client.post(f"{pages[0]}/cancel").status_code
    clock.advance(TICK)
    assert client.post(f"{pages[1]}/cancel").status_code == 409
    run()
    back = mode == "all_or_nothing"
    assert (done, states(session, one)) == ((303, [P.REFUNDED]) if back else (409, [P.PAID]))
    assert paid_at_provider(payments, f"pledge:{one}") == [50_00]
    assert verify(session).faults == []


def test_a_payment_that_comes_when_its_reward_is_gone_counts_and_is_told(
    session: Session, clock: SetClock
) -> None:
    clock.set(STARTS)
    campaign = make_live(session, rewards=(RewardData("Un vaso", "", 20_00, 1),)).campaign
    (vase,) = campaign.rewards
    late = start_pledge(session, campaign, reward_id=vase.id)
    actions.expire_pledge(session, late.id, actor=SYSTEM, at=STARTS + timedelta(hours=2))
    start_pledge(session, campaign, reward_id=vase.id)
    session.commit()
    with unit_of_work() as work:
        paid = work.get_one(Pledge, late.id)
        actions.record_paid(work, paid, fee_cents=None, actor=SYSTEM, at=STARTS)
    session.expire_all()
    assert (late.state, late.reward_id, vase.taken) == (P.PAID, None, 1)
    found = session.scalars(sa.select(Letter).where(Letter.key.startswith("pledge-reward_gone")))
    assert "Un vaso" in found.one().text


def test_an_open_page_is_closed_before_a_pledge_is_cancelled(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, charged="at_once")
    pledge_id, _page = open_payment_page(payments, scene.campaign.id, 50_00)
    run()
    pledge = session.get_one(Pledge, pledge_id)
    with pytest.raises(IllegalMoveError, match="close it first"):
        actions.cancel_pledge(session, pledge, actor=BACKER, at=STARTS)


def test_what_is_raised_is_kept_below_the_target_and_earns_no_grant(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, mode="keep_it_all")
    pledge_id = back(payments, scene.campaign.id, 1_000_00)
    run()
    end(clock, scene)
    run()
    assert states(session, pledge_id) == [P.PAID]
    assert scene.campaign.succeeded
    assert scene.campaign.state is CampaignState.PAYING_OUT
    assert scene.grant.state is GrantState.RELEASED
    assert scene.proposal.state is ProposalState.LAPSED
    assert crowd(session, scene.campaign)["payable"] == 984_75


def test_a_net_target_is_missed_by_the_fees_alone(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run, client: SiteClient
) -> None:
    scene = live(session, clock, charged="at_once", target_counts="net")
    for _ in range(2):
        pay_now(payments, scene.campaign.id, 5_000_00)
    run()
    for path in ("", "/figures"):  # raised, fees, and what counts toward the target
        page = client.get(f"/projects/{scene.campaign.slug}{path}").text
        assert [word in page for word in ("10.000", "150,50", "9.849,50")] == [True] * 3
    [shown] = client.get(f"/api/v1/calls/{scene.call.slug}/campaign-totals").json["totals"]
    assert shown["raised_cents"] == 9_849_50
    for _ in range(2):  # also where the call's rule was read before
        [card] = project_cards(session, now=clock.now()).cards
        assert (card.crowd_cents, card.threshold_cents) == (9_849_50, 10_000_00)
    asked: list[str] = []

    def note(*told: Any) -> None:
        asked.append(told[2])

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", note)
    try:
        project_cards(session, now=clock.now())
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", note)
    assert len(asked) == 1
    end(clock, scene)
    run()
    assert not scene.campaign.succeeded
    assert scene.campaign.decided_cents == 10_000_00 - 2 * 75_25


def test_others_top_up_what_cards_refused(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, top_up_in_grace=True)
    good = back(payments, scene.campaign.id, 6_000_00)
    bad = back(payments, scene.campaign.id, 5_000_00, cards.REFUSED_LATER)
    run()
    end(clock, scene)
    run()
    assert states(session, good, bad) == [P.PAID, P.RETRY_DUE]
    assert scene.campaign.state is CampaignState.COLLECTING
    top_up = pay_now(payments, scene.campaign.id, 4_000_00, at=clock.now())
    run()
    assert states(session, top_up) == [P.PAID]
    assert scene.campaign.state is CampaignState.COLLECTING
    assert scene.campaign.grace_ends_at is not None
    clock.set(scene.campaign.grace_ends_at + TICK)
    run()
    assert states(session, bad) == [P.DROPPED]
    assert scene.campaign.succeeded
    assert scene.campaign.decided_cents == 10_000_00


def test_without_the_setting_nobody_tops_up(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock)
    back(payments, scene.campaign.id, 10_000_00, cards.REFUSED_LATER)
    run()
    end(clock, scene)
    run()
    with pytest.raises(IllegalMoveError):
        pay_now(payments, scene.campaign.id, 50_00, at=clock.now())


def test_a_refused_card_is_tried_again_by_the_calls_own_calendar(
    *, session: Session, clock: SetClock, payments: SandboxProvider, run: Run
) -> None:
    scene = live(session, clock, retry_days=(3,))
    bad = back(payments, scene.campaign.id, 10_000_00, cards.REFUSED_LATER)
    run()
    end(clock, scene)
    run()
    assert session.get_one(Pledge, bad).retry_at == clock.now() + timedelta(days=3)
