"""The office's lists: who scores what, how far it is, conflicts that wait for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from quartieri.audit.rules import Role
from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.people.models import Organisation, User
from quartieri.people.queries import holders
from quartieri.people.rules import Scope
from quartieri.proposals.models import Partner, Proposal, TeamMember
from quartieri.proposals.rules import ProposalState
from quartieri.reviews.models import Assignment, Conflict
from quartieri.reviews.queries.inputs import (
    EXCLUDED,
    GONE,
    NEVER_RECEIVED,
    admitted_to,
    registered,
)
from quartieri.reviews.ranking import TOTAL_SCALE
from quartieri.reviews.rules import (
    ACTIVE,
    MAY_READ,
    AssignmentState,
    ConflictState,
    Pair,
)

PAGE = 50
OUT = NEVER_RECEIVED | EXCLUDED | GONE


class Progress(NamedTuple):
    """How far the evaluation of one application is. ``total`` adds up ``scored`` sheets."""

    proposal_id: int
    title: str
    organisation: str
    state: ProposalState
    year: int
    number: int
    assigned: int
    submitted: int
    conflicts: int
    total: int | None
    scored: int

    @property
    def protocol(self) -> str:
        """The protocol number as people read it."""
        return f"{self.year}/{self.number:06d}"

    @property
    def complete(self) -> bool:
        """Tell whether every assigned sheet is in and no declaration is open."""
        return 0 < self.assigned == self.submitted and not self.conflicts

    @property
    def mean(self) -> str:
        """The mean of the sheets with two decimals, once they are all in; else an empty text."""
        if not self.complete or self.total is None or not self.scored:
            return ""
        hundredths = (2 * self.total * 100 // (self.scored * TOTAL_SCALE) + 1) // 2
        return f"{hundredths // 100}.{hundredths % 100:02d}"


def _present(window_id: int, stage: int | None) -> int | sa.ScalarSelect[int]:
    """Give the stage asked for, or in SQL the one under way."""
    if stage is not None:
        return stage
    return sa.select(Window.stage).where(Window.id == window_id).scalar_subquery()


def _counts(window_id: int, stage: int | sa.ScalarSelect[int]) -> sa.Subquery:
    submitted = sa.and_(Assignment.state == AssignmentState.SUBMITTED, Conflict.state.in_(MAY_READ))
    return (
        sa.select(
            Assignment.proposal_id,
            sa.func.count().label("assigned"),
            sa.func.sum(sa.case((submitted, 1), else_=0)).label("submitted"),
            sa.func.sum(sa.case((Conflict.state == ConflictState.DECLARED, 1), else_=0)).label(
                "conflicts"
            ),
            sa.func.sum(sa.case((submitted, Assignment.total))).label("total"),
            sa.func.count(sa.case((submitted, Assignment.total))).label("scored"),
        )
        .join(Conflict, Conflict.assignment_id == Assignment.id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.window_id == window_id, Assignment.state.in_(ACTIVE))
        .where(Assignment.stage == stage)
        .group_by(Assignment.proposal_id)
        .subquery("counts")
    )


SORTS = ("protocol", "title", "submitted", "score")


def progress(
    session: Session,
    window_id: int,
    *,
    stage: int | None = None,
    sort: str = "protocol",
    page: int | None = None,
    size: int = PAGE,
) -> list[Progress]:
    """List the applications of a stage under evaluation with their sheets; one query.

    ``stage`` None: the one under way. ``sort`` is one of SORTS, with "-" before it for the other
    direction; None as ``page``: all.
    """
    at = _present(window_id, stage)
    counts, register = _counts(window_id, at), registered()
    mean = counts.c.total * sa.literal(1.0) / sa.func.nullif(counts.c.scored, 0)
    columns: dict[str, Any] = {
        "title": sa.func.lower(Proposal.title),
        "submitted": sa.func.coalesce(counts.c.submitted, 0),
        "score": sa.func.coalesce(mean, -1),
    }
    wanted = columns.get(sort.lstrip("-"))
    order = [] if wanted is None else [wanted.desc() if sort.startswith("-") else wanted]
    down = wanted is None and sort.startswith("-")
    query = (
        sa.select(
            Proposal.id,
            Proposal.title,
            Organisation.name,
            Proposal.state,
            register.c.year,
            register.c.number,
            sa.func.coalesce(counts.c.assigned, 0),
            sa.func.coalesce(counts.c.submitted, 0),
            sa.func.coalesce(counts.c.conflicts, 0),
            sa.cast(counts.c.total, sa.BigInteger),
            sa.func.coalesce(counts.c.scored, 0),
        )
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .join(register, register.c.proposal_id == Proposal.id)
        .outerjoin(counts, counts.c.proposal_id == Proposal.id)
        .where(Proposal.window_id == window_id, Proposal.state.not_in(OUT))
        .where(admitted_to(window_id, at))
        .order_by(
            *order,
            register.c.year.desc() if down else register.c.year,
            register.c.number.desc() if down else register.c.number,
        )
    )
    if page is not None:
        query = query.offset((page - 1) * size).limit(size)
    return [Progress(*row) for row in session.execute(query)]


class ProgressCount(NamedTuple):
    """A window's evaluation at a glance."""

    applications: int
    sheets: int
    submitted: int
    conflicts: int


