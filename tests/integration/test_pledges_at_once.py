"""Real processes pledge for what is scarce: never over, clean answers, nobody turned away."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from quartieri.audit.rules import Actor, Role
from quartieri.campaigns import actions
from quartieri.campaigns.models import Pledge, Reward
from quartieri.campaigns.rules import PledgeState, RewardData
from quartieri.db import db, unit_of_work
from quartieri.kit.errors import DomainError
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import STARTS, make_live, pledge_data

PROCESSES = 8
STOCK = 100
GIFT_CENTS = 20_00
CAP_CENTS = 100_00
TRIES = 13
"""Of each process for the reward, but for the last one, which goes through the pages."""
OF_ONE = 2
BACKER = Actor(None, "visitor", frozenset({Role.BACKER}))
PLACES = multiprocessing.get_context("fork")


class Backers:
    """What one process does: asks for the reward as many persons, and as the one that is capped."""

    def __init__(self, app: Flask, name: str, campaign_id: int, slug: str, reward_id: int) -> None:
        self.app, self.name, self.slug = app, name, slug
        self.campaign_id, self.reward_id = campaign_id, reward_id

    def run(self, start: Barrier, told: Queue[list[tuple[str, int]]]) -> None:
        with self.app.app_context():
            db.engine.dispose(close=False)  # the connections are those of the process before
            self.app.extensions["services"].clock.set(STARTS)
            start.wait()
            told.put(list(self.answers()))

    def answers(self) -> Iterator[tuple[str, int]]:
        for n in range(TRIES):
            yield "reward", self.pledge(f"{self.name}.{n}@example.org", self.reward_id)
            if n < OF_ONE:
                yield "cap", self.pledge(f"una+{self.name}.{n}@example.org", None)
        yield "reward", self.post(f"{self.name}@example.org", str(self.reward_id))
        yield "cap", self.post(f"una+{self.name}@example.org", "0")

    def pledge(self, email: str, reward_id: int | None) -> int:
        data = pledge_data(amount_cents=GIFT_CENTS, email=email, reward_id=reward_id)
        try:
            with unit_of_work() as session:
                actions.make_pledge(
                    session, self.campaign_id, data, started_at=STARTS, actor=BACKER, at=STARTS
                )
        except DomainError as error:
            return error.status
        return 303

    def post(self, email: str, reward: str) -> int:
        form = {"amount": str(GIFT_CENTS), "reward": reward, "email": email, "name": "Bea"}
        path = f"/projects/{self.slug}/pledge/data"
        return self.app.test_client().post(path, data=form | {"consent": "y"}).status_code


@pytest.fixture
def told(fresh_app: Flask) -> Counter[tuple[str, int]]:
    """Let 112 ask for a reward of which there are 100, and one person give 24 times of 5."""
    with fresh_app.app_context():
        with unit_of_work() as session:
            design = ready_design()
            assert design.campaign is not None
            capped = replace(design.campaign, person_cap_cents=CAP_CENTS)
            call = make_published_call(session, design=replace(design, campaign=capped))
            rewards = (RewardData("Un vaso", "", GIFT_CENTS, STOCK),)
            campaign = make_live(session, call=call, rewards=rewards).campaign
            facts = (campaign.id, campaign.slug, campaign.rewards[0].id)
        db.session.remove()
    start, answers = PLACES.Barrier(PROCESSES), PLACES.Queue()
    started = [
        PLACES.Process(target=Backers(fresh_app, f"p{i}", *facts).run, args=(start, answers))
        for i in range(PROCESSES)
    ]
    for process in started:
        process.start()
    found: Counter[tuple[str, int]] = Counter()
    for _process in started:
        found.update(answers.get(timeout=120))
    for process in started:
        process.join(120)
    return found


def test_eight_processes_never_oversell_a_reward_nor_pass_a_persons_cap(
    told: Counter[tuple[str, int]], fresh_app: Flask
) -> None:
    asked, within = PROCESSES * (TRIES + 1), CAP_CENTS // GIFT_CENTS
    assert told == {
        ("reward", 303): STOCK,
        ("reward", 409): asked - STOCK,
        ("cap", 303): within,
        ("cap", 409): PROCESSES * (OF_ONE + 1) - within,
    }
    with fresh_app.app_context():
        session = db.session()
        (reward,) = session.scalars(sa.select(Reward))
        made: Any = session.execute(
            sa.select(Pledge.mailbox, sa.func.sum(Pledge.amount_cents))
            .where(Pledge.state == PledgeState.CREATED)
            .group_by(Pledge.mailbox)
        ).all()
        assert reward.taken == STOCK
        assert {m: c for m, c in made if c > GIFT_CENTS} == {"una@example.org": CAP_CENTS}
        assert len(made) == STOCK + 1
