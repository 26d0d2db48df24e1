"""How points, totals and criteria read on a page."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from babel.numbers import format_decimal
from flask import Blueprint

from quartieri.calls.models import Criterion
from quartieri.kit.formats import language
from quartieri.reviews.ranking import TOTAL_SCALE
from quartieri.reviews.ranking.sentences import to_hundredths


def points(value: Decimal) -> str:
    """Write points without trailing zeros: 7,5."""
    return str(format_decimal(value, format="0.####", locale=language()))


def number(value: Decimal | str) -> str:
    """Write a score with its two decimals: 14,50."""
    return str(format_decimal(Decimal(value), format="0.00", locale=language()))


def total_points(value: int) -> str:
    """Write a sheet's stored total with two decimals."""
    return number(to_hundredths(Fraction(value, TOTAL_SCALE)))


def hundredths(value: Fraction) -> Decimal:
    """Round an exact mean for show."""
    return to_hundredths(value)


def criterion_title(criterion: Criterion) -> str:
    """Give a criterion's title in the reader's language, or in the other one."""
    first, second = criterion.title_it, criterion.title_en
    return (second or first) if language() == "en" else (first or second)


def criterion_guidance(criterion: Criterion) -> str:
    """Give a criterion's guidance in the reader's language, or in the other one."""
    first, second = criterion.guidance_it, criterion.guidance_en
    return (second or first) if language() == "en" else (first or second)


def register(bp: Blueprint) -> None:
    """Give the templates these words."""
    for one in (points, number, total_points, hundredths):
        bp.add_app_template_filter(one)
    for two in (criterion_title, criterion_guidance):
        bp.add_app_template_global(two)
