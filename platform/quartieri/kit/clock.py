"""Time: instants in UTC, days and deadlines in Rome, and a clock that can be handed in."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


class Clock:
    """The system's clock. ``stamp`` is read at the outermost layer, ``at`` turns it into time."""

    def stamp(self) -> datetime:
        """Read the raw clock (UTC): cheap, needs nothing, for the moment a request enters."""
        return datetime.now(UTC)

    def at(self, stamp: datetime) -> datetime:
        """Give the instant that a raw stamp stands for."""
        return stamp

    def now(self) -> datetime:
        """Give this instant in UTC."""
        return self.at(self.stamp())


class ShiftedClock(Clock):
    """The demo's clock: the system's, moved forward by what ``offset`` gives."""

    def __init__(self, offset: Callable[[], timedelta]) -> None:
        """Keep where the offset is read from."""
        self._offset = offset

    def at(self, stamp: datetime) -> datetime:
        """Move a raw stamp by the present offset."""
        return stamp + self._offset()


class SetClock(Clock):
    """A clock that stands still until it is moved, for tests and replays."""

    def __init__(self, instant: datetime) -> None:
        """Start at ``instant`` (aware)."""
        self.instant = instant

    def stamp(self) -> datetime:
        """Give the set instant."""
        return self.instant

    def set(self, instant: datetime) -> None:
        """Move to ``instant``."""
        self.instant = instant

    def advance(self, by: timedelta) -> None:
        """Move on by ``by``."""
        self.instant += by


def in_rome(instant: datetime) -> datetime:
    """Give an instant as Rome's clocks show it."""
    return instant.astimezone(ROME)


def can_reckon(day: date) -> bool:
    """Tell whether a day has instants around it: the calendar's very first and last have not."""
    return MINYEAR < day.year < MAXYEAR


def rome(day: date, at: time = time()) -> datetime:
    """Give the UTC instant at which Rome's clocks show ``day`` and ``at``."""
    return datetime.combine(day, at, tzinfo=ROME).astimezone(UTC)


def gap_or_twice(day: date, at: time) -> str:
    """Tell a time of Rome's clocks that is no single instant: "gap", "twice", or "" for all others.

    On the last Sunday of March 02:00-02:59 does not exist; on that of October it comes twice.
    """
    naive = datetime.combine(day, at)
    first, second = (naive.replace(tzinfo=ROME, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return ""
    there = first.astimezone(UTC).astimezone(ROME).replace(tzinfo=None)
    return "twice" if there == naive else "gap"


def end_of_day(day: date) -> datetime:
    """Give the last instant (to the microsecond) of a day in Rome: a date as deadline is inclusive.

    It is one microsecond before 00:00 of the next day, on days of 23 and of 25 hours too.
    """
    return rome(day + timedelta(days=1)) - timedelta(microseconds=1)


def months_later(instant: datetime, months: int) -> datetime:
    """Give the last instant, in Rome, of the day so many months later; a shorter month's last."""
    day = in_rome(instant).date()
    years, before = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, before + 1
    return end_of_day(date(year, month, min(day.day, monthrange(year, month)[1])))


def before_midnight(deadline: datetime) -> datetime:
    """Give a deadline as people count its day: at 00:00 in Rome it is the end of the day before.

    What is given back lies on the last day that has time left; any other deadline is as it was.
    """
    there = in_rome(deadline)
    return deadline if there.time() != time() else deadline - timedelta(microseconds=1)


def last_day(deadline: datetime) -> date:
    """Give the last day, in Rome, on which a deadline leaves any time."""
    return in_rome(before_midnight(deadline)).date()


def is_late(instant: datetime, deadline: datetime) -> bool:
    """Tell whether an instant is past an inclusive deadline."""
    return instant > deadline
