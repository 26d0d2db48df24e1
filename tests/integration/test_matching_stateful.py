"""Any sequence of events keeps the pool and the matches of its pledges: the live match."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.db import get
from quartieri.programmes import actions as programmes
from quartieri.programmes.models import EndowmentPool
from tests.conftest import EXAMPLES
from tests.databases import Database
from tests.factories.campaigns import STARTS, Scene
from tests.factories.matching import live_rule, make_matched
from tests.factories.stage import shared_app
from tests.integration.test_pledges_stateful import Pledging

POOL = 9_000_00
"""Less than a campaign of 10,000 € may ask to be matched with: the pool is often empty."""


class Matching(Pledging):
    """The same people, provider and deaths, in a call whose city matches each pledge."""

    def make_scene(self, session: Session) -> Scene:
        """Give a campaign whose pool is small."""
        scene = make_matched(session, live_rule(donations_per_donor=2))
        pool = get(session, EndowmentPool, scene.grant.pool_id)
        programmes.change_endowment(session, pool, POOL, act_id=None, actor=SYSTEM, at=STARTS)
        return scene


@pytest.mark.soak
def test_any_sequence_keeps_the_pool_and_the_matches(
    database: Database, apps: dict[str, Flask], tmp_path: Path
) -> None:
    examples = int(os.environ.get("QUARTIERI_SOAK_EXAMPLES", EXAMPLES))
    machine = type("Machine", (Matching,), {"app": shared_app(database, apps, tmp_path)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            settings.get_profile("quartieri"),
            max_examples=max(examples // 10, 2),
            stateful_step_count=20,
        ),
    )
