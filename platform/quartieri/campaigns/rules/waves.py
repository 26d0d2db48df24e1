"""When cards are charged with nobody present: by day, in waves."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from quartieri.kit.clock import in_rome, rome

OPENS = time(9)
CLOSES = time(20)
"""A bank may ask its customer to confirm, and a refusal needs an answer: between these two, in
Rome, people are awake and can be reached. A charge in the night would fail where it need not."""


def next_wave(now: datetime) -> datetime:
    """Give the first instant from ``now`` at which a wave runs: ``now`` itself within the hours.

    The hours are those of Rome's clocks, on days of 23 and of 25 hours too; 20:00 is outside.
    """
    here = in_rome(now)
    if OPENS <= here.time() < CLOSES:
        return now
    day = here.date() + timedelta(days=here.time() >= CLOSES)
    return rome(day, OPENS)
