"""Timed work on applications."""

from __future__ import annotations

from datetime import timedelta

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.jobs.registry import handler
from quartieri.proposals.actions.checks import ON_THE_WAY, lapse_integration
from quartieri.proposals.actions.rectified import follow_edition, of_rectified_call
from quartieri.proposals.queries import overdue_integrations


@handler("proposals.lapse", every=timedelta(minutes=1))
def lapse() -> None:
    """Let integration requests lapse whose deadline is past; one unit of work each."""
    now = services().clock.now()
    due = overdue_integrations(db.session(), now - ON_THE_WAY)
    db.session.rollback()
    for request_id in due:
        with unit_of_work() as session:
            lapse_integration(session, request_id, at=now)


@handler("calls.rectified")
def rectified(edition_id: int) -> None:
    """Bring drafts to a rectified call's new edition and tell applicants; one unit of work each."""
    now = services().clock.now()
    found = of_rectified_call(db.session(), edition_id)
    db.session.rollback()
    for proposal_id in found:
        with unit_of_work() as session:
            follow_edition(session, proposal_id, edition_id, at=now)
