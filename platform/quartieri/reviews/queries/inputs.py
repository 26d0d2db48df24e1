"""What a window's ranking is computed from, collected from the rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import CallDesign
from quartieri.calls.funding import FundingRule, reserved_at_ranking
from quartieri.calls.models import Criterion, Window
from quartieri.calls.queries.sessions import window_endowment
from quartieri.grants.queries import held_by_window
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import Area
from quartieri.proposals.models import Proposal, ProtocolEntry
from quartieri.proposals.rules import ProposalState
from quartieri.reviews.models import (
    Assignment,
    Conflict,
    ImportedFile,
    ImportedPoints,
    Ranking,
    RankingEntry,
    Score,
)
from quartieri.reviews.queries.notice import edition_of, rules_of, stage_of
from quartieri.reviews.ranking import Candidate, RankingInput, Sheet, Standing
from quartieri.reviews.ranking.inputs import PRESENT, WITH_RESULTS
from quartieri.reviews.rules import MAY_READ, AssignmentState, RankingOutcome, RankingState

P = ProposalState
NEVER_RECEIVED = frozenset({P.DRAFT, P.DISCARDED, P.SUPERSEDED})
NOT_READY = frozenset(
    {P.SUBMITTED, P.IN_CHECK, P.INTEGRATION_REQUESTED, P.REFUSAL_NOTIFIED, P.ADMISSIBLE}
)
"""Received, but not under evaluation yet: no ranking before their check has ended."""
EXCLUDED = frozenset({P.INADMISSIBLE})
GONE = frozenset({P.WITHDRAWN, P.WITHDRAWN_AFTER_ADMISSION})
AGREED = "commission"
"""How the published inputs name the sheet that a commission agreed on."""


class NotReady(NamedTuple):
    """An application that keeps its window from being ranked, and where it stands."""

    proposal_id: int
    title: str
    state: ProposalState


class _Row(NamedTuple):
    id: int
    state: ProposalState
    cost_cents: int
    requested_cents: int
    received_at: datetime
    year: int
    number: int


def not_ready(session: Session, window_id: int) -> list[NotReady]:
    """List the applications of a window whose check has not ended, in the order received."""
    rows = session.execute(
        sa.select(Proposal.id, Proposal.title, Proposal.state)
        .where(Proposal.window_id == window_id, Proposal.state.in_(NOT_READY))
        .order_by(Proposal.received_at, Proposal.id)
    )
    return [NotReady(*row) for row in rows]


def registered() -> sa.Subquery:
    """Give the register's line of each application: its first, when it was received."""
    return (
        sa.select(
            ProtocolEntry.proposal_id,
            ProtocolEntry.year,
            ProtocolEntry.number,
            ProtocolEntry.received_at,
        )
        .where(ProtocolEntry.revision == 1)
        .subquery("registered")
    )


def admitted_to(window_id: int, stage: int | sa.ScalarSelect[int]) -> sa.ColumnElement[bool]:
    """Say in SQL that an application takes part in a stage of its window.

    In the first all do; in another those that the one before admitted, by its ranking in force.
    """
    if isinstance(stage, int) and stage == 1:
        return sa.true()
    admitted = (
        sa.select(RankingEntry.proposal_id)
        .join(Ranking, Ranking.id == RankingEntry.ranking_id)
        .where(Ranking.window_id == window_id, Ranking.state == RankingState.FINAL)
        .where(Ranking.stage == stage - 1, RankingEntry.outcome == RankingOutcome.ADMITTED)
    )
    taken: sa.ColumnElement[bool] = Proposal.id.in_(admitted)
    return taken if isinstance(stage, int) else sa.or_(stage == 1, taken)


