"""Adding, leasing and ending jobs."""

from __future__ import annotations

import random
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quartieri.db import connection_to_write, table_of
from quartieri.jobs import registry
from quartieri.jobs.models import DemoClock, Heartbeat, Job, JobState

LEASE = timedelta(seconds=60)
KEPT = timedelta(hours=1)
"""How long a done job is kept, for whoever looks into something that just happened."""
SWEPT_AT_ONCE = 500


def enqueue(
    session: Session,
    kind: str,
    args: dict[str, Any] | None = None,
    *,
    run_at: datetime,
    key: str | None = None,
) -> None:
    """Add a job in the caller's transaction; with ``key``, only if none with it is waiting.

    A session whose info holds a list ``planned`` notes the new job's id there.
    """
    enqueue_all(session, kind, [(args or {}, key)], run_at=run_at)


def enqueue_all(
    session: Session,
    kind: str,
    wanted: Sequence[tuple[dict[str, Any], str | None]],
    *,
    run_at: datetime,
) -> None:
    """Add jobs of one kind as :func:`enqueue` does, ``(args, key)`` each, in one statement."""
    if not wanted:
        return
    session.flush()  # a job that ends in this transaction gives its key up
    connection = connection_to_write(session)
    added = connection.scalars(
        _ADD[connection.dialect.name],
        [{"kind": kind, "args": args, "run_at": run_at, "key": key} for args, key in wanted],
    ).all()
    session.info.get("planned", []).extend(added)


_ADD = {
    "postgresql": postgresql.insert(table_of(Job)).on_conflict_do_nothing().returning(Job.id),
    "sqlite": sqlite.insert(table_of(Job)).on_conflict_do_nothing().returning(Job.id),
}
"""The statement that adds a job, by dialect."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A leased job, to be used outside of the transaction that leased it."""

    id: int
    kind: str
    args: dict[str, Any]
    token: str


def take(
    session: Session,
    *,
    now: datetime,
    most: int = 1,
    kinds: Collection[str] | None = None,
    but: Collection[str] = (),
) -> list[Taken]:
    """Lease the jobs that are due first, at most ``most``. The caller commits at once.

    ``kinds`` names the only kinds that are asked for, ``but`` those that are not.
    """
    due = (
        sa.select(Job)
        .where(Job.state == JobState.WAITING, Job.run_at <= now)
        .where(sa.or_(Job.lease_until.is_(None), Job.lease_until < now))
        .order_by(Job.run_at, Job.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    if kinds is not None:
        due = due.where(Job.kind.in_(sorted(kinds)))
    if but:
        due = due.where(Job.kind.not_in(sorted(but)))
    taken = []
    for job in session.scalars(due).all():
        job.lease_until = now + LEASE
        job.lease_token = secrets.token_hex(8)
        job.attempts += 1
        taken.append(Taken(job.id, job.kind, dict(job.args), job.lease_token))
    session.flush()
    return taken


def renew(session: Session, jobs: Collection[Taken], *, now: datetime) -> None:
    """Hold on to jobs that are still worked on; a lease that went to another stays there."""
    for job in jobs:
        session.execute(
            sa.update(Job)
            .where(Job.id == job.id, Job.lease_token == job.token)
            .values(lease_until=now + LEASE)
        )


def put_back(session: Session, jobs: Collection[Taken]) -> None:
    """Give up leases of jobs that were not begun."""
    for job in jobs:
        session.execute(
            sa.update(Job)
            .where(Job.id == job.id, Job.lease_token == job.token)
            .values(lease_until=None, attempts=Job.attempts - 1)
        )


def drop(session: Session, keys: Collection[str], *, now: datetime) -> None:
    """Delete waiting jobs by their keys, but for those that somebody works on.

    For whoever has just done what they would do.
    """
    session.execute(
        sa.delete(Job)
        .where(Job.state == JobState.WAITING, Job.key.in_(keys))
        .where(sa.or_(Job.lease_until.is_(None), Job.lease_until < now))
        .execution_options(synchronize_session=False)
    )


def finish(session: Session, jobs: Collection[Taken], *, now: datetime) -> None:
    """Mark leased jobs as done, in one statement; one whose lease went to another stays there.

    A token belongs to one lease of one job, so that no job is marked by another's.
    """
    session.execute(
        sa.update(Job)
        .where(Job.id.in_([job.id for job in jobs]))
        .where(Job.lease_token.in_([job.token for job in jobs]))
        .values(state=JobState.DONE, done_at=now, lease_until=None, last_error="")
        .execution_options(synchronize_session=False)
    )


def fail(session: Session, job_id: int, token: str, *, now: datetime, error: str) -> None:
    """Put a failed job back with a growing wait; after the last try leave it to a person."""
    job = session.get(Job, job_id)
    if job is None or job.lease_token != token:
        return
    job.last_error = error[:4000]
    job.lease_until = None
    if job.attempts >= registry.TRIES.get(job.kind, registry.MOST_TRIES):
        job.state = JobState.FAILED
    else:
        wait = min(2**job.attempts, 3600)
        job.run_at = now + timedelta(seconds=wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter


def take_away(session: Session, kind: str) -> list[tuple[dict[str, Any], str]]:
    """Delete the jobs of a kind that gave up; give their arguments and last errors.

    For who sees to them in another place than the list of jobs.
    """
    gone = session.execute(
        sa.delete(Job)
        .where(Job.state == JobState.FAILED, Job.kind == kind)
        .returning(Job.args, Job.last_error)
        .execution_options(synchronize_session=False)
    )
    return [(dict(args), error) for args, error in gone]


def sweep(session: Session, *, now: datetime) -> int:
    """Delete the oldest done jobs, a bounded number; failed ones wait for a person. Give how many.

    The index on state and time finds them, so that the table stays as small as its work.
    """
    old = (
        sa.select(Job.id)
        .where(Job.state == JobState.DONE, Job.run_at < now - KEPT)
        .order_by(Job.run_at)
        .limit(SWEPT_AT_ONCE)
    )
    ids = session.scalars(old).all()
    session.execute(sa.delete(Job).where(Job.id.in_(ids)))
    return len(ids)


def beat(session: Session, name: str, *, at: datetime) -> None:
    """Note that the worker is alive (system time)."""
    row = session.get(Heartbeat, name)
    if row is None:
        session.add(Heartbeat(name=name, at=at))
    else:
        row.at = at


def move_demo_clock(session: Session, by: timedelta) -> None:
    """Move the demo's clock forward; it never goes back."""
    if by <= timedelta(0):
        msg = "the demo's clock only goes forward"
        raise ValueError(msg)
    row = session.get(DemoClock, 1, with_for_update=True)
    if row is None:
        row = DemoClock(id=1, offset_seconds=0)
        session.add(row)
    row.offset_seconds += int(by.total_seconds())
