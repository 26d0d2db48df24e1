"""The worker's loop: take a job, work, mark it; again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.jobs import actions, registry
from quartieri.kit.errors import BusyError
from quartieri.logs import logger

IDLE_SECONDS = 0.5


@registry.handler("jobs.sweep", every=timedelta(minutes=5))
def sweep() -> None:
    """Delete jobs that were done a while ago, some in each unit of work."""
    swept = actions.SWEPT_AT_ONCE
    while swept == actions.SWEPT_AT_ONCE:
        with unit_of_work() as session:
            swept = actions.sweep(session, now=services().clock.now())


def work_once() -> bool:
    """Take and run one due job; tell whether there was one.

    Killed at any point it ends the same: before the mark the lease runs out and the job is run
    again; handlers are idempotent.
    """
    with unit_of_work() as session:
        job = actions.take(session, now=services().clock.now())
        if job is None:
            return False
        job_id, kind, args, token = job.id, job.kind, dict(job.args), str(job.lease_token)
    try:
        registry.run(kind, args)
    except Exception as error:  # noqa: BLE001 -- one bad job must not stop the worker
        db.session.rollback()
        logger().exception("job.failed", job=job_id, kind=kind)
        with unit_of_work() as session:
            message = f"{type(error).__name__}: {error}"
            actions.fail(session, job_id, token, now=services().clock.now(), error=message)
            _come_back(kind)  # periodic work goes on although one run of it was given up
    else:
        with unit_of_work() as session:
            actions.finish(session, job_id, token, now=services().clock.now())
            _come_back(kind)
    return True


def work_until_idle(*, most: int = 100_000) -> int:
    """Run all jobs that are due now and those that they add; give how many ran."""
    for count in range(most):
        if not work_once():
            return count
    return most


def plan_periodic() -> None:
    """Make sure that every periodic kind has a waiting job."""
    for periodic in registry.PERIODIC:
        with unit_of_work() as session:
            actions.enqueue(
                session, periodic.kind, run_at=services().clock.now(), key=periodic.kind
            )


def _come_back(kind: str) -> None:
    for periodic in registry.PERIODIC:
        if periodic.kind == kind:
            actions.enqueue(
                db.session(),
                kind,
                run_at=services().clock.now() + periodic.every,
                key=kind,
            )


def loop(*, stop: Callable[[], bool]) -> None:
    """Work until told to stop; note a heartbeat while alive, rest when nothing is due."""
    plan_periodic()
    beaten = 0.0
    while not stop():
        try:
            if time.monotonic() - beaten > 5:  # noqa: PLR2004 -- seconds between heartbeats
                with unit_of_work() as session:
                    actions.beat(session, "worker", at=datetime.now(UTC))
                beaten = time.monotonic()
            busy = work_once()
        except (BusyError, IntegrityError):
            busy = False
        finally:
            db.session.remove()
        if not busy:
            time.sleep(IDLE_SECONDS)
