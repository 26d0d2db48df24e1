"""Figures as people type them, read exactly; knows no framework."""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = re.compile(r"^[0-9]+([.,][0-9]{1,2})?$")
_GROUPED_IT = re.compile(r"^[0-9]{1,3}(\.[0-9]{3})+(,[0-9]{1,2})?$")
_GROUPED_EN = re.compile(r"^[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?$")
MOST_FIGURE = Decimal(10) ** 11


def parse_figure(text: str) -> Decimal:
    """Read a figure of at most two decimals (12.400,50 or 12,400.50 or 12400,5); ValueError.

    One separator followed by exactly three digits groups thousands: 12.400 is twelve thousand.
    """
    bare = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if _GROUPED_IT.match(bare):
        bare = bare.replace(".", "").replace(",", ".")
    elif _GROUPED_EN.match(bare):
        bare = bare.replace(",", "")
    elif _PLAIN.match(bare):
        bare = bare.replace(",", ".")
    else:
        raise ValueError(text)
    figure = Decimal(bare)
    if figure > MOST_FIGURE:
        raise ValueError(text)
    return figure


def figure_text(figure: Decimal, language: str) -> str:
    """Write a figure so that it is read again as the same: without groups, 1200 or 1200,50."""
    whole = figure == figure.to_integral_value()
    text = f"{figure:.0f}" if whole else f"{figure:.2f}"
    return text if language == "en" else text.replace(".", ",")
