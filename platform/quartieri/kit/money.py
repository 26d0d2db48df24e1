"""Money as whole cents with a currency; never a float.

Rounding, everywhere in the project: a part that is promised **by** someone (a grant) is rounded
down to the cent, a bar that someone must **reach** (a target) is rounded up, and what is shared
out gives its odd cents to the first in the stated order, so that parts always add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

CENTS_PER_UNIT = 100


class CurrencyMismatchError(ValueError):
    """Two currencies met in one sum or comparison."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of ``cents`` in one ``currency`` (ISO 4217); may be negative."""

    cents: int
    currency: str = "EUR"

    def __post_init__(self) -> None:
        """Refuse anything but an int: a bool or a float here is a programming error."""
        if type(self.cents) is not int:
            msg = f"cents must be an int, not {type(self.cents).__name__}"
            raise TypeError(msg)

    @classmethod
    def of_units(cls, units: Decimal | int | str, currency: str = "EUR") -> Money:
        """Build from whole units (12.50); raise ValueError for more than two decimals."""
        try:
            cents = Decimal(units) * CENTS_PER_UNIT
        except InvalidOperation:
            msg = f"not an amount: {units!r}"
            raise ValueError(msg) from None
        if not cents.is_finite() or cents != cents.to_integral_value():
            msg = f"not a whole number of cents: {units!r}"
            raise ValueError(msg)
        return cls(int(cents), currency)

    @property
    def units(self) -> Decimal:
        """The amount in units (euros), exact."""
        return Decimal(self.cents) / CENTS_PER_UNIT

    def __str__(self) -> str:
        """Read as in a log line or a command's answer: ``12400.50 EUR``; pages use the filters."""
        return f"{self.units:.2f} {self.currency}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            msg = f"{self.currency} and {other.currency} do not mix"
            raise CurrencyMismatchError(msg)

    def __add__(self, other: Money) -> Money:
        """Add; the currencies must agree."""
        self._same(other)
        return Money(self.cents + other.cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract; the currencies must agree."""
        self._same(other)
        return Money(self.cents - other.cents, self.currency)

    def __neg__(self) -> Money:
        """Turn the sign."""
        return Money(-self.cents, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Compare; the currencies must agree."""
        self._same(other)
        return self.cents < other.cents

    def __le__(self, other: Money) -> bool:
        """Compare; the currencies must agree."""
        self._same(other)
        return self.cents <= other.cents

    def __bool__(self) -> bool:
        """Tell whether there is any money."""
        return self.cents != 0

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Share out by whole-number weights; odd cents go to the first; the parts add up."""
        return [Money(c, self.currency) for c in split_cents(self.cents, weights)]


def share_floor(cents: int, share: Decimal) -> int:
    """Give floor(cents × share), exact. A share must be a Decimal: floats are refused."""
    over, under = _ratio(cents, share)
    return cents * over // under


def share_ceil(cents: int, share: Decimal) -> int:
    """Give ceil(cents × share), exact. A share must be a Decimal: floats are refused."""
    over, under = _ratio(cents, share)
    return -(-cents * over // under)


def _ratio(cents: int, share: Decimal) -> tuple[int, int]:
    if type(cents) is not int:
        msg = f"cents must be an int, not {type(cents).__name__}"
        raise TypeError(msg)
    if not isinstance(share, Decimal):
        msg = f"a share is a Decimal, not {type(share).__name__}"
        raise TypeError(msg)
    return _fraction(share)


@lru_cache
def _fraction(share: Decimal) -> tuple[int, int]:
    """Give a share as a fraction in lowest terms; a list asks for the same one a hundred times."""
    return share.as_integer_ratio()


def split_cents(cents: int, weights: Sequence[int]) -> list[int]:
    """Share ``cents`` (≥ 0) by ``weights`` (≥ 0, some > 0); floor each, odd cents to the first."""
    total = sum(weights)
    if cents < 0 or total <= 0 or any(w < 0 for w in weights):
        msg = "split needs cents >= 0 and weights >= 0 with a positive sum"
        raise ValueError(msg)
    parts = [cents * w // total for w in weights]
    odd = cents - sum(parts)
    for i, weight in enumerate(weights):
        if odd == 0:
            break
        if weight:
            parts[i] += 1
            odd -= 1
    return parts


def total(amounts: Iterable[Money], currency: str = "EUR") -> Money:
    """Add amounts of one currency; nothing adds up to zero of ``currency``."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
