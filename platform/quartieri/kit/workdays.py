"""Which days are holidays: the nation's, and the patron saint's of a province's capital."""

from __future__ import annotations

from datetime import date
from functools import cache

SATURDAY = 5


def is_holiday(day: date, province: str = "") -> bool:
    """Tell whether a day is a public holiday: a Sunday, one of the nation's, or the patron's.

    ``province``: its two letters (MI, TO), whose capital's patron saint is kept; "" for none.
    Source: art. 2 L. 260/1949 and its changes, as the library ``holidays`` keeps them.
    """
    return day.weekday() > SATURDAY or day in _holidays(day.year, province)


def is_workday(day: date, province: str = "") -> bool:
    """Tell whether offices are open: Monday to Friday, but for public holidays."""
    return day.weekday() < SATURDAY and not is_holiday(day, province)


def provinces() -> tuple[str, ...]:
    """List the provinces whose patron saint is known, in their order."""
    import holidays  # noqa: PLC0415 -- loaded late: a quarter of a second, and few pages need it

    known = holidays.list_supported_countries()["IT"]
    return tuple(p for p in known if len(p) == 2)  # noqa: PLR2004 -- MI, TO; others are cities


@cache
def _holidays(year: int, province: str) -> frozenset[date]:
    import holidays  # noqa: PLC0415 -- loaded late: a quarter of a second, and few pages need it

    return frozenset(holidays.country_holidays("IT", subdiv=province or None, years=year))
