"""Entering past editions from public sources: outside of the ledger and of totals."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.actions.drafting import free_slug, need_manager
from quartieri.calls.design import CallDesign, plain
from quartieri.calls.models import Call, HistoricalProject
from quartieri.calls.rules import CallState
from quartieri.kit.clock import rome
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.people.models import Authority

TEXT_LIMIT = 200
URL_LIMIT = 500
_YES = {"true": True, "false": False}


def import_historical(
    session: Session,
    authority: Authority,
    facts: Mapping[str, Any],
    projects: Sequence[Mapping[str, str | None]] = (),
    *,
    actor: Actor,
    at: datetime,
    title: Mapping[str, str] | None = None,
    summary: Mapping[str, str] | None = None,
) -> Call:
    """Enter a past edition as history: known figures and sources, nothing bound, nothing posted.

    ``facts`` has the keys of the shipped calls (``id``, ``title``, ``endowment_eur`` …); null and
    absent mean unknown and stay so. ``projects`` are rows with the columns of the shipped
    campaigns. The title is that of the sources where ``title`` (by language) says nothing else.
    Raises InvalidError naming row and column for an impossible figure.
    """
    need_manager(actor)
    known = plain({key: value for key, value in facts.items() if value is not None})
    name = str(known.get("title", "")).strip()
    code = str(known.get("id", "")).strip()
    if not name or not code:
        raise InvalidError(lazy("A past edition needs an id and a title."))
    titles = {"it": name, "en": name, **(title or {})}
    texts = dict(summary or {})
    design = CallDesign(
        title=titles, summary=texts, sources=tuple(str(s) for s in known.get("sources", ()))
    )
    call = Call(
        authority_id=authority.id,
        slug=free_slug(session, code),
        state=CallState.CONCLUDED,
        design_json=design.to_json(),
        title_it=titles["it"][:TEXT_LIMIT],
        title_en=titles["en"][:TEXT_LIMIT],
        summary_it=texts.get("it", ""),
        summary_en=texts.get("en", ""),
        historical=True,
        facts=known,
        created_by=actor.user_id,
        created_at=at,
        published_at=_first_instant(known.get("published_on")),
    )
    session.add(call)
    session.flush()
    session.add_all(_project(call, n, row) for n, row in enumerate(projects, 1))
    session.flush()
    record(
        session,
        "import_historical",
        "call",
        call.id,
        actor=actor,
        at=at,
        after={"id": code, "projects": len(projects), "sources": list(design.sources)},
    )
    return call


def _project(call: Call, n: int, row: Mapping[str, str | None]) -> HistoricalProject:
    title = _text(row, "project", n)
    if not title:
        raise InvalidError(lazy("Row %(row)s, %(column)s: it is empty.", row=n, column="project"))
    return HistoricalProject(
        call_id=call.id,
        position=n,
        title=title,
        proposer=_text(row, "proposer", n),
        place=_text(row, "neighbourhood", n),
        cost_cents=_cents(row, "total_cost_eur", n),
        target_cents=_cents(row, "target_eur", n),
        raised_cents=_cents(row, "raised_eur", n),
        raised_at_least=_flag(row, "raised_at_least", n),
        backers=_whole(row, "backers", n),
        backers_at_least=_flag(row, "backers_at_least", n),
        grant_cents=_cents(row, "grant_eur", n),
        outcome=_text(row, "outcome", n, most=40),
        source_url=_text(row, "source_url", n, most=URL_LIMIT),
    )


def _text(row: Mapping[str, str | None], column: str, n: int, most: int = TEXT_LIMIT) -> str:
    value = (row.get(column) or "").strip()
    if len(value) > most:
        raise InvalidError(
            lazy("Row %(row)s, %(column)s: the text is too long.", row=n, column=column)
        )
    return value


def _cents(row: Mapping[str, str | None], column: str, n: int) -> int | None:
    value = (row.get(column) or "").strip()
    if not value:
        return None
    try:
        money = Money.of_units(value)
    except ValueError:
        raise _impossible(column, n) from None
    if money.cents < 0:
        raise _impossible(column, n)
    return money.cents


def _whole(row: Mapping[str, str | None], column: str, n: int) -> int | None:
    value = (row.get(column) or "").strip()
    if value and not re.fullmatch(r"[0-9]{1,9}", value):
        raise _impossible(column, n)
    return int(value) if value else None


def _flag(row: Mapping[str, str | None], column: str, n: int) -> bool:
    value = (row.get(column) or "false").strip().lower()
    if value not in _YES:
        raise _impossible(column, n)
    return _YES[value]


def _impossible(column: str, n: int) -> InvalidError:
    return InvalidError(
        lazy("Row %(row)s, %(column)s: this is not a possible value.", row=n, column=column)
    )


def _first_instant(text: object) -> datetime | None:
    """Give the first instant of a year, month or day as the sources write it: only an order."""
    parts = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?.*", str(text or ""))
    if parts is None:
        return None
    year, month, day = (int(p) if p else 1 for p in parts.groups())
    return rome(date(year, month, day))
