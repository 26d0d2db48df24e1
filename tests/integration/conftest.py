"""Integration tests: on SQLite and on PostgreSQL, in one transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from quartieri.campaigns import jobs
from quartieri.jobs import worker
from quartieri.payments import jobs as payment_jobs


@pytest.fixture
def run(work: Callable[[], int], session: Session) -> Callable[[], None]:
    """Do what a running worker does now: tick, deliver, settle, until nothing is left."""

    def do() -> None:
        worker.plan_periodic()
        for _ in range(2):
            payment_jobs.deliver()
            work()
            jobs.tick()
        payment_jobs.deliver()
        work()
        session.expire_all()
        session.info["writing"] = True  # what the test does next by hand

    return do
