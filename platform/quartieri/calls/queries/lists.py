"""Lists of calls: rows and a count in one query each, whatever the number of calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call, Rectification, Window
from quartieri.calls.rules import (
    PUBLIC_CALL_STATES,
    CallPhase,
    CallState,
)
from quartieri.kit.labels import in_language
from quartieri.kit.money import Money
from quartieri.people.models import Authority
from quartieri.people.rules import OrganisationKind, Scope
from quartieri.programmes.models import EndowmentPool

PAGE = 50
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in a list. ``money`` is its endowment, None where nobody published it."""

    id: int
    slug: str
    title_it: str
    title_en: str
    summary_it: str
    summary_en: str
    authority: str
    phase: CallPhase
    state: CallState
    opens_at: datetime | None
    closes_at: datetime | None
    money: Money | None
    invented: bool
    historical: bool
    year: str
    windows: int = 0
    created_at: datetime | None = None

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)

    def summary(self, language: str) -> str:
        """Give the summary in a language, or in the other one."""
        return in_language({"it": self.summary_it, "en": self.summary_en}, language)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list, counted from 1, and how many rows there are in all."""

    rows: list[CallRow]
    number: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(-(-self.total // PAGE), 1)


_ORDER = (
    CallPhase.DRAFT,
    CallPhase.OPEN,
    CallPhase.COMING,
    CallPhase.SUSPENDED,
    CallPhase.WORKING,
    CallPhase.CONCLUDED,
    CallPhase.CANCELLED,
    CallPhase.HISTORY,
)


def _phase(now: datetime) -> Any:
    """Give the phase as SQL: the same answer as ``rules.call_phase`` (a test compares them)."""
    mine = sa.select(Window.id).where(Window.call_id == Call.id, Window.state.is_(None))
    opened = mine.where(Window.opens_at <= now, Window.closes_at >= now).exists()
    coming = mine.where(Window.opens_at > now).exists()
    state = sa.cast(Call.state, sa.String)
    return sa.case(
        (Call.historical, CallPhase.HISTORY.value),
        (state == CallState.DRAFT.value, CallPhase.DRAFT.value),
        (state == CallState.DISCARDED.value, CallPhase.DRAFT.value),
        (state == CallState.SUSPENDED.value, CallPhase.SUSPENDED.value),
        (state == CallState.CONCLUDED.value, CallPhase.CONCLUDED.value),
        (state == CallState.CANCELLED.value, CallPhase.CANCELLED.value),
        (state == CallState.ANNULLED.value, CallPhase.CANCELLED.value),
        (opened, CallPhase.OPEN.value),
        (coming, CallPhase.COMING.value),
        else_=CallPhase.WORKING.value,
    )


def _rows(now: datetime) -> sa.Select[Any]:
    dates = sa.select(Window.closes_at).where(Window.call_id == Call.id, Window.state.is_(None))
    closes = (
        dates.with_only_columns(sa.func.min(Window.closes_at))
        .where(Window.opens_at <= now, Window.closes_at >= now)
        .scalar_subquery()
    )
    opens = (
        dates.with_only_columns(sa.func.min(Window.opens_at))
        .where(Window.opens_at > now)
        .scalar_subquery()
    )
    windows = sa.select(sa.func.count(Window.id)).where(Window.call_id == Call.id).scalar_subquery()
    return (
        sa.select(
            Call.id,
            Call.slug,
            Call.title_it,
            Call.title_en,
            Call.summary_it,
            Call.summary_en,
            Call.state,
            Call.invented,
            Call.historical,
            Call.facts,
            Call.created_at,
            Call.published_at,
            Authority.name.label("authority"),
            EndowmentPool.endowment_cents.label("endowment"),
            closes.label("closes_at"),
            opens.label("opens_at"),
            windows.label("windows"),
            _phase(now).label("phase"),
        )
        .join(Authority, Authority.id == Call.authority_id)
        .outerjoin(EndowmentPool, EndowmentPool.id == Call.pool_id)
    )


def _row(row: Any) -> CallRow:
    cents = row.endowment
    facts = row.facts or {}
    if row.historical and facts.get("endowment_eur") is not None:
        cents = int(Decimal(str(facts["endowment_eur"])) * 100)
    return CallRow(
        id=row.id,
        slug=row.slug,
        title_it=row.title_it,
        title_en=row.title_en,
        summary_it=row.summary_it,
        summary_en=row.summary_en,
        authority=row.authority,
        phase=CallPhase(row.phase),
        state=row.state,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        money=None if cents is None else Money(cents),
        invented=row.invented,
        historical=row.historical,
        year=str(facts.get("published_on", ""))[:4],
        windows=row.windows,
        created_at=row.created_at,
    )


def _words(query: sa.Select[Any], text: str) -> sa.Select[Any]:
    for word in text.split()[:8]:
        like = f"%{word.lower().replace('%', '').replace('_', '')}%"
        query = query.where(
            sa.or_(
                sa.func.lower(Call.title_it).like(like),
                sa.func.lower(Call.title_en).like(like),
                sa.func.lower(Call.summary_it).like(like),
                sa.func.lower(Call.summary_en).like(like),
                sa.func.lower(Authority.name).like(like),
            )
        )
    return query


def _page(
    session: Session,
    query: sa.Select[Any],
    order: Callable[[sa.Subquery], Sequence[Any]],
    *,
    phase: CallPhase | None,
    number: int,
    size: int = PAGE,
) -> Found:
    inner = query.subquery("listed")
    listed = sa.select(inner)
    if phase is not None:
        listed = listed.where(inner.c.phase == phase.value)
    total = session.scalar(sa.select(sa.func.count()).select_from(listed.subquery())) or 0
    number = min(max(number, 1), MOST_PAGES)
    rows = session.execute(listed.order_by(*order(inner)).offset((number - 1) * size).limit(size))
    return Found([_row(r) for r in rows], number, total)


def _rank(listed: sa.Subquery) -> Any:
    return sa.case({p.value: n for n, p in enumerate(_ORDER)}, value=listed.c.phase)


def public_calls(
    session: Session,
    *,
    now: datetime,
    phase: CallPhase | None = None,
    text: str = "",
    kind: OrganisationKind | None = None,
    authority_id: int | None = None,
    page: int = 1,
    size: int = PAGE,
) -> Found:
    """List the calls that everyone may read: open ones first, the next deadline on top.

    Two queries. ``phase``, ``text`` (words of title, summary, authority), ``kind`` (who may apply)
    and ``authority_id`` narrow the list; past editions tell nothing of kinds.
    """
    query = _words(_rows(now).where(Call.state.in_(PUBLIC_CALL_STATES)), text)
    if authority_id is not None:
        query = query.where(Call.authority_id == authority_id)
    if kind is not None:
        kinds = sa.cast(Call.design_json[("eligibility", "kinds")], sa.String)
        query = query.where(kinds.like(f'%"{kind.value}"%'))
    return _page(session, query, _next_first, phase=phase, number=page, size=size)


def _next_first(listed: sa.Subquery) -> Sequence[Any]:
    columns = listed.c
    return (
        _rank(listed),
        sa.case((columns.closes_at.is_(None), 1), else_=0),
        columns.closes_at,
        sa.case((columns.opens_at.is_(None), 1), else_=0),
        columns.opens_at,
        sa.case((columns.published_at.is_(None), 1), else_=0),
        columns.published_at.desc(),
        columns.id.desc(),
    )


SORTS: dict[str, Callable[[sa.Subquery], Any]] = {
    "title": lambda listed: sa.func.lower(listed.c.title_it),
    "state": _rank,
    "endowment": lambda listed: sa.func.coalesce(listed.c.endowment, 0),
    "created": lambda listed: listed.c.created_at,
}


def manage_calls(
    session: Session,
    *,
    now: datetime,
    scopes: Sequence[Scope] | None,
    phase: CallPhase | None = None,
    text: str = "",
    sort: str = "",
    page: int = 1,
) -> Found:
    """List the calls of an official's scopes (None: all), drafts first; past ones if asked for.

    Two queries. ``sort`` is a key of ``SORTS``, with "-" before it downwards.
    """
    copies = sa.select(Rectification.draft_id)
    listed = _rows(now).where(Call.state != CallState.DISCARDED, Call.id.not_in(copies))
    query = _words(listed, text)
    if scopes is not None:
        query = query.where(sa.or_(sa.false(), *(_within(s) for s in scopes)))
    if phase is None:
        query = query.where(sa.not_(Call.historical))
    key = SORTS.get(sort.removeprefix("-"))

    def order(listed: sa.Subquery) -> Sequence[Any]:
        if key is None:
            return (_rank(listed), listed.c.created_at.desc(), listed.c.id.desc())
        first = key(listed)
        return (first.desc() if sort.startswith("-") else first, listed.c.id)

    return _page(session, query, order, phase=phase, number=page)


def _within(scope: Scope) -> Any:
    if scope.call_id is not None:
        return Call.id == scope.call_id
    return Call.authority_id == scope.authority_id
