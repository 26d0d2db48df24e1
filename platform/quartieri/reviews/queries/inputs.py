"""What a window's ranking is computed from, collected from the rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import CallDesign
from quartieri.calls.funding import FundingRule, maximum_grant
from quartieri.calls.models import CallEdition, Criterion, Window
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.programmes import queries as programmes
from quartieri.proposals.models import Proposal, ProtocolEntry
from quartieri.proposals.rules import ProposalState
from quartieri.reviews.models import Assignment, Conflict, Ranking, Score
from quartieri.reviews.ranking import (
    Candidate,
    CriterionRule,
    RankingInput,
    RankingRules,
    RunsOut,
    Sheet,
    Standing,
)
from quartieri.reviews.rules import MAY_READ, AssignmentState, RankingState

P = ProposalState
NEVER_RECEIVED = frozenset({P.DRAFT, P.DISCARDED, P.SUPERSEDED})
NOT_READY = frozenset(
    {P.SUBMITTED, P.IN_CHECK, P.INTEGRATION_REQUESTED, P.REFUSAL_NOTIFIED, P.ADMISSIBLE}
)
"""Received, but not under evaluation yet: no ranking before their check has ended."""
EXCLUDED = frozenset({P.INADMISSIBLE})
GONE = frozenset({P.WITHDRAWN, P.WITHDRAWN_AFTER_ADMISSION})
LIVE_GRANTS = frozenset(GrantState) - {GrantState.RELEASED}


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


def edition_of(session: Session, window: Window) -> CallEdition:
    """Give the published edition that a window is judged by: its call's last one."""
    edition = session.scalars(
        sa.select(CallEdition)
        .where(CallEdition.call_id == window.call_id)
        .order_by(CallEdition.number.desc())
        .limit(1)
    ).first()
    if edition is None:
        raise InvalidError(lazy("This call is not published."))
    return edition


def criteria_of(session: Session, window: Window) -> list[Criterion]:
    """List the criteria that a window is judged by, in their order; one query."""
    newest = (
        sa.select(CallEdition.id)
        .where(CallEdition.call_id == window.call_id)
        .order_by(CallEdition.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return list(
        session.scalars(
            sa.select(Criterion)
            .where(Criterion.edition_id == newest)
            .order_by(Criterion.position, Criterion.id)
        )
    )


def rules_of(design: CallDesign) -> RankingRules:
    """Give the ranking's rules as a published design states them; raise InvalidError."""
    evaluation = design.evaluation
    if evaluation.when_money_runs_out is None:
        raise InvalidError(lazy("The call does not say what happens when the money runs out."))
    return RankingRules(
        criteria=tuple(
            CriterionRule(c.code, c.maximum, c.weight, c.minimum) for c in evaluation.criteria
        ),
        when_money_runs_out=RunsOut(evaluation.when_money_runs_out),
        minimum_total=evaluation.minimum_total,
        minimum_sheets=evaluation.sheets,
        tie_break=evaluation.tie_break,
    )


def ranking_input(
    session: Session, window: Window, *, endowment_cents: int | None = None
) -> RankingInput:
    """Collect what a window's ranking depends on; five queries for any number of applications.

    No personal data: applications by protocol number, reviewers by a number of this window alone.
    ``endowment_cents`` overrides what is available now (a correction, or a recomputation of a
    final ranking, has the money that the corrected one had).
    """
    design = edition_of(session, window).design
    rule = design.money.rule
    if rule is None:
        raise InvalidError(lazy("The call has no funding rule."))
    rows = [_Row(*row) for row in session.execute(_received(window.id))]
    sheets = _sheets(session, window.id)
    if endowment_cents is None:
        endowment_cents = pool_available(session, window)
    return RankingInput(
        rules=rules_of(design),
        endowment_cents=endowment_cents,
        candidates=tuple(_candidate(row, rule, sheets.get(row.id, ())) for row in rows),
    )


def evaluated(session: Session, window_id: int) -> dict[str, int]:
    """Give the id of each application of a window by its protocol number ("2026/000012")."""
    return {
        _shown(row.year, row.number): row.id
        for row in (_Row(*r) for r in session.execute(_received(window_id)))
    }


def pool_available(session: Session, window: Window) -> int:
    """Give what a window may still promise, in cents.

    That is what is available in the pool that its call draws on, and what grants of its own
    applications hold already.
    """
    pool_id = window.call.pool_id
    if pool_id is None:
        raise InvalidError(lazy("The call has no endowment."))
    held = session.scalar(
        sa.select(
            sa.func.coalesce(
                sa.func.sum(
                    sa.case(
                        (Grant.state == GrantState.RESERVED, Grant.reserved_cents),
                        else_=Grant.granted_cents,
                    )
                ),
                0,
            )
        )
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.window_id == window.id, Grant.state.in_(LIVE_GRANTS))
    )
    return programmes.pool_balances(session, pool_id).available_cents + int(held or 0)


def latest_final(session: Session, window_id: int) -> Ranking | None:
    """Give the window's final ranking in force, if there is one."""
    return session.scalars(
        sa.select(Ranking)
        .where(Ranking.window_id == window_id, Ranking.state == RankingState.FINAL)
        .order_by(Ranking.number.desc())
        .limit(1)
    ).first()


def _received(window_id: int) -> sa.Select[Any]:
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
        .order_by(register.c.year, register.c.number)
    )


