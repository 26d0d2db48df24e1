"""What holds for all sessions of a call: what is left over, and the legal term."""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.calls.design.reading import MOST_NUMBER, Reader
from quartieri.kit.labels import N_, LabelEnum


class Leftovers(LabelEnum):
    """What becomes of the money that a session with its own endowment does not use."""

    STAY = "stay", N_("It stays with its session, for who waits on its list")
    MOVE = "move", N_("It moves to the next session")


class DaysCounted(LabelEnum):
    """Which days a legal term counts."""

    CALENDAR = "calendar", N_("Calendar days")
    WORKING = "working", N_("Working days")


@dataclass(frozen=True, slots=True)
class SessionRules:
    """The rules of the sessions; their dates and endowments are tables of their own.

    The legal term of the procedure (art. 2 L. 241/1990) runs from a session's deadline to its
    final ranking.
    """

    leftovers: str | None = None
    """``stay`` or ``move``; None: not stated, and not needed while all share one endowment."""
    term_days: int = 0
    """0: not stated, and the law's thirty calendar days hold."""
    term_counts: str | None = None
    """``calendar`` or ``working``."""
    list_months: int = 0
    """How long money that comes free goes down a final ranking; 0: as long as there is some."""


def read_sessions(given: Reader) -> SessionRules:
    """Read what holds for all sessions."""
    sessions = SessionRules(
        leftovers=given.choice("leftovers", Leftovers),
        term_days=given.whole("term_days", most=MOST_NUMBER) or 0,
        term_counts=given.choice("term_counts", DaysCounted),
        list_months=given.whole("list_months", most=MOST_NUMBER) or 0,
    )
    given.done()
    return sessions