def ranking_input(
    session: Session,
    window: Window,
    *,
    stage: int | None = None,
    seed: str | None = None,
    endowment_cents: int | None = None,
) -> RankingInput:
    """Collect what a stage's ranking depends on; seven queries for any number of applications.

    No personal data: applications by protocol number, reviewers by a number of this window alone.
    ``stage`` None: the one under way. ``endowment_cents`` overrides what is available now (a
    correction, or a recomputation of a final ranking, has the money that the corrected one had).
    """
    design = edition_of(session, window).design
    rule = design.money.rule
    if rule is None and not design.money.no_money:
        raise InvalidError(lazy("The call has no funding rule."))
    number = stage_of(design, window.stage if stage is None else stage).number
    rules = rules_of(design, number, seed=seed)
    rows = [_Row(*row) for row in session.execute(_received(window.id, number))]
    sheets = sheets_in(session, window.id, number, collegial=design.evaluation.collegial)
    if rules.gate or design.money.no_money:
        endowment_cents = 0
    elif endowment_cents is None:
        endowment_cents = pool_available(session, window)
    places = _places(session, design, window.id) if rules.lists or rules.quotas else {}
    imported = bool(stage_of(design, number).imported)
    results = results_in_force(session, window.id, number) if imported else {}
    return RankingInput(
        rules=rules,
        endowment_cents=endowment_cents,
        candidates=tuple(
            _with_results(candidate, results.get(row.id, ()))
            for row in rows
            for candidate in [
                _candidate(row, None if rules.gate else rule, sheets.get(row.id, ()))
                if row.id not in places
                else replace(
                    _candidate(row, rule, sheets.get(row.id, ())),
                    list_code=places[row.id][0],
                    quota=places[row.id][1],
                )
            ]
        ),
        version=WITH_RESULTS if imported else PRESENT,
    )


def _with_results(candidate: Candidate, results: tuple[tuple[str, Decimal], ...]) -> Candidate:
    """Give a candidate its imported results, as long as it takes part."""
    if candidate.standing is not Standing.RANKABLE:
        return candidate
    return replace(candidate, results=tuple(sorted(results)))


def results_in_force(
    session: Session, window_id: int, stage: int
) -> dict[int, tuple[tuple[str, Decimal], ...]]:
    """Give the imported points of a stage by application: of each criterion the newest file's."""
    rows = session.execute(
        sa.select(ImportedPoints.proposal_id, ImportedFile.criterion, ImportedPoints.points)
        .join(ImportedFile, ImportedFile.id == ImportedPoints.file_id)
        .where(ImportedFile.window_id == window_id, ImportedFile.stage == stage)
        .where(ImportedFile.confirmed_at.is_not(None))
        .order_by(ImportedFile.confirmed_at, ImportedFile.id, ImportedPoints.id)
    )
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for proposal_id, code, points in rows:
        found[proposal_id][code] = points
    return {key: tuple(given.items()) for key, given in found.items()}


def _places(
    session: Session, design: CallDesign, window_id: int
) -> dict[int, tuple[str | None, str | None]]:
    """Give the list and the quota of each application of a window, as the notice divides them."""
    evaluation = design.evaluation
    rows = session.execute(
        sa.select(Proposal.id, Area.code, Proposal.cost_cents, Proposal.answers)
        .outerjoin(Area, Area.id == Proposal.area_id)
        .where(Proposal.window_id == window_id)
        .order_by(Proposal.id)
    )
    found = {}
    for proposal_id, area, cost, answers in rows:
        list_code, quota = (
            division.part_of(area=area, cost_cents=cost, answers=answers)
            for division in (evaluation.lists, evaluation.quotas)
        )
        found[proposal_id] = (list_code, quota)
    return found


def evaluated(session: Session, window_id: int, stage: int = 1) -> dict[str, int]:
    """Give the id of each application of a stage by its protocol number ("2026/000012")."""
    return {
        _shown(row.year, row.number): row.id
        for row in (_Row(*r) for r in session.execute(_received(window_id, stage)))
    }


def pool_available(session: Session, window: Window) -> int:
    """Give what a window may still promise, in cents.

    That is what is available in the pool that its call draws on, and what grants of its own
    applications hold already; at most what the call sets apart for the window.
    """
    pool_id = window.call.pool_id
    if pool_id is None:
        raise InvalidError(lazy("The call has no endowment."))
    held = held_by_window(session, window.call_id)
    available = programmes.pool_balances(session, pool_id).available_cents + held.get(window.id, 0)
    limit = window_endowment(session, window, held)
    return available if limit is None else min(available, limit)