def _sheets(session: Session, window_id: int) -> dict[int, tuple[Sheet, ...]]:
    given: dict[int, tuple[int, int]] = {}
    points: dict[int, dict[str, Decimal | None]] = defaultdict(dict)
    counted = (
        sa.select(Assignment.id, Assignment.proposal_id, Assignment.user_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Conflict, Conflict.assignment_id == Assignment.id)
        .where(Proposal.window_id == window_id, Conflict.state.in_(MAY_READ))
        .where(Assignment.state == AssignmentState.SUBMITTED)
    )
    for assignment_id, proposal_id, user_id in session.execute(counted.order_by(Assignment.id)):
        given[assignment_id] = (proposal_id, user_id)
    scores = session.execute(
        sa.select(Score.assignment_id, Criterion.code, Score.points)
        .join(Criterion, Criterion.id == Score.criterion_id)
        .where(Score.assignment_id.in_(counted.with_only_columns(Assignment.id)))
        .order_by(Score.assignment_id, Score.version)
    )
    for assignment_id, code, value in scores:
        points[assignment_id][code] = value
    numbers = _numbers(window_id, {user_id for _, user_id in given.values()})
    result: dict[int, list[Sheet]] = defaultdict(list)
    for assignment_id, (proposal_id, user_id) in given.items():
        result[proposal_id].append(Sheet.of(numbers[user_id], points[assignment_id]))
    return {key: tuple(many) for key, many in result.items()}


def _numbers(window_id: int, users: set[int]) -> dict[int, str]:
    """Give the reviewers of a window numbers, in an order that says nothing of who they are."""

    def mixed(user_id: int) -> str:
        return hashlib.sha256(f"{window_id}:{user_id}".encode()).hexdigest()

    return {user: str(n) for n, user in enumerate(sorted(users, key=mixed), start=1)}


def _candidate(row: _Row, rule: FundingRule, sheets: tuple[Sheet, ...]) -> Candidate:
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
        maximum_cents=_maximum(key, rule, row) if ranked else 0,
        minimum_cents=(rule.grant_min_cents or 0) if ranked else 0,
        sheets=sheets if ranked else (),
        standing=standing,
    )


def _maximum(key: str, rule: FundingRule, row: _Row) -> int:
    try:
        return maximum_grant(rule, row.cost_cents, row.requested_cents)
    except InvalidError as error:
        message: Lazy = error.message
        raise InvalidError(lazy("Application %(key)s: %(why)s", key=key, why=message)) from error


def _shown(year: int, number: int) -> str:
    return f"{year}/{number:06d}"
