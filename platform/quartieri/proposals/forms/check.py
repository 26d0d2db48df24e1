"""Forms of the admissibility check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from quartieri.calls.design import CallDesign
from quartieri.kit.fields import Form, Needed
from quartieri.kit.labels import in_language
from quartieri.proposals.forms.application import tidy
from quartieri.proposals.models import AdmissibilityCheck
from quartieri.proposals.rules import CheckOutcome

MOST_TEXT = 10_000


class ListForm(wtforms.Form):
    """The filters above the officials' list; they are the address, too."""

    call = SelectField(_l("Call"), [Optional()])
    window = SelectField(_l("Session"), [Optional()])
    state = SelectField(_l("State"), [Optional()])
    q = StringField(_l("Number, title or applicant"), [Length(max=200)])


class ExcludeForm(Form):
    """Excluding an application."""

    reason = TextAreaField(
        _l("Reason of the exclusion"),
        [Needed(), Length(max=MOST_TEXT)],
        filters=[tidy],
        description=_l("The applicant reads these words in the letter."),
    )


class NoticeForm(Form):
    """Giving notice before a refusal."""

    reasons = TextAreaField(
        _l("Reasons why the application cannot be admitted"),
        [Needed(), Length(max=MOST_TEXT)],
        filters=[tidy],
        description=_l("The applicant reads these words and has ten days to answer."),
    )


class IntegrationForm(Form):
    """Asking for what is missing."""

    items = TextAreaField(
        _l("What is missing or unclear?"),
        [Needed(), Length(max=MOST_TEXT)],
        filters=[tidy],
        description=_l("One point a line. The project itself may not be rewritten."),
    )
    due = DateField(
        _l("Answer by"), [Needed()], description=_l("This day is included, until midnight.")
    )


class AnswerForm(Form):
    """The applicant's answer."""

    text = TextAreaField(_l("Your answer"), [Length(max=MOST_TEXT)], filters=[tidy])
    file = FileField(
        _l("A document, if one is asked for"), description=_l("PDF or picture, at most 10 MB.")
    )


class ChecklistForm(Form):
    """One outcome and one note for each requirement; the fields come from the call."""

    version = HiddenField()

    def seen(self) -> int | None:
        """Give the version on which the form was opened."""
        text = str(self.version.data or "")
        return int(text) if text.isascii() and text.isdecimal() else None


def checklist(
    design: CallDesign,
    said: Mapping[str, AdmissibilityCheck],
    *,
    version: int,
    language: str,
) -> ChecklistForm:
    """Give the checklist of a call, with what was said so far."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"version": str(version)}
    choices = [SelectChoice(o.value, gettext(o.label)) for o in CheckOutcome]
    for requirement in design.checklist:
        code = requirement.code
        fields[f"outcome_{code}"] = RadioField(
            in_language(requirement.text, language), [Optional()], choices=choices
        )
        fields[f"note_{code}"] = StringField(_l("Note"), [Length(max=1000)], filters=[tidy])
        if code in said:
            data |= {f"outcome_{code}": said[code].outcome.value, f"note_{code}": said[code].note}
    made = type("Checklist", (ChecklistForm,), fields)
    return cast(ChecklistForm, made(data=data))


def read_checklist(form: ChecklistForm, design: CallDesign) -> dict[str, tuple[CheckOutcome, str]]:
    """Give the outcomes that were chosen; a requirement without a choice is left out."""
    found: dict[str, tuple[CheckOutcome, str]] = {}
    for requirement in design.checklist:
        outcome = form[f"outcome_{requirement.code}"].data
        if outcome in set(CheckOutcome):
            note = form[f"note_{requirement.code}"].data or ""
            found[requirement.code] = (CheckOutcome(outcome), note)
    return found
