"""The worker's loop: take a job, work, mark it; again."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import IntegrityError

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.jobs import actions, registry
from quartieri.jobs.actions import LEASE, Taken
from quartieri.jobs.attempts import attempt, end
from quartieri.jobs.crew import Crew
from quartieri.kit.errors import BusyError

IDLE_SECONDS = 0.5
AT_ONCE = 20
"""Jobs that are leased, and marked, in one transaction."""


@registry.handler("jobs.sweep", every=timedelta(minutes=5))
def sweep() -> None:
    """Delete jobs that were done a while ago, some in each unit of work."""
    swept = actions.SWEPT_AT_ONCE
    while swept == actions.SWEPT_AT_ONCE:
        with unit_of_work() as session:
            swept = actions.sweep(session, now=services().clock.now())


def work_once(*, most: int = 1, but: Collection[str] = ()) -> int:
    """Take and run due jobs, at most ``most``; give how many there were.

    They are marked together. Killed at any point it ends the same: before the mark the leases run
    out and the jobs are run again; handlers are idempotent. What was not begun long before its
    lease ends is put back. ``but`` names kinds that others work on.
    """
    begun = time.monotonic()
    with unit_of_work() as session:
        taken = actions.take(session, now=services().clock.now(), most=most, but=but)
    ended: list[tuple[Taken, str]] = []
    while len(ended) < len(taken) and time.monotonic() - begun < LEASE.total_seconds() / 3:
        job = taken[len(ended)]
        ended.append((job, attempt(job)))
    if taken:
        with unit_of_work() as session:
            end(session, ended)
            actions.put_back(session, taken[len(ended) :])
    return len(ended)


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


def loop(*, stop: Callable[[], bool]) -> None:
    """Work until told to stop; note a heartbeat while alive, rest when nothing is due.

    What waits for the outside is done beside it by crews of threads: one for the payment provider,
    one for the mail server.
    """
    plan_periodic()
    beaten = 0.0
    beside = registry.POOLED | registry.POSTED
    settings = services().settings
    with (
        Crew(settings.provider_calls, registry.POOLED, urgent=registry.URGENT),
        Crew(settings.mail_calls, registry.POSTED, name="post"),
    ):
        while not stop():
            try:
                if time.monotonic() - beaten > 5:  # noqa: PLR2004 -- seconds between heartbeats
                    with unit_of_work() as session:
                        actions.beat(session, "worker", at=datetime.now(UTC))
                    beaten = time.monotonic()
                busy = work_once(most=AT_ONCE, but=beside)
            except (BusyError, IntegrityError):
                busy = 0
            finally:
                db.session.remove()
            if not busy:
                time.sleep(IDLE_SECONDS)
