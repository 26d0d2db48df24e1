"""Who does the timed work of a rehearsal: hands that touch nothing else in the database."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from quartieri.campaigns.queries import due_campaigns
from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.jobs import registry
from quartieri.jobs.models import Job, JobState
from quartieri.mail.models import Letter, LetterState
from quartieri.rehearsal.theatre import PLANNED

BATCH = 500
LETTER = "mail.send"
Due = tuple[int, str, dict[str, Any]]
"""A job's id, kind and arguments."""


def work_alone(campaigns: Collection[int], *, send: bool = False) -> None:
    """Take these campaigns as far as they go, and do the jobs that this rehearsal planned.

    The handlers are the worker's own; other jobs and campaigns of the same database are left
    alone. ``send``: letters are really sent. A job that fails ends the rehearsal: nothing in it
    can be a passing fault.
    """
    while True:
        for campaign_id in _ready(campaigns):
            registry.run("campaigns.advance", {"campaign_id": campaign_id})
        due = _due()
        if not due:
            return
        if not send:
            _put_away([args["letter_id"] for _, kind, args in due if kind == LETTER])
        for _, kind, args in due:
            if send or kind != LETTER:
                registry.run(kind, args)
        _finish([job_id for job_id, _, _ in due])


def _ready(campaigns: Collection[int]) -> list[int]:
    """List which of these campaigns are due by the clock or their state, as the worker does."""
    found = due_campaigns(db.session(), now=services().clock.now()) if campaigns else []
    db.session.rollback()
    return [campaign_id for campaign_id in found if campaign_id in campaigns]


def _put_away(letters: Sequence[int]) -> None:
    """Mark letters as sent, all at once: a rehearsal that plays alone writes to nobody."""
    sent = {"state": LetterState.SENT, "sent_at": services().clock.now()}
    with unit_of_work() as session:
        for start in range(0, len(letters), BATCH):
            some = letters[start : start + BATCH]
            session.execute(sa.update(Letter).where(Letter.id.in_(some)).values(sent))


def _due() -> list[Due]:
    """List the planned jobs that are due now, the earliest first."""
    session, now = db.session(), services().clock.now()
    planned: list[int] = session.info[PLANNED]
    found: list[Job] = []
    for start in range(0, len(planned), BATCH):
        found += session.scalars(
            sa.select(Job).where(
                Job.id.in_(planned[start : start + BATCH]),
                Job.state == JobState.WAITING,
                Job.run_at <= now,
            )
        )
    found.sort(key=lambda job: (job.run_at, job.id))
    due = [(job.id, job.kind, dict(job.args)) for job in found]
    session.rollback()
    return due


def _finish(ids: Sequence[int]) -> None:
    done = {"state": JobState.DONE, "done_at": services().clock.now()}
    with unit_of_work() as session:
        for start in range(0, len(ids), BATCH):
            session.execute(
                sa.update(Job).where(Job.id.in_(ids[start : start + BATCH])).values(done)
            )
        gone = set(ids)
        session.info[PLANNED] = [one for one in session.info[PLANNED] if one not in gone]
