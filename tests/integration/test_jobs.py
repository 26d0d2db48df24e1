"""Work that is given up, and work that comes back."""

from __future__ import annotations

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