def latest_final(session: Session, window_id: int, stage: int = 1) -> Ranking | None:
    """Give the ranking of a stage that is in force, if there is one."""
    return session.scalars(
        sa.select(Ranking)
        .where(Ranking.window_id == window_id, Ranking.state == RankingState.FINAL)
        .where(Ranking.stage == stage)
        .order_by(Ranking.number.desc())
        .limit(1)
    ).first()


def _received(window_id: int, stage: int) -> sa.Select[Any]:
    register = registered()
    return (
        sa.select(
            Proposal.id,
            Proposal.state,
            Proposal.cost_cents,
            Proposal.requested_cents,
            register.c.received_at,
            register.c.year,
            register.c.number,
        )
        .join(register, register.c.proposal_id == Proposal.id)
        .where(Proposal.window_id == window_id, Proposal.state.not_in(NEVER_RECEIVED | NOT_READY))
        .where(admitted_to(window_id, stage))
        .order_by(register.c.year, register.c.number)
    )


def sheets_in(
    session: Session, window_id: int, stage: int, *, collegial: bool
) -> dict[int, tuple[Sheet, ...]]:
    """Give the submitted sheets of a stage that count, by application; two queries.

    In a collegial evaluation that is the agreed one alone.
    """
    given: dict[int, tuple[int, int]] = {}
    points: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
    counted = (
        sa.select(Assignment.id, Assignment.proposal_id, Assignment.user_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Conflict, Conflict.assignment_id == Assignment.id)
        .where(Proposal.window_id == window_id, Conflict.state.in_(MAY_READ))
        .where(Assignment.state == AssignmentState.SUBMITTED)
        .where(Assignment.stage == stage, Assignment.agreed.is_(collegial))
    )
    for assignment_id, proposal_id, user_id in session.execute(counted.order_by(Assignment.id)):
        given[assignment_id] = (proposal_id, user_id)
    scores = session.execute(
        sa.select(Score.assignment_id, Criterion.code, Score.points, Score.not_applicable)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Score.assignment_id.in_(counted.with_only_columns(Assignment.id)))
        .order_by(Score.assignment_id, Score.version)
    )
    absent: dict[int, set[str]] = defaultdict(set)
    for assignment_id, code, value, not_applicable in scores:
        points[assignment_id][code] = value
        (absent[assignment_id].add if not_applicable else absent[assignment_id].discard)(code)
    numbers = _numbers(window_id, {user_id for _, user_id in given.values()})
    result: dict[int, list[Sheet]] = defaultdict(list)
    for assignment_id, (proposal_id, user_id) in given.items():
        reviewer = AGREED if collegial else numbers[user_id]
        result[proposal_id].append(Sheet.of(reviewer, points[assignment_id], absent[assignment_id]))
    return {key: tuple(many) for key, many in result.items()}


def _numbers(window_id: int, users: set[int]) -> dict[int, str]:
    """Give the reviewers of a window numbers, in an order that says nothing of who they are."""

    def mixed(user_id: int) -> str:
        return hashlib.sha256(f"{window_id}:{user_id}".encode()).hexdigest()

    return {user: str(n) for n, user in enumerate(sorted(users, key=mixed), start=1)}


def _candidate(row: _Row, rule: FundingRule | None, sheets: tuple[Sheet, ...]) -> Candidate:
    """Build a candidate; without a rule (at a gate) no money is asked."""
    key = _shown(row.year, row.number)
    standing = Standing.RANKABLE
    if row.state in EXCLUDED:
        standing = Standing.EXCLUDED
    elif row.state in GONE:
        standing = Standing.WITHDRAWN
    ranked = standing is Standing.RANKABLE
    return Candidate(
        key=key,
        protocol_year=row.year,
        protocol_number=row.number,
        received_at=row.received_at,
        maximum_cents=_maximum(key, rule, row) if ranked and rule else 0,
        minimum_cents=(rule.grant_min_cents or 0) if ranked and rule else 0,
        sheets=sheets if ranked else (),
        standing=standing,
    )


def _maximum(key: str, rule: FundingRule, row: _Row) -> int:
    try:
        return reserved_at_ranking(rule, row.cost_cents, row.requested_cents)
    except InvalidError as error:
        message: Lazy = error.message
        raise InvalidError(lazy("Application %(key)s: %(why)s", key=key, why=message)) from error


def _shown(year: int, number: int) -> str:
    return f"{year}/{number:06d}"
