"""Dividing applications by area, cost or answer: into lists, or under quotas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quartieri.calls.design.reading import (
    MOST_NUMBER,
    TITLE_LIMIT,
    Reader,
    Text,
    code_of,
    different,
    word,
)
from quartieri.kit.labels import N_, LabelEnum


class DividedBy(LabelEnum):
    """What decides where an application belongs."""

    AREA = "area", N_("The area of the project")
    COST = "cost", N_("The cost of the project")
    QUESTION = "question", N_("The answer to a question")


@dataclass(frozen=True, slots=True)
class Part:
    """One list or quota.

    ``values``: codes of areas, or of answers; none: whatever no other part takes. By cost, both
    ends are included, None is no end. ``places`` and ``endowment_cents``: None, no limit (a list
    without money of its own shares what the others leave). ``flat_cents``: what each gets.
    """

    code: str
    title: Text = field(default_factory=dict)
    values: tuple[str, ...] = ()
    from_cents: int | None = None
    to_cents: int | None = None
    places: int | None = None
    endowment_cents: int | None = None
    flat_cents: int | None = None
    admitted: int | None = None
    """How many of it go on to the next stage, in each stage before the last; None: no limit."""


@dataclass(frozen=True, slots=True)
class Division:
    """How applications are divided; ``by`` None: they are not."""

    by: str | None = None
    question: str = ""
    """The key of the question that decides."""
    parts: tuple[Part, ...] = ()

    @property
    def admits(self) -> bool:
        """True where it holds in the stages before the last, too."""
        return self.by is not None and any(p.admitted is not None for p in self.parts)

    def part_of(
        self, *, area: str | None, cost_cents: int, answers: Mapping[str, Any]
    ) -> str | None:
        """Give the code of the part that an application belongs to: the first that takes it."""
        if self.by == DividedBy.COST:
            return next((p.code for p in self.parts if _holds(p, cost_cents)), None)
        if self.by is None:
            return None
        value = area if self.by == DividedBy.AREA else answers.get(self.question)
        named = (p.code for p in self.parts if value is not None and value in p.values)
        others = (p.code for p in self.parts if not p.values)
        return next(named, None) or next(others, None)


def _holds(part: Part, cents: int) -> bool:
    above = part.from_cents is None or cents >= part.from_cents
    return above and (part.to_cents is None or cents <= part.to_cents)


def read_division(given: Reader) -> Division:
    """Read lists or quotas; DesignError names the first fault."""
    division = Division(
        by=given.choice("by", DividedBy),
        question=given.string("question"),
        parts=given.items("parts", _part),
    )
    different(given, "parts", (p.code for p in division.parts))
    given.done()
    return division


def _part(value: Any, pointer: str) -> Part:
    given = Reader(value, pointer)
    part = Part(
        code=code_of(given, "code"),
        title=given.text("title", most=TITLE_LIMIT),
        values=given.items("values", word),
        from_cents=given.whole("from_cents"),
        to_cents=given.whole("to_cents"),
        places=given.whole("places", most=MOST_NUMBER),
        endowment_cents=given.whole("endowment_cents"),
        flat_cents=given.whole("flat_cents"),
        admitted=given.whole("admitted", most=MOST_NUMBER),
    )
    given.done()
    return part
