"""The totals of a call's campaigns on another platform: all of a table or document, or nothing.

A table comes through a page or a command, a document through ``/api/v1``: the same checks, the
same verb, ``campaigns.actions.import_total``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.campaigns.actions.elsewhere import TotalData, check_total, import_total
from quartieri.campaigns.importing.cells import cents_of, instant_of
from quartieri.campaigns.importing.table import Fault, Row, read_table
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries import campaigns_by_slug
from quartieri.kit.errors import DomainError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.numbers import MOST_NUMBER

COLUMNS = {
    "project": ("progetto", "slug"),
    "raised": ("raccolto", "importo"),
    "backers": ("sostenitori", "donatori"),
    "as_of": ("al", "data"),
    "reason": ("motivo",),
}
NEEDED = ("project", "raised", "backers", "as_of")


@dataclass(frozen=True, slots=True)
class SaidTotal:
    """A report as somebody sent it; ``line``: of the table, or its place in the document."""

    line: int
    project: str
    total: TotalData


@dataclass(frozen=True, slots=True)
class TotalRow:
    """A report and the campaign that it is about."""

    line: int
    campaign: Campaign
    total: TotalData


@dataclass(frozen=True, slots=True)
class TotalsImport:
    """What reports would do, or did: what is new, how many stand already, what is wrong."""

    new: list[TotalRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: int = 0


def check_totals(
    session: Session, call_id: int, said: Iterable[SaidTotal], *, at: datetime
) -> TotalsImport:
    """Check reports against a call's campaigns, and store nothing."""
    campaigns = campaigns_by_slug(session, call_id)
    new: list[TotalRow] = []
    faults: list[Fault] = []
    seen: dict[int, int] = {}
    known = 0
    for one in said:
        try:
            campaign = campaigns.get(one.project)
            if campaign is None:
                raise InvalidError(
                    lazy("this call has no campaign “%(said)s”", said=one.project), field="project"
                )
            if campaign.id in seen:
                raise InvalidError(
                    lazy("line %(line)s has the same project", line=seen[campaign.id]),
                    field="project",
                )
            seen[campaign.id] = one.line
            if check_total(session, campaign, one.total, at=at):
                new.append(TotalRow(one.line, campaign, one.total))
            else:
                known += 1
        except DomainError as error:
            faults.append(Fault(one.line, error.message, error.field or ""))
    return TotalsImport(new, faults, known)


def store_totals(session: Session, found: TotalsImport, *, actor: Actor, at: datetime) -> None:
    """Keep every new report; raise InvalidError while any is wrong."""
    if found.faults:
        raise InvalidError(lazy("Mend the lines that are wrong first: nothing was stored."))
    for row in sorted(found.new, key=lambda row: row.campaign.id):
        import_total(session, row.campaign, row.total, actor=actor, at=at)


def read_totals(
    session: Session, call_id: int, text: str, *, source: str, at: datetime
) -> TotalsImport:
    """Check a table against a call's campaigns, and store nothing.

    Raises InvalidError for what is no such table.
    """
    said: list[SaidTotal] = []
    faults: list[Fault] = []
    for row in read_table(text, COLUMNS, NEEDED):
        try:
            said.append(_said(row, source))
        except DomainError as error:
            faults.append(Fault(row.line, error.message, error.field or ""))
    found = check_totals(session, call_id, said, at=at)
    every = sorted((*faults, *found.faults), key=lambda fault: fault.line)
    return TotalsImport(found.new, every, found.known)


def import_totals(
    session: Session, call_id: int, text: str, *, source: str, actor: Actor, at: datetime
) -> TotalsImport:
    """Keep every new report of a table; raise InvalidError while any row is wrong."""
    found = read_totals(session, call_id, text, source=source, at=at)
    store_totals(session, found, actor=actor, at=at)
    return found


def _said(row: Row, source: str) -> SaidTotal:
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    for name in NEEDED:
        if not cells[name]:
            raise InvalidError(lazy("%(column)s is empty", column=row.headings[name]), field=name)
    backers = cells["backers"]
    short = len(backers) < len(str(MOST_NUMBER))
    if not (backers.isascii() and backers.isdecimal() and short):
        raise InvalidError(lazy("“%(said)s” is no number of backers", said=backers))
    total = TotalData(
        as_of=instant_of(cells["as_of"]),
        raised_cents=cents_of(cells["raised"]),
        backers=int(backers),
        source=source,
        reason=cells["reason"],
    )
    if total.raised_cents < 0:
        raise InvalidError(lazy("“%(said)s” is no amount", said=cells["raised"]))
    return SaidTotal(row.line, cells["project"].rstrip("/").rpartition("/")[2], total)
