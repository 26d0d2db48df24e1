"""How money, dates, shares and labels read, in both languages."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from quartieri.kit.clock import last_day, rome
from quartieri.kit.filters import lang_of, worded_filter
from quartieri.kit.formats import (
    format_day,
    format_deadline,
    format_instant,
    format_left,
    format_money,
    format_relative,
    format_share,
    format_short_deadline,
    format_short_instant,
    format_size,
    say,
)
from quartieri.kit.labels import LabelEnum, in_language, lazy, until
from quartieri.kit.money import Money

NOON_IN_ROME = datetime(2025, 1, 31, 11, 0, tzinfo=UTC)
NB = "\u00a0"


class Phase(LabelEnum):
    OPEN = "open", "Open"


@pytest.mark.parametrize(
    ("cents", "locale", "text"),
    [
        (2_500_000, "it", f"25.000{NB}€"),
        (2_500_000, "en", "€25,000"),
        (1_240_050, "it", f"12.400,50{NB}€"),
        (1_240_050, "en", "€12,400.50"),
        (0, "it", f"0{NB}€"),
        (-123_456, "it", f"-1.234,56{NB}€"),
        (999_999_999, "it", f"9.999.999,99{NB}€"),
    ],
)
def test_an_amount_reads_without_cents_when_it_is_whole(cents: int, locale: str, text: str) -> None:
    assert format_money(Money(cents), locale) == text


@pytest.mark.parametrize(("locale", "text"), [("it", f"25.000,00{NB}€"), ("en", "€25,000.00")])
def test_an_amount_in_a_table_keeps_its_cents(locale: str, text: str) -> None:
    assert format_money(Money(2_500_000), locale, cents=True) == text


def test_an_amount_beyond_what_a_float_holds_is_exact() -> None:
    assert format_money(Money(9_007_199_254_740_993), "en") == "€90,071,992,547,409.93"


@pytest.mark.parametrize(
    ("share", "locale", "text"),
    [
        ("0.5", "it", f"50{NB}%"),
        ("0.5", "en", "50%"),
        ("0.125", "it", f"12,5{NB}%"),
        ("0.3333", "en", "33.33%"),
    ],
)
def test_a_share_reads_as_a_percentage(share: str, locale: str, text: str) -> None:
    assert format_share(Decimal(share), locale) == text


@pytest.mark.parametrize(
    ("size", "locale", "text"),
    [(44, "it", f"1{NB}KB"), (840_200, "en", f"840{NB}KB"), (1_240_000, "it", f"1,2{NB}MB")],
)
def test_a_file_has_a_size_in_the_unit_that_fits(size: int, locale: str, text: str) -> None:
    assert format_size(size, locale) == text


def test_an_instant_reads_as_the_clocks_of_rome_show_it() -> None:
    assert format_instant(NOON_IN_ROME, "it") == "venerdì 31 gennaio 2025, ore 12:00"
    assert format_instant(NOON_IN_ROME, "en") == "Friday 31 January 2025 at 12:00"
    assert format_short_instant(NOON_IN_ROME) == "31/01/2025 12:00"


@pytest.mark.parametrize("locale", ["it", "en"])
def test_a_deadline_at_midnight_is_the_end_of_the_day_before(locale: str) -> None:
    midnight = rome(date(2025, 8, 1))
    said = {"it": "giovedì 31 luglio 2025, ore 24:00", "en": "Thursday 31 July 2025 at 24:00"}
    assert format_deadline(midnight, locale) == said[locale]
    text = lazy("Until %(end)s", end=until(midnight))
    assert say(text, str, locale) == f"Until {said[locale]}"
    assert format_short_deadline(midnight) == "31/07/2025 24:00"
    assert last_day(midnight) == date(2025, 7, 31)


@pytest.mark.parametrize("hour", [time(0, 1), time(12), time(23, 59, 59)])
def test_any_other_deadline_reads_as_its_instant(hour: time) -> None:
    deadline = rome(date(2025, 8, 1), hour)
    assert format_deadline(deadline, "it") == format_instant(deadline, "it")
    assert format_short_deadline(deadline) == format_short_instant(deadline)
    assert last_day(deadline) == date(2025, 8, 1)


def test_the_last_day_of_a_deadline_is_as_far_off_as_it_is_said() -> None:
    noon, midnight = rome(date(2025, 7, 28), time(12)), rome(date(2025, 8, 1))
    assert format_relative(midnight, noon, "it", deadline=True) == "tra 3 giorni"
    assert format_relative(midnight, noon, "it") == "tra 4 giorni"


def test_an_instant_late_in_the_evening_of_utc_is_the_next_day_in_rome() -> None:
    assert format_day(datetime(2025, 7, 31, 22, 30, tzinfo=UTC), "it") == "venerdì 1 agosto 2025"


def test_a_day_reads_with_its_weekday() -> None:
    assert format_day(date(2025, 1, 31), "it") == "venerdì 31 gennaio 2025"
    assert format_day(date(2025, 1, 31), "en") == "Friday 31 January 2025"


@pytest.mark.parametrize(
    ("left", "italian", "english"),
    [
        (timedelta(days=3), "tra 3 giorni", "in 3 days"),
        (timedelta(days=2, hours=23), "tra 3 giorni", "in 3 days"),
        (timedelta(hours=47, minutes=59), "tra 47 ore", "in 47 hours"),
        (timedelta(hours=1), "tra 1 ora", "in 1 hour"),
        (timedelta(minutes=59, seconds=59), "tra 59 minuti", "in 59 minutes"),
        (timedelta(seconds=10), "tra 1 minuto", "in 1 minute"),
        (timedelta(seconds=-10), "1 minuto fa", "1 minute ago"),
        (timedelta(hours=-5), "5 ore fa", "5 hours ago"),
        (timedelta(days=-3), "3 giorni fa", "3 days ago"),
        (timedelta(days=61), "tra 2 mesi", "in 2 months"),
        (timedelta(days=-800), "2 anni fa", "2 years ago"),
    ],
)
def test_what_is_left_reads_as_people_count_it(left: timedelta, italian: str, english: str) -> None:
    moment = NOON_IN_ROME + left
    assert format_relative(moment, NOON_IN_ROME, "it") == italian
    assert format_relative(moment, NOON_IN_ROME, "en") == english


def test_a_day_is_counted_by_the_calendar_and_today_is_today() -> None:
    assert format_relative(date(2025, 1, 31), NOON_IN_ROME, "it") == "oggi"
    assert format_relative(date(2025, 2, 1), NOON_IN_ROME, "en") == "in 1 day"


def test_a_lazy_text_is_translated_with_its_values() -> None:
    text = lazy(
        "%(state)s: over by %(amount)s until %(end)s, %(n)s times, %(why)s",
        state=Phase.OPEN,
        amount=Money(120_000),
        end=NOON_IN_ROME,
        n=2,
        why=lazy("again"),
    )
    table = {"Open": "Aperto", "again": "ancora"}
    shown = say(text, lambda msgid: table.get(msgid, msgid), "it")
    assert shown == (
        f"Aperto: over by 1.200{NB}€ until venerdì 31 gennaio 2025, ore 12:00, 2 times, ancora"
    )


def test_a_percent_sign_in_a_lazy_text_without_values_stays_as_it_is() -> None:
    assert say(lazy("50 % of it"), str, "en") == "50 % of it"
    assert say("plain", str, "en") == "plain"


@pytest.mark.parametrize(
    ("left", "italian", "english"),
    [
        (timedelta(days=12, hours=4, minutes=10), "12 giorni e 4 ore", "12 days and 4 hours"),
        (timedelta(days=1), "1 giorno", "1 day"),
        (timedelta(hours=3, minutes=5), "3 ore e 5 minuti", "3 hours and 5 minutes"),
        (timedelta(seconds=3), "1 minuto", "1 minute"),
        (timedelta(0), "1 minuto", "1 minute"),
        (timedelta(microseconds=-1), "", ""),
    ],
)
def test_what_is_left_is_counted_in_its_two_largest_units(
    left: timedelta, italian: str, english: str
) -> None:
    assert format_left(NOON_IN_ROME + left, NOON_IN_ROME, "it") == italian
    assert format_left(NOON_IN_ROME + left, NOON_IN_ROME, "en") == english


def test_a_text_that_is_not_in_the_readers_language_is_marked_with_its_own() -> None:
    text = {"it": "Bando <2025>", "en": ""}
    assert in_language(text, "it") == in_language(text, "en") == text["it"]
    assert worded_filter(in_language(text, "en")) == '<span lang="it">Bando &lt;2025&gt;</span>'
    assert worded_filter(in_language(text, "it")) == text["it"]
    assert lang_of(in_language(text, "en")) == ' lang="it"'
    assert (in_language({}, "en"), lang_of("Bando"), lang_of(in_language({}, "en"))) == ("", "", "")
