"""The totals of a call's campaigns on another platform, from a table: all of it, or nothing."""

from __future__ import annotations

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

COLUMNS = {
    "project": ("progetto", "slug"),
    "raised": ("raccolto", "importo"),
    "backers": ("sostenitori", "donatori"),
    "as_of": ("al", "data"),
    "reason": ("motivo",),
}
NEEDED = ("project", "raised", "backers", "as_of")


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One report as the table has it."""

    line: int
    campaign: Campaign
    total: TotalData


@dataclass(frozen=True, slots=True)
class TotalsImport:
    """What a table would do, or did: what is new, how many stand already, what is wrong."""

    new: list[TotalRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: int = 0


def read_totals(
    session: Session, call_id: int, text: str, *, source: str, at: datetime
) -> TotalsImport:
    """Check a table against a call's campaigns, and store nothing.

    Raises InvalidError for what is no such table.
    """
    campaigns = campaigns_by_slug(session, call_id)
    new: list[TotalRow] = []
    faults: list[Fault] = []
    seen: dict[int, int] = {}
    rows = read_table(text, COLUMNS, NEEDED)
    for row in rows:
        try:
            campaign, total = _total(row, campaigns, source)
            if campaign.id in seen:
                raise InvalidError(
                    lazy("line %(line)s has the same project", line=seen[campaign.id])
                )
            seen[campaign.id] = row.line
            if check_total(session, campaign, total, at=at):
                new.append(TotalRow(row.line, campaign, total))
        except DomainError as error:
            faults.append(Fault(row.line, error.message))
    return TotalsImport(new, faults, len(rows) - len(new) - len(faults))


def import_totals(
    session: Session, call_id: int, text: str, *, source: str, actor: Actor, at: datetime
) -> TotalsImport:
    """Keep every new report of a table; raise InvalidError while any row is wrong."""
    found = read_totals(session, call_id, text, source=source, at=at)
    if found.faults:
        raise InvalidError(lazy("Mend the lines that are wrong first: nothing was stored."))
    for row in sorted(found.new, key=lambda row: row.campaign.id):
        import_total(session, row.campaign, row.total, actor=actor, at=at)
    return found


def _total(row: Row, campaigns: dict[str, Campaign], source: str) -> tuple[Campaign, TotalData]:
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    for name in NEEDED:
        if not cells[name]:
            raise InvalidError(lazy("%(column)s is empty", column=name))
    slug = cells["project"].rstrip("/").rpartition("/")[2]
    campaign = campaigns.get(slug)
    if campaign is None:
        raise InvalidError(lazy("this call has no campaign “%(said)s”", said=cells["project"]))
    if not (cells["backers"].isascii() and cells["backers"].isdecimal()):
        raise InvalidError(lazy("“%(said)s” is no number of backers", said=cells["backers"]))
    total = TotalData(
        as_of=instant_of(cells["as_of"]),
        raised_cents=cents_of(cells["raised"]),
        backers=int(cells["backers"]),
        source=source,
        reason=cells["reason"],
    )
    if total.raised_cents < 0:
        raise InvalidError(lazy("“%(said)s” is no amount", said=cells["raised"]))
    return campaign, total
