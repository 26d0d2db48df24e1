"""Playing the rehearsals that were asked for, on a stage apart from the site's database."""

from __future__ import annotations

from flask import current_app

from quartieri.db import unit_of_work
from quartieri.extensions import services
from quartieri.jobs.registry import handler
from quartieri.kit.errors import DomainError
from quartieri.rehearsal import actions, queries
from quartieri.rehearsal.models import RehearsalState


@handler("rehearsal.play")
def play(rehearsal_id: int) -> None:
    """Play one rehearsal; a call that changed meanwhile is played as it is now.

    Killed half-way it leaves nothing, and is played again.
    """
    from quartieri.rehearsal.trial.whole import rehearse  # noqa: PLC0415 -- heavy, and rarely used

    with unit_of_work() as session:
        asked = queries.rehearsal_by_id(session, rehearsal_id)
        if asked.state is not RehearsalState.ASKED:
            return
        copy = queries.copy_of(session, asked.call, at=services().clock.now())
        asked.call_version = asked.call.version
        seed = asked.seed
    try:
        report = rehearse(current_app.extensions["build"], services().settings, copy, seed=seed)
    except DomainError as error:
        with unit_of_work() as session:
            fault = error.message.source
            actions.keep_fault(session, rehearsal_id, fault, at=services().clock.now())
        return
    with unit_of_work() as session:
        actions.keep_report(session, rehearsal_id, report, at=services().clock.now())
