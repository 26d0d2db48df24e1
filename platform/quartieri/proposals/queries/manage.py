"""What officials see: the list, one application's checks, what holds a session up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call, Window
from quartieri.people.models import Organisation
from quartieri.people.rules import Scope
from quartieri.programmes.models import Area
from quartieri.proposals.models import (
    AdmissibilityCheck,
    IntegrationRequest,
    Proposal,
    ProtocolEntry,
)
from quartieri.proposals.rules import (
    ENDED_STATES,
    PRIVATE_STATES,
    UNDECIDED_STATES,
    IntegrationState,
    ProposalState,
)

PAGE = 50
PROTOCOL_NUMBER = re.compile(r"([0-9]{4})/([0-9]{1,9})")

SORTS = ("number", "title", "applicant", "area", "state", "cost", "requested", "received")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; ``scopes`` are where the reader may look, None: everywhere."""

    scopes: Sequence[Scope] | None = None
    call_id: int | None = None
    window_id: int | None = None
    state: ProposalState | None = None
    words: str = ""
    sort: str = "-received"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the officials' list; amounts in cents."""

    id: int
    number: str
    title: str
    applicant: str
    area: str
    call: str
    window: int | None
    state: ProposalState
    cost_cents: int
    requested_cents: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of the list; ``counts`` by state count all that the other filters leave."""

    rows: list[Row]
    number: int
    pages: int
    total: int
    counts: dict[ProposalState, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many applications of a window are decided, and how many wait."""

    waiting: int
    admissible: int
    submitted: int


def _where(filters: Filters, *, with_state: bool) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [Proposal.state.not_in(PRIVATE_STATES)]
    if filters.scopes is not None:
        where.append(sa.or_(sa.false(), *(_in_scope(s) for s in filters.scopes)))
    if filters.call_id is not None:
        where.append(Proposal.call_id == filters.call_id)
    if filters.window_id is not None:
        where.append(Proposal.window_id == filters.window_id)
    if with_state and filters.state is not None:
        where.append(Proposal.state == filters.state)
    if filters.words.strip():
        words = filters.words.strip()
        like = f"%{_escaped(words.lower())}%"
        where.append(
            sa.or_(
                sa.func.lower(Proposal.title).like(like, escape="\\"),
                sa.func.lower(Organisation.name).like(like, escape="\\"),
                *_numbered(words),
            )
        )
    return where


def _numbered(words: str) -> list[sa.ColumnElement[bool]]:
    """Look for a protocol number, whole ("2026/000012", "2026/12"), of any submission of it."""
    found = PROTOCOL_NUMBER.fullmatch(words)
    if found is None:
        return []
    year, number = (int(part) for part in found.groups())
    entry = sa.select(ProtocolEntry.proposal_id).where(
        ProtocolEntry.year == year, ProtocolEntry.number == number
    )
    return [Proposal.id.in_(entry)]


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _in_scope(scope: Scope) -> sa.ColumnElement[bool]:
    parts: list[sa.ColumnElement[bool]] = [sa.true()]
    if scope.authority_id is not None:
        parts.append(Call.authority_id == scope.authority_id)
    if scope.call_id is not None:
        parts.append(Call.id == scope.call_id)
    return sa.and_(*parts)


def _order(sort: str) -> list[sa.ColumnElement[Any]]:
    key = sort.removeprefix("-")
    columns: dict[str, tuple[Any, ...]] = {
        "number": (ProtocolEntry.year, ProtocolEntry.number),
        "title": (sa.func.lower(Proposal.title),),
        "applicant": (sa.func.lower(Organisation.name),),
        "area": (sa.func.length(Area.code), Area.code),
        "state": (Proposal.state,),
        "cost": (Proposal.cost_cents,),
        "requested": (Proposal.requested_cents,),
        "received": (Proposal.received_at,),
    }
    chosen = columns.get(key, columns["received"])
    down = sort.startswith("-")
    ordered: list[sa.ColumnElement[Any]] = [
        (c.desc() if down else c.asc()).nulls_last() for c in chosen
    ]
    return [*ordered, Proposal.id.desc() if down else Proposal.id.asc()]


