"""Killed after any commit and started again, a closing ends the same; stock is exact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from quartieri.campaigns import actions
from quartieri.campaigns.models import Campaign, Pledge, Reward
from quartieri.campaigns.rules import CampaignState, PledgeState, RewardData
from quartieri.db import db, unit_of_work
from quartieri.gateways.sandbox import cards
from quartieri.kit.errors import ConflictError
from quartieri.ledger.queries import verify
from tests.databases import Database
from tests.factories.campaigns import STARTS, make_live, pledge_data
from tests.factories.payments import paid_at_provider
from tests.factories.pledging import BACKER, back
from tests.factories.stage import Killer, Worker, rolled_back, shared_app

P = PledgeState


@pytest.fixture
def site(database: Database, apps: dict[str, Flask], tmp_path: Path) -> Flask:
    return shared_app(database, apps, tmp_path)


def closed(app: Flask, numbers: tuple[str, ...], killer: Killer) -> tuple[object, ...]:
    """Close a campaign of one pledge of 5,000 € a card; give all that matters of the end."""
    with rolled_back(app) as services:
        worker = Worker(services)
        worker.clock.set(STARTS)
        with unit_of_work() as session:
            scene = make_live(session)
            campaign_id, ends_at = scene.campaign.id, scene.campaign.ends_at
        ids = [back(worker.provider, campaign_id, 5_000_00, number) for number in numbers]
        assert ends_at is not None
        with killer.watching():
            worker.run_until_quiet()
            worker.clock.set(ends_at + timedelta(seconds=1))
            for _ in range(10):
                worker.run_until_quiet()
                worker.clock.advance(timedelta(days=1))
                worker.repair()
        session = db.session()
        campaign = session.get_one(Campaign, campaign_id)
        taken = [paid_at_provider(worker.provider, f"pledge:{one}") for one in ids]
        states = [session.get_one(Pledge, one).state for one in ids]
        faults = verify(session).faults
        return campaign.state, campaign.decided_cents, states, taken, faults


@pytest.mark.parametrize("every", [11, 17])
def test_a_success_is_the_same_however_often_the_worker_dies(site: Flask, every: int) -> None:
    killer = Killer(every=every)
    end = closed(site, (cards.SUCCEEDS, cards.SUCCEEDS), killer)
    assert end == (
        CampaignState.PAYING_OUT,
        10_000_00,
        [P.PAID, P.PAID],
        [[5_000_00], [5_000_00]],
        [],
    )
    assert killer.deaths > 3


@pytest.mark.parametrize("every", [11, 17])
def test_a_failure_returns_the_same_however_often_the_worker_dies(site: Flask, every: int) -> None:
    killer = Killer(every=every)
    end = closed(site, (cards.SUCCEEDS, cards.REFUSED_LATER), killer)
    assert end == (
        CampaignState.SETTLED,
        5_000_00,
        [P.REFUNDED, P.DROPPED],
        [[5_000_00], []],
        [],
    )
    assert killer.deaths > 3


def test_a_reward_of_three_is_taken_three_times_by_eight_at_once(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        with unit_of_work() as session:
            scene = make_live(session, rewards=(RewardData("Un vaso", "", 20_00, 3),))
            campaign_id, reward_id = scene.campaign.id, scene.campaign.rewards[0].id
        db.session.remove()

    def pledge(_n: int) -> bool:
        with fresh_app.app_context():
            try:
                with unit_of_work() as session:
                    actions.make_pledge(
                        session,
                        campaign_id,
                        pledge_data(reward_id=reward_id),
                        started_at=STARTS,
                        actor=BACKER,
                        at=STARTS,
                    )
            except ConflictError:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(pledge, range(16)))
    with fresh_app.app_context():
        session = db.session()
        assert sum(won) == 3
        assert session.get_one(Reward, reward_id).taken == 3
        assert session.scalar(sa.select(sa.func.count(Pledge.id))) == 3


def test_one_form_sent_by_eight_threads_at_once_is_one_pledge(fresh_app: Flask) -> None:
    with fresh_app.app_context():
        with unit_of_work() as session:
            campaign_id = make_live(session).campaign.id
        db.session.remove()
    typed = pledge_data(token="one-form")

    def pledge(_n: int) -> int:
        with fresh_app.app_context():
            with unit_of_work() as session:
                found = actions.make_pledge(
                    session,
                    campaign_id,
                    typed,
                    started_at=STARTS,
                    actor=BACKER,
                    at=STARTS,
                ).id
            db.session.remove()
            return found

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(pledge, range(16)))) == 1
