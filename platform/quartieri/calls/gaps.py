"""The gaps that keep a draft call from publication, and what they are found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from quartieri.kit.errors import DomainError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy


class Step(LabelEnum):
    """A step of the editor, in order; the code is part of its address."""

    IDENTITY = "identity", N_("Identity")
    WINDOWS = "windows", N_("Sessions")
    WHO = "who", N_("Who and what")
    APPLICATION = "application", N_("Application form")
    EVALUATION = "evaluation", N_("Evaluation")
    MONEY = "money", N_("Money and campaign")


_ANCHORS = {
    "cost_max_cents": "cost_max",
    "grant_min_cents": "grant_min",
    "grant_cap_cents": "grant_cap",
    "pledge_min_cents": "pledge_min",
    "pledge_max_cents": "pledge_max",
    "per_donation_cents": "per_donation",
    "sum_cents": "fixed_sum",
}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing to mend: where (step and field), what, and whether it blocks publication."""

    where: Step
    message: Lazy
    field: str = ""
    blocking: bool = True

    @property
    def anchor(self) -> str:
        """The id of the field in the editor's page."""
        kind, _dash, rest = self.field.partition("-")
        if kind == "questions" and rest:
            return f"questions-{rest.partition('-')[0]}"
        return _ANCHORS.get(self.field, self.field)


@dataclass(frozen=True, slots=True)
class WindowDates:
    """A session's dates, both inclusive instants, and what is set apart for it (cents)."""

    number: int
    opens_at: datetime
    closes_at: datetime
    endowment_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """What one level of the programme gives; ``available_cents`` None: no figure above it."""

    level: str
    cents: int
    available_cents: int | None = None
    nearest: str = ""
    """The nearest level with a figure: the one that is checked."""


@dataclass(frozen=True, slots=True)
class PoolDraft:
    """The endowment in cents (None: not stated yet) and where it comes from."""

    endowment_cents: int | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class City:
    """What of the city the checklist needs: the codes of its areas, whether it has a programme."""

    areas: frozenset[str] = field(default_factory=frozenset)
    has_programme: bool = False


class NotReadyError(DomainError):
    """The call cannot be published yet; ``gaps`` say why (422)."""

    status = 422

    def __init__(self, gaps: Sequence[Gap]) -> None:
        """Say the first gap and keep them all."""
        super().__init__(
            lazy(
                "The call cannot be published yet. %(first)s",
                first=gaps[0].message,
            )
        )
        self.gaps = tuple(gaps)
