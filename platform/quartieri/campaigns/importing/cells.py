"""Amounts and dates as people type them into tables."""

from __future__ import annotations

from datetime import date, datetime

from quartieri.kit.clock import ROME, rome
from quartieri.kit.errors import InvalidError
from quartieri.kit.fields import parse_amount
from quartieri.kit.labels import lazy


def cents_of(text: str) -> int:
    """Read an amount as people type it, in cents; raise InvalidError."""
    try:
        return parse_amount(text.removesuffix("€").removeprefix("€").strip()).cents
    except ValueError:
        raise InvalidError(lazy("“%(said)s” is no amount", said=text)) from None


def instant_of(text: str) -> datetime:
    """Read a day (2026-05-31 or 31/05/2026), or a day and an hour in Rome; raise InvalidError."""
    day, _, hour = text.replace("T", " ").partition(" ")
    if "/" in day:
        day = "-".join(reversed(day.split("/")))
    try:
        if not hour:
            return rome(date.fromisoformat(day))
        return datetime.fromisoformat(f"{day} {hour}").replace(tzinfo=ROME)
    except ValueError:
        raise InvalidError(
            lazy("“%(said)s” is no date: write 2026-05-31 or 31/05/2026", said=text)
        ) from None