def list_page(session: Session, filters: Filters, *, page: int, language: str) -> ListPage:
    """Give one page of 50 and the counts by state: two queries, whatever the size."""
    counts: dict[ProposalState, int] = dict(
        session.execute(
            sa.select(Proposal.state, sa.func.count(Proposal.id))
            .join(Call, Call.id == Proposal.call_id)
            .join(Organisation, Organisation.id == Proposal.organisation_id)
            .where(*_where(filters, with_state=False))
            .group_by(Proposal.state)
            .order_by(Proposal.state)
        ).all()
    )
    total = sum(counts.values()) if filters.state is None else counts.get(filters.state, 0)
    pages = max(-(-total // PAGE), 1)
    page = min(max(page, 1), pages)
    english = language == "en"
    found = session.execute(
        sa.select(
            Proposal.id,
            Proposal.title,
            Proposal.state,
            Proposal.cost_cents,
            Proposal.requested_cents,
            Proposal.received_at,
            Organisation.name.label("applicant"),
            Area.name_it.label("area_it"),
            Area.name_en.label("area_en"),
            Call.title_it,
            Call.title_en,
            Window.number.label("window"),
            ProtocolEntry.year,
            ProtocolEntry.number,
        )
        .join(Call, Call.id == Proposal.call_id)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .outerjoin(Window, Window.id == Proposal.window_id)
        .outerjoin(Area, Area.id == Proposal.area_id)
        .outerjoin(
            ProtocolEntry,
            sa.and_(ProtocolEntry.proposal_id == Proposal.id, ProtocolEntry.revision == 1),
        )
        .where(*_where(filters, with_state=True))
        .order_by(*_order(filters.sort))
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    rows = [
        Row(
            id=r.id,
            number=f"{r.year}/{r.number:06d}" if r.number is not None else "",
            title=r.title,
            applicant=r.applicant,
            area=(r.area_en if english and r.area_en else r.area_it) or "",
            call=(r.title_en if english and r.title_en else r.title_it) or r.title_en,
            window=r.window,
            state=r.state,
            cost_cents=r.cost_cents,
            requested_cents=r.requested_cents,
            received_at=r.received_at,
        )
        for r in found
    ]
    return ListPage(rows, page, pages, total, counts)


def filter_choices(
    session: Session, scopes: Sequence[Scope] | None
) -> tuple[list[Call], list[Window]]:
    """Give the calls that have applications in scope, newest first, and their windows."""
    wanted = sa.select(Proposal.call_id).where(Proposal.state.not_in(PRIVATE_STATES)).distinct()
    calls = sa.select(Call).where(Call.id.in_(wanted))
    if scopes is not None:
        calls = calls.where(sa.or_(sa.false(), *(_in_scope(s) for s in scopes)))
    found = list(session.scalars(calls.order_by(Call.published_at.desc(), Call.id.desc())))
    windows = session.scalars(
        sa.select(Window)
        .where(Window.call_id.in_([c.id for c in found]))
        .order_by(Window.call_id, Window.number)
    )
    return found, list(windows)


def windows_to_run(windows: Sequence[Window], now: datetime) -> list[Window]:
    """Keep the windows whose intake is over and whose evaluation has not begun."""
    return [w for w in windows if w.state_at(now).value in {"closed", "checking"}]


def checks_of(session: Session, proposal_id: int) -> dict[str, AdmissibilityCheck]:
    """Give what was said of each requirement, by its code."""
    return {
        c.requirement: c
        for c in session.scalars(
            sa.select(AdmissibilityCheck)
            .where(AdmissibilityCheck.proposal_id == proposal_id)
            .order_by(AdmissibilityCheck.id)
        )
    }


def undecided(session: Session, window_ids: Sequence[int]) -> dict[int, Undecided]:
    """Say, for windows, how many applications still wait for the check, in one query."""
    counts: dict[int, dict[ProposalState, int]] = {i: {} for i in window_ids}
    for window_id, state, number in session.execute(
        sa.select(Proposal.window_id, Proposal.state, sa.func.count(Proposal.id))
        .where(Proposal.window_id.in_(window_ids))
        .group_by(Proposal.window_id, Proposal.state)
        .order_by(Proposal.window_id, Proposal.state)
    ):
        counts[window_id or 0][state] = number
    return {
        i: Undecided(
            waiting=sum(n for s, n in by.items() if s in UNDECIDED_STATES),
            admissible=by.get(ProposalState.ADMISSIBLE, 0),
            submitted=by.get(ProposalState.SUBMITTED, 0),
        )
        for i, by in counts.items()
    }


def still_open(
    session: Session, window_id: int, *, but: frozenset[ProposalState] = frozenset()
) -> int:
    """Count a window's applications that have not ended, without those in the states ``but``."""
    over = ENDED_STATES | PRIVATE_STATES | but
    found = sa.select(sa.func.count(Proposal.id)).where(
        Proposal.window_id == window_id, Proposal.state.not_in(over)
    )
    return session.scalar(found) or 0


def overdue_integrations(session: Session, before: datetime, *, most: int = 200) -> list[int]:
    """Give the ids of unanswered integration requests that were due before an instant."""
    return list(
        session.scalars(
            sa.select(IntegrationRequest.id)
            .where(
                IntegrationRequest.state == IntegrationState.REQUESTED,
                IntegrationRequest.due_at < before,
            )
            .order_by(IntegrationRequest.due_at, IntegrationRequest.id)
            .limit(most)
        )
    )
