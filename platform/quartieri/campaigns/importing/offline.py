"""Pledges given outside of the site, from a table: all of it is stored, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.campaigns.actions import record_offline
from quartieri.campaigns.actions.offline import check_offline
from quartieri.campaigns.importing.cells import cents_of, instant_of
from quartieri.campaigns.importing.table import Fault, Row, read_table
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import OfflineMeans
from quartieri.kit.errors import DomainError, InvalidError
from quartieri.kit.labels import lazy

COLUMNS = {
    "reference": ("riferimento", "causale"),
    "amount": ("importo",),
    "received_at": ("ricevuto il", "data", "received"),
    "means": ("mezzo", "modo"),
    "name": ("nome", "donatore"),
    "email": ("e-mail",),
    "public_name": ("nome pubblico",),
    "evidence": ("prova",),
}
NEEDED = ("reference", "amount", "received_at", "means", "name", "evidence")
MEANS = {
    "contanti": OfflineMeans.CASH,
    "assegno": OfflineMeans.CHEQUE,
    "bonifico": OfflineMeans.TRANSFER,
} | {means.value: means for means in OfflineMeans}
LONGEST = {"reference": 80, "name": 200, "email": 254, "public_name": 100, "evidence": 2000}


@dataclass(frozen=True, slots=True)
class OfflineRow:
    """One gift as the table has it."""

    line: int
    reference: str
    amount_cents: int
    received_at: datetime
    means: OfflineMeans
    name: str
    email: str
    public_name: str
    evidence: str


@dataclass(frozen=True, slots=True)
class OfflineImport:
    """What a table would do, or did: what is new, how many are known already, what is wrong."""

    new: list[OfflineRow]
    known: int
    faults: list[Fault]

    @property
    def cents(self) -> int:
        """The sum of what is new, in cents."""
        return sum(row.amount_cents for row in self.new)


def read_offline(session: Session, campaign: Campaign, text: str, *, at: datetime) -> OfflineImport:
    """Check a table against its campaign, and store nothing.

    A reference that the campaign has already, with the same amount, is known and left out: the
    same file twice changes nothing. Raises InvalidError for what is no such table.
    """
    recorded = session.execute(
        sa.select(Pledge.reference, Pledge.amount_cents).where(
            Pledge.campaign_id == campaign.id, Pledge.reference != ""
        )
    )
    known = {row.reference: row.amount_cents for row in recorded}
    seen: dict[str, int] = {}
    new: list[OfflineRow] = []
    faults: list[Fault] = []
    repeated = 0
    for row in read_table(text, COLUMNS, NEEDED):
        try:
            gift = _gift(row)
            check_offline(
                campaign,
                amount_cents=gift.amount_cents,
                means=gift.means,
                evidence=gift.evidence,
                received_at=gift.received_at,
                at=at,
            )
            if gift.reference in seen:
                raise InvalidError(
                    lazy("line %(line)s has the same reference", line=seen[gift.reference])
                )
            seen[gift.reference] = gift.line
            if known.get(gift.reference, gift.amount_cents) != gift.amount_cents:
                raise InvalidError(lazy("this reference was recorded with another amount"))
        except DomainError as error:
            faults.append(Fault(row.line, error.message))
            continue
        if gift.reference in known:
            repeated += 1
        else:
            new.append(gift)
    return OfflineImport(new, repeated, faults)


def import_offline(
    session: Session, campaign: Campaign, text: str, *, actor: Actor, at: datetime
) -> OfflineImport:
    """Record every new row of a table; each counts once another person confirms it.

    Raises InvalidError while any row is wrong: nothing is stored then.
    """
    found = read_offline(session, campaign, text, at=at)
    if found.faults:
        raise InvalidError(lazy("Mend the lines that are wrong first: nothing was stored."))
    for row in found.new:
        record_offline(
            session,
            campaign,
            amount_cents=row.amount_cents,
            name=row.name,
            email=row.email,
            means=row.means,
            evidence=row.evidence,
            reference=row.reference,
            received_at=row.received_at,
            public_name=row.public_name,
            actor=actor,
            at=at,
        )
    return found


def _gift(row: Row) -> OfflineRow:
    cells = {name: row.cells.get(name, "") for name in COLUMNS}
    for name in NEEDED:
        if not cells[name]:
            raise InvalidError(lazy("%(column)s is empty", column=row.headings[name]))
    for name, most in LONGEST.items():
        if len(cells[name]) > most:
            raise InvalidError(lazy("%(column)s is too long", column=row.headings[name]))
    means = MEANS.get(cells["means"].lower())
    if means is None:
        raise InvalidError(
            lazy("means is cash, cheque or transfer, not “%(said)s”", said=cells["means"])
        )
    return OfflineRow(
        line=row.line,
        reference=cells["reference"],
        amount_cents=cents_of(cells["amount"]),
        received_at=instant_of(cells["received_at"]),
        means=means,
        name=cells["name"],
        email=cells["email"],
        public_name=cells["public_name"],
        evidence=cells["evidence"],
    )
