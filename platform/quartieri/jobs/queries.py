"""Reading jobs, the heartbeat and the demo's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.jobs.models import DemoClock, Heartbeat, Job, JobState

LATE_AFTER = timedelta(minutes=5)


def worker_is_late(session: Session, *, system_now: datetime) -> bool:
    """Tell whether no worker has looked for work for five minutes (system time)."""
    last = session.scalar(sa.select(sa.func.max(Heartbeat.at)))
    return last is None or system_now - last > LATE_AFTER


def demo_offset(session: Session) -> timedelta:
    """Give how far the demo's clock was moved."""
    seconds = session.scalar(sa.select(DemoClock.offset_seconds).where(DemoClock.id == 1))
    return timedelta(seconds=seconds or 0)


_PULSE = sa.text("SELECT mark, offset_seconds FROM page_version LEFT JOIN demo_clock USING (id)")
"""Plain, as nearly every visit asks it."""


def pulse(session: Session) -> tuple[str, timedelta]:
    """Give the mark of what public pages show and the demo's offset, in one query."""
    row = session.connection().execute(_PULSE).first()
    if row is None:
        return "", timedelta(0)
    return row.mark, timedelta(seconds=row.offset_seconds or 0)


def failed_jobs(session: Session, *, limit: int = 50) -> list[Job]:
    """List the jobs that gave up, newest first."""
    return list(
        session.scalars(
            sa.select(Job).where(Job.state == JobState.FAILED).order_by(Job.id.desc()).limit(limit)
        )
    )
