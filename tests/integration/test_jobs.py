"""Work that is given up, and work that comes back."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import db, lock, unit_of_work
from quartieri.jobs import registry, worker
from quartieri.jobs.actions import drop
from quartieri.jobs.crew import Crew
from quartieri.jobs.models import Job, JobState
from quartieri.kit.errors import BusyError
from quartieri.kit.labels import lazy
from tests.databases import Database
from tests.doubles import NOW, build_app, close_database

KIND = "campaigns.mend"


def test_periodic_work_comes_back_after_a_run_that_was_given_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise OSError

    monkeypatch.setitem(registry.HANDLERS, KIND, broken)
    tired = Job(kind=KIND, key=KIND, args={}, run_at=NOW, attempts=registry.MOST_TRIES - 1)
    session.add(tired)
    session.commit()
    assert worker.work_once()
    states = session.scalars(sa.select(Job.state).where(Job.kind == KIND).order_by(Job.id)).all()
    assert states == [JobState.FAILED, JobState.WAITING]


def test_a_job_that_did_not_get_its_turn_to_write_is_put_back_and_not_held_against_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> None:
        raise BusyError(lazy("Busy"))

    monkeypatch.setitem(registry.HANDLERS, KIND, busy)
    job = Job(kind=KIND, key=KIND, args={}, run_at=NOW)
    session.add(job)
    session.commit()
    assert worker.work_once()
    session.refresh(job)
    assert (job.state, job.attempts, job.lease_until) == (JobState.WAITING, 0, None)
    assert job.last_error == ""


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


def test_several_jobs_are_leased_and_marked_together_and_the_rest_is_put_back(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []
    clock = iter([0.0, 0.0, 0.0, 60.0])

    def note(n: int) -> None:
        done.append(n)

    monkeypatch.setitem(registry.HANDLERS, KIND, note)
    monkeypatch.setattr(worker, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    session.add_all(Job(kind=KIND, args={"n": n}, run_at=NOW) for n in range(4))
    session.commit()
    assert worker.work_once(most=3) == 2
    assert done == [0, 1]
    left = session.scalars(sa.select(Job).where(Job.state == JobState.WAITING).order_by(Job.id))
    free = [job for job in left if job.kind == KIND and job.key is None]
    assert [(job.args["n"], job.lease_until, job.attempts) for job in free] == [
        (2, None, 0),
        (3, None, 0),
    ]


def test_jobs_that_were_done_on_the_way_are_dropped_by_their_keys(
    session: Session,
) -> None:
    keys = ["settle:1:a", "settle:1:b", "settle:12:a", "settle:1:c"]
    session.add_all(Job(kind=KIND, key=key, args={}, run_at=NOW) for key in keys)
    session.flush()
    session.execute(
        sa.update(Job).where(Job.key == keys[3]).values(lease_until=NOW + timedelta(seconds=9))
    )
    drop(session, [keys[0], keys[1], keys[3]], now=NOW)
    left = session.scalars(sa.select(Job.key).where(Job.key.startswith("settle:")))
    assert sorted(left) == [keys[2], keys[3]]


def test_a_crew_runs_what_waits_side_by_side_and_marks_it(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(3)
    ended = threading.Event()

    def waits(*, fails: bool = False) -> None:
        together.wait(timeout=10)
        if fails:
            raise OSError

    app = build_app(fresh_database.url, tmp_path)
    monkeypatch.setitem(registry.HANDLERS, KIND, waits)
    with app.app_context():
        with unit_of_work() as session:
            session.add_all(
                Job(kind=KIND, args={"fails": n == 0}, run_at=NOW - timedelta(hours=1))
                for n in range(3)
            )
        with Crew(3, {KIND}):
            ended.wait(timeout=1.2)
        states = db.session.scalars(sa.select(Job.state).where(Job.key.is_(None)).order_by(Job.id))
        assert states.all() == [JobState.WAITING, JobState.DONE, JobState.DONE]
        again = db.session.scalars(sa.select(Job).order_by(Job.id)).first()
        assert again is not None
        assert (again.attempts, again.lease_until, again.run_at > NOW) == (1, None, True)
    close_database(app)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_an_urgent_job_goes_before_those_that_were_due_earlier_which_keep_a_share(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    all_begun = threading.Event()

    def note(name: str) -> None:
        begun.append(name)
        if len(begun) == 8:
            all_begun.set()

    app = build_app(fresh_database.url, tmp_path)
    for kind in (KIND, "mail.send"):
        monkeypatch.setitem(registry.HANDLERS, kind, note)
    with app.app_context():
        with unit_of_work() as session:
            for n in range(8):
                kind, hours = ("mail.send", 2) if n < 4 else (KIND, 1)
                session.add(
                    Job(kind=kind, args={"name": kind}, run_at=NOW - timedelta(hours=hours))
                )
        with Crew(2, {KIND, "mail.send"}, urgent={KIND}):
            assert all_begun.wait(timeout=10)
    close_database(app)
    assert begun[:4] == [KIND, KIND, KIND, "mail.send"]


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_lock_that_was_waited_for_too_long_is_no_fault_of_the_job(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build_app(fresh_database.url, tmp_path)

    def waits(job_id: int) -> None:
        with unit_of_work() as session:
            session.execute(sa.text("SET LOCAL lock_timeout = '20ms'"))
            lock(session, Job, job_id)

    monkeypatch.setitem(registry.HANDLERS, KIND, waits)
    with app.app_context():
        with unit_of_work() as session:
            held = Job(kind="campaigns.tick", args={}, run_at=NOW + timedelta(days=1))
            session.add(held)
            session.flush()
            session.add(Job(kind=KIND, args={"job_id": held.id}, run_at=NOW - timedelta(hours=1)))
            held_id = held.id
        with db.engine.connect() as other:
            other.execute(sa.select(Job.id).where(Job.id == held_id).with_for_update())
            assert worker.work_once() == 1
        job = db.session.scalars(sa.select(Job).where(Job.kind == KIND)).one()
        assert (job.state, job.attempts, job.last_error) == (JobState.WAITING, 0, "")
    close_database(app)
