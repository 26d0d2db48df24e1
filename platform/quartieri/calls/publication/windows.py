"""The sessions: whether their dates can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from quartieri.calls.gaps import Gap, Step, WindowDates
from quartieri.kit.labels import lazy


def of_windows(windows: Sequence[WindowDates], now: datetime) -> Iterator[Gap]:
    """List what is wrong with the sessions' dates, given in their order."""
    here = Step.WINDOWS
    if not windows:
        yield Gap(here, lazy("The call has no session: state when one can apply."), "windows")
    for window in windows:
        if window.opens_at >= window.closes_at:
            yield Gap(
                here,
                lazy("Session %(number)s closes before it opens.", number=window.number),
                "windows",
            )
        elif window.closes_at <= now:
            yield Gap(
                here,
                lazy("Session %(number)s would be closed already.", number=window.number),
                "windows",
            )
    for first, second in pairwise(windows):
        if second.opens_at <= first.closes_at:
            yield Gap(
                here,
                lazy(
                    "Session %(second)s opens before session %(first)s closes.",
                    first=first.number,
                    second=second.number,
                ),
                "windows",
            )
