"""The pages of an application: each form is built from a part and read back into one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    DateField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from quartieri.kit.fields import Form, MoneyField
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.rules.parts import SUMMARY_LIMIT, TITLE_LIMIT

SPARE_ROWS = 3
MOST_ROWS = 200
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


class PlaceForm(SectionForm):
    """Where and for how long."""

    place = StringField(
        _l("Where does it take place?"),
        [Wanted(), Length(max=200)],
        filters=[tidy],
        description=_l("A street, a square, a building, or the streets of a neighbourhood."),
    )
    area = SelectField(_l("In which area of the city?"), [Wanted()], coerce=str)
    months = IntegerField(
        _l("How many months does it last?"), [Wanted(), Optional(), NumberRange(0, 1000)]
    )


class MemberRow(wtforms.Form):
    """One person."""

    name = StringField(_l("Name and surname"), [Length(max=200)], filters=[tidy])
    role = StringField(_l("What they do in the project"), [Length(max=300)], filters=[tidy])


class PartnerRow(wtforms.Form):
    """One partner of the alliance."""

    name = StringField(_l("Organisation"), [Length(max=200)], filters=[tidy])
    kind = SelectField(_l("What is it?"))
    tax_code = StringField(_l("Tax code"), [Length(max=16)], filters=[tidy, str.upper])
    role = StringField(_l("What they do in the project"), [Length(max=300)], filters=[tidy])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Fill in the kinds."""
        super().__init__(*args, **kwargs)
        self.kind.choices = kinds()


class TeamForm(SectionForm):
    """People, and partners where the call is open to alliances."""

    members = FieldList(FormField(MemberRow), _l("People"), max_entries=MOST_ROWS)
    partners = FieldList(FormField(PartnerRow), _l("Partners"), max_entries=MOST_ROWS)


class LineRow(wtforms.Form):
    """One line of the budget."""

    description = StringField(_l("What for"), [Length(max=300)], filters=[tidy])
    amount = MoneyField(_l("Amount"))


class BudgetForm(SectionForm):
    """The lines of the cost."""

    lines = FieldList(FormField(LineRow), _l("Budget"), max_entries=MOST_ROWS)


class MoneyForm(SectionForm):
    """Where the money comes from; the call's kind decides which of the two last ones is asked."""

    own = MoneyField(
        _l("Your own share"),
        description=_l("What you and your partners put in yourselves. Nothing: leave it empty."),
    )
    requested = MoneyField(_l("The grant you ask of the city"), [Wanted()])
    crowd = MoneyField(
        _l("What you want to raise by crowdfunding"),
        [Wanted()],
        description=_l("This will be the target of your campaign."),
    )


class AttachmentForm(Form):
    """A document."""

    file = FileField(
        _l("File"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PDF or picture, at most 10 MB. Only you and the office can open it."),
    )
    title = StringField(_l("What is it?"), [Length(max=200)], filters=[tidy])
