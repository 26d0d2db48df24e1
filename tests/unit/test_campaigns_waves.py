"""By day, in Rome: when cards are charged with nobody present."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.campaigns.rules import charge_at, next_wave
from quartieri.kit.clock import in_rome, rome

SUMMER, WINTER = date(2025, 7, 1), date(2025, 1, 15)
INSTANTS = st.timedeltas(timedelta(), timedelta(days=1000)).map(
    lambda since: datetime(2024, 1, 1, tzinfo=UTC) + since
)


@pytest.mark.parametrize("day", [SUMMER, WINTER])
@pytest.mark.parametrize(
    ("hour", "later", "opens"),
    [(0, 0, time(9)), (8, 0, time(9)), (9, 0, time(9)), (19, 0, time(19)), (20, 1, time(9))],
)
def test_a_wave_runs_from_nine_to_twenty_in_rome(
    day: date, hour: int, later: int, opens: time
) -> None:
    assert next_wave(rome(day, time(hour))) == rome(day + timedelta(days=later), opens)


@pytest.mark.parametrize("day", [date(2025, 3, 29), date(2025, 10, 25)])
def test_the_night_in_which_clocks_change_ends_at_nine_as_well(day: date) -> None:
    wave = next_wave(rome(day, time(21)))
    assert in_rome(wave).time() == time(9)
    assert wave - rome(day, time(21)) in {timedelta(hours=11), timedelta(hours=13)}


@given(INSTANTS)
def test_the_next_wave_is_never_early_and_at_most_thirteen_hours_away(now: datetime) -> None:
    wave = next_wave(now)
    assert now <= wave <= now + timedelta(hours=14)
    assert time(9) <= in_rome(wave).time() < time(20)
    assert next_wave(wave) == wave


def test_a_charge_that_would_miss_the_grace_is_made_as_planned() -> None:
    planned = rome(SUMMER, time(22))
    assert charge_at(planned, planned + timedelta(hours=1)) == planned
    assert charge_at(planned, planned + timedelta(days=1)) == next_wave(planned)
    assert charge_at(planned, None) == next_wave(planned)
