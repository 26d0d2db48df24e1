"""What a reviewer has to do, and the sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from quartieri.calls.models import Call, Criterion, Window
from quartieri.people.models import Organisation, User
from quartieri.proposals.models import Proposal
from quartieri.reviews.models import Assignment, Conflict, Score
from quartieri.reviews.queries.inputs import EXCLUDED, GONE
from quartieri.reviews.queries.notice import designs_of
from quartieri.reviews.rules import (
    ACTIVE,
    MAY_READ,
    TO_DO,
    AssignmentState,
    ConflictState,
    Line,
)

READY = MAY_READ | {ConflictState.UNDECLARED}


class DeskLine(NamedTuple):
    """One application on a reviewer's desk. In a blind call nobody says who applies."""

    assignment_id: int
    state: AssignmentState
    conflict: ConflictState
    title: str
    organisation: str
    total: int | None
    stage: int
    writes: bool
    """False for a member of a commission that agrees on one sheet, who declares and discusses."""

    @property
    def waits(self) -> bool:
        """Tell whether the reviewer has something to do on it."""
        due = self.writes or self.conflict is ConflictState.UNDECLARED
        return self.state in TO_DO and self.conflict in READY and due


@dataclass(frozen=True, slots=True)
class Desk:
    """The applications of one window on a reviewer's desk, in the order of the register."""

    window: Window
    call: Call
    lines: tuple[DeskLine, ...]
    blind: bool = False

    @property
    def done(self) -> int:
        """How many sheets are submitted."""
        return sum(1 for line in self.lines if line.state is AssignmentState.SUBMITTED)

    @property
    def counted(self) -> int:
        """How many applications are the reviewer's to score."""
        return sum(1 for line in self.lines if line.state in ACTIVE)

    def after(self, assignment_id: int = 0) -> int | None:
        """Give the next application to score, going round from one; None: all done.

        What waits for the head of office's decision is passed over.
        """
        places = [line.assignment_id for line in self.lines]
        here = places.index(assignment_id) + 1 if assignment_id in places else 0
        for line in (*self.lines[here:], *self.lines[:here]):
            if line.waits and line.assignment_id != assignment_id:
                return line.assignment_id
        return None


def desk(session: Session, user_id: int) -> list[Desk]:
    """List a reviewer's applications by window, the newest window first; three queries.

    Without those that were excluded or withdrawn: nothing is to be done on them any more.
    """
    rows = session.execute(
        sa.select(
            Proposal.window_id,
            Assignment.id,
            Assignment.state,
            Conflict.state,
            Proposal.title,
            Organisation.name,
            Assignment.total,
            Assignment.stage,
            Assignment.agreed,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Conflict, Conflict.assignment_id == Assignment.id)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Assignment.user_id == user_id)
        .where(Assignment.state.in_([*ACTIVE, AssignmentState.RECUSED]))
        .where(Proposal.state.not_in(EXCLUDED | GONE))
        .order_by(Assignment.stage.desc(), Proposal.received_at, Proposal.id)
    ).all()
    windows = session.scalars(
        sa.select(Window)
        .join(Call, Call.id == Window.call_id)
        .options(contains_eager(Window.call))
        .where(Window.id.in_({row[0] for row in rows}))
        .order_by(Window.closes_at.desc(), Window.id.desc())
    ).all()
    designs = designs_of(session, {w.call_id for w in windows})
    found = []
    for window in windows:
        evaluation = designs[window.call_id].evaluation
        lines = tuple(
            DeskLine(
                *row[1:5],
                "" if evaluation.blind else row[5],
                row[6],
                row[7],
                row[8] or not evaluation.collegial,
            )
            for row in rows
            if row[0] == window.id
        )
        found.append(Desk(window, window.call, lines, evaluation.blind))
    return found


def current_lines(session: Session, assignment_id: int) -> dict[str, Line]:
    """Give the latest version of a sheet by criterion code; one query."""
    rows = session.execute(
        sa.select(Criterion.code, Score.points, Score.comment, Score.not_applicable)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Score.assignment_id == assignment_id)
        .order_by(Score.version, Score.id)
    )
    return {code: Line(points, comment, absent) for code, points, comment, absent in rows}


class SheetView(NamedTuple):
    """One submitted sheet with its reviewer's name, for those who may see it."""

    assignment_id: int
    reviewer: str
    state: AssignmentState
    total: int | None
    lines: dict[str, Line]


def sheets_of(session: Session, proposal_id: int, *, stage: int = 1) -> list[SheetView]:
    """List an application's submitted sheets of a stage that count, by assignment; two queries."""
    return _sheets(session, proposal_id, stage, without=None)


def others_lines(session: Session, assignment: Assignment) -> list[SheetView]:
    """List the colleagues' submitted sheets on the same application.

    Nothing before the reviewer's own sheet is submitted.
    """
    if assignment.state is not AssignmentState.SUBMITTED:
        return []
    return _sheets(session, assignment.proposal_id, assignment.stage, without=assignment.id)


def _sheets(
    session: Session, proposal_id: int, stage: int, *, without: int | None
) -> list[SheetView]:
    many = session.execute(
        sa.select(Assignment.id, User.name, Assignment.state, Assignment.total)
        .join(User, User.id == Assignment.user_id)
        .join(Conflict, Conflict.assignment_id == Assignment.id)
        .where(Assignment.proposal_id == proposal_id, Conflict.state.in_(MAY_READ))
        .where(Assignment.state == AssignmentState.SUBMITTED, Assignment.stage == stage)
        .where(Assignment.total.is_not(None))
        .order_by(Assignment.id)
    ).all()
    wanted = [row for row in many if row[0] != without]
    if not wanted:
        return []
    lines: dict[int, dict[str, Line]] = {row[0]: {} for row in wanted}
    scores = session.execute(
        sa.select(
            Score.assignment_id,
            Criterion.code,
            Score.points,
            Score.comment,
            Score.not_applicable,
        )
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Score.assignment_id.in_(list(lines)))
        .order_by(Score.version, Score.id)
    )
    for assignment_id, code, points, comment, absent in scores:
        lines[assignment_id][code] = Line(points, comment, absent)
    return [SheetView(*row, lines[row[0]]) for row in wanted]


def own_assignment(session: Session, assignment_id: int, user_id: int) -> Assignment | None:
    """Give a reviewer's assignment with its application, call and declaration; one query."""
    return session.scalars(
        sa.select(Assignment)
        .join(Assignment.proposal)
        .join(Proposal.call)
        .join(Assignment.conflict)
        .options(
            contains_eager(Assignment.proposal).contains_eager(Proposal.call),
            contains_eager(Assignment.proposal).joinedload(Proposal.organisation),
            contains_eager(Assignment.proposal).joinedload(Proposal.window),
            contains_eager(Assignment.conflict),
            joinedload(Assignment.reviewer),
        )
        .where(Assignment.id == assignment_id, Assignment.user_id == user_id)
    ).first()
