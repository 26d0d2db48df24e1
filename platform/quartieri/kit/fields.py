"""Fields that all forms share: money, instants in Rome; and the forms' base."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, Field, StringField
from wtforms.validators import StopValidation

from quartieri.kit.clock import ROME, in_rome
from quartieri.kit.errors import DomainError
from quartieri.kit.filters import say_filter
from quartieri.kit.money import Money

MOST_CENTS = 10**13
_AMOUNT = re.compile(r"^\d+([.,]\d{1,2})?$")
_GROUPED_IT = re.compile(r"^\d{1,3}(\.\d{3})+(,\d{1,2})?$")
_GROUPED_EN = re.compile(r"^\d{1,3}(,\d{3})+(\.\d{1,2})?$")


class Form(FlaskForm):
    """The base of all forms; a domain error is shown beside the field that it names."""

    def say(self, error: DomainError) -> None:
        """Show a domain error at its field, or at the top of the form."""
        text = say_filter(error.message)
        field = self._fields.get(error.field or "")
        if field is None:
            self.form_errors.append(text)
        else:
            field.errors = [*field.errors, text]


def parse_amount(text: str, currency: str = "EUR") -> Money:
    """Read an amount as people type it (12.400,50 or 12,400.50 or 12400,5); raise ValueError.

    One separator followed by exactly three digits groups thousands: 12.400 is twelve thousand.
    """
    bare = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if _GROUPED_IT.match(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _GROUPED_EN.match(bare):
        bare = bare.replace(",", "")
    elif _AMOUNT.match(bare):
        bare = bare.replace(",", ".")
    else:
        raise ValueError(text)
    money = Money.of_units(Decimal(bare), currency)
    if money.cents > MOST_CENTS:
        raise ValueError(text)
    return money


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
        comma = "." if str(get_locale()) == "en" else ","
        units = f"{self.data.units:.2f}" if not self.data.is_whole else f"{self.data.units:.0f}"
        return units.replace(".", comma)

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed."""
        self.data = None
        if not valuelist or not str(valuelist[0]).strip():
            return
        try:
            self.data = parse_amount(str(valuelist[0]))
        except ValueError:
            raise ValueError(_("Write an amount such as 1200 or 1200,50.")) from None


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
        """Stop at an empty field."""
        empty = field.data is None or (isinstance(field.data, str) and not field.data.strip())
        if empty and not field.errors:
            raise StopValidation(str(_l("This must be filled in.")))
