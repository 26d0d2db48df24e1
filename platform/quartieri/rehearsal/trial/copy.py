"""What a rehearsal takes along of a draft: a value that knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quartieri.calls.design import CallDesign


@dataclass(frozen=True, slots=True)
class CallCopy:
    """A draft call as it stands: its design, dates (UTC, inclusive) and endowment in cents.

    ``areas`` are the city's, as (code, name); ``at`` is the instant at which it is rehearsed: the
    call is published then.
    """

    authority: str
    areas: tuple[tuple[str, str], ...]
    design: CallDesign
    windows: tuple[tuple[datetime, datetime], ...]
    endowment_cents: int
    at: datetime
    endowments: tuple[int | None, ...] = ()
    """What is set apart for each session, in cents; None: nothing."""