def progress_count(session: Session, window_id: int, *, stage: int | None = None) -> ProgressCount:
    """Count the applications of a stage under evaluation and their sheets; one query."""
    at = _present(window_id, stage)
    submitted = sa.and_(Assignment.state == AssignmentState.SUBMITTED, Conflict.state.in_(MAY_READ))
    applications = (
        sa.select(sa.func.count(Proposal.id))
        .where(Proposal.window_id == window_id, Proposal.state.not_in(OUT))
        .where(admitted_to(window_id, at))
        .scalar_subquery()
    )
    row = session.execute(
        sa.select(
            applications,
            sa.func.count(Assignment.id),
            sa.func.coalesce(sa.func.sum(sa.case((submitted, 1), else_=0)), 0),
            sa.func.coalesce(
                sa.func.sum(sa.case((Conflict.state == ConflictState.DECLARED, 1), else_=0)), 0
            ),
        )
        .select_from(Assignment)
        .join(Conflict, Conflict.assignment_id == Assignment.id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.window_id == window_id, Proposal.state.not_in(OUT))
        .where(Assignment.state.in_(ACTIVE), Assignment.stage == at)
    ).one()
    return ProgressCount(*(int(v) for v in row))


AT_WORK = frozenset(
    {
        WindowState.CHECKING,
        WindowState.EVALUATION,
        WindowState.PROVISIONAL,
        WindowState.FINAL,
        WindowState.RUNNING,
    }
)
"""States of the windows that the evaluation's list shows."""


def windows_at_work(session: Session, scopes: list[Scope] | None) -> list[Window]:
    """List the windows from the check on, in ``scopes`` (None: everywhere), the newest first."""
    rows = session.scalars(
        sa.select(Window)
        .join(Window.call)
        .options(contains_eager(Window.call))
        .where(Window.state.in_(AT_WORK))
        .order_by(Window.closes_at.desc(), Window.id.desc())
    )
    return [row for row in rows if _in(row.scope, scopes)]


def _in(scope: Scope, scopes: list[Scope] | None) -> bool:
    return scopes is None or any(
        s.authority_id in (None, scope.authority_id) and s.call_id in (None, scope.call_id)
        for s in scopes
    )


def commission(session: Session, scope: Scope, *, at: datetime) -> list[User]:
    """List the commission of a call (chair and members), by name."""
    found = {
        user.id: user
        for role in (Role.COMMISSION_CHAIR, Role.COMMISSION_MEMBER)
        for user in holders(session, role, scope, at=at)
    }
    return sorted(found.values(), key=lambda u: (u.name, u.id))


def waiting_for(
    session: Session, proposal_ids: Iterable[int], *, stage: int = 1
) -> dict[int, list[Assignment]]:
    """Give a stage's assignments of some applications with reviewer and declaration; one query."""
    found: dict[int, list[Assignment]] = {}
    rows = session.scalars(
        sa.select(Assignment)
        .join(Assignment.reviewer)
        .join(Assignment.conflict)
        .options(contains_eager(Assignment.reviewer), contains_eager(Assignment.conflict))
        .where(Assignment.proposal_id.in_(list(proposal_ids)), Assignment.stage == stage)
        .order_by(Assignment.agreed.desc(), User.name, Assignment.id)
    )
    for row in rows:
        found.setdefault(row.proposal_id, []).append(row)
    return found


