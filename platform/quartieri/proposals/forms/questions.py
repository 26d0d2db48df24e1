"""The form of one page of a call: a field for each question, by its kind; it refuses nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import wtforms
from flask_babel import gettext
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, TextInput

from quartieri.calls.design import CallDesign, FileKind, Question, QuestionKind
from quartieri.kit.labels import in_language
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.models import Area
from quartieri.proposals.forms.application import Counted, SectionForm, Wanted, area_name
from quartieri.proposals.rules import AnswersPart, Draft, answer_to
from quartieri.proposals.rules.form.draft import PLACE_LIMIT
from quartieri.proposals.rules.form.feeding import area_allowed
from quartieri.proposals.rules.form.values import (
    OWN,
    Cell,
    cells_of,
    raw_answer,
    read_answer,
)

K = QuestionKind
CELL = "c_"
FEW = 7
"""So many choices are shown all at once; more in a list that opens."""


class Boxes(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DayField(StringField):
    """A day as the browser picks it; what is no day is shown again as it was typed."""

    def __call__(self, **kwargs: Any) -> Any:
        """Draw the field for what it holds."""
        text = self.data or ""
        day = not text or (len(text) == len("2026-01-31") and text[4] == text[7] == "-")
        self.widget = DateInput() if day else TextInput()
        return super().__call__(**kwargs)


class FigureField(StringField):
    """A figure as it is typed."""


class AmountField(StringField):
    """An amount of money as it is typed."""


FILE_ENDINGS: Mapping[FileKind, tuple[str, ...]] = {
    FileKind.PDF: (".pdf",),
    FileKind.PICTURE: (".jpg", ".jpeg", ".png", ".webp"),
    FileKind.SIGNED: (".pdf", ".p7m"),
}


@dataclass(frozen=True, slots=True)
class Making:
    """What the fields of a page are made with."""

    draft: Draft
    design: CallDesign
    areas: Sequence[Area]
    language: str

    def say(self, text: Mapping[str, str] | None) -> str:
        """Give a text of the call in the reader's language."""
        return in_language(text or {}, self.language)


def field_name(question: Question) -> str:
    """Give the name of a question's field."""
    return f"q_{question.key}"


def questions_form(
    questions: Sequence[Question], making: Making, data: Mapping[str, Any]
) -> SectionForm:
    """Give the form of these questions: with what was sent, else with what the draft holds."""
    fields: dict[str, Any] = {}
    shown: dict[str, Any] = {}
    for question in questions:
        if not question.asks:
            continue
        value = None if question.kind is K.FILE else answer_to(making.draft, question)
        raw = raw_answer(question, value, making.language)
        fields[field_name(question)] = _MAKERS.get(question.kind, _text)(question, making, value)
        shown[field_name(question)] = _filled_in(question, raw)
    made = type("QuestionsForm", (SectionForm,), fields)
    return cast(SectionForm, made(data={**shown, **data}))


def read_questions(
    form: SectionForm, asked: Sequence[Question], page: Sequence[Question], making: Making
) -> AnswersPart:
    """Give what was typed as answers to all questions of a page; those not asked stay as saved."""
    names = {q.key for q in asked}
    answers: dict[str, Any] = {}
    for question in page:
        if not question.asks or question.kind is K.FILE:
            continue
        if question.key in names:
            raw = _sent(question, form[field_name(question)].data)
            answers[question.key] = read_answer(question, making.design.eligibility, raw)
        else:
            answers[question.key] = answer_to(making.draft, question)
    return AnswersPart(answers)


def _filled_in(question: Question, raw: Any) -> Any:
    """Give a value's fields by their names; a prefix keeps codes apart from a form's own words."""
    if question.kind.rows:
        return [{f"{CELL}{code}": text for code, text in row.items()} for row in raw]
    if question.kind is K.SOURCES:
        own = {f"own_{code}": text for code, text in raw["own"].items()}
        return {**own, "requested": raw["requested"], "crowd": raw["crowd"]}
    return raw


def _sent(question: Question, data: Any) -> Any:
    if question.kind.rows:
        return [{name.removeprefix(CELL): text for name, text in row.items()} for row in data]
    if question.kind is K.SOURCES:
        own = {
            name.removeprefix("own_"): text
            for name, text in data.items()
            if name.startswith("own_")
        }
        return {**data, "own": own}
    return data


# -- one maker for each kind -------------------------------------------------------------------


def _head(question: Question, making: Making) -> dict[str, Any]:
    marks: list[Any] = [Wanted()] if question.required else []
    return {
        "label": making.say(question.label) or question.key,
        "validators": marks,
        "description": making.say(question.help),
    }


def _text(question: Question, making: Making, _value: Any) -> Any:
    head = _head(question, making)
    head["validators"].append(Counted(question.limit))
    return (StringField if question.kind is K.SHORT_TEXT else TextAreaField)(**head)


def _figure(question: Question, making: Making, _value: Any) -> Any:
    return FigureField(**_head(question, making))


def _money(question: Question, making: Making, _value: Any) -> Any:
    return AmountField(**_head(question, making))


def _date(question: Question, making: Making, _value: Any) -> Any:
    bounds = {"min": question.earliest, "max": question.latest}
    kept = {name: day.isoformat() for name, day in bounds.items() if day is not None}
    return DayField(**_head(question, making), render_kw=kept)


