"""Fields that all forms share: money, instants in Rome; and the forms' base."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

from flask import g
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateTimeLocalField, Field, FieldList, FileField, FormField, StringField
from wtforms import IntegerField as AnyIntegerField
from wtforms.i18n import get_translations
from wtforms.validators import StopValidation

from quartieri.kit.clock import ROME, can_reckon, in_rome
from quartieri.kit.errors import DomainError
from quartieri.kit.figures import figure_text, parse_figure
from quartieri.kit.filters import say_filter
from quartieri.kit.formats import language
from quartieri.kit.money import Money
from quartieri.kit.numbers import MOST_NUMBER

UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of writing: of whatever follows as well,
on the pages of others. Words in Arabic or Hebrew need none of them."""

WRITTEN = frozenset({"StringField", "TextAreaField"})
"""The fields that hold words of one's own."""


class Form(FlaskForm):
    """The base of all forms; a domain error is shown beside the field that it names.

    Browsers send a new line as two characters and count it as one: here it is one from the start.
    Characters that nobody sees are left out (``UNSEEN``; PostgreSQL keeps NUL in no text). Text in
    the place of a file is no file, and a day with which nobody can reckon is none.
    """

    is_drawn = False
    """Set by the page that draws it. One that was refused and is not drawn, because its place went
    when somebody else acted meanwhile, is told of at the top: see ``templates/manage.html``."""

    class Meta(FlaskForm.Meta):
        """How what was sent reaches the fields, and the words of WTForms' own."""

        def get_translations(self, _form: FlaskForm) -> Any:
            """Give WTForms' own words in the reader's language."""
            return _words_of_wtforms(language())

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Give what was sent with one character for each new line."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            return MultiDict([(name, _one_line_end(v)) for name, v in sent.items(multi=True)])

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Read what was sent."""
        super().process(*args, **kwargs)
        for field in _single(self):
            if isinstance(field, FileField):
                field.raw_data = [one for one in field.raw_data or () if not isinstance(one, str)]
                if isinstance(field.data, str):
                    field.data = None
                elif isinstance(field.data, list):
                    field.data = [one for one in field.data if not isinstance(one, str)]
            elif isinstance(field.data, date) and not can_reckon(field.data):
                field.data = None
                field.process_errors = [field.gettext("Not a valid date value.")]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Check what was sent; a form that is refused is remembered for the page."""
        good: bool = super().validate(*args, **kwargs)
        if not good:
            g.refused = self
        return good

    def say(self, error: DomainError) -> None:
        """Show a domain error at its field, or at the top of the form."""
        g.refused = self
        text = say_filter(error.message)
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]

    def mark_drawn(self) -> None:
        """Note that the page has a place for it."""
        self.is_drawn = True

    def written(self) -> list[tuple[str, str]]:
        """Give what was written into its fields, by label, for a page that has no place for it."""
        fields = ((one, str(one.data or "")) for one in _single(self) if one.type in WRITTEN)
        return [(str(one.label.text), text) for one, text in fields if text.strip()]


@cache
def _words_of_wtforms(code: str) -> Any:
    """Read its catalogue once: Flask-WTF does so for each request."""
    return get_translations([code])


def _single(fields: Iterable[Field]) -> Iterator[Field]:
    """Give the fields of a form with those of its rows."""
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from _single(field)
        else:
            yield field


def _one_line_end(value: Any) -> Any:
    return UNSEEN.sub("", value.replace("\r\n", "\n")) if isinstance(value, str) else value


def parse_amount(text: str, currency: str = "EUR") -> Money:
    """Read an amount as people type it (12.400,50 or 12,400.50 or 12400,5); raise ValueError.

    One separator followed by exactly three digits groups thousands: 12.400 is twelve thousand.
    """
    return Money.of_units(parse_figure(text), currency)


class MoneyField(Field):
    """An amount; ``data`` is Money or None, and what was typed is shown again when it is wrong."""

    widget = StringField.widget
    data: Money | None

    @property
    def cents(self) -> int:
        """The amount in cents, of a field that was checked to be filled in."""
        if self.data is None:
            msg = f"{self.name} is empty"
            raise ValueError(msg)
        return self.data.cents

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return figure_text(self.data.units, str(get_locale()))

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed."""
        self.data = None
        if not valuelist or not str(valuelist[0]).strip():
            return
        try:
            self.data = parse_amount(str(valuelist[0]))
        except ValueError:
            raise ValueError(_("Write an amount such as 1200 or 1200,50.")) from None


class IntegerField(AnyIntegerField):
    """A whole number that a column of either database can keep."""

    data: int | None

    @property
    def number(self) -> int:
        """The number of a field that was checked to be filled in."""
        if self.data is None:
            msg = f"{self.name} is empty"
            raise ValueError(msg)
        return self.data

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed."""
        self.data = None
        if not valuelist:
            return
        typed = str(valuelist[0]).strip()
        try:
            number = int(typed) if len(typed) <= len(str(MOST_NUMBER)) + 1 else None
        except ValueError:
            number = None
        if number is None or abs(number) > MOST_NUMBER:
            raise ValueError(_("Write a whole number, such as 12."))
        self.data = number

    def pre_validate(self, form: Any) -> None:
        """Say of what is no number only that; an empty field is for the validators to judge."""
        super().pre_validate(form)
        if self.process_errors and any(str(one).strip() for one in self.raw_data or ()):
            raise StopValidation


class RomeInstantField(DateTimeLocalField):
    """A day and time of Rome's clocks; ``data`` is an aware UTC instant or None."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        """Accept the two forms that browsers send."""
        super().__init__(label, validators, format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)

    def process_data(self, value: datetime | None) -> None:
        """Show an instant as Rome's clocks do."""
        self.data = None if value is None else in_rome(value).replace(tzinfo=None)

    def instant(self) -> datetime | None:
        """Give the aware instant in Rome, or None."""
        return None if self.data is None else self.data.replace(tzinfo=ROME)


class Needed:
    """The field must be filled in: zero is an answer, an empty text is not."""

    field_flags = {"required": True}  # noqa: RUF012 -- WTForms reads it as it is

    def __call__(self, _form: Any, field: Any) -> None:
        """Stop at an empty field; of a choice or a date that is missing say that and no more."""
        typed = (one.strip() if isinstance(one, str) else one for one in field.raw_data or ())
        if field.data is None and not any(typed):
            field.errors[:] = []
        empty = field.data is None or (isinstance(field.data, str) and not field.data.strip())
        if empty and not field.errors:
            raise StopValidation(str(_l("This must be filled in.")))