def is_complete(assignments: Iterable[Assignment]) -> bool:
    """Tell whether every sheet that counts on an application is in and no declaration is open."""
    active = [a for a in assignments if a.state in ACTIVE]
    return bool(active) and all(
        a.state is AssignmentState.SUBMITTED and a.conflict.state in MAY_READ for a in active
    )


def pairs(session: Session, window: Window) -> tuple[list[Pair], list[Pair]]:
    """Give who has which application in the stage under way, and who may not have it again.

    Whoever had it in this stage and has it no more, or abstained from it in any stage.
    """
    rows = session.execute(
        sa.select(Assignment.proposal_id, Assignment.user_id, Assignment.state, Assignment.stage)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.window_id == window.id, Assignment.agreed.is_(False))
        .order_by(Assignment.id)
    ).all()
    present = window.stage
    active = [Pair(p, u) for p, u, state, stage in rows if stage == present and state in ACTIVE]
    ended = [
        Pair(p, u)
        for p, u, state, stage in rows
        if state is AssignmentState.RECUSED or (stage == present and state not in ACTIVE)
    ]
    return active, ended


def participants(
    session: Session, proposal_ids: Iterable[int], reviewers: Iterable[User]
) -> set[Pair]:
    """Find which reviewers take part in which applications; four queries.

    The owner; who entered the applying organisation, or one with the tax code of it or of a
    partner; who stands in the team under the same name.
    """
    ids, users = sorted(set(proposal_ids)), {u.id: u for u in reviewers}
    by_name = {u.name.casefold().strip(): u.id for u in users.values()}
    by_code: dict[str, set[int]] = {}
    own: dict[int, int] = {}
    for organisation_id, owner_id, code in session.execute(
        sa.select(Organisation.id, Organisation.owner_id, Organisation.tax_code).where(
            Organisation.owner_id.in_(list(users))
        )
    ):
        own[organisation_id] = owner_id
        if code:
            by_code.setdefault(code.upper(), set()).add(owner_id)
    found: set[Pair] = set()
    for proposal_id, owner_id, organisation_id, code in session.execute(
        sa.select(Proposal.id, Proposal.owner_id, Proposal.organisation_id, Organisation.tax_code)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(Proposal.id.in_(ids))
    ):
        involved = {owner_id, own.get(organisation_id), *by_code.get((code or "").upper(), ())}
        found |= {Pair(proposal_id, u) for u in involved if u in users}
    for proposal_id, code in session.execute(
        sa.select(Partner.proposal_id, Partner.tax_code).where(
            Partner.proposal_id.in_(ids), Partner.tax_code != ""
        )
    ):
        found |= {Pair(proposal_id, u) for u in by_code.get(code.upper(), ())}
    for proposal_id, name in session.execute(
        sa.select(TeamMember.proposal_id, TeamMember.name).where(TeamMember.proposal_id.in_(ids))
    ):
        user_id = by_name.get(name.casefold().strip())
        if user_id is not None:
            found.add(Pair(proposal_id, user_id))
    return found


def declared_conflicts(session: Session, scopes: list[Scope] | None) -> list[Assignment]:
    """List the declarations that wait for the head of office, in ``scopes`` (None: everywhere)."""
    query = (
        sa.select(Assignment)
        .join(Assignment.conflict)
        .join(Assignment.proposal)
        .options(
            contains_eager(Assignment.conflict),
            contains_eager(Assignment.proposal).joinedload(Proposal.call),
            contains_eager(Assignment.proposal).joinedload(Proposal.organisation),
            joinedload(Assignment.reviewer),
        )
        .where(Conflict.state == ConflictState.DECLARED)
        .order_by(Conflict.declared_at, Conflict.id)
    )
    return [row for row in session.scalars(query).unique() if _in(row.scope, scopes)]
