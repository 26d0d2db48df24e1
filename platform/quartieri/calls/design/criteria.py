"""What applications are scored on: criteria in groups, with guidance for each score."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import TITLE_LIMIT, Reader, Text, code_of
from quartieri.calls.design.scoring import ImportedResult
from quartieri.kit.labels import lazy


@dataclass(frozen=True, slots=True)
class Band:
    """What points from ``low`` to ``high``, both included, stand for."""

    low: Decimal
    high: Decimal
    text: Text = field(default_factory=dict)


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
    group: str = ""
    """The code of the group that it is a sub-criterion of; empty: of none."""
    step: Decimal | None = None
    """Points go by this step (0.5: 7 or 7.5); None: two decimals."""
    bands: tuple[Band, ...] = ()
    result: str | None = None
    """A code of :class:`ImportedResult`; None: the commission scores it."""


@dataclass(frozen=True, slots=True)
class GroupDesign:
    """A criterion with sub-criteria: its title, and the least that they need together.

    With ``gate``, below that minimum the other criteria do not count.
    """

    code: str
    title: Text
    minimum: Decimal | None = None
    gate: bool = False


def read_criterion(value: Any, pointer: str) -> CriterionDesign:
    """Read one criterion."""
    given = Reader(value, pointer)
    weight = given.decimal("weight")
    criterion = CriterionDesign(
        code=code_of(given, "code"),
        title=given.text("title", most=TITLE_LIMIT),
        maximum=given.decimal("maximum") or Decimal(0),
        weight=Decimal(1) if weight is None else weight,
        minimum=given.decimal("minimum"),
        guidance=given.text("guidance"),
        group=given.string("group"),
        step=given.decimal("step"),
        bands=given.items("bands", _band),
        result=given.choice("result", ImportedResult),
    )
    if criterion.step == 0:
        given.contradict("step", lazy("must be more than 0"))
    given.done()
    return criterion


def _band(value: Any, pointer: str) -> Band:
    given = Reader(value, pointer)
    low, high = given.decimal("low"), given.decimal("high")
    if low is None:
        given.refuse("low", lazy("is missing"))
    if high is None:
        given.refuse("high", lazy("is missing"))
    if high < low:
        given.contradict("high", lazy("must be a score from the lowest one up"))
    band = Band(low, high, given.text("text"))
    given.done()
    return band


def read_group(value: Any, pointer: str) -> GroupDesign:
    """Read one group of criteria."""
    given = Reader(value, pointer)
    group = GroupDesign(
        code=code_of(given, "code"),
        title=given.text("title", most=TITLE_LIMIT),
        minimum=given.decimal("minimum"),
        gate=given.flag("gate"),
    )
    given.done()
    return group
