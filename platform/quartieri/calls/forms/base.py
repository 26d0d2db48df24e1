"""What the editor's forms share: the version they were opened on, shares, points, rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import Field, Form, HiddenField, SelectMultipleField
from wtforms.fields.core import UnboundField
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from quartieri.calls.design import CallDesign, Text
from quartieri.calls.design.who import AUTOMATIC
from quartieri.kit.fields import Form as BaseForm
from quartieri.kit.money import Money

HUNDRED = Decimal(100)
MOST_PERCENT = Decimal(100)
MOST_POINTS = Decimal(10_000)
CODE_LIMIT = 40


class StepForm(BaseForm):
    """A step of the editor: knows the version of the call that it was opened on."""

    version = HiddenField()

    @property
    def opened_on(self) -> int:
        """Give the version; 0, which no call has, when the field was tampered with."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() else 0

    def apply(self, design: CallDesign) -> CallDesign:
        """Give the design with this step's answers; other steps keep theirs."""
        raise NotImplementedError


class Row(Form):
    """One row of a list of a form: a plain part, without a token of its own."""

    def is_blank(self) -> bool:
        """Tell whether nothing was typed in it."""
        return not any(
            f.data not in (None, "", False) for f in self if f.type not in {"HiddenField", "Switch"}
        )


class Boxes(SelectMultipleField):
    """Several choices as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ExactField(Field):
    """A decimal as people type it, with comma or point; ``data`` is Decimal or None."""

    widget = TextInput()
    most = MOST_POINTS

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return self._shown(self.data)

    def _shown(self, value: Decimal) -> str:
        text = format(value.normalize(), "f")
        return text if str(get_locale()) == "en" else text.replace(".", ",")

    def process_formdata(self, valuelist: Sequence[Any]) -> None:
        """Read what was typed."""
        self.data = None
        text = str(valuelist[0]).replace("%", "").replace(" ", "").strip() if valuelist else ""
        if not text:
            return
        try:
            value = Decimal(text.replace(",", "."))
        except InvalidOperation:
            raise ValueError(_("Write a number such as 12 or 12,5.")) from None
        if not value.is_finite() or not 0 <= value <= self.most:
            raise ValueError(_("Write a number from 0 to %(most)s.", most=self.most))
        self.data = self._read(value)

    def _read(self, value: Decimal) -> Decimal:
        return value


class ShareField(ExactField):
    """A share typed as a percentage: 12,5 is 0.125."""

    most = MOST_PERCENT

    def _read(self, value: Decimal) -> Decimal:
        return value / HUNDRED

    def _shown(self, value: Decimal) -> str:
        return super()._shown(value * HUNDRED)


def spare(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the data of a list's rows with an empty one after them, or three where none is."""
    found = list(rows)
    return [*found, *({} for _spare in range(1 if found else 3))]


def both(it: UnboundField | Any, en: UnboundField | Any) -> Text:
    """Give a text in both languages from two fields, without empty ones."""
    found = {"it": (it.data or "").strip(), "en": (en.data or "").strip()}
    return {k: v.replace("\r\n", "\n") for k, v in found.items() if v}


def split(text: Text, name: str) -> dict[str, str]:
    """Give the data of two fields from a text in both languages."""
    return {f"{name}_it": text.get("it", ""), f"{name}_en": text.get("en", "")}


def code_for(title: str, taken: set[str], fallback: str) -> str:
    """Make a code from a title (small letters, digits, hyphens) that is not in use."""
    bare = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[: CODE_LIMIT - 4].strip("-") or fallback
    code = code.removeprefix(AUTOMATIC) or fallback
    found, number = code, 2
    while found in taken:
        found, number = f"{code}-{number}", number + 1
    taken.add(found)
    return found


def cents_of(money: Money | None) -> int | None:
    """Give the cents of an amount that may be empty."""
    return None if money is None else money.cents


def money_of(cents: int | None) -> Money | None:
    """Give the amount of cents that may be unknown; 0 stands for unknown too."""
    return Money(cents) if cents else None
