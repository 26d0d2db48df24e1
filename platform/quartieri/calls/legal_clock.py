"""The legal term of the procedure: when it ends, what is left of it, what suspends it.

Pure. A session's procedure begins with its deadline and ends with its final ranking. Sources:
art. 2 L. 241/1990 (thirty days where no other term is set, para. 2; suspended once and for at most
thirty days while documents are awaited, para. 7); art. 2963 of the civil code (the first day does
not count; a term that ends on a public holiday moves to the next day that is none).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from quartieri.calls.design import DaysCounted, SessionRules
from quartieri.kit.workdays import is_holiday, is_workday

LAWFUL_DAYS = 30
MOST_SUSPENDED = 30
SOON = 10
"""A term is close to its end when at most so many of its days are left."""
DAY = timedelta(days=1)

Pause = tuple[date, date | None]
"""First and last day on which an integration was awaited; no last one: it still is."""


@dataclass(frozen=True, slots=True)
class LegalTerm:
    """How long a procedure may take: days, which days count, and where holidays are looked up."""

    days: int = LAWFUL_DAYS
    counts: DaysCounted = DaysCounted.CALENDAR
    province: str = ""

    def is_counted(self, day: date) -> bool:
        """Tell whether a day uses up one of the term's."""
        return self.counts is DaysCounted.CALENDAR or is_workday(day, self.province)


@dataclass(frozen=True, slots=True)
class TermState:
    """Where a term stands on a day: its last day, and the days left (below zero: days over).

    ``suspended``: the clock stands still today. ``suspended_days``: for how many it did so far.
    """

    due: date
    left: int
    suspended: bool = False
    suspended_days: int = 0

    @property
    def is_over(self) -> bool:
        """True once the last day is past."""
        return self.left < 0

    @property
    def is_close(self) -> bool:
        """True when few days are left."""
        return 0 <= self.left <= SOON


def term_of(rules: SessionRules, province: str) -> LegalTerm:
    """Give the term that a call states, or the law's own where it states none."""
    counts = DaysCounted(rules.term_counts) if rules.term_counts else DaysCounted.CALENDAR
    return LegalTerm(rules.term_days or LAWFUL_DAYS, counts, province)


def suspended_days(pauses: Iterable[Pause], *, start: date, today: date) -> frozenset[date]:
    """Give the days after ``start`` and up to ``today`` on which the clock stands still.

    Several pauses that overlap are one. The first thirty days count, and no others.
    """
    found: set[date] = set()
    for first, last in pauses:
        day = max(first, start + DAY)
        end = today if last is None else min(last, today)
        while day <= end:
            found.add(day)
            day += DAY
    return frozenset(sorted(found)[:MOST_SUSPENDED])


def last_day(term: LegalTerm, start: date, standing: frozenset[date] = frozenset()) -> date:
    """Give the last day of a term that began on ``start``, which itself does not count.

    Days on which the clock stands still use up nothing. A last day on a public holiday moves on.
    """
    day = _after(start, term.days, lambda d: term.is_counted(d) and d not in standing)
    while is_holiday(day, term.province):
        day += DAY
    return day


def state_on(term: LegalTerm, start: date, today: date, pauses: Iterable[Pause] = ()) -> TermState:
    """Say where a term stands on a day.

    While the clock stands still its end is that of today: each day that passes moves it by one.
    """
    standing = suspended_days(pauses, start=start, today=today)
    due = last_day(term, start, standing)
    if today <= due:
        left = sum(term.is_counted(d) for d in _days(max(today, start), due))
    else:
        left = -sum(term.is_counted(d) for d in _days(due, today))
        left = min(left, -1)
    return TermState(due, left, today in standing, len(standing))


def _days(first: date, last: date) -> Iterable[date]:
    """Give the days after ``first`` up to ``last``."""
    return (first + timedelta(days=n) for n in range(1, (last - first).days + 1))


def _after(start: date, days: int, counts: Callable[[date], bool]) -> date:
    day = start
    while days:
        day += DAY
        days -= counts(day)
    return day
