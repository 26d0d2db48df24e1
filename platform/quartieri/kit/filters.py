"""How money, dates, shares and labels read on a page: plain functions, and their Jinja filters.

The ``format_*`` functions take the locale as an argument and touch nothing else; the filters ask
Flask-Babel for the reader's language. Times are shown as Rome's clocks show them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import flask_babel
from babel import Locale
from babel.dates import format_date, format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from werkzeug.routing import BuildError

from quartieri.kit import drawing
from quartieri.kit.clock import in_rome
from quartieri.kit.labels import LabelEnum, Lazy
from quartieri.kit.money import Money

if TYPE_CHECKING:
    from flask import Flask

NO_BREAK_SPACE = "\u00a0"
DEFAULT_LOCALE = "it"
HOURS_UNTIL_DAYS = 48
DAYS_UNTIL_MONTHS = 60
DAYS_UNTIL_YEARS = 730
TODAY = {"it": "oggi", "en": "today"}
AT_HOUR = {"it": "%(day)s, ore %(hour)s", "en": "%(day)s at %(hour)s"}

Translate = Callable[[str], str]


def format_money(money: Money, locale: str, *, cents: bool = False) -> str:
    """Write an amount as the locale does: "25.000 €", or with cents when odd or asked for.

    Spaces in it never break, so that the figure and its currency stay on one line.
    """
    pattern = Locale.parse(locale).currency_formats["standard"].pattern
    if money.is_whole and not cents:
        pattern = pattern.replace(".00", "")
    text = format_currency(
        money.units, money.currency, format=pattern, locale=locale, currency_digits=False
    )
    return _unbreakable(text)


def format_share(share: Decimal, locale: str, *, decimals: int = 2) -> str:
    """Write a share (0.5 is a half) as a percentage with at most ``decimals`` decimals."""
    pattern = "#,##0." + "#" * decimals if decimals else "#,##0"
    text = format_decimal(share * 100, format=pattern, locale=locale)
    sign = f"{NO_BREAK_SPACE}%" if locale.startswith("it") else "%"
    return _unbreakable(text) + sign


def format_day(day: date, locale: str) -> str:
    """Write a day as people say it: "venerdì 31 gennaio 2025"; an instant is taken to Rome."""
    return format_date(_rome_day(day), "EEEE d MMMM y", locale=locale)


def format_instant(instant: datetime, locale: str) -> str:
    """Write day and hour in Rome: "venerdì 31 gennaio 2025, ore 12:00"."""
    there = in_rome(instant)
    hour = f"{there:%H:%M}"
    parts = {"day": format_day(instant, locale), "hour": hour}
    return AT_HOUR.get(locale[:2], AT_HOUR["en"]) % parts


def format_short_instant(instant: datetime) -> str:
    """Write day and hour in figures, for tables: "31/01/2025 12:00"."""
    return f"{in_rome(instant):%d/%m/%Y %H:%M}"


def format_relative(instant: datetime | date, now: datetime, locale: str) -> str:
    """Write how far off an instant is: "tra 3 giorni", "2 ore fa".

    Within two days it counts whole hours or minutes that have still to pass or have passed;
    beyond, days as the calendar in Rome counts them.
    """
    if isinstance(instant, datetime):
        left = instant - now
        if abs(left) < timedelta(hours=HOURS_UNTIL_DAYS):
            return _hours_or_minutes(left, locale)
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


def _in_unit(delta: timedelta, unit: Any, locale: str) -> str:
    # A threshold out of reach keeps Babel in the unit that was chosen here.
    return format_timedelta(
        delta, granularity=unit, threshold=10_000, add_direction=True, locale=locale
    )


def say(text: object, translate: Translate, locale: str) -> str:
    """Translate a Lazy text, its lazy, money and date values included; other things as they are."""
    if not isinstance(text, Lazy):
        return str(text)
    sentence = translate(text.msgid)
    if not text.values:
        return sentence
    return sentence % {k: _spoken(v, translate, locale) for k, v in text.values.items()}


def _spoken(value: object, translate: Translate, locale: str) -> object:
    if isinstance(value, Lazy):
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


def money_filter(money: Money | None) -> str:
    """Show an amount without cents when it is whole; nothing known says so."""
    return _unknown() if money is None else format_money(money, language())


def cents_filter(cents: int | None) -> str:
    """Show a column of cents always with its cents, for tables and receipts."""
    return money_cents_filter(None if cents is None else Money(cents))


def euros_filter(cents: int | None) -> str:
    """Show a column of cents as an amount, without cents when it is whole."""
    return _unknown() if cents is None else format_money(Money(cents), language())


def money_cents_filter(money: Money | None) -> str:
    """Show an amount always with its cents, for tables and receipts."""
    return _unknown() if money is None else format_money(money, language(), cents=True)


def day_filter(day: date | None) -> str:
    """Show a day in words."""
    return _unknown() if day is None else format_day(day, language())


def instant_filter(instant: datetime | None) -> str:
    """Show a day with its hour in words."""
    return _unknown() if instant is None else format_instant(instant, language())


def short_instant_filter(instant: datetime | None) -> str:
    """Show a day with its hour in figures."""
    return _unknown() if instant is None else format_short_instant(instant)


@pass_context
def relative_filter(
    context: Context, instant: datetime | date | None, now: datetime | None = None
) -> str:
    """Show how far off an instant is from ``now``, or from the application's clock."""
    if instant is None:
        return _unknown()
    return format_relative(instant, now or context["clock_now"](), language())


def label_filter(member: LabelEnum) -> str:
    """Show the translated label of an enum's member."""
    return str(flask_babel.gettext(member.label))


def say_filter(text: object) -> str:
    """Show a Lazy text in the reader's language."""
    return say(text, flask_babel.gettext, language())


def share_filter(share: Decimal | None) -> str:
    """Show a share as a percentage."""
    return _unknown() if share is None else format_share(share, language())


def markdown_html_filter(html: str | None) -> Markup:
    """Mark HTML that was sanitised when it was saved as safe to show; never give it raw text."""
    return Markup(html or "")  # noqa: S704 -- sanitised at save, the only way in


def iso_filter(moment: date) -> str:
    """Give the machine-readable form of a day or an instant, for ``<time datetime>``."""
    return moment.isoformat()


def url_if(endpoint: str, **values: Any) -> str:
    """Give the address of a page, or "" in an installation that has no such page."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""


def _unknown() -> str:
    return str(flask_babel.gettext("not known"))


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money_filter,
    "money_cents": money_cents_filter,
    "cents": cents_filter,
    "euros": euros_filter,
    "day": day_filter,
    "instant": instant_filter,
    "short_instant": short_instant_filter,
    "relative": relative_filter,
    "label": label_filter,
    "say": say_filter,
    "share": share_filter,
    "markdown_html": markdown_html_filter,
    "iso": iso_filter,
}


def register(app: Flask, now: Callable[[], datetime]) -> None:
    """Give the application's templates these filters, the functions of pages, and the clock."""
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        clock_now=now,
        language=language,
        url_if=url_if,
        bar_of=drawing.bar_of,
        pattern_of=drawing.pattern_of,
    )
