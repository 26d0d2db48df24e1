"""One try of a leased job, and how it is marked afterwards."""

from __future__ import annotations

from sqlalchemy.orm import Session

from quartieri.db import db
from quartieri.extensions import services
from quartieri.jobs import actions, registry
from quartieri.jobs.actions import Taken
from quartieri.logs import logger


def attempt(job: Taken) -> str:
    """Run a job; give what went wrong, or ""."""
    try:
        registry.run(job.kind, job.args)
    except Exception as error:  # noqa: BLE001 -- one bad job must not stop the worker
        db.session.rollback()
        logger().exception("job.failed", job=job.id, kind=job.kind)
        return f"{type(error).__name__}: {error}"
    return ""


def end(session: Session, job: Taken, error: str) -> None:
    """Mark a job as done, or put it back; periodic work goes on although one run was given up."""
    now = services().clock.now()
    if error:
        actions.fail(session, job.id, job.token, now=now, error=error)
    else:
        actions.finish(session, job.id, job.token, now=now)
    for periodic in registry.PERIODIC:
        if periodic.kind == job.kind:
            actions.enqueue(session, job.kind, run_at=now + periodic.every, key=job.kind)
