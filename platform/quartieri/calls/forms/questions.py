"""One question, and one section, of the application form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional

from quartieri.calls.design import (
    CELL_KINDS,
    MOST_FILES,
    MOST_LIMIT,
    MOST_MEGABYTES,
    MOST_ROWS,
    SHORT_LIMIT,
    CallDesign,
    Column,
    FileKind,
    FormSection,
    Option,
    Question,
    QuestionKind,
)
from quartieri.calls.forms.base import (
    Boxes,
    ExactField,
    Row,
    ShareField,
    both,
    cents_of,
    code_for,
    money_of,
    spare,
    split,
)
from quartieri.calls.forms.conditions import ConditionForm
from quartieri.kit.fields import Form, IntegerField, MoneyField, Needed
from quartieri.kit.money import Money

K = QuestionKind
FLAGS = ("personal", "public", "blind", "unlockable")
WITH_OPTIONS = frozenset({K.CHOICE, K.CHOICES, K.BUDGET, K.SOURCES})
WITH_CEILINGS = frozenset({K.BUDGET})
COUNTED = frozenset({K.CHOICES, K.FILE}) | frozenset(k for k in K if k.rows)
"""Kinds whose least and most count choices, files or rows."""


class AddQuestionForm(Form):
    """What a new question asks, of which kind, in which section."""

    version = HiddenField()
    label = StringField(_l("What do you ask?"), [Needed(), Length(max=300)])
    kind = SelectField(_l("Kind of answer"))
    section = SelectField(_l("Section"))

    def offer(self, sections: Sequence[tuple[str, str]]) -> None:
        """Fill in the choices."""
        self.kind.choices = [(k.value, _(k.label)) for k in QuestionKind]
        self.section.choices = list(sections)


class AddSectionForm(Form):
    """What a new section is called."""

    version = HiddenField()
    title = StringField(_l("Title of the section"), [Needed(), Length(max=200)])


class OptionRow(Row):
    """One choice, one category of cost or one source."""

    code = HiddenField()
    label_it = StringField(_l("In Italian"), [Length(max=200)])
    label_en = StringField(_l("In English"), [Length(max=200)])
    ceiling_share = ShareField(_l("At most, of the whole cost (%)"))
    ceiling = MoneyField(_l("At most (amount)"))


class ColumnRow(Row):
    """One column of a table."""

    code = HiddenField()
    label_it = StringField(_l("In Italian"), [Length(max=200)])
    label_en = StringField(_l("In English"), [Length(max=200)])
    kind = SelectField(_l("Kind of answer"))

    def is_blank(self) -> bool:
        """Tell whether it has no name."""
        return not self.label_it.data and not self.label_en.data


class QuestionForm(ConditionForm):
    """All that a question may have; the page shows what its kind uses."""

    kind = SelectField(_l("Kind of answer"))
    section = SelectField(_l("Section"))
    label_it = StringField(_l("Question, in Italian"), [Length(max=300)])
    label_en = StringField(_l("Question, in English"), [Length(max=300)])
    help_it = TextAreaField(_l("Help, in Italian"), [Length(max=2000)])
    help_en = TextAreaField(_l("Help, in English"), [Length(max=2000)])
    required = BooleanField(_l("An answer is required"))
    limit = IntegerField(
        _l("Characters of the answer, at most"), [Optional(), NumberRange(1, MOST_LIMIT)]
    )
    least_number = ExactField(_l("At least"))
    most_number = ExactField(_l("At most"))
    least_money = MoneyField(_l("At least"))
    most_money = MoneyField(_l("At most"))
    least_count = IntegerField(_l("How many, at least"), [Optional(), NumberRange(0, MOST_ROWS)])
    most_count = IntegerField(_l("How many, at most"), [Optional(), NumberRange(1, MOST_ROWS)])
    earliest = DateField(_l("Not before"), [Optional()])
    latest = DateField(_l("Not after"), [Optional()])
    options = FieldList(FormField(OptionRow), label=_l("Choices"))
    columns = FieldList(FormField(ColumnRow), label=_l("Columns"))
    file_kinds = Boxes(_l("Kinds of file (none ticked: all)"))
    file_megabytes = IntegerField(
        _l("Size of a file, at most (MB)"), [Optional(), NumberRange(1, MOST_MEGABYTES)]
    )
    personal = BooleanField(_l("Contains personal data: never public, left out of exports"))
    public = BooleanField(_l("Public on the project's page once it is selected"))
    blind = BooleanField(_l("Hidden from reviewers"))
    unlockable = BooleanField(_l("May be answered anew when papers are completed"))

    def offer(self, design: CallDesign, key: str, sections: Sequence[tuple[str, str]]) -> None:
        """Fill in the choices; conditions ask of all other questions."""
        self.kind.choices = [(k.value, _(k.label)) for k in QuestionKind]
        self.section.choices = list(sections)
        self.file_kinds.choices = [(k.value, _(k.label)) for k in FileKind]
        for row in self.columns:
            row.form.kind.choices = [(k.value, _(k.label)) for k in CELL_KINDS]
        self.offer_questions([q for q in design.questions if q.key != key])

    @classmethod
    def data_of(cls, question: Question, known: Mapping[str, Question]) -> dict[str, Any]:
        """Give what the form shows of a question."""
        q = question
        counted = q.kind in COUNTED
        return {
            "kind": q.kind.value,
            "section": q.section,
            **split(q.label, "label"),
            **split(q.help, "help"),
            "required": q.required,
            "limit": min(q.limit, SHORT_LIMIT) if q.kind is K.SHORT_TEXT else q.limit,
            "least_number": q.least if q.kind is K.NUMBER else None,
            "most_number": q.most if q.kind is K.NUMBER else None,
            "least_money": _money(q.least) if q.kind is K.MONEY else None,
            "most_money": _money(q.most) if q.kind is K.MONEY else None,
            "least_count": int(q.least) if counted and q.least is not None else None,
            "most_count": int(q.most) if counted and q.most is not None else None,
            "earliest": q.earliest,
            "latest": q.latest,
            "options": spare(_option_data(o) for o in q.options),
            "columns": spare(
                {"code": c.code, **split(c.label, "label"), "kind": c.kind.value} for c in q.columns
            ),
            "file_kinds": [k.value for k in q.file_kinds],
            "file_megabytes": q.file_megabytes,
            **{name: getattr(q, name) for name in FLAGS},
            **cls.condition_data(q.shown_if, known),
        }

    def apply_to(self, question: Question) -> Question:
        """Give the question with what was typed; raise InvalidError.

        What a kind does not use is dropped.
        """
        kind = QuestionKind(self.kind.data)
        least, most = self._bounds(kind)
        changed = replace(
            question,
            kind=kind,
            section=self.section.data,
            label=both(self.label_it, self.label_en),
            help=both(self.help_it, self.help_en),
            required=self.required.data and kind is not K.HEADING,
            limit=(self.limit.data or question.limit) if kind.text else question.limit,
            least=least,
            most=most,
            earliest=self.earliest.data if kind is K.DATE else None,
            latest=self.latest.data if kind is K.DATE else None,
            options=self._options(question) if kind in WITH_OPTIONS else (),
            columns=self._columns(question) if kind is K.TABLE else (),
            file_kinds=self._file_kinds() if kind is K.FILE else (),
            file_megabytes=self.file_megabytes.data if kind is K.FILE else None,
            shown_if=self.condition(),
            personal=self.personal.data,
            public=self.public.data and not self.personal.data,
            blind=self.blind.data,
            unlockable=self.unlockable.data,
        )
        if kind is K.SHORT_TEXT:
            changed = replace(changed, limit=min(changed.limit, SHORT_LIMIT))
        return changed

    def _bounds(self, kind: QuestionKind) -> tuple[Decimal | None, Decimal | None]:
        if kind is K.NUMBER:
            return self.least_number.data, self.most_number.data
        if kind is K.MONEY:
            return _cents(self.least_money.data), _cents(self.most_money.data)
        if kind in COUNTED:
            most = self.most_count.data
            if kind is K.FILE and most is not None:
                most = min(most, MOST_FILES)
            return _whole(self.least_count.data), _whole(most)
        return None, None

    def _file_kinds(self) -> tuple[FileKind, ...]:
        return tuple(k for k in FileKind if k.value in (self.file_kinds.data or ()))

    def _options(self, question: Question) -> tuple[Option, ...]:
        known = {o.code for o in question.options}
        rows = [r.form for r in self.options]
        taken = {r.code.data for r in rows if r.code.data in known}
        capped = QuestionKind(self.kind.data) in WITH_CEILINGS
        found = []
        for row in rows:
            label = both(row.label_it, row.label_en)
            if not label:
                continue
            kept = row.code.data if row.code.data in known else ""
            found.append(
                Option(
                    code=kept or code_for(label.get("it") or label["en"], taken, "choice"),
                    label=label,
                    ceiling_share=row.ceiling_share.data if capped else None,
                    ceiling_cents=cents_of(row.ceiling.data) if capped else None,
                )
            )
        return tuple(found)

    def _columns(self, question: Question) -> tuple[Column, ...]:
        known = {c.code for c in question.columns}
        rows = [r.form for r in self.columns if not r.form.is_blank()]
        taken = {r.code.data for r in rows if r.code.data in known}
        found = []
        for row in rows:
            label = both(row.label_it, row.label_en)
            kept = row.code.data if row.code.data in known else ""
            code = kept or code_for(label.get("it") or label["en"], taken, "column")
            found.append(Column(code, label, QuestionKind(row.kind.data)))
        return tuple(found)


class SectionForm(ConditionForm):
    """One section of the form: one page for the applicant."""

    title_it = StringField(_l("Title, in Italian"), [Length(max=200)])
    title_en = StringField(_l("Title, in English"), [Length(max=200)])
    help_it = TextAreaField(_l("Help, in Italian"), [Length(max=2000)])
    help_en = TextAreaField(_l("Help, in English"), [Length(max=2000)])

    def offer(self, design: CallDesign, key: str) -> None:
        """Fill in the choices; conditions ask of questions of other sections."""
        self.offer_questions([q for q in design.questions if q.section != key])

    @classmethod
    def data_of(cls, section: FormSection, known: Mapping[str, Question]) -> dict[str, Any]:
        """Give what the form shows of a section."""
        return {
            **split(section.title, "title"),
            **split(section.help, "help"),
            **cls.condition_data(section.shown_if, known),
        }

    def apply_to(self, section: FormSection) -> FormSection:
        """Give the section with what was typed; raise InvalidError."""
        return replace(
            section,
            title=both(self.title_it, self.title_en),
            help=both(self.help_it, self.help_en),
            shown_if=self.condition(),
        )


def _option_data(option: Option) -> dict[str, Any]:
    return {
        "code": option.code,
        **split(option.label, "label"),
        "ceiling_share": option.ceiling_share,
        "ceiling": money_of(option.ceiling_cents),
    }


def _money(cents: Decimal | None) -> Money | None:
    return None if cents is None else Money(int(cents))


def _cents(money: Money | None) -> Decimal | None:
    return None if money is None else Decimal(money.cents)


def _whole(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)
