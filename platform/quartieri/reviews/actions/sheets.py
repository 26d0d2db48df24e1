"""Saving and submitting a score sheet; rows are added, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Criterion
from quartieri.calls.rules import WindowState
from quartieri.db import check_version, lock
from quartieri.kit.errors import IllegalMoveError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Scorer
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import queries
from quartieri.reviews.models import Assignment, Score
from quartieri.reviews.queries.inputs import criteria_of
from quartieri.reviews.ranking.rules import units
from quartieri.reviews.rules import (
    ASSIGNMENT,
    MAY_READ,
    AssignmentState,
    ConflictState,
    Line,
    Scale,
    check_lines,
)

CLOSED = frozenset(ProposalState) - {
    ProposalState.UNDER_REVIEW,
    ProposalState.RANKED,
    ProposalState.SELECTED,
    ProposalState.WAITING,
    ProposalState.NOT_SELECTED,
    ProposalState.CAMPAIGNING,
}
SCORING = frozenset(
    {WindowState.EVALUATION, WindowState.PROVISIONAL, WindowState.FINAL, WindowState.RUNNING}
)
"""After the evaluation only a sheet that was reopened can be written: it leads to a correction."""


def save_scores(
    session: Session,
    assignment: Assignment,
    lines: Mapping[str, Line],
    *,
    version: int,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep a draft of a sheet: a new row for each criterion that changed, under a new version.

    ``lines`` go by criterion code. Raises ConflictError when another tab saved after ``version``,
    InvalidError for points off their scale, IllegalMoveError before the declaration.
    """
    _begin(session, assignment, version, actor=actor, at=at)
    criteria = _criteria(session, assignment)
    check_lines(_scales(criteria), lines, whole=False)
    _write(session, assignment, criteria, lines, actor=actor, at=at)


def submit_scores(
    session: Session,
    assignment: Assignment,
    lines: Mapping[str, Line],
    *,
    version: int,
    actor: Actor,
    at: datetime,
) -> None:
    """Submit a sheet: points and a comment on every criterion; its total is stored beside it.

    Writes the fact that this person scored in this window (who scored never pledges there).
    Raises what :func:`save_scores` raises, and InvalidError for anything missing.
    """
    _begin(session, assignment, version, actor=actor, at=at)
    criteria = _criteria(session, assignment)
    check_lines(_scales(criteria), lines, whole=True)
    _write(session, assignment, criteria, lines, actor=actor, at=at)
    assignment.total = sum(
        units(points) * units(c.weight)
        for c in criteria
        if (points := lines[c.code].points) is not None
    )
    assignment.submitted_at = at
    move(session, assignment, ASSIGNMENT, "submit", actor=actor, at=at, version=assignment.version)
    _note_scorer(session, assignment)


def _begin(
    session: Session, assignment: Assignment, version: int, *, actor: Actor, at: datetime
) -> None:
    if actor.user_id != assignment.user_id and not actor.holds(Role.SYSTEM):
        raise NotYoursError(lazy("Only the reviewer can write this sheet."))
    lock(session, Assignment, assignment.id)
    proposal = assignment.proposal
    if assignment.conflict.state is ConflictState.UNDECLARED:
        raise IllegalMoveError(lazy("Declare first whether you have a conflict of interest."))
    if assignment.conflict.state not in MAY_READ:
        raise IllegalMoveError(lazy("Your declaration of a conflict closes this application."))
    if proposal.state in CLOSED or proposal.window is None:
        raise IllegalMoveError(lazy("This application is not under evaluation any more."))
    state = proposal.window.state_at(at)
    late = state is not WindowState.EVALUATION and not assignment.note
    if state not in SCORING or late:
        raise IllegalMoveError(lazy("The evaluation of this session is closed."))
    if assignment.state is AssignmentState.SUBMITTED:
        raise IllegalMoveError(
            lazy("This sheet is submitted. The call manager can reopen it, with a reason.")
        )
    check_version(assignment.version, version)
    if assignment.state is AssignmentState.ACCEPTED:
        move(session, assignment, ASSIGNMENT, "start", actor=actor, at=at)
    elif assignment.state is not AssignmentState.IN_PROGRESS:
        raise IllegalMoveError(lazy("This application is not yours to score any more."))


def _criteria(session: Session, assignment: Assignment) -> list[Criterion]:
    window = assignment.proposal.window
    assert window is not None  # noqa: S101 -- _begin refused it
    return criteria_of(session, window)


def _scales(criteria: list[Criterion]) -> list[Scale]:
    return [Scale(c.code, c.maximum) for c in criteria]


def _write(
    session: Session,
    assignment: Assignment,
    criteria: list[Criterion],
    lines: Mapping[str, Line],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    kept = queries.current_lines(session, assignment.id)
    number = assignment.version + 1
    changed: dict[str, Line] = {}
    rows: list[dict[str, Any]] = []
    for criterion in criteria:
        if criterion.code not in lines:
            continue
        given = lines[criterion.code]
        line = Line(given.points, given.comment.strip())
        if line == kept.get(criterion.code, Line()):
            continue
        changed[criterion.code] = line
        rows.append(
            {
                "assignment_id": assignment.id,
                "criterion_id": criterion.id,
                "version": number,
                "points": line.points,
                "comment": line.comment,
                "at": at,
            }
        )
    if not rows:
        return
    session.execute(sa.insert(Score), rows)
    assignment.version = number
    record(
        session,
        "score",
        ASSIGNMENT.name,
        assignment.id,
        actor=actor,
        at=at,
        before={
            "version": number - 1,
            "points": {code: _plain(kept.get(code, Line())) for code in changed},
        },
        after={
            "version": number,
            "points": {code: _plain(line) for code, line in changed.items()},
        },
    )
    session.flush()


def _plain(line: Line) -> str | None:
    return None if line.points is None else format(line.points, "f")


def _note_scorer(session: Session, assignment: Assignment) -> None:
    values = {
        "proposal_id": assignment.proposal_id,
        "user_id": assignment.user_id,
        "window_id": assignment.proposal.window_id,
    }
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Scorer).values(values).on_conflict_do_nothing())
