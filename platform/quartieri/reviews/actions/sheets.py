"""Saving and submitting a score sheet; rows are added, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Criterion, Window
from quartieri.calls.rules import WindowState
from quartieri.db import check_version, insertion, lock
from quartieri.kit.errors import IllegalMoveError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Scorer
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import queries
from quartieri.reviews.models import Assignment, Score
from quartieri.reviews.ranking import Sheet, sheet_value
from quartieri.reviews.rules import (
    ACTIVE,
    ASSIGNMENT,
    MAY_READ,
    AssignmentState,
    ConflictState,
    Line,
    check_lines,
)

CLOSED = frozenset(ProposalState) - {
    ProposalState.UNDER_REVIEW,
    ProposalState.STOPPED_AT_GATE,
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
    notice = _begin(session, assignment, version, actor=actor, at=at)
    check_lines(notice.scales.values(), lines, whole=False)
    _write(session, assignment, notice.scored, lines, actor=actor, at=at)


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

    With the sheet that a commission agrees on, those of its members who declared are done too.
    Writes the fact that this person scored in this window (who scored never pledges there).
    Raises what :func:`save_scores` raises, and InvalidError for anything missing.
    """
    notice = _begin(session, assignment, version, actor=actor, at=at)
    check_lines(notice.scales.values(), lines, whole=True)
    members = _members(session, assignment, notice.stage.sheets) if assignment.agreed else []
    _write(session, assignment, notice.scored, lines, actor=actor, at=at)
    assignment.total = sheet_value(
        notice.rules,
        Sheet.of(
            "",
            {code: line.points for code, line in lines.items()},
            {code for code, line in lines.items() if line.not_applicable},
        ),
    )
    assignment.submitted_at = at
    move(session, assignment, ASSIGNMENT, "submit", actor=actor, at=at, version=assignment.version)
    _note_scorer(session, assignment)
    for member in members:
        agreeing = Actor(member.user_id, member.reviewer.name, frozenset({Role.SYSTEM}))
        for verb in ("start", "submit"):
            move(session, member, ASSIGNMENT, verb, actor=agreeing, at=at, agreed=assignment.id)
        member.submitted_at = at
        _note_scorer(session, member)


def _members(session: Session, agreed: Assignment, needed: int) -> list[Assignment]:
    """Give the members whose agreement a first submission records; refuse while too few can agree.

    Every member who has the application has declared, and as many as the call says take part.
    """
    found = queries.waiting_for(session, [agreed.proposal_id], stage=agreed.stage)
    members = [a for a in found.get(agreed.proposal_id, []) if not a.agreed and a.state in ACTIVE]
    silent = [a.reviewer.name for a in members if a.conflict.state not in MAY_READ]
    if silent:
        raise IllegalMoveError(
            lazy(
                "Members whose declaration is missing or waits for a decision: %(names)s.",
                names=", ".join(silent),
            )
        )
    if len(members) < needed:
        raise IllegalMoveError(
            lazy(
                "%(number)s members of the commission must take part: %(present)s do.",
                number=needed,
                present=len(members),
            )
        )
    return [a for a in members if a.state is AssignmentState.ACCEPTED]


def _begin(
    session: Session, assignment: Assignment, version: int, *, actor: Actor, at: datetime
) -> queries.SheetNotice:
    if actor.user_id != assignment.user_id and not actor.holds(Role.SYSTEM):
        raise NotYoursError(lazy("Only the reviewer can write this sheet."))
    lock(session, Assignment, assignment.id)
    if assignment.conflict.state is ConflictState.UNDECLARED:
        raise IllegalMoveError(lazy("Declare first whether you have a conflict of interest."))
    if assignment.conflict.state not in MAY_READ:
        raise IllegalMoveError(lazy("Your declaration of a conflict closes this application."))
    notice = queries.sheet_notice(session, _open_window(assignment, at), assignment.stage)
    if notice.design.evaluation.collegial and not assignment.agreed:
        raise IllegalMoveError(
            lazy("The commission agrees on one sheet in this call: its secretary writes it.")
        )
    if assignment.state is AssignmentState.SUBMITTED:
        raise IllegalMoveError(
            lazy("This sheet is submitted. The call manager can reopen it, with a reason.")
        )
    check_version(assignment.version, version)
    if assignment.state is AssignmentState.ACCEPTED:
        move(session, assignment, ASSIGNMENT, "start", actor=actor, at=at)
    elif assignment.state is not AssignmentState.IN_PROGRESS:
        raise IllegalMoveError(lazy("This application is not yours to score any more."))
    return notice


def _open_window(assignment: Assignment, at: datetime) -> Window:
    """Give the session of a sheet that can be written now; one reopened goes on after a gate."""
    proposal = assignment.proposal
    halted = proposal.state is ProposalState.STOPPED_AT_GATE and not assignment.note
    if proposal.state in CLOSED or proposal.window is None or halted:
        raise IllegalMoveError(lazy("This application is not under evaluation any more."))
    state = proposal.window.state_at(at)
    late = state is not WindowState.EVALUATION and not assignment.note
    if state not in SCORING or late:
        raise IllegalMoveError(lazy("The evaluation of this session is closed."))
    return proposal.window


def _write(
    session: Session,
    assignment: Assignment,
    criteria: Iterable[Criterion],
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
        line = Line(given.points, given.comment.strip(), given.not_applicable)
        if line == kept.get(criterion.code, Line()):
            continue
        changed[criterion.code] = line
        rows.append(
            {
                "assignment_id": assignment.id,
                "criterion_id": criterion.id,
                "version": number,
                "points": line.points,
                "not_applicable": line.not_applicable,
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
    if line.not_applicable:
        return "n/a"
    return None if line.points is None else format(line.points, "f")


def _note_scorer(session: Session, assignment: Assignment) -> None:
    values = {
        "proposal_id": assignment.proposal_id,
        "user_id": assignment.user_id,
        "window_id": assignment.proposal.window_id,
    }
    session.execute(insertion(session, Scorer).values(values).on_conflict_do_nothing())
