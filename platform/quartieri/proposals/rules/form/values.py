"""Answers as plain JSON values, by the kind of their question.

A text is a string; a figure its digits as a string; money whole cents; a day ``2026-01-31``; a
choice its code, several a list of codes; yes and no ``true`` and ``false``; rows a list of objects
by column; a place ``{"place", "area", "months"}``; sources ``{"own": {code: cents}, "requested",
"crowd"}``. What could not be read is kept as it was typed: ``{"typed": "about ten"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from quartieri.calls.design import (
    MOST_ROWS,
    SHORT_LIMIT,
    Eligibility,
    MemberDatum,
    Question,
    QuestionKind,
    Text,
    Value,
)
from quartieri.kit.figures import figure_text, parse_figure
from quartieri.kit.labels import N_
from quartieri.kit.money import CENTS_PER_UNIT

K = QuestionKind
TYPED = "typed"
OWN = "own"
"""The code of the applicant's own money in a call that names no sources."""
MOST_MONTHS = 1000
NAME_LIMIT = 200
TAX_CODE_LIMIT = 16


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of an answer in rows; ``label`` is a message id, ``text`` the call's own words."""

    code: str
    kind: QuestionKind = QuestionKind.SHORT_TEXT
    limit: int = SHORT_LIMIT
    label: str = ""
    text: Text | None = None
    needed: bool = False
    """True when a row without it is not complete."""


_MEMBER_DATA: Mapping[MemberDatum, Cell] = {
    MemberDatum.BORN_ON: Cell("born_on", K.DATE, label=MemberDatum.BORN_ON.label, needed=True),
    MemberDatum.TAX_CODE: Cell(
        "tax_code", limit=TAX_CODE_LIMIT, label=MemberDatum.TAX_CODE.label, needed=True
    ),
    MemberDatum.RESIDENCE: Cell("residence", label=MemberDatum.RESIDENCE.label, needed=True),
    MemberDatum.CONTACT: Cell("contact", label=MemberDatum.CONTACT.label, needed=True),
}
_ROLE = Cell("role", label=N_("What they do in the project"))
_FIXED_CELLS: Mapping[QuestionKind, tuple[Cell, ...]] = {
    K.BUDGET: (
        Cell("category", K.CHOICE, label=N_("Category"), needed=True),
        Cell("what", label=N_("What for"), needed=True),
        Cell("amount", K.MONEY, label=N_("Amount"), needed=True),
    ),
    K.MEMBERS: (
        Cell("name", limit=NAME_LIMIT, label=N_("Name and surname"), needed=True),
        _ROLE,
    ),
    K.PARTNERS: (
        Cell("name", limit=NAME_LIMIT, label=N_("Organisation"), needed=True),
        Cell("kind", K.CHOICE, label=N_("What is it?"), needed=True),
        Cell("tax_code", limit=TAX_CODE_LIMIT, label=N_("Tax code")),
        _ROLE,
    ),
    K.TIMETABLE: (
        Cell("what", label=N_("Activity"), needed=True),
        Cell("start", K.DATE, label=N_("From"), needed=True),
        Cell("end", K.DATE, label=N_("To"), needed=True),
    ),
    K.INDICATORS: (
        Cell("what", label=N_("What is measured"), needed=True),
        Cell("unit", limit=60, label=N_("Unit")),
        Cell("baseline", K.NUMBER, label=N_("Today")),
        Cell("target", K.NUMBER, label=N_("Target"), needed=True),
    ),
}


def cells_of(question: Question, eligibility: Eligibility) -> tuple[Cell, ...]:
    """Give the columns of a question that is answered in rows."""
    found = _FIXED_CELLS.get(question.kind, ())
    if question.kind is K.TABLE:
        found = tuple(Cell(c.code, c.kind, text=c.label) for c in question.columns)
    elif question.kind is K.BUDGET and not question.options:
        found = found[1:]
    elif question.kind is K.MEMBERS:
        data = (_MEMBER_DATA[datum] for datum in eligibility.member_data)
        found = (found[0], *data, *found[1:])
    return found


# -- from what was typed -----------------------------------------------------------------------


def tidy(text: str | None) -> str:
    """Take the spaces off a text's ends and NULs out; a line's end is one character."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return plain.strip()


def length(text: str) -> int:
    """Count characters as browsers do for ``maxlength``: UTF-16 units, a line's end is one."""
    return len(tidy(text).encode("utf-16-le")) // 2


def typed(value: Any) -> str | None:
    """Give what was typed where it could not be read, None for a value that was."""
    return str(value[TYPED]) if isinstance(value, Mapping) and TYPED in value else None


def read_answer(question: Question, eligibility: Eligibility, raw: Any) -> Any:
    """Give the value of what a page sent; None: not answered. Never refuses anything."""
    kind = question.kind
    found: Any
    if kind.rows:
        cells = cells_of(question, eligibility)
        found = [_row(cells, row) for row in raw or ()][:MOST_ROWS]
        found = [row for row in found if row] or None
    elif kind is K.PLACE:
        place = {"place": _line(raw.get("place")), "area": _line(raw.get("area"))}
        found = _filled(place | {"months": _months(raw.get("months"))})
    elif kind is K.SOURCES:
        own = {code: read_cell(K.MONEY, text) for code, text in raw.get("own", {}).items()}
        asked = {name: read_cell(K.MONEY, raw.get(name)) for name in ("requested", "crowd")}
        found = _filled({"own": _filled(own), **asked})
    elif kind is K.CHOICES:
        sent = set(raw or ())
        known = [o.code for o in question.options if o.code in sent]
        found = [*known, *sorted(sent - set(known))] or None
    elif kind is K.YES_NO:
        found = {"yes": True, "no": False}.get(raw or "")
    elif kind is K.DECLARATION:
        found = True if raw else None
    else:
        found = read_cell(kind, raw)
    return found


