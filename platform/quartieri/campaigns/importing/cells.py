"""Amounts and dates as people type them into tables."""

from __future__ import annotations

from datetime import datetime

from quartieri.kit.clock import can_reckon, rome
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
    """Read a day (2026-05-31 or 31/05/2026), or a day and an hour; raise InvalidError.

    The hour is Rome's, unless its offset stands beside it.
    """
    day, _, hour = text.replace("T", " ").partition(" ")
    if "/" in day:
        day = "-".join(reversed(day.split("/")))
    try:
        found: datetime | None = datetime.fromisoformat(f"{day} {hour or '00:00'}")
    except ValueError:
        found = None
    if found is None or not can_reckon(found):
        raise InvalidError(lazy("“%(said)s” is no date: write 2026-05-31 or 31/05/2026", said=text))
    return found if found.tzinfo else rome(found.date(), found.time())
