"""What an invented applicant answers: to each question of a call something that it accepts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from quartieri.calls.design import CallDesign, MemberDatum, Question, QuestionKind
from quartieri.kit.money import share_floor
from quartieri.people.rules import OrganisationKind

K = QuestionKind
TEXT = "Risposta inventata per provare il bando."
TAX_CODE = "RSSMRA90A31F205X"
ONE_DAY = timedelta(days=1)


def answers_to(design: CallDesign, members: Sequence[str], today: date) -> dict[str, Any]:
    """Answer a call's questions, by key, as ``proposals.rules.form.values`` keeps answers.

    Place, cost and money are written apart, and so are people of whom only the name is asked;
    files are attached.
    """
    found: dict[str, Any] = {}
    for question in design.form.questions:
        if question.kind is K.MEMBERS and design.eligibility.member_data:
            found[question.key] = [_member(name, n, design) for n, name in enumerate(members)]
        elif question.kind is K.PARTNERS and design.eligibility.partners:
            found[question.key] = _partners(design)
        elif question.asks and not question.kind.single:
            found[question.key] = _answer(question, today)
    return {key: value for key, value in found.items() if value is not None}


def budget_of(design: CallDesign, cost: int) -> tuple[tuple[str, int, str], ...]:
    """Split a cost (cents) into lines: two, or one a category within the ceilings of each.

    What no ceiling lets in stands in the last category, and the form will say so.
    """
    question = next((q for q in design.form.questions if q.kind is K.BUDGET), None)
    options = question.options if question is not None else ()
    if not options:
        half = cost // 2
        return (
            (("Attrezzature", half, ""), ("Persone", cost - half, ""))
            if half
            else (("Tutto", cost, ""),)
        )
    left, lines = cost, []
    for n, option in enumerate(options):
        tops = [left] if option.ceiling_cents is None else [left, option.ceiling_cents]
        if option.ceiling_share is not None:
            tops.append(share_floor(cost, option.ceiling_share))
        part = left if n == len(options) - 1 else min(tops)
        left -= part
        if part:
            lines.append((TEXT, part, option.code))
    return tuple(lines)


def _member(name: str, number: int, design: CallDesign) -> dict[str, str]:
    data = {
        MemberDatum.BORN_ON: "1990-01-31",
        MemberDatum.TAX_CODE: TAX_CODE,
        MemberDatum.RESIDENCE: f"via Inventata {number + 1}",
        MemberDatum.CONTACT: f"componente{number + 1}@rehearsal.invalid",
    }
    asked = {datum.value: data[datum] for datum in design.eligibility.member_data}
    return {"name": name, **asked}


def _partners(design: CallDesign) -> list[dict[str, str]]:
    rows = []
    for rule in design.eligibility.partners:
        kind = next(iter(rule.kinds), OrganisationKind.ASSOCIATION)
        rows += [
            {"name": f"Partner {kind.value} {n + 1}", "kind": kind.value, "role": TEXT}
            for n in range(rule.least)
        ]
    return rows


def _answer(question: Question, today: date) -> Any:
    day = min(max(question.earliest or today, today), question.latest or date.max)
    codes = [option.code for option in question.options]
    rows = max(int(question.least or 1), 1)
    by_kind: Mapping[QuestionKind, Any] = {
        K.SHORT_TEXT: TEXT[: question.limit],
        K.LONG_TEXT: TEXT[: question.limit],
        K.NUMBER: _figure(question),
        K.MONEY: int(question.least or question.most or 100_00),
        K.DATE: day.isoformat(),
        K.CHOICE: next(iter(codes), None),
        K.CHOICES: codes[:rows] or None,
        K.YES_NO: True,
        K.DECLARATION: True,
        K.TABLE: [_row(question, today) for _row_number in range(rows)],
        K.TIMETABLE: [
            {"what": TEXT, "start": today.isoformat(), "end": (today + ONE_DAY).isoformat()}
            for _row_number in range(rows)
        ],
        K.INDICATORS: [
            {"what": TEXT, "unit": "persone", "baseline": "0", "target": "100"}
            for _row_number in range(rows)
        ],
    }
    return by_kind.get(question.kind)


def _figure(question: Question) -> str:
    return format(question.least or question.most or 1, "f")


def _row(question: Question, today: date) -> dict[str, Any]:
    cells = {K.NUMBER: "1", K.MONEY: 100_00, K.DATE: today.isoformat()}
    return {column.code: cells.get(column.kind, TEXT) for column in question.columns}
