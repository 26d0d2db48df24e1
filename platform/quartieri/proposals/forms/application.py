"""The pages of an application: each form is built from a part and read back into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional, ValidationError

from quartieri.kit.fields import Form
from quartieri.people.rules import OrganisationKind
from quartieri.programmes.models import Area
from quartieri.proposals.rules.parts import SUMMARY_LIMIT, TITLE_LIMIT

DOCUMENT_KINDS = ".pdf,.jpg,.jpeg,.png,.webp"
NEW = "new"


def tidy(text: str | None) -> str:
    """Take the spaces off a text's ends; line ends count as one character, as they are shown."""
    return (text or "").replace("\r\n", "\n").strip()


class Wanted:
    """Marks a field that submission asks for; a draft is saved without it."""

    field_flags = {"required": True}  # noqa: RUF012 -- WTForms reads it as it is

    def __call__(self, _form: Any, _field: Any) -> None:
        """Refuse nothing."""


class Counted:
    """Shows how many characters are left; a draft is saved with too many."""

    def __init__(self, limit: int) -> None:
        """Keep the limit."""
        self.field_flags = {"maxlength": limit}

    def __call__(self, _form: Any, _field: Any) -> None:
        """Refuse nothing."""


def kinds(allowed: Sequence[OrganisationKind] = ()) -> list[tuple[str, str]]:
    """Give the kinds of organisation to choose from, all when the call names none."""
    return [(k.value, gettext(k.label)) for k in OrganisationKind if not allowed or k in allowed]


class OrganisationFields(Form):
    """What is asked of an organisation or group."""

    name = StringField(_l("Name"), [Wanted(), Length(max=200)], filters=[tidy])
    tax_code = StringField(
        _l("Tax code (codice fiscale)"),
        [Length(max=16)],
        filters=[tidy, str.upper],
        description=_l("11 figures, or 16 characters. An informal group has none."),
    )
    seat = StringField(_l("Address of the seat"), [Length(max=300)], filters=[tidy])
    founded_on = DateField(_l("Founded on"), [Optional()])


class ApplyForm(OrganisationFields):
    """For whom one applies: an organisation entered before, or a new one."""

    who = RadioField(_l("For whom do you apply?"))
    kind = SelectField(_l("What is it?"), validate_choice=False)

    def offer(self, known: list[tuple[str, str]], allowed: Sequence[OrganisationKind]) -> None:
        """Fill in the choices: known organisations by id, then a new one."""
        self.who.choices = [*known, (NEW, gettext("For another organisation or group"))]
        self.kind.choices = kinds(allowed)
        if self.who.data is None:
            self.who.data = known[0][0] if known else NEW

    @property
    def is_new(self) -> bool:
        """True when a new organisation is entered."""
        return bool(self.who.data == NEW)

    def validate_kind(self, field: Any) -> None:
        """Ask for the kind of a new organisation only."""
        if self.is_new and field.data not in set(OrganisationKind):
            raise ValidationError(gettext("Choose what it is."))


class SectionForm(Form):
    """A page of the application; ``seen`` marks what it held when it was opened."""

    seen = HiddenField()


class ApplicantForm(SectionForm, OrganisationFields):
    """Who applies."""


class SummaryForm(SectionForm):
    """Title and summary."""

    title = StringField(
        _l("What is the project called?"),
        [Wanted(), Length(max=TITLE_LIMIT)],
        filters=[tidy],
        description=_l("A short name that neighbours remember."),
    )
    summary = TextAreaField(
        _l("What do you want to do, in a few sentences?"),
        [Wanted(), Length(max=SUMMARY_LIMIT)],
        filters=[tidy],
        description=_l("If the project is selected, everyone reads this first."),
    )


def area_name(area: Area, language: str) -> str:
    """Give an area's name in a language."""
    return (area.name_en if language == "en" else "") or area.name_it


class AttachmentForm(Form):
    """A document."""

    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PDF or picture, at most 10 MB. Only you and the office can open it."),
    )
    title = StringField(_l("What is it?"), [Length(max=200)], filters=[tidy])
