"""Work that is given up, and work that comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.jobs import registry, worker
from quartieri.jobs.actions import MOST_ATTEMPTS
from quartieri.jobs.models import Job, JobState
from tests.doubles import NOW

KIND = "campaigns.mend"


def test_periodic_work_comes_back_after_a_run_that_was_given_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError

    monkeypatch.setitem(registry.HANDLERS, KIND, broken)
    tired = Job(kind=KIND, key=KIND, args={}, run_at=NOW, attempts=MOST_ATTEMPTS - 1)
    session.add(tired)
    session.commit()
    assert worker.work_once()
    states = session.scalars(sa.select(Job.state).where(Job.kind == KIND).order_by(Job.id)).all()
    assert states == [JobState.FAILED, JobState.WAITING]


def test_done_jobs_are_swept_after_a_while_and_failed_ones_stay(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quartieri.jobs.actions.SWEPT_AT_ONCE", 2)
    long_ago = NOW - timedelta(hours=2)
    session.add_all(
        [
            *(Job(kind=KIND, args={}, run_at=long_ago, state=JobState.DONE) for _ in range(5)),
            Job(kind=KIND, args={}, run_at=NOW, state=JobState.DONE),
            Job(kind=KIND, args={}, run_at=long_ago, state=JobState.FAILED),
            Job(kind=KIND, args={}, run_at=long_ago, state=JobState.WAITING),
        ]
    )
    session.commit()
    worker.sweep()
    states = session.scalars(sa.select(Job.state).order_by(Job.id)).all()
    assert states == [JobState.DONE, JobState.FAILED, JobState.WAITING]
