"""Where the parts of a drawing stand: the progress bar, and the pattern in place of a picture.

Pure arithmetic, so that templates only draw. Positions are per mille of the whole width, written
as SVG percentages ("12.5%"): no style attribute and no float is needed.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from quartieri.kit.money import Money

PATTERNS = 12
HUES = 6
NEAR_LEFT, NEAR_RIGHT = 250, 750
BASE = 880
"""Where the columns of a plot stand, per mille from above."""
NARROW = 4
"""The width of the smallest part that can be seen, per mille."""
PERCENT = tuple(f"{n // 10}.{n % 10}%" if n % 10 else f"{n // 10}%" for n in range(1001))
"""Each per mille as an SVG percentage."""


class Part(NamedTuple):
    """A stretch of the bar: where it begins and how wide it is, as SVG percentages."""

    x: str
    width: str


class Bar(NamedTuple):
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
    *,
    counts: bool = False,
) -> Bar:
    """Lay out the bar to the project's cost (or to what exceeds it); all in one currency.

    ``crowd`` is what came online and ``offline`` what did not; neither holds the other. The city's
    share begins at the threshold, or after the crowd's money when that went past it. ``counts``:
    it stands beside the crowd's money, as one backer's, and counts toward the threshold.
    """
    raised = crowd + offline if offline else crowd
    target, city = threshold.cents if threshold else 0, match.cents if match else 0
    own = city if counts else 0
    start, whole = _stretch(raised.cents, target, cost.cents if cost else 0, city)
    if counts:
        start, whole = raised.cents, max(cost.cents if cost else 0, target, raised.cents + city)
    mark = target * 1000 // whole if threshold else None
    return Bar(
        crowd=_part(0, crowd.cents, whole),
        offline=_part(crowd.cents, raised.cents, whole),
        city=_part(start, start + city, whole),
        tick=None if mark is None else PERCENT[mark],
        tick_anchor=_anchor(mark or 0),
        raised=raised,
        missing=Money(max(target - own - raised.cents, 0), crowd.currency),
        hundredths=(raised.cents + own) * 100 // target if target else 0,
    )


def _stretch(raised: int, threshold: int, cost: int, match: int) -> tuple[int, int]:
    """Give where the city's share begins and how long the whole bar is, in cents."""
    start = max(raised, threshold)
    return start, max(cost, start + match, 1)


def small_bar(
    crowd: int,
    offline: int,
    threshold: int,
    cost: int,
    match: int,
    *,
    reached: bool,
    counts: bool = False,
) -> Markup:
    """Draw a card's bar, from cents; hidden from those who hear the words that stand below it."""
    raised = crowd + offline
    start, whole = _stretch(raised, threshold, cost, match)
    if counts:
        start, whole = raised, max(cost, threshold, raised + match)
    left = crowd * 1000 // whole
    svg = '<svg role="none">'
    if match:
        city, end = start * 1000 // whole, (start + match) * 1000 // whole
        look = 'class="q-bar-city"' if reached else 'fill="url(#q-hatch)"'
        width = PERCENT[max(end - city, NARROW)]
        svg += f'<rect {look} x="{PERCENT[city]}" width="{width}"/>'
    if crowd:
        svg += f'<rect width="{PERCENT[max(left, NARROW)]}"/>'
    if offline:
        width = PERCENT[max(raised * 1000 // whole - left, NARROW)]
        svg += f'<rect class="q-bar-offline" x="{PERCENT[left]}" width="{width}"/>'
    if threshold:
        tick = PERCENT[threshold * 1000 // whole]
        svg += f'<line x1="{tick}" x2="{tick}" y2="18"/>'
    return Markup(svg + "</svg>")  # noqa: S704 -- figures of our own


class Column(NamedTuple):
    """A column of a plot, all as SVG percentages; ``middle`` is where its label stands."""

    x: str
    width: str
    y: str
    height: str
    middle: str


def columns_of(values: Sequence[int], top: int = 80, gap: int = 10) -> list[Column]:
    """Lay out columns side by side, the highest ``top`` percent high, on a line at 88 percent."""
    if not values:
        return []
    most, wide = max(*values, 1), 1000 // len(values)
    return [
        Column(
            x=PERCENT[n * wide + gap],
            width=PERCENT[wide - 2 * gap],
            y=PERCENT[BASE - value * top * 10 // most],
            height=PERCENT[value * top * 10 // most],
            middle=PERCENT[n * wide + wide // 2],
        )
        for n, value in enumerate(values)
    ]


def pattern_of(seed: int | str, theme: str | None = None) -> tuple[int, int]:
    """Choose a drawn pattern and its hue, always the same ones for the same seed and theme."""
    number = seed if isinstance(seed, int) else zlib.crc32(seed.encode())
    hue = zlib.crc32(theme.encode()) if theme else number + number // PATTERNS
    return number * 5 % PATTERNS, hue % HUES


def _part(start: int, end: int, whole: int) -> Part | None:
    if end <= start:
        return None
    left, right = start * 1000 // whole, end * 1000 // whole
    return Part(PERCENT[left], PERCENT[max(right - left, NARROW)])


@lru_cache
def pattern_svg(drawings: str, shape: int, hue: int) -> Markup:
    """Draw a pattern out of the file at the address ``drawings``."""
    inside = f'<use href="{escape(drawings)}#p{shape}"/>'
    return Markup(f'<svg class="q-hue-{hue}" role="none">{inside}</svg>')  # noqa: S704 -- our own


def _anchor(mille: int) -> str:
    if mille < NEAR_LEFT:
        return "start"
    return "end" if mille > NEAR_RIGHT else "middle"