def read_cell(kind: QuestionKind, raw: Any) -> Any:
    """Give the value of one field; None: nothing was typed."""
    text = tidy(raw) if kind is K.LONG_TEXT else _line(raw)
    if not text:
        return None
    found: Any = text
    if kind in {K.NUMBER, K.MONEY}:
        try:
            figure = parse_figure(text)
        except ValueError:
            return {TYPED: text}
        found = int(figure * CENTS_PER_UNIT) if kind is K.MONEY else _digits(figure)
    elif kind is K.DATE:
        day = _day(text)
        found = {TYPED: text} if day is None else day.isoformat()
    return found


def _line(raw: Any) -> str:
    """Give a text on one line, as a browser's one-line field sends it."""
    return tidy(raw).replace("\n", " ")


def _digits(figure: Decimal) -> str:
    text = f"{figure:.2f}"
    return text.rstrip("0").rstrip(".")


def _day(text: str) -> date | None:
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
    return None


def _months(raw: Any) -> Any:
    text = tidy(raw)
    if not text:
        return None
    whole = text.isascii() and text.isdigit() and int(text) <= MOST_MONTHS
    return int(text) if whole else {TYPED: text}


def _row(cells: tuple[Cell, ...], raw: Mapping[str, Any]) -> dict[str, Any] | None:
    return _filled({cell.code: read_cell(cell.kind, raw.get(cell.code)) for cell in cells})


def _filled(value: dict[str, Any]) -> dict[str, Any] | None:
    """Take out what is empty; None when all is."""
    return {key: item for key, item in value.items() if item not in (None, "")} or None


# -- back to what a page shows -----------------------------------------------------------------


def raw_answer(question: Question, value: Any, language: str) -> Any:
    """Give a value as its page's fields show it; read again it is the same value."""
    kind = question.kind
    found: Any
    if kind.rows:
        found = [
            {
                code: raw_cell(_cell_kind(question, code), cell, language)
                for code, cell in row.items()
            }
            for row in value or ()
        ]
    elif kind is K.PLACE:
        place = value or {}
        found = {**place, "months": raw_cell(K.SHORT_TEXT, place.get("months"), language)}
    elif kind is K.SOURCES:
        given = value or {}
        own = {c: raw_cell(K.MONEY, cents, language) for c, cents in given.get("own", {}).items()}
        asked = {n: raw_cell(K.MONEY, given.get(n), language) for n in ("requested", "crowd")}
        found = {"own": own, **asked}
    elif kind is K.CHOICES:
        found = list(value or ())
    elif kind is K.YES_NO:
        found = {True: "yes", False: "no"}.get(value, "")
    elif kind is K.DECLARATION:
        found = bool(value)
    else:
        found = raw_cell(kind, value, language)
    return found


def _cell_kind(question: Question, code: str) -> QuestionKind:
    known = {c.code: c.kind for c in question.columns} if question.kind is K.TABLE else _KINDS
    return known.get(code, K.SHORT_TEXT)


_KINDS: Mapping[str, QuestionKind] = {
    cell.code: cell.kind
    for cells in (*_FIXED_CELLS.values(), tuple(_MEMBER_DATA.values()))
    for cell in cells
}


def raw_cell(kind: QuestionKind, value: Any, language: str) -> str:
    """Give one value as its field shows it."""
    if value is None:
        return ""
    as_typed = typed(value)
    if as_typed is not None:
        return as_typed
    if kind is K.MONEY:
        return figure_text(Decimal(value) / CENTS_PER_UNIT, language)
    if kind is K.NUMBER:
        return figure_text(Decimal(value), language)
    return str(value)


# -- what conditions see -----------------------------------------------------------------------


def seen_by_conditions(question: Question, value: Any) -> Value | None:
    """Give an answer as conditions test it; None for nothing, or for what could not be read."""
    kind = question.kind
    found: Value | None
    if value in (None, "", [], {}) or typed(value) is not None:
        found = None
    elif kind in {K.NUMBER, K.MONEY, K.FILE}:
        found = Decimal(value)
    elif kind.rows:
        found = Decimal(cost_of(value) if kind is K.BUDGET else len(value))
    elif kind is K.CHOICES:
        found = tuple(value)
    elif kind in {K.PLACE, K.SOURCES, K.YES_NO, K.DECLARATION}:
        found = bool(value) if kind in {K.YES_NO, K.DECLARATION} else True
    else:
        found = str(value)
    return found


def cost_of(rows: Any) -> int:
    """Sum up the readable amounts of a budget, in cents."""
    amounts = (row.get("amount") for row in rows or ())
    return sum(amount for amount in amounts if isinstance(amount, int))
