"""The totals of a call's campaigns as a program sends them: a JSON document."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.calls.design.reading import DesignError, Reader, different
from quartieri.calls.exchange import read_text
from quartieri.calls.exchange.faults import read_on
from quartieri.campaigns.actions.elsewhere import TotalData
from quartieri.campaigns.importing.table import MOST_ROWS
from quartieri.campaigns.importing.totals import (
    SaidTotal,
    TotalsImport,
    check_totals,
    store_totals,
)
from quartieri.kit.errors import FaultsError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.numbers import MOST_NUMBER

TOTALS_FORMAT = "quartieri-totals-1"
SCHEMAS = Path(__file__).parents[1] / "schema"
MOST_REASON = 2000
FIELDS = {"raised": "raised_cents"}
"""What a fault's field is called in a document, where a table has another word."""


@cache
def totals_schema() -> str:
    """Give the document's JSON Schema as it is shipped."""
    return (SCHEMAS / f"{TOTALS_FORMAT}.schema.json").read_text(encoding="utf-8")


def import_document(
    session: Session, call_id: int, content: bytes, *, source: str, actor: Actor, at: datetime
) -> TotalsImport:
    """Keep every new report of a document; raise FaultsError with the place of each fault."""
    said = read_document(content, source=source)
    found = check_totals(session, call_id, said, at=at)
    if found.faults:
        raise _wrong([(_pointer(one.line, one.field), one.why) for one in found.faults])
    store_totals(session, found, actor=actor, at=at)
    return found


def read_document(content: bytes, *, source: str) -> list[SaidTotal]:
    """Read the reports of a document; raise FaultsError."""
    try:
        value = read_text(content)
    except DesignError as error:
        raise _wrong([(error.pointer, error.fault)]) from None
    said, notes = read_on(value, lambda left: _document(left, source))
    if said is None:
        raise _wrong([(note.pointer, note.message) for note in notes])
    return said


def _document(value: Any, source: str) -> list[SaidTotal]:
    given = Reader(value)
    if given.take("format") not in (None, TOTALS_FORMAT):
        given.refuse("format", lazy('must be "%(format)s"', format=TOTALS_FORMAT))
    totals = given.items("totals", lambda one, at: _total(one, at, source), most=MOST_ROWS)
    given.done()
    if not totals:
        given.refuse("totals", lazy("is missing"))
    different(given, "totals", (project for project, _total in totals))
    return [SaidTotal(n, project, total) for n, (project, total) in enumerate(totals)]


def _total(value: Any, pointer: str, source: str) -> tuple[str, TotalData]:
    given = Reader(value, pointer)
    project = given.string("project")
    raised = given.whole("raised_cents")
    backers = given.whole("backers", most=MOST_NUMBER)
    as_of = given.instant("as_of")
    reason = given.string("reason", most=MOST_REASON)
    given.done()
    if not project:
        given.refuse("project", lazy("is missing"))
    if raised is None:
        given.refuse("raised_cents", lazy("is missing"))
    if backers is None:
        given.refuse("backers", lazy("is missing"))
    if as_of is None:
        given.refuse("as_of", lazy("is missing"))
    return project, TotalData(as_of, raised, backers, source, reason)


def _pointer(place: int, name: str) -> str:
    field = FIELDS.get(name, name)
    return f"/totals/{place}/{field}" if field else f"/totals/{place}"


def _wrong(faults: list[tuple[str, Lazy]]) -> FaultsError:
    return FaultsError(lazy("The document has faults: nothing was stored."), faults)
