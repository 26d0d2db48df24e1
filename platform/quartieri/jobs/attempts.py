"""One try of a leased job, and how it is marked afterwards."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from quartieri.db import db
from quartieri.extensions import services
from quartieri.jobs import actions, registry
from quartieri.jobs.actions import Taken
from quartieri.kit.errors import BusyError
from quartieri.logs import logger

BUSY = "busy"
"""Said of a job that did not get its turn to write: no fault of its own, it is put back."""


def attempt(job: Taken) -> str:
    """Run a job; give what went wrong, BUSY or ""."""
    try:
        registry.run(job.kind, job.args)
    except BusyError:
        db.session.rollback()
        logger().warning("job.busy", job=job.id, kind=job.kind)
        return BUSY
    except Exception as error:  # noqa: BLE001 -- one bad job must not stop the worker
        db.session.rollback()
        logger().exception("job.failed", job=job.id, kind=job.kind)
        return f"{type(error).__name__}: {error}"
    return ""


def end(session: Session, ended: Sequence[tuple[Taken, str]]) -> None:
    """Mark jobs as done, or put them back; periodic work goes on although a run was given up."""
    now = services().clock.now()
    actions.finish(session, [job for job, error in ended if not error], now=now)
    actions.put_back(session, [job for job, error in ended if error == BUSY])
    for job, error in ended:
        if error == BUSY:
            continue
        if error:
            actions.fail(session, job.id, job.token, now=now, error=error)
        for periodic in registry.PERIODIC:
            if periodic.kind == job.kind:
                actions.enqueue(session, job.kind, run_at=now + periodic.every, key=job.kind)
