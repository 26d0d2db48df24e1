"""Texts that are translated when shown, and enums that carry one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Until:
    """A deadline among the values of a text: one at 00:00 is shown as 24:00 of the day before."""

    at: datetime

    def __str__(self) -> str:
        """Read as the instant, for logs."""
        return str(self.at)


def until(deadline: datetime | None) -> Until | None:
    """Mark an instant as a deadline, for the texts that show it."""
    return None if deadline is None else Until(deadline)


@dataclass(frozen=True, slots=True)
class Lazy:
    """An English message id with its named values; ``source`` is the English sentence.

    The web layer translates ``msgid`` and fills in ``values`` (themselves possibly lazy, or
    ``Money``, dates: the translator formats them).
    """

    msgid: str
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The English sentence, for logs, commands and tests."""
        if not self.values:
            return self.msgid
        plain = {k: v.source if isinstance(v, Lazy) else v for k, v in self.values.items()}
        return self.msgid % plain

    def __str__(self) -> str:
        """Read as the English sentence."""
        return self.source


def lazy(msgid: str, /, **values: Any) -> Lazy:
    """Mark a sentence for translation and keep its values."""
    return Lazy(msgid, values)


class Spoken(str):
    """A text of the database in the language that there is of it.

    ``lang`` is that language's code where it is not the one that was asked for, else "".
    """

    __slots__ = ("lang",)

    lang: str

    def __new__(cls, text: str, lang: str = "") -> Self:
        """Keep the language beside the text."""
        spoken = str.__new__(cls, text)
        spoken.lang = lang
        return spoken


def in_language(texts: Mapping[str, str], language: str) -> Spoken:
    """Give a text in a language, or in another one where it is missing; "" where there is none."""
    found = next((code for code in (language, *texts) if texts.get(code)), language)
    return Spoken(texts.get(found) or "", "" if found == language else found)


class LabelEnum(StrEnum):
    """A short stored code with a shown English label: ``OPEN = "open", "Open"``."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        """Store the code as the value and keep the label beside it."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label or code.replace("_", " ")
        return member


def N_(msgid: str) -> str:  # noqa: N802 -- gettext's own name for a marker
    """Mark a string for extraction and give it back unchanged."""
    return msgid
