"""One cell of a replay document at a time: read it exactly, or refuse it in one clear line.

Absent, ``null`` and the empty string are the same: not known. Numbers may also be written as text,
as a CSV gives them. No value passes through a float.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NoReturn

MAX_EUROS = 10_000_000_000
MAX_COUNT = 1_000_000_000
MAX_TEXT = 10_000
SHARE_DECIMALS = 10
CENT_DECIMALS = 2
SHOWN = 60

_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,30})?")


class ReplayInputError(Exception):
    """The replay's input can't be used; the text is one line that names the place."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: ``row 3 (Lab Barona)`` or ``call``, and its column."""

    where: str
    column: str = ""

    def at(self, column: str) -> Place:
        """Give the place of a column of the same row."""
        return replace(self, column=column)

    def refuse(self, problem: str) -> NoReturn:
        """Raise the error that names this place."""
        line = f"{self}: {problem}"
        raise ReplayInputError(line) from None

    def __str__(self) -> str:
        """Read as row and column."""
        return f"{self.where}, column {shown(self.column)}" if self.column else self.where


def shown(value: object) -> str:
    """Show any input in a message: one line, printable, cut to a bearable length."""
    text = str(value) if isinstance(value, str | Decimal) else _json(value)
    clean = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return clean if len(clean) <= SHOWN else clean[: SHOWN - 1] + "…"


def quoted(value: object) -> str:
    """Show a refused value: texts in quotes, so that 12 and "12" look different."""
    return f'"{shown(value)}"' if isinstance(value, str) else shown(value)


def known(value: object) -> bool:
    """Tell whether a cell holds anything: null and blank text are the same as absent."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def amount(place: Place, value: object, *, zero: bool = False) -> int | None:
    """Read euros with at most two decimals as cents; None when unknown; 0 only where allowed."""
    number = _number(place, value, "an amount in euros, such as 12000 or 12000.50")
    if number is None:
        return None
    cents = _scaled(number, CENT_DECIMALS)
    if number > MAX_EUROS:
        place.refuse(f"{shown(value)} is more than {MAX_EUROS} euros")
    if cents is None:
        place.refuse(f"{shown(value)} has more than two decimals")
    if cents == 0 and not zero:
        place.refuse("must be more than zero")
    return cents


def share(place: Place, value: object, *, zero: bool = False) -> Decimal | None:
    """Read a share, more than 0 and at most 1, as an exact decimal; None when unknown."""
    number = _number(place, value, "a share, such as 0.5")
    if number is None:
        return None
    if number > 1 or (number == 0 and not zero):
        place.refuse(f"{shown(value)} is not a share: more than 0 and at most 1")
    scaled = _scaled(number, SHARE_DECIMALS)
    if scaled is None:
        place.refuse(f"{shown(value)} has more than {SHARE_DECIMALS} decimals")
    digits = f"{scaled:0{SHARE_DECIMALS + 1}d}"
    text = f"{digits[:-SHARE_DECIMALS]}.{digits[-SHARE_DECIMALS:]}"
    return Decimal(text.rstrip("0").rstrip("."))


def count(place: Place, value: object, *, least: int = 0, most: int = MAX_COUNT) -> int | None:
    """Read a whole number from ``least`` to ``most``; None when unknown."""
    number = _number(place, value, "a whole number")
    if number is None:
        return None
    if number > most:
        place.refuse(f"{shown(value)} is more than {most}")
    whole = _scaled(number, 0)
    if whole is None:
        place.refuse(f"{shown(value)} is not a whole number")
    if whole < least:
        place.refuse(f"{shown(value)} is less than {least}")
    return whole


def flag(place: Place, value: object) -> bool | None:
    """Read true or false; None when unknown."""
    if not known(value):
        return None
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or value.strip() not in {"true", "false"}:
        place.refuse(f"{quoted(value)} is neither true nor false")
    return value.strip() == "true"


def text(
    place: Place, value: object, *, most: int = MAX_TEXT, one_line: bool = False
) -> str | None:
    """Read a text without control characters; None when unknown."""
    if not known(value):
        return None
    if not isinstance(value, str):
        place.refuse(f"{shown(value)} is not a text")
    allowed = "" if one_line else "\n\r\t"
    if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in allowed for c in value):
        place.refuse("holds a control character")
    if len(value) > most:
        place.refuse(f"is longer than {most} characters")
    return value.strip()


def texts(place: Place, value: object) -> object:
    """Read a text or a list of texts; None when unknown."""
    if isinstance(value, list):
        for item in value:
            if text(place, item) is None:
                place.refuse(f"{shown(item)} is not a text")
        return tuple(value)
    return text(place, value)


def _number(place: Place, value: object, wanted: str) -> Decimal | None:
    if not known(value):
        return None
    if isinstance(value, str):
        if not value.isascii() or _NUMBER.fullmatch(value.strip()) is None:
            place.refuse(f"{quoted(value)} is not {wanted}")
        number = Decimal(value.strip())
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = Decimal(value)
    else:
        place.refuse(f"{quoted(value)} is not {wanted}")
    if not number.is_finite():
        place.refuse(f"{shown(value)} is not {wanted}")
    if number < 0:
        place.refuse(f"{shown(value)} is negative")
    return number


def _scaled(number: Decimal, decimals: int) -> int | None:
    """Give number × 10^decimals, exact, or None when that is no whole number.

    Works on the digits, so that neither a precision nor a huge exponent can hurt. Numbers past
    every limit give some whole number: whoever calls has compared, or compares, the size.
    """
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or not any(digits):
        return 0
    if number > MAX_EUROS:
        return MAX_EUROS
    significant = "".join(map(str, digits)).rstrip("0")
    exponent += len(digits) - len(significant) + decimals
    return None if exponent < 0 else int(significant) * 10**exponent


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
