"""The filters and functions of templates: what ``formats`` writes, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import flask_babel
from flask import request, url_for
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from quartieri.kit import cards, drawing, words
from quartieri.kit.clock import last_day
from quartieri.kit.formats import (
    DEFAULT_LOCALE,
    format_day,
    format_deadline,
    format_instant,
    format_left,
    format_money,
    format_month,
    format_relative,
    format_share,
    format_short_deadline,
    format_short_instant,
    format_size,
    language,
    say,
)
from quartieri.kit.labels import LabelEnum
from quartieri.kit.money import Money

if TYPE_CHECKING:
    from flask import Flask

STATIC = "/static"
MARK = "here"


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


def month_filter(day: date | None) -> str:
    """Show the month of a day in words."""
    return _unknown() if day is None else format_month(day, language())


def instant_filter(instant: datetime | None) -> str:
    """Show a day with its hour in words."""
    return _unknown() if instant is None else format_instant(instant, language())


def short_instant_filter(instant: datetime | None) -> str:
    """Show a day with its hour in figures."""
    return _unknown() if instant is None else format_short_instant(instant)


def deadline_filter(deadline: datetime | None) -> str:
    """Show a deadline in words; one at midnight as 24:00 of its last day."""
    return _unknown() if deadline is None else format_deadline(deadline, language())


def short_deadline_filter(deadline: datetime | None) -> str:
    """Show a deadline in figures; one at midnight as 24:00 of its last day."""
    return _unknown() if deadline is None else format_short_deadline(deadline)


def last_day_filter(deadline: datetime | None) -> str:
    """Show the last day that a deadline leaves, in words."""
    return _unknown() if deadline is None else format_day(last_day(deadline), language())


@pass_context
def relative_filter(
    context: Context, instant: datetime | date | None, *, deadline: bool = False
) -> str:
    """Show how far off an instant, or the last day of a deadline, is by the application's clock."""
    if instant is None:
        return _unknown()
    return format_relative(instant, context["clock_now"](), language(), deadline=deadline)


@pass_context
def left_filter(context: Context, instant: datetime) -> str:
    """Show what is left until an instant, by the application's clock."""
    return format_left(instant, context["clock_now"](), language())


def label_filter(member: LabelEnum) -> str:
    """Show the translated label of an enum's member."""
    return str(flask_babel.gettext(member.label))


def say_filter(text: object) -> str:
    """Show a Lazy text in the reader's language."""
    return say(text, flask_babel.gettext, language())


def size_filter(size: int) -> str:
    """Show the size of a file."""
    return format_size(size, language())


def share_filter(share: Decimal | None) -> str:
    """Show a share as a percentage."""
    return _unknown() if share is None else format_share(share, language())


def markdown_html_filter(html: str | None) -> Markup:
    """Mark HTML that was sanitised when it was saved as safe to show; never give it raw text."""
    return Markup(html or "")  # noqa: S704 -- sanitised at save, the only way in


def at_filter(text: str) -> datetime:
    """Read an instant that was kept as text (ISO 8601)."""
    return datetime.fromisoformat(text)


def iso_filter(moment: date) -> str:
    """Give the machine-readable form of a day or an instant, for ``<time datetime>``."""
    return moment.isoformat()


def url_if(endpoint: str, **values: Any) -> str:
    """Give the address of a page, or "" in an installation that has no such page."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""


def address_around(endpoint: str, argument: str) -> tuple[str, str]:
    """Give what stands before and after a slug in an address: lists build one for all rows."""
    given: dict[str, Any] = {argument: MARK}
    before, _mark, after = url_for(endpoint, **given).partition(MARK)
    return before, after


def static_address(path: str) -> str:
    """Give the address of a static file; as ``url_for`` would, without building a route."""
    return f"{request.script_root}{STATIC}/{path}"


def _unknown() -> str:
    return str(flask_babel.gettext("not known"))


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money_filter,
    "money_cents": money_cents_filter,
    "cents": cents_filter,
    "euros": euros_filter,
    "day": day_filter,
    "month": month_filter,
    "instant": instant_filter,
    "short_instant": short_instant_filter,
    "deadline": deadline_filter,
    "short_deadline": short_deadline_filter,
    "last_day": last_day_filter,
    "relative": relative_filter,
    "left": left_filter,
    "label": label_filter,
    "say": say_filter,
    "share": share_filter,
    "size": size_filter,
    "markdown_html": markdown_html_filter,
    "iso": iso_filter,
    "at": at_filter,
}


def typed_lang() -> Markup:
    """Mark what people typed as the site's own language where the page speaks another one.

    WCAG 3.1.2: a screen reader reads it with the right voice.
    """
    return Markup("") if language() == DEFAULT_LOCALE else _TYPED


_TYPED = Markup(' lang="{}"').format(DEFAULT_LOCALE)


def typed(text: str) -> Markup:
    """Show what people typed in a place that takes no attributes, like the facts of a page."""
    lang = typed_lang()
    return Markup("<span{}>{}</span>").format(lang, text) if lang else escape(text)


def lang_of(text: str) -> Markup:
    """Mark the element of a text that is not there in the reader's language with its own one."""
    lang = getattr(text, "lang", "")
    return Markup(' lang="{}"').format(lang) if lang else Markup()


def worded_filter(text: str) -> str:
    """Show a text of the database, marked where it is not in the reader's language (WCAG 3.1.2)."""
    lang = lang_of(text)
    return Markup("<span{}>{}</span>").format(lang, str(text)) if lang else text


def register(app: Flask, now: Callable[[], datetime]) -> None:
    """Give the application's templates these filters, the functions of pages, and the clock."""
    app.jinja_env.filters.update(FILTERS, worded=worded_filter)
    app.jinja_env.globals.update(
        clock_now=now,
        language=language,
        lang_of=lang_of,
        typed=typed,
        typed_lang=typed_lang,
        url_if=url_if,
        bar_of=drawing.bar_of,
        columns_of=drawing.columns_of,
        pattern_of=drawing.pattern_of,
        bar_words=words.bar_words,
        drawn_cards=cards.drawn_cards,
        address_around=address_around,
        static=static_address,
    )
