"""The legal term of a procedure, and the holidays that it steps over."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import DaysCounted, SessionRules
from quartieri.calls.legal_clock import (
    MOST_SUSPENDED,
    LegalTerm,
    last_day,
    state_on,
    suspended_days,
    term_of,
)
from quartieri.kit.clock import gap_or_twice
from quartieri.kit.workdays import is_holiday, is_workday, provinces

WORKING = DaysCounted.WORKING


@pytest.mark.parametrize(
    ("day", "province", "free"),
    [
        (date(2026, 12, 7), "MI", True),  # Sant'Ambrogio
        (date(2026, 12, 7), "TO", False),
        (date(2026, 6, 24), "TO", True),  # San Giovanni
        (date(2026, 6, 24), "MI", False),
        (date(2026, 4, 6), "", True),  # Easter Monday
        (date(2026, 4, 3), "", False),  # Good Friday is a working day
        (date(2026, 4, 5), "", True),
        (date(2026, 8, 15), "", True),
        (date(2026, 8, 8), "", False),  # a Saturday is no holiday
    ],
)
def test_holidays_are_the_nations_and_the_patrons(day: date, province: str, free: bool) -> None:
    assert is_holiday(day, province) is free


def test_a_saturday_is_neither_a_holiday_nor_a_working_day() -> None:
    assert not is_workday(date(2026, 8, 8))


def test_milan_and_turin_are_among_the_provinces() -> None:
    assert {"MI", "TO"} <= set(provinces())


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        (LegalTerm(), date(2025, 1, 31), date(2025, 3, 3)),  # 2 March is a Sunday
        (LegalTerm(days=90), date(2025, 10, 31), date(2026, 1, 29)),
        (LegalTerm(days=1), date(2026, 12, 24), date(2026, 12, 28)),  # two holidays and a Sunday
        (LegalTerm(10, WORKING), date(2026, 4, 3), date(2026, 4, 20)),  # Easter Monday
        (LegalTerm(1, WORKING, "MI"), date(2026, 12, 4), date(2026, 12, 9)),
        (LegalTerm(1, WORKING, "TO"), date(2026, 12, 4), date(2026, 12, 7)),
    ],
)
def test_worked_terms(term: LegalTerm, start: date, due: date) -> None:
    assert last_day(term, start) == due


def test_without_a_stated_term_the_laws_thirty_days_hold() -> None:
    assert term_of(SessionRules(), "MI") == LegalTerm(30, DaysCounted.CALENDAR, "MI")
    stated = SessionRules(term_days=60, term_counts="working")
    assert term_of(stated, "") == LegalTerm(60, WORKING)


def test_an_integration_of_ten_days_moves_the_end_by_ten() -> None:
    start, pause = date(2025, 1, 31), (date(2025, 2, 10), date(2025, 2, 19))
    state = state_on(LegalTerm(days=60), start, date(2025, 2, 20), [pause])
    assert (state.due, state.suspended_days, state.suspended) == (date(2025, 4, 11), 10, False)


def test_while_an_answer_is_awaited_nothing_is_used_up() -> None:
    start, pause = date(2025, 2, 3), (date(2025, 2, 10), None)
    first = state_on(LegalTerm(), start, date(2025, 2, 9), [pause])
    later = state_on(LegalTerm(), start, date(2025, 2, 19), [pause])
    assert (first.due, first.left, first.suspended) == (date(2025, 3, 5), 24, False)
    assert later.suspended
    assert later.due == first.due + timedelta(days=10)


def test_two_integrations_at_once_suspend_once() -> None:
    start = date(2025, 2, 3)
    one = suspended_days([(date(2025, 2, 10), date(2025, 2, 19))], start=start, today=start)
    assert one == frozenset()
    pauses = [(date(2025, 2, 10), date(2025, 2, 19)), (date(2025, 2, 15), date(2025, 2, 21))]
    assert len(suspended_days(pauses, start=start, today=date(2025, 3, 1))) == 12


def test_the_law_lets_a_term_stand_still_for_thirty_days_only() -> None:
    pause = (date(2025, 2, 4), None)
    days = suspended_days([pause], start=date(2025, 2, 3), today=date(2025, 6, 1))
    assert len(days) == MOST_SUSPENDED
    assert max(days) == date(2025, 3, 5)


def test_days_over_are_counted_below_zero() -> None:
    state = state_on(LegalTerm(), date(2025, 1, 31), date(2025, 3, 5))
    assert (state.left, state.is_over, state.is_close) == (-2, True, False)
    last = state_on(LegalTerm(), date(2025, 1, 31), date(2025, 3, 3))
    assert (last.left, last.is_over, last.is_close) == (0, False, True)


DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
TERMS = st.builds(
    LegalTerm,
    days=st.integers(1, 200),
    counts=st.sampled_from(DaysCounted),
    province=st.sampled_from(["", "MI", "TO"]),
)
PAUSES = st.lists(st.tuples(st.integers(0, 120), st.none() | st.integers(0, 60)), max_size=4)


@given(TERMS, DAYS, st.integers(0, 300), PAUSES)
def test_a_term_holds_its_days_and_ends_on_no_holiday(
    term: LegalTerm, start: date, passed: int, given_pauses: list[tuple[int, int | None]]
) -> None:
    today = start + timedelta(days=passed)
    pauses = [
        (start + timedelta(days=a), None if b is None else start + timedelta(days=a + b))
        for a, b in given_pauses
    ]
    state = state_on(term, start, today, pauses)
    assert not is_holiday(state.due, term.province)
    standing = suspended_days(pauses, start=start, today=today)
    used = [
        day
        for day in (start + timedelta(days=n) for n in range(1, (state.due - start).days + 1))
        if term.is_counted(day) and day not in standing
    ]
    assert len(used) >= term.days
    # all but the last stretch of holidays is needed: one counted day less would be too few
    assert len([d for d in used if d < state.due]) < term.days or is_holiday(
        used[term.days - 1], term.province
    )
    assert last_day(term, start) <= state.due <= last_day(term, start) + timedelta(days=99)
    assert (state.left < 0) is (today > state.due)
    assert state.suspended_days <= MOST_SUSPENDED


@given(TERMS, DAYS, st.integers(0, 200))
def test_each_day_that_passes_leaves_no_more_than_the_day_before(
    term: LegalTerm, start: date, passed: int
) -> None:
    today = start + timedelta(days=passed)
    before = state_on(term, start, today)
    after = state_on(term, start, today + timedelta(days=1))
    assert after.left <= before.left
    assert after.due == before.due


@pytest.mark.parametrize(
    ("day", "at", "found"),
    [
        (date(2026, 3, 29), time(2, 0), "gap"),
        (date(2026, 3, 29), time(2, 59), "gap"),
        (date(2026, 3, 29), time(1, 59), ""),
        (date(2026, 3, 29), time(3, 0), ""),
        (date(2026, 10, 25), time(2, 0), "twice"),
        (date(2026, 10, 25), time(2, 59), "twice"),
        (date(2026, 10, 25), time(1, 59), ""),
        (date(2026, 10, 25), time(3, 0), ""),
        (date(2026, 7, 1), time(2, 30), ""),
    ],
)
def test_the_nights_when_romes_clocks_change(day: date, at: time, found: str) -> None:
    assert gap_or_twice(day, at) == found
