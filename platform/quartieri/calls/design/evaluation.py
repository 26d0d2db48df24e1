"""How applications are scored and ranked."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import (
    MOST_NUMBER,
    TITLE_LIMIT,
    Reader,
    Text,
    code_of,
    different,
    one_of,
)
from quartieri.kit.labels import N_, LabelEnum

TIE_FIXED = ("received", "protocol")


class WhenMoneyRunsOut(LabelEnum):
    """What happens when the next project in the ranking does not fit in the money left."""

    STOP = "stop", N_("The list stops there")
    SKIP = "skip", N_("It is skipped; the next one that fits is funded")
    PART = "part", N_("It gets what is left")


@dataclass(frozen=True, slots=True)
class CriterionDesign:
    """One criterion: points from 0 to ``maximum``, counted with ``weight``; None: no minimum.

    A ``maximum`` of 0: not stated yet.
    """

    code: str
    title: Text
    maximum: Decimal = Decimal(0)
    weight: Decimal = Decimal(1)
    minimum: Decimal | None = None
    guidance: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How applications are scored and ranked."""

    criteria: tuple[CriterionDesign, ...] = ()
    minimum_total: Decimal | None = None
    """None: not stated yet; 0: none is asked."""
    sheets: int = 0
    """How many reviewers' sheets each application needs; 0: not stated yet."""
    tie_break: tuple[str, ...] = ()
    """In order: ``criterion:<code>``, ``received``, ``protocol``; the last settles every tie."""
    when_money_runs_out: str | None = None
    """``stop``, ``skip`` or ``part``; None: not stated yet."""
    provisional: bool = False
    """True when a provisional ranking, open to objections, comes before the final one."""

    @property
    def maximum_total(self) -> Decimal:
        """The most points that an application can reach, weights counted."""
        return sum((c.maximum * c.weight for c in self.criteria), Decimal(0))


def read_evaluation(given: Reader) -> Evaluation:
    """Read the rules of evaluation; DesignError names the first fault."""
    criteria = given.items("criteria", _criterion)
    different(given, "criteria", (c.code for c in criteria))
    ties = (*(f"criterion:{c.code}" for c in criteria), *TIE_FIXED)
    tie_break = given.items("tie_break", one_of(ties))
    different(given, "tie_break", tie_break)
    evaluation = Evaluation(
        criteria=criteria,
        minimum_total=given.decimal("minimum_total"),
        sheets=given.whole("sheets", most=MOST_NUMBER) or 0,
        tie_break=tie_break,
        when_money_runs_out=given.choice("when_money_runs_out", WhenMoneyRunsOut),
        provisional=given.flag("provisional"),
    )
    given.done()
    return evaluation


def _criterion(value: Any, pointer: str) -> CriterionDesign:
    given = Reader(value, pointer)
    weight = given.decimal("weight")
    criterion = CriterionDesign(
        code=code_of(given, "code"),
        title=given.text("title", most=TITLE_LIMIT),
        maximum=given.decimal("maximum") or Decimal(0),
        weight=Decimal(1) if weight is None else weight,
        minimum=given.decimal("minimum"),
        guidance=given.text("guidance"),
    )
    given.done()
    return criterion
