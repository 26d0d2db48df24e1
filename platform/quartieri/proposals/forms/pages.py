"""From a draft to the form of a page, and from what was typed back to a part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from flask_babel import gettext
from wtforms import BooleanField, FieldList

from quartieri.calls.design import MOST_ROWS, CallDesign, FormPage
from quartieri.kit.labels import in_language
from quartieri.proposals.forms.application import (
    ApplicantForm,
    SectionForm,
    SummaryForm,
    Wanted,
)
from quartieri.proposals.forms.questions import Making, questions_form, read_questions
from quartieri.proposals.rules import (
    DECLARATIONS,
    ApplicantPart,
    DeclarationsPart,
    Draft,
    Part,
    Section,
    SummaryPart,
    mark_of,
)
from quartieri.proposals.rules.form.onpage import Placed

SPARE_ROWS = 3
DECLARED = "d_"
"""How the names begin of the call's own declarations; no word of a form's own begins so."""


def build(section: Section, draft: Draft, design: CallDesign, *, language: str) -> SectionForm:
    """Give the form of a page that every application has: as sent, else as the draft holds it."""
    form: SectionForm
    match section:
        case Section.APPLICANT:
            form = _applicant(draft.applicant)
        case Section.SUMMARY:
            form = SummaryForm(data=_seen(draft.summary) | asdict(draft.summary))
        case Section.DECLARATIONS:
            form = _declarations(draft.declarations, design, language)
        case _:
            form = SectionForm()
    return form


def build_page(asked: Sequence[Placed], part: Part, making: Making) -> SectionForm:
    """Give the form of a page of the call; ``part`` is what the page holds."""
    form = questions_form([one.question for one in asked], making, _seen(part))
    if not form.is_submitted():
        add_spare_rows(form)
    return form


def add_spare_rows(form: SectionForm) -> None:
    """Give each table of rows a few empty ones."""
    for field in form:
        if isinstance(field, FieldList):
            for _n in range(SPARE_ROWS):
                if len(field) < MOST_ROWS:
                    field.append_entry()


def _seen(part: Part) -> dict[str, Any]:
    return {"seen": mark_of(part)}


def _applicant(part: ApplicantPart) -> SectionForm:
    form = ApplicantForm(data=_seen(part) | asdict(part))
    if part.informal:
        del form.tax_code, form.founded_on
    return form


def _declarations(part: DeclarationsPart, design: CallDesign, language: str) -> SectionForm:
    fields = {key: BooleanField(gettext(text), [Wanted()]) for key, text in DECLARATIONS.items()}
    for own in design.declarations:
        marks = [Wanted()] if own.required else []
        fields[f"{DECLARED}{own.code}"] = BooleanField(
            in_language(own.text, language) or own.code, marks
        )
    made = type("DeclarationsForm", (SectionForm,), fields)
    names = {key if key in DECLARATIONS else f"{DECLARED}{key}" for key in part.keys}
    return cast(SectionForm, made(data=_seen(part) | dict.fromkeys(names, True)))


# -- from a form to a part ---------------------------------------------------------------------


def read(form: SectionForm, section: Section, draft: Draft) -> Part:
    """Give what was typed on a page that every application has as a part."""
    typed: Any = form
    if section is Section.SUMMARY:
        return SummaryPart(typed.title.data, typed.summary.data)
    if section is Section.DECLARATIONS:
        fields = (f for f in form if isinstance(f, BooleanField))
        ticked = (f.name.removeprefix(DECLARED) for f in fields if f.data)
        return DeclarationsPart(frozenset(ticked))
    me = draft.applicant
    if me.informal:
        return ApplicantPart(me.kind, typed.name.data, seat=typed.seat.data)
    founded_on = typed.founded_on.data
    return ApplicantPart(me.kind, typed.name.data, typed.tax_code.data, typed.seat.data, founded_on)


def read_page(form: SectionForm, asked: Sequence[Placed], page: FormPage, making: Making) -> Part:
    """Give what was typed on a page of the call as answers."""
    return read_questions(form, [one.question for one in asked], page.questions, making)
