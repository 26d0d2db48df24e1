"""Reading a design from plain JSON values: every fault names its place.

The places are JSON pointers (``/evaluation/criteria/0/maximum``), so that a person who wrote the
document by hand finds the fault at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from quartieri.kit.clock import in_rome
from quartieri.kit.labels import Lazy, lazy

Read = TypeVar("Read")
LANGUAGES = ("it", "en")
MOST_CENTS = 10**13
MOST_ITEMS = 200
MOST_TEXT = 60_000
MOST_SHORT = 500
MOST_DIGITS = 30
MOST_NUMBER = 10_000
TITLE_LIMIT = 200
SUMMARY_LIMIT = 500
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_INSTANT = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)

Text = Mapping[str, str]
"""One text in each language: ``{"it": …, "en": …}``."""


class DesignError(ValueError):
    """A document that cannot be a call; ``pointer`` says where, ``fault`` what."""

    def __init__(self, pointer: str, fault: str | Lazy) -> None:
        """Keep both."""
        super().__init__(f"{pointer or '/'}: {fault}")
        self.pointer = pointer
        self.fault = fault if isinstance(fault, Lazy) else Lazy(fault)


class MeaningError(DesignError):
    """A document of the right shape that contradicts itself or names what it does not hold.

    The JSON Schema cannot say this; all other faults it says too.
    """


class Reader:
    """One object of the document; each key is read once, and what is left over is a fault."""

    def __init__(self, value: Any, pointer: str = "") -> None:
        """Take an object; raise DesignError for anything else."""
        if not isinstance(value, Mapping):
            raise DesignError(pointer, lazy("must be an object"))
        self._left = dict(value)
        self.pointer = pointer

    def take(self, key: str) -> Any:
        """Give a raw value once, None if it is absent."""
        return self._left.pop(key, None)

    def at(self, key: str | int) -> str:
        """Give the pointer of a key."""
        return f"{self.pointer}/{_escaped(key)}"

    def refuse(self, key: str, fault: str | Lazy) -> NoReturn:
        """Raise the error of a key whose value has the wrong shape."""
        raise DesignError(self.at(key), fault)

    def contradict(self, key: str, fault: str | Lazy) -> NoReturn:
        """Raise the error of a key whose value has the right shape and cannot be meant."""
        raise MeaningError(self.at(key), fault)

    def done(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in sorted(map(str, self._left)):
            self.refuse(key, lazy("no such key is known here"))

    def string(self, key: str, *, most: int = MOST_SHORT, default: str = "") -> str:
        """Read a string."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self.refuse(key, lazy("must be a string"))
        if len(value) > most:
            self.refuse(key, lazy("must have at most %(most)s characters", most=most))
        return value

    def text(self, key: str, *, most: int = MOST_TEXT) -> dict[str, str]:
        """Read a text in the languages of the site."""
        value = self.take(key)
        if value is None:
            return {}
        inner = Reader(value, self.at(key))
        found = {language: inner.string(language, most=most) for language in LANGUAGES}
        inner.done()
        return {language: text for language, text in found.items() if text}

    def whole(self, key: str, *, most: int = MOST_CENTS) -> int | None:
        """Read a whole number from 0 up, or None."""
        value = self.take(key)
        if value is None:
            return None
        if type(value) is not int or not 0 <= value <= most:
            self.refuse(key, lazy("must be a whole number from 0 to %(most)s", most=most))
        return value

    def decimal(self, key: str) -> Decimal | None:
        """Read an exact decimal written as a string or a whole number, from 0 up, or None."""
        value = self.take(key)
        if value is None:
            return None
        number = _exact(value)
        if number is None:
            self.refuse(key, lazy('must be a decimal in quotes, such as "0.5"'))
        return number

    def instant(self, key: str) -> datetime | None:
        """Read an instant with its offset, or None."""
        value = self.take(key)
        if value is None:
            return None
        if not isinstance(value, str) or not _INSTANT.fullmatch(value):
            self.refuse(
                key, lazy("must be an instant with its offset, such as 2025-01-31T12:00:00+01:00")
            )
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            self.contradict(key, lazy("there is no such instant"))

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Read true or false."""
        value = self.take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(key, lazy("must be true or false"))
        return value

    def choice(self, key: str, allowed: Iterable[str]) -> str | None:
        """Read one of the allowed words, or None."""
        value = self.take(key)
        if value is None:
            return None
        words = [str(a) for a in allowed]
        if value not in words:
            self.refuse(key, lazy("must be one of: %(words)s", words=", ".join(words)))
        return str(value)

    def items(
        self, key: str, read: Callable[[Any, str], Read], *, most: int = MOST_ITEMS
    ) -> tuple[Read, ...]:
        """Read a list, each item by ``read(value, pointer)``."""
        value = self.take(key)
        if value is None:
            return ()
        if not isinstance(value, list | tuple):
            self.refuse(key, lazy("must be a list"))
        if len(value) > most:
            self.refuse(key, lazy("must have at most %(most)s items", most=most))
        return tuple(read(item, f"{self.at(key)}/{n}") for n, item in enumerate(value))

    def inner(self, key: str) -> Reader:
        """Read an object; an absent one is empty."""
        value = self.take(key)
        return Reader({} if value is None else value, self.at(key))


def _exact(value: Any) -> Decimal | None:
    if type(value) is int:
        return Decimal(value) if 0 <= value <= MOST_CENTS else None
    if isinstance(value, Decimal):
        return value if value.is_finite() and value >= 0 else None
    if isinstance(value, str) and len(value) <= MOST_DIGITS and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


def _escaped(key: str | int) -> str:
    """Write a key as a JSON pointer has it (RFC 6901), a long one cut."""
    return str(key)[:MOST_SHORT].replace("~", "~0").replace("/", "~1")


def word(value: Any, pointer: str) -> str:
    """Read an item that is a short string."""
    if not isinstance(value, str) or not value or len(value) > MOST_SHORT:
        raise DesignError(
            pointer, lazy("must be a string of 1 to %(most)s characters", most=MOST_SHORT)
        )
    return value


def one_of(allowed: Iterable[str]) -> Callable[[Any, str], str]:
    """Build the reader of an item that is one of some words."""
    words = [str(a) for a in allowed]

    def read(value: Any, pointer: str) -> str:
        if value not in words:
            raise DesignError(pointer, lazy("must be one of: %(words)s", words=", ".join(words)))
        return str(value)

    return read


def named(allowed: Iterable[str]) -> Callable[[Any, str], str]:
    """Build the reader of an item that names one of those that the document holds."""
    words = [str(a) for a in allowed]

    def read(value: Any, pointer: str) -> str:
        if not isinstance(value, str):
            raise DesignError(pointer, lazy("must be a string"))
        if value not in words:
            raise MeaningError(pointer, lazy("must be one of: %(words)s", words=", ".join(words)))
        return value

    return read


def code_of(given: Reader, key: str) -> str:
    """Read the code by which other parts of the document refer to this one."""
    code = given.string(key)
    if not _CODE.fullmatch(code):
        given.refuse(key, lazy("must be of 1 to 40 small letters, digits, - and _"))
    return code


def different(reader: Reader, key: str, codes: Iterable[str]) -> None:
    """Refuse a code that stands twice in a list."""
    seen: set[str] = set()
    for n, code in enumerate(codes):
        if code in seen:
            place = f"{reader.at(key)}/{n}"
            raise MeaningError(place, lazy("%(code)s stands twice", code=code))
        seen.add(code)


def plain(value: Any) -> Any:
    """Turn a document's values into plain JSON.

    Decimals become strings, enums their codes, instants what Rome's clocks show.
    """
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return in_rome(value).isoformat()
    if isinstance(value, Decimal):
        return format(value or value.copy_abs(), "f")
    if isinstance(value, str):
        return str(value)
    return value
