"""Rows of the fifth step: criteria and groups, stages, lists and quotas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, NumberRange, Optional

from quartieri.calls.design import (
    TITLE_LIMIT,
    Band,
    CriterionDesign,
    Division,
    GroupDesign,
    ImportedResult,
    Part,
    StageDesign,
    Text,
)
from quartieri.calls.forms.base import (
    Boxes,
    ExactField,
    Row,
    both,
    cents_of,
    code_for,
    money_of,
    split,
)
from quartieri.kit.fields import IntegerField, MoneyField

BAND = re.compile(r"^\s*([\d.,]+)(?:\s*[-–]\s*([\d.,]+))?\s*:\s*(.+?)\s*$")
TEXT_LIMIT = 4000
LAST_PLACE = 1000


class BandsField(TextAreaField):
    """Guidance for each score, one line each: ``0-5: weak``; ``bands`` once it is checked."""

    bands: tuple[tuple[Decimal, Decimal, str], ...] = ()

    def pre_validate(self, _form: Any) -> None:
        """Read the lines."""
        found = []
        for line in filter(str.strip, (self.data or "").splitlines()):
            match = BAND.match(line)
            if match is None:
                raise ValidationError(_("Write each line such as 0-5: weak, or 6: enough."))
            low, high = (
                Decimal(p.replace(",", ".")) if re.fullmatch(r"\d+([.,]\d+)?", p) else None
                for p in (match[1], match[2] or match[1])
            )
            if low is None or high is None or high < low:
                raise ValidationError(_("Write each line such as 0-5: weak, or 6: enough."))
            found.append((low, high, match[3]))
        self.bands = tuple(found)


def bands_of(it: BandsField, en: BandsField) -> tuple[Band, ...]:
    """Join the guidance of both languages by its points."""
    texts: dict[tuple[Decimal, Decimal], dict[str, str]] = {}
    for language, field in (("it", it), ("en", en)):
        for low, high, text in field.bands:
            texts.setdefault((low, high), {})[language] = text
    return tuple(Band(low, high, texts[low, high]) for low, high in sorted(texts))


def lines_of(bands: Iterable[Band], language: str) -> str:
    """Write the guidance of a language as it is typed."""
    return "\n".join(
        f"{_plain(b.low)}-{_plain(b.high)}: {b.text[language]}"
        for b in bands
        if b.text.get(language)
    )


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


class Titled(Row):
    """A row with a title in both languages; without one it is left out."""

    code = HiddenField()
    order = IntegerField(_l("Place in the list (1: the first)"), [Optional(), NumberRange(1, 999)])
    title_it = StringField(_l("Title, in Italian"), [Length(max=TITLE_LIMIT)])
    title_en = StringField(_l("Title, in English"), [Length(max=TITLE_LIMIT)])

    @property
    def title(self) -> Text:
        """The title; empty when the row is left out."""
        return both(self.title_it, self.title_en)


class CriterionRow(Titled):
    """One criterion."""

    title_it = StringField(_l("Criterion, in Italian"), [Length(max=TITLE_LIMIT)])
    title_en = StringField(_l("Criterion, in English"), [Length(max=TITLE_LIMIT)])
    maximum = ExactField(_l("Points, at most"))
    weight = ExactField(_l("Weight (empty: 1)"))
    minimum = ExactField(_l("Points, at least (empty: none asked)"))
    group = SelectField(_l("Group"), validate_choice=False)
    result = SelectField(_l("Where its points come from"), validate_choice=False)
    step = ExactField(_l("Points go by (empty: two decimals)"))
    guidance_it = TextAreaField(_l("Guidance for reviewers, in Italian"), [Length(max=2000)])
    guidance_en = TextAreaField(_l("Guidance for reviewers, in English"), [Length(max=2000)])
    bands_it = BandsField(_l("What each score stands for, in Italian"), [Length(max=TEXT_LIMIT)])
    bands_en = BandsField(_l("What each score stands for, in English"), [Length(max=TEXT_LIMIT)])

    @staticmethod
    def data_of(criterion: CriterionDesign) -> dict[str, Any]:
        """Give what the row shows."""
        return {
            "code": criterion.code,
            **split(criterion.title, "title"),
            "maximum": criterion.maximum or None,
            "weight": criterion.weight,
            "minimum": criterion.minimum,
            "group": criterion.group,
            "result": criterion.result or "",
            "step": criterion.step,
            **split(criterion.guidance, "guidance"),
            "bands_it": lines_of(criterion.bands, "it"),
            "bands_en": lines_of(criterion.bands, "en"),
        }

    def read(self, code: str, groups: set[str]) -> CriterionDesign:
        """Give the criterion."""
        return CriterionDesign(
            code=code,
            title=self.title,
            maximum=self.maximum.data or Decimal(0),
            weight=Decimal(1) if self.weight.data is None else self.weight.data,
            minimum=self.minimum.data,
            guidance=both(self.guidance_it, self.guidance_en),
            group=self.group.data if self.group.data in groups else "",
            step=self.step.data or None,
            bands=bands_of(self.bands_it, self.bands_en),
            result=self.result.data if self.result.data in set(ImportedResult) else None,
        )


class GroupRow(Titled):
    """One group of criteria."""

    minimum = ExactField(_l("Points together, at least (empty: none asked)"))
    gate = BooleanField(_l("It is a gate: below it the other criteria do not count"))

    @staticmethod
    def data_of(group: GroupDesign) -> dict[str, Any]:
        """Give what the row shows."""
        return {
            "code": group.code,
            **split(group.title, "title"),
            "minimum": group.minimum,
            "gate": group.gate,
        }


class StageRow(Titled):
    """One stage."""

    criteria = Boxes(_l("Criteria (none ticked: all)"), validate_choice=False)
    minimum_total = ExactField(_l("Lowest total score (empty: none asked)"))
    sheets = IntegerField(
        _l("Reviewers for each application (empty: as the call says)"),
        [Optional(), NumberRange(1, 30)],
    )
    admitted = IntegerField(
        _l("How many go on to the next stage (empty: all that reach the minimums)"),
        [Optional(), NumberRange(0, 10_000)],
    )

    @staticmethod
    def data_of(stage: StageDesign) -> dict[str, Any]:
        """Give what the row shows."""
        return {
            "code": stage.code,
            **split(stage.title, "title"),
            "criteria": list(stage.criteria),
            "minimum_total": stage.minimum_total,
            "sheets": stage.sheets or None,
            "admitted": stage.admitted,
        }

    def read(self, code: str, criteria: set[str]) -> StageDesign:
        """Give the stage."""
        return StageDesign(
            code=code,
            title=self.title,
            criteria=tuple(c for c in self.criteria.data or () if c in criteria),
            minimum_total=self.minimum_total.data,
            sheets=self.sheets.data or 0,
            admitted=self.admitted.data,
        )


class PartRow(Titled):
    """One list or quota."""

    values = StringField(
        _l("Codes of areas or answers, with commas (empty: all others)"), [Length(max=2000)]
    )
    from_amount = MoneyField(_l("Cost from (included)"))
    to_amount = MoneyField(_l("Cost to (included)"))
    places = IntegerField(_l("Places (empty: no limit)"), [Optional(), NumberRange(0, 10_000)])
    endowment = MoneyField(_l("Money of its own (empty: it shares the whole)"))
    flat = MoneyField(_l("Flat sum for each (empty: by the money rule)"))
    admitted = IntegerField(
        _l("How many of it go on to the next stage (empty: no limit)"),
        [Optional(), NumberRange(0, 10_000)],
    )

    @staticmethod
    def data_of(part: Part) -> dict[str, Any]:
        """Give what the row shows."""
        return {
            "code": part.code,
            **split(part.title, "title"),
            "values": ", ".join(part.values),
            "from_amount": money_of(part.from_cents),
            "to_amount": money_of(part.to_cents),
            "places": part.places,
            "endowment": money_of(part.endowment_cents),
            "flat": money_of(part.flat_cents),
            "admitted": part.admitted,
        }

    def read(self, code: str) -> Part:
        """Give the list or quota."""
        values = (v.strip() for v in (self.values.data or "").split(","))
        return Part(
            code=code,
            title=self.title,
            values=tuple(dict.fromkeys(v for v in values if v)),
            from_cents=cents_of(self.from_amount.data),
            to_cents=cents_of(self.to_amount.data),
            places=self.places.data,
            endowment_cents=cents_of(self.endowment.data),
            flat_cents=cents_of(self.flat.data),
            admitted=self.admitted.data,
        )


def ordered(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the data of rows with the place of each."""
    return [row | {"order": place} for place, row in enumerate(rows, 1)]


def titled(rows: Iterable[Any], known: set[str], fallback: str) -> Iterator[tuple[Any, str]]:
    """Give the rows that have a title, each with its code: the one it had, or a new one.

    They stand by the places that were typed: one that was moved goes before or after whoever held
    its new place; a row without a place comes last.
    """
    drawn = [(row.form.order.data or LAST_PLACE, n, row.form) for n, row in enumerate(rows, 1)]
    drawn.sort(key=lambda one: (one[0], (one[0] > one[1]) - (one[0] < one[1])))
    forms = [row for _place, _n, row in drawn]
    taken = {row.code.data for row in forms if row.code.data}
    for row in forms:
        title = row.title
        if title:
            kept = row.code.data if row.code.data in known else ""
            yield row, kept or code_for(title.get("it") or title["en"], taken, fallback)


def division(by: str, question: str, rows: Iterable[Any], before: Division) -> Division:
    """Give lists or quotas from their rows; none without what they go by."""
    known = {p.code for p in before.parts}
    parts = tuple(row.read(code) for row, code in titled(rows, known, "list"))
    return Division(by or None, question.strip() if by == "question" else "", parts)