def _options(question: Question, making: Making, sent: Sequence[str]) -> list[tuple[str, str]]:
    known = [(o.code, making.say(o.label) or o.code) for o in question.options]
    codes = {code for code, _label in known}
    return known + [(code, code) for code in sent if code and code not in codes]


def _select(choices: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(code, label) for code, label in choices]


def _choice(question: Question, making: Making, value: Any) -> Any:
    choices = _options(question, making, [value] if value else [])
    head = _head(question, making)
    if len(choices) > FEW:
        choices = [("", gettext("Choose…")), *choices]
        return SelectField(**head, choices=_select(choices), validate_choice=False)
    if not question.required:
        choices.append(("", gettext("No answer")))
    return RadioField(**head, choices=_select(choices), validate_choice=False)


def _choices(question: Question, making: Making, value: Any) -> Any:
    choices = _options(question, making, value or [])
    return Boxes(**_head(question, making), choices=_select(choices), validate_choice=False)


def _yes_no(question: Question, making: Making, _value: Any) -> Any:
    choices = [("yes", gettext("Yes")), ("no", gettext("No"))]
    if not question.required:
        choices.append(("", gettext("No answer")))
    return RadioField(**_head(question, making), choices=_select(choices), validate_choice=False)


def _declaration(question: Question, making: Making, _value: Any) -> Any:
    return BooleanField(**_head(question, making))


def _file(question: Question, making: Making, _value: Any) -> Any:
    endings = [e for kind in question.takes for e in FILE_ENDINGS[kind]]
    return MultipleFileField(**_head(question, making), render_kw={"accept": ",".join(endings)})


def _rows(question: Question, making: Making, value: Any) -> Any:
    fields: dict[str, Any] = {}
    for cell in cells_of(question, making.design.eligibility):
        label = making.say(cell.text) or cell.code if cell.text is not None else gettext(cell.label)
        sent = {str(row[cell.code]) for row in value or () if cell.code in row}
        fields[f"{CELL}{cell.code}"] = _cell(question, cell, label, sent, making)
    row = type("AnswerRow", (wtforms.Form,), fields)
    head = _head(question, making)
    del head["validators"]
    return FieldList(FormField(row), **head)


def _cell(question: Question, cell: Cell, label: str, sent: set[str], making: Making) -> Field:
    if cell.kind is K.CHOICE:
        if question.kind is K.BUDGET:
            choices = _options(question, making, sorted(sent))
        else:
            choices = [(kind.value, gettext(kind.label)) for kind in OrganisationKind]
        choices = [("", gettext("Choose…")), *choices]
        return cast(Field, SelectField(label, choices=_select(choices), validate_choice=False))
    if cell.kind is K.SHORT_TEXT:
        return cast(Field, StringField(label, [Counted(cell.limit)]))
    kinds: dict[QuestionKind, type[StringField]] = {
        K.DATE: DayField,
        K.NUMBER: FigureField,
        K.MONEY: AmountField,
    }
    return cast(Field, kinds[cell.kind](label))


def _place(question: Question, making: Making, value: Any) -> Any:
    head = _head(question, making)
    marks = head.pop("validators")
    fields: dict[str, Any] = {
        "place": StringField(gettext("Address or place"), [*marks, Counted(PLACE_LIMIT)]),
        "months": StringField(gettext("How many months does it last?"), marks),
    }
    if making.areas:
        chosen = (value or {}).get("area", "")
        fields["area"] = SelectField(
            gettext("In which area of the city?"),
            marks,
            choices=_select(_areas(making, chosen)),
            validate_choice=False,
        )
    return FormField(type("PlaceRow", (wtforms.Form,), fields), **head)


def _areas(making: Making, chosen: str) -> list[tuple[str, str]]:
    eligibility = making.design.eligibility
    found = [("", gettext("Choose…"))]
    for area in making.areas:
        name = area_name(area, making.language)
        if not area_allowed(area.code, eligibility):
            name = gettext("%(area)s: left out of this call", area=name)
        found.append((area.code, name))
    codes = {code for code, _name in found}
    return found if chosen in codes else [*found, (chosen, chosen)]


def _sources(question: Question, making: Making, _value: Any) -> Any:
    head = _head(question, making)
    marks = head.pop("validators")
    rule = making.design.money.rule
    usual = [(OWN, gettext("Your own share"))]
    codes = [(o.code, making.say(o.label) or o.code) for o in question.options] or usual
    fields: dict[str, Any] = {f"own_{code}": AmountField(label) for code, label in codes}
    if rule is not None and rule.kind.has_campaign:
        label = gettext("What you want to raise by crowdfunding")
        fields["crowd"] = AmountField(label, marks)
    elif not making.design.money.no_money:
        fields["requested"] = AmountField(gettext("The grant you ask of the city"), marks)
    return FormField(type("SourcesRow", (wtforms.Form,), fields), **head)


_MAKERS: Mapping[QuestionKind, Callable[[Question, Making, Any], Any]] = {
    K.NUMBER: _figure,
    K.MONEY: _money,
    K.DATE: _date,
    K.CHOICE: _choice,
    K.CHOICES: _choices,
    K.YES_NO: _yes_no,
    K.DECLARATION: _declaration,
    K.FILE: _file,
    K.PLACE: _place,
    K.SOURCES: _sources,
    **dict.fromkeys((k for k in QuestionKind if k.rows), _rows),
}
