"""Where the parts of a drawing stand: the progress bar, and the pattern in place of a picture.

Pure arithmetic, so that templates only draw. Positions are per mille of the whole width, written
as SVG percentages ("12.5%"): no style attribute and no float is needed.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from quartieri.kit.money import Money

PATTERNS = 12
HUES = 6
NEAR_LEFT, NEAR_RIGHT = 250, 750


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the bar: where it begins and how wide it is, as SVG percentages."""

    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A campaign's bar: crowd money, offline money, the city's share, the tick at the threshold.

    ``raised`` is crowd and offline together; ``missing`` what the threshold still lacks (zero when
    reached); ``hundredths`` the raised share of the threshold in whole percent, rounded down.
    """

    crowd: Part | None
    offline: Part | None
    city: Part | None
    tick: str | None
    tick_anchor: str
    raised: Money
    missing: Money
    hundredths: int


def bar_of(
    crowd: Money,
    offline: Money | None,
    threshold: Money | None,
    cost: Money | None,
    match: Money | None,
) -> Bar:
    """Lay out the bar to the project's cost (or to what exceeds it); all in one currency.

    ``crowd`` is what came online and ``offline`` what did not; neither holds the other. The city's
    share begins at the threshold, or after the crowd's money when that went past it.
    """
    raised = crowd + offline if offline else crowd
    start = max(raised.cents, threshold.cents if threshold else 0)
    city_cents = match.cents if match else 0
    whole = max(cost.cents if cost else 0, start + city_cents, 1)
    mark = _mille(threshold.cents, whole) if threshold else None
    missing = max(threshold.cents - raised.cents, 0) if threshold else 0
    return Bar(
        crowd=_part(0, crowd.cents, whole),
        offline=_part(crowd.cents, raised.cents, whole),
        city=_part(start, start + city_cents, whole),
        tick=None if mark is None else _percent(mark),
        tick_anchor=_anchor(mark or 0),
        raised=raised,
        missing=Money(missing, crowd.currency),
        hundredths=raised.cents * 100 // threshold.cents if threshold else 0,
    )


def pattern_of(seed: int | str, theme: str | None = None) -> tuple[int, int]:
    """Choose a drawn pattern and its hue, always the same ones for the same seed and theme."""
    number = seed if isinstance(seed, int) else zlib.crc32(seed.encode())
    hue = zlib.crc32(theme.encode()) if theme else number + number // PATTERNS
    return number * 5 % PATTERNS, hue % HUES


def _part(start: int, end: int, whole: int) -> Part | None:
    if end <= start:
        return None
    left, right = _mille(start, whole), _mille(end, whole)
    return Part(_percent(left), _percent(max(right - left, 4)))


def _mille(cents: int, whole: int) -> int:
    return cents * 1000 // whole


def _percent(mille: int) -> str:
    return f"{mille // 10}.{mille % 10}%" if mille % 10 else f"{mille // 10}%"


def _anchor(mille: int) -> str:
    if mille < NEAR_LEFT:
        return "start"
    return "end" if mille > NEAR_RIGHT else "middle"
