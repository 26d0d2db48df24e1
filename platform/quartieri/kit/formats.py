"""How money, dates, shares and lazy texts read: plain functions of a locale.

Times are shown as Rome's clocks show them. What lists repeat is kept in small caches.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import flask_babel
from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.lists import format_list
from babel.numbers import (
    format_decimal,
    get_currency_symbol,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
)

from quartieri.kit.clock import before_midnight, in_rome
from quartieri.kit.labels import LabelEnum, Lazy, Until
from quartieri.kit.money import CENTS_PER_UNIT, Money

MEGABYTE = 1_000_000
NO_BREAK_SPACE = "\u00a0"
DEFAULT_LOCALE = "it"
HOURS_UNTIL_DAYS = 48
DAYS_UNTIL_MONTHS = 60
DAYS_UNTIL_YEARS = 730
TODAY = {"it": "oggi", "en": "today"}
MIDNIGHT = "24:00"
AT_HOUR = {"it": "%(day)s, ore %(hour)s", "en": "%(day)s at %(hour)s"}

Translate = Callable[[str], str]


def format_money(money: Money, locale: str, *, cents: bool = False) -> str:
    """Write an amount as the locale does: "25.000 €", or with cents when odd or asked for.

    Spaces in it never break, so that the figure and its currency stay on one line.
    """
    return format_cents(money.cents, locale, money.currency, cents=cents)


def format_cents(amount: int, locale: str, currency: str = "EUR", *, cents: bool = False) -> str:
    """Write a sum of cents as ``format_money`` does."""
    before, after, thousands, point = _money_shape(locale, currency, amount < 0)
    units, odd = divmod(abs(amount), CENTS_PER_UNIT)
    text = f"{units:,}".replace(",", thousands)
    if odd or cents:
        text = f"{text}{point}{odd:02d}"
    return f"{before}{text}{after}"


@lru_cache
def _money_shape(locale: str, currency: str, negative: bool) -> tuple[str, str, str, str]:  # noqa: FBT001 -- a cache's key
    """Give what stands before and after an amount, and its separators, as Babel knows them."""
    known = Locale.parse(locale)
    pattern = known.currency_formats["standard"]
    symbol = get_currency_symbol(currency, known)
    before, after = (
        _unbreakable(part[negative].replace("¤", symbol).replace("-", get_minus_sign_symbol(known)))
        for part in (pattern.prefix, pattern.suffix)
    )
    thousands = _unbreakable(get_group_symbol(known))
    return before, after, thousands, get_decimal_symbol(known)


def format_size(size: int, locale: str) -> str:
    """Write the size of a file in the unit that fits: 840 KB, 1,2 MB."""
    if size < MEGABYTE:
        return f"{max(round(size / 1000), 1)}{NO_BREAK_SPACE}KB"
    return f"{format_decimal(size / MEGABYTE, format='#,##0.#', locale=locale)}{NO_BREAK_SPACE}MB"


def format_share(share: Decimal, locale: str, *, decimals: int = 2) -> str:
    """Write a share (0.5 is a half) as a percentage with at most ``decimals`` decimals."""
    return _share_text(share, locale, decimals)


@lru_cache(maxsize=2048)
def _share_text(share: Decimal, locale: str, decimals: int) -> str:
    pattern = "#,##0." + "#" * decimals if decimals else "#,##0"
    text = format_decimal(share * 100, format=pattern, locale=locale)
    sign = f"{NO_BREAK_SPACE}%" if locale.startswith("it") else "%"
    return _unbreakable(text) + sign


def format_day(day: date, locale: str) -> str:
    """Write a day as people say it: "venerdì 31 gennaio 2025"; an instant is taken to Rome."""
    return _day_text(_rome_day(day), locale)


@lru_cache(maxsize=2048)
def _day_text(day: date, locale: str) -> str:
    return format_date(day, "EEEE d MMMM y", locale=locale)


def format_month(day: date, locale: str) -> str:
    """Write a month: "maggio 2027"."""
    return format_date(day, "MMMM y", locale=locale)


def format_instant(instant: datetime, locale: str) -> str:
    """Write day and hour in Rome: "venerdì 31 gennaio 2025, ore 12:00"."""
    return _day_and_hour(instant, f"{in_rome(instant):%H:%M}", locale)


def _day_and_hour(instant: datetime, hour: str, locale: str) -> str:
    parts = {"day": format_day(instant, locale), "hour": hour}
    return AT_HOUR.get(locale[:2], AT_HOUR["en"]) % parts


def format_deadline(deadline: datetime, locale: str) -> str:
    """Write a deadline as an instant; at midnight: "giovedì 31 luglio 2025, ore 24:00".

    "1 August at 00:00" is read by many as the end of that day.
    """
    last = before_midnight(deadline)
    if last == deadline:
        return format_instant(deadline, locale)
    return _day_and_hour(last, MIDNIGHT, locale)


def format_short_instant(instant: datetime) -> str:
    """Write day and hour in figures, for tables: "31/01/2025 12:00"."""
    return f"{in_rome(instant):%d/%m/%Y %H:%M}"


def format_short_deadline(deadline: datetime) -> str:
    """Write a deadline in figures; at midnight: "31/07/2025 24:00"."""
    last = before_midnight(deadline)
    if last == deadline:
        return format_short_instant(deadline)
    return f"{in_rome(last):%d/%m/%Y} {MIDNIGHT}"


def format_relative(
    instant: datetime | date, now: datetime, locale: str, *, deadline: bool = False
) -> str:
    """Write how far off an instant is: "tra 3 giorni", "2 ore fa".

    Within two days it counts whole hours or minutes that have still to pass or have passed;
    beyond, days as the calendar in Rome counts them: to the last one that a deadline leaves.
    """
    if isinstance(instant, datetime):
        left = instant - now
        if abs(left) < timedelta(hours=HOURS_UNTIL_DAYS):
            return _hours_or_minutes(left, locale)
        instant = before_midnight(instant) if deadline else instant
    days = (_rome_day(instant) - _rome_day(now)).days
    if days == 0:
        return TODAY.get(locale[:2], TODAY["en"])
    unit = "day"
    if abs(days) >= DAYS_UNTIL_YEARS:
        unit = "year"
    elif abs(days) >= DAYS_UNTIL_MONTHS:
        unit = "month"
    return _in_unit(timedelta(days=days), unit, locale)


def _hours_or_minutes(left: timedelta, locale: str) -> str:
    minutes = int(abs(left).total_seconds()) // 60
    sign = 1 if left > timedelta(0) else -1
    if minutes >= 60:  # noqa: PLR2004 -- minutes in an hour
        return _in_unit(sign * timedelta(hours=minutes // 60), "hour", locale)
    return _in_unit(sign * timedelta(minutes=max(minutes, 1)), "minute", locale)


@lru_cache(maxsize=2048)
def _in_unit(delta: timedelta, unit: Any, locale: str) -> str:
    # A threshold out of reach keeps Babel in the unit that was chosen here.
    return format_timedelta(
        delta, granularity=unit, threshold=10_000, add_direction=True, locale=locale
    )


def format_left(instant: datetime, now: datetime, locale: str) -> str:
    """Write what is left until an instant: "12 giorni e 4 ore", "3 ore e 5 minuti"; "" after it.

    The two largest units that count, whole ones that have still to pass; never less than a minute.
    """
    minutes = int((instant - now).total_seconds()) // 60
    if instant < now:
        return ""
    days, hours = divmod(minutes // 60, 24)
    parts = {"days": days, "hours": hours} if days else {"hours": hours, "minutes": minutes % 60}
    words = [_plain_unit(name, count, locale) for name, count in parts.items() if count]
    return format_list(words or [_plain_unit("minutes", 1, locale)], locale=locale)


def _plain_unit(name: str, count: int, locale: str) -> str:
    unit: Any = name.removesuffix("s")
    return format_timedelta(
        timedelta(**{name: count}), granularity=unit, threshold=10_000, locale=locale
    )


def say(text: object, translate: Translate, locale: str) -> str:
    """Translate a Lazy text, its lazy, money and date values included; other things as they are.

    A deadline alone is shown as one.
    """
    if isinstance(text, Until):
        return format_deadline(text.at, locale)
    if not isinstance(text, Lazy):
        return str(text)
    sentence = translate(text.msgid)
    if not text.values:
        return sentence
    return sentence % {k: _spoken(v, translate, locale) for k, v in text.values.items()}


def _spoken(value: object, translate: Translate, locale: str) -> object:
    if isinstance(value, Lazy | Until):
        return say(value, translate, locale)
    if isinstance(value, LabelEnum):
        return translate(value.label)
    if isinstance(value, Money):
        return format_money(value, locale)
    if isinstance(value, Decimal):
        return format_decimal(value, locale=locale, decimal_quantization=False)
    if isinstance(value, date):
        return _spoken_date(value, locale)
    return value


def _spoken_date(value: date, locale: str) -> str:
    if isinstance(value, datetime):
        return format_instant(value, locale)
    return format_day(value, locale)


def _unbreakable(text: str) -> str:
    return re.sub(r"\s", NO_BREAK_SPACE, text)


def _rome_day(moment: date) -> date:
    return in_rome(moment).date() if isinstance(moment, datetime) else moment


def language() -> str:
    """Give the reader's language code ("it"); the default outside of a request."""
    locale = flask_babel.get_locale()
    return locale.language if locale else DEFAULT_LOCALE
