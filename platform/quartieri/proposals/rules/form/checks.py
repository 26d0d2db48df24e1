"""What an answer lacks before submission, by the kind of its question."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from quartieri.calls.design import CallDesign, Question, QuestionKind
from quartieri.kit.labels import N_, Lazy, in_language, lazy
from quartieri.kit.money import Money
from quartieri.proposals.rules.form.feeding import (
    budget_problems,
    members_problems,
    partners_problems,
    place_problems,
    sources_problems,
)
from quartieri.proposals.rules.form.values import Cell, cells_of, length, typed
from quartieri.proposals.rules.parts import Draft

K = QuestionKind


@dataclass(frozen=True, slots=True)
class Ask:
    """A question put to a draft, in a language."""

    question: Question
    draft: Draft
    design: CallDesign
    language: str

    @property
    def label(self) -> Lazy:
        """The question's own words, or its key where there are none."""
        return Lazy(in_language(self.question.label, self.language) or self.question.key)


def answer_problems(ask: Ask, value: Any) -> Iterator[Lazy]:
    """List what an answer lacks; ``value`` is the one that ``answer_to`` gives."""
    question = ask.question
    if value in (None, "", [], {}):
        yield from _blank(ask)
        return
    if question.kind.rows:
        yield from _rows(ask, value)
    if question.kind in _CHECKS:
        yield from _CHECKS[question.kind](ask, value)


def _blank(ask: Ask) -> Iterator[Lazy]:
    question = ask.question
    if question.required and question.kind is K.DECLARATION:
        yield lazy("Read and accept: %(question)s", question=ask.label)
    elif question.required and question.asks:
        yield lazy("Answer the question: %(question)s", question=ask.label)
    elif question.kind is K.MEMBERS:
        yield from members_problems((), ask.draft, ask.design)
    elif question.kind is K.PARTNERS:
        yield from partners_problems((), ask.draft, ask.design.eligibility)


def _text(ask: Ask, value: Any) -> Iterator[Lazy]:
    yield from too_long(length(value), ask.question.limit, ask.label)


def too_long(size: int, limit: int, what: Lazy) -> Iterator[Lazy]:
    """Say by how much a text is longer than it may be."""
    if size > limit:
        yield lazy(
            "%(what)s: %(over)s characters more than the %(limit)s allowed.",
            what=what,
            over=size - limit,
            limit=limit,
        )


def _number(ask: Ask, value: Any) -> Iterator[Lazy]:
    if typed(value) is not None:
        yield lazy("%(question)s: write a figure such as 12 or 12,5.", question=ask.label)
        return
    yield from _bounds(ask, Decimal(value))


def _money(ask: Ask, value: Any) -> Iterator[Lazy]:
    if typed(value) is not None:
        yield lazy("%(question)s: write an amount such as 1200 or 1200,50.", question=ask.label)
        return
    yield from _bounds(ask, Decimal(value))


def _bounds(ask: Ask, figure: Decimal) -> Iterator[Lazy]:
    question = ask.question
    if question.least is not None and figure < question.least:
        yield lazy(
            "%(question)s: at least %(least)s.",
            question=ask.label,
            least=_shown(question, question.least),
        )
    if question.most is not None and figure > question.most:
        yield lazy(
            "%(question)s: at most %(most)s.",
            question=ask.label,
            most=_shown(question, question.most),
        )


def _shown(question: Question, figure: Decimal) -> Any:
    if question.kind is K.MONEY:
        return Money(int(figure))
    return int(figure) if figure == figure.to_integral_value() else figure


def _date(ask: Ask, value: Any) -> Iterator[Lazy]:
    question = ask.question
    if typed(value) is not None:
        yield lazy("%(question)s: write a day such as 31/01/2026.", question=ask.label)
        return
    day = date.fromisoformat(value)
    if question.earliest is not None and day < question.earliest:
        yield lazy("%(question)s: not before %(day)s.", question=ask.label, day=question.earliest)
    if question.latest is not None and day > question.latest:
        yield lazy("%(question)s: not after %(day)s.", question=ask.label, day=question.latest)


def _choice(ask: Ask, value: Any) -> Iterator[Lazy]:
    if value not in {o.code for o in ask.question.options}:
        yield _no_choice(ask)


def _choices(ask: Ask, value: Any) -> Iterator[Lazy]:
    if not set(value) <= {o.code for o in ask.question.options}:
        yield _no_choice(ask)
    yield from _bounds(ask, Decimal(len(value)))


def _no_choice(ask: Ask) -> Lazy:
    return lazy("%(question)s: choose one of the answers offered.", question=ask.label)


def _files(ask: Ask, value: Any) -> Iterator[Lazy]:
    yield from _bounds(ask, Decimal(value))


_CHECKS: Mapping[QuestionKind, Callable[[Ask, Any], Iterator[Lazy]]] = {
    K.SHORT_TEXT: _text,
    K.LONG_TEXT: _text,
    K.NUMBER: _number,
    K.MONEY: _money,
    K.DATE: _date,
    K.CHOICE: _choice,
    K.CHOICES: _choices,
    K.FILE: _files,
    K.PLACE: lambda ask, value: place_problems(
        value, ask.draft, ask.design.eligibility, ask.question
    ),
    K.BUDGET: lambda ask, value: budget_problems(
        value, ask.question, ask.design.eligibility, ask.language
    ),
    K.SOURCES: lambda ask, value: sources_problems(
        value, ask.draft, ask.design, ask.question, ask.language
    ),
    K.MEMBERS: lambda ask, value: members_problems(value, ask.draft, ask.design),
    K.PARTNERS: lambda ask, value: partners_problems(value, ask.draft, ask.design.eligibility),
}


# -- rows --------------------------------------------------------------------------------------


def _rows(ask: Ask, value: Any) -> Iterator[Lazy]:
    yield from _bounds(ask, Decimal(len(value)))
    cells = cells_of(ask.question, ask.design.eligibility)
    for n, row in enumerate(value, start=1):
        for cell in cells:
            fault = _cell_fault(cell, row)
            if fault is not None:
                yield lazy(
                    "%(question)s, row %(row)s: %(fault)s",
                    question=ask.label,
                    row=n,
                    fault=lazy(
                        fault,
                        column=Lazy(in_language(cell.text, ask.language) or cell.code)
                        if cell.text is not None
                        else Lazy(cell.label),
                    ),
                )
        if ask.question.kind is K.TIMETABLE and _backwards(row):
            yield lazy(
                "%(question)s, row %(row)s: the end is before the beginning.",
                question=ask.label,
                row=n,
            )


def _cell_fault(cell: Cell, row: Mapping[str, Any]) -> str | None:
    value = row.get(cell.code)
    if value is None:
        return N_("%(column)s is missing.") if cell.needed else None
    if typed(value) is not None:
        return {
            K.DATE: N_("%(column)s is no day such as 31/01/2026."),
            K.MONEY: N_("%(column)s is no amount such as 1200 or 1200,50."),
        }.get(cell.kind, N_("%(column)s is no figure such as 12 or 12,5."))
    long = cell.kind is K.SHORT_TEXT and length(value) > cell.limit
    return N_("%(column)s is too long.") if long else None


def _backwards(row: Mapping[str, Any]) -> bool:
    start, end = row.get("start"), row.get("end")
    return isinstance(start, str) and isinstance(end, str) and end < start
