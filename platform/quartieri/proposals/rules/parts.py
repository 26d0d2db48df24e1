"""The parts of an application as plain values: what one page of the form holds.

Amounts are whole cents. A part is what ``actions.save`` takes, and what two tabs are compared by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from quartieri.kit.labels import N_, LabelEnum
from quartieri.people.rules import OrganisationKind

TITLE_LIMIT = 140
SUMMARY_LIMIT = 500


class Section(LabelEnum):
    """A page that every application has; between the second and the third stand the call's own."""

    APPLICANT = "applicant", N_("Who applies")
    SUMMARY = "summary", N_("The project in short")
    ATTACHMENTS = "attachments", N_("Documents")
    DECLARATIONS = "declarations", N_("Declarations")


class SectionState(LabelEnum):
    """How far a page of the application is."""

    NOT_STARTED = "not_started", N_("Not started")
    TO_COMPLETE = "to_complete", N_("To complete")
    DONE = "done", N_("Done")
    OPTIONAL = "optional", N_("Only if you want")


DECLARATIONS: Mapping[str, str] = {
    "truth": N_(
        "What I write is true: I know that false declarations are punished by law"
        " (articles 75 and 76 of D.P.R. 445/2000)."
    ),
    "rules": N_("I have read the call and accept its rules."),
    "privacy": N_("I have read how personal data are used in this call."),
}
"""What every applicant declares, by key."""


@dataclass(frozen=True, slots=True)
class ApplicantPart:
    """The organisation or group that applies."""

    kind: OrganisationKind
    name: str = ""
    tax_code: str = ""
    seat: str = ""
    founded_on: date | None = None

    @property
    def informal(self) -> bool:
        """True for a group of persons that no register knows."""
        return self.kind is OrganisationKind.INFORMAL_GROUP


@dataclass(frozen=True, slots=True)
class SummaryPart:
    """Title and summary."""

    title: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class AnswersPart:
    """Answers to questions of the call, by key (see ``rules.form.values``); None takes one off."""

    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlacePart:
    """Where and for how many months."""

    place: str = ""
    area_id: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One person of the team or of the group."""

    name: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class PartnerFacts:
    """One organisation of the alliance; exactly one is the lead (capofila)."""

    name: str
    kind: OrganisationKind
    tax_code: str = ""
    role: str = ""
    lead: bool = False


@dataclass(frozen=True, slots=True)
class TeamPart:
    """People and partners, in their order."""

    members: tuple[MemberFacts, ...] = ()
    partners: tuple[PartnerFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of the budget."""

    description: str
    amount_cents: int
    category: str = ""
    """The code of its cost category, in a call that names some."""


@dataclass(frozen=True, slots=True)
class BudgetPart:
    """The lines of the cost."""

    lines: tuple[LineFacts, ...] = ()

    @property
    def cost_cents(self) -> int:
        """What the project costs: the sum of its lines."""
        return sum(line.amount_cents for line in self.lines)


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """Own share, grant asked for (direct grants) or crowdfunding share (campaigns)."""

    own_cents: int = 0
    requested_cents: int = 0
    crowd_cents: int = 0


@dataclass(frozen=True, slots=True)
class DeclarationsPart:
    """The keys of what was declared."""

    keys: frozenset[str] = frozenset()


Part = (
    ApplicantPart
    | SummaryPart
    | AnswersPart
    | PlacePart
    | TeamPart
    | BudgetPart
    | MoneyPart
    | DeclarationsPart
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole application as its rules see it."""

    applicant: ApplicantPart
    summary: SummaryPart = SummaryPart()
    answers: Mapping[str, Any] = field(default_factory=dict)
    """The answers that are kept as they are, by question; the others are in the parts below."""
    place: PlacePart = PlacePart()
    team: TeamPart = TeamPart()
    budget: BudgetPart = BudgetPart()
    money: MoneyPart = MoneyPart()
    declarations: DeclarationsPart = DeclarationsPart()
    attachments: int = 0
    """Documents that answer no question."""
    files: Mapping[str, int] = field(default_factory=dict)
    """How many files answer a question, by its key."""
    area_code: str = ""
    area_name: str = ""
    areas_exist: bool = False


def plain(value: Any) -> Any:
    """Give a part as plain JSON values."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, frozenset):
        return sorted(str(v) for v in value)
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


def canonical(document: Mapping[str, Any]) -> str:
    """Write a document in the one form that is hashed: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def mark_of(part: Part) -> str:
    """Give a short mark of what a page holds: a form opened on another one is out of date."""
    return hashlib.sha256(canonical(plain(asdict(part))).encode()).hexdigest()[:16]
