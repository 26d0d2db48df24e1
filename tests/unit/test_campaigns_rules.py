"""What the clock and the money demand of a campaign, and what a pledge may be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from quartieri.campaigns.rules import (
    READING,
    CampaignState,
    Closing,
    Standing,
    Terms,
    check_amount,
    confirmed_in_time,
    next_step,
    next_try,
)
from quartieri.kit.errors import InvalidError

C = CampaignState
START = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
END = START + timedelta(days=60)
LATER = END + timedelta(days=3)
GRACE = END + timedelta(days=7)
TICK = timedelta(microseconds=1)
CALENDAR = (1, 2, 2)


def standing(state: CampaignState, now: datetime, **over: int) -> Standing:
    found = Standing(
        state=state,
        now=now,
        starts_at=START,
        ends_at=END,
        grace_ends_at=GRACE,
        target_cents=1000,
        promised_cents=0,
        collected_cents=0,
    )
    return replace(found, **over)


@pytest.mark.parametrize(
    ("case", "step"),
    [
        (standing(C.DRAFT, END + TICK), Closing.NOTHING),
        (standing(C.SCHEDULED, START - TICK), Closing.NOTHING),
        (standing(C.SCHEDULED, START), Closing.GO_LIVE),
        (standing(C.LIVE, END), Closing.NOTHING),
        (standing(C.LIVE, END + TICK), Closing.END),
        (standing(C.SUSPENDED, END + TICK), Closing.END),
        (standing(C.ENDED, END + TICK, promised_cents=999), Closing.MISS),
        (standing(C.ENDED, END + TICK, promised_cents=1000), Closing.COLLECT),
        (standing(C.ENDED, END + TICK, promised_cents=999, unfinished=1), Closing.WAIT),
        (standing(C.ENDED, GRACE + TICK, promised_cents=999, unfinished=1), Closing.WAIT),
        (standing(C.COLLECTING, END + TICK, undecided=1), Closing.WAIT),
        (standing(C.COLLECTING, END + TICK, collected_cents=1000, undecided=1), Closing.WAIT),
        (standing(C.COLLECTING, END + TICK, collected_cents=1000), Closing.SUCCEED),
        (standing(C.COLLECTING, END + TICK, collected_cents=999), Closing.FAIL),
        (standing(C.COLLECTING, GRACE, undecided=1), Closing.WAIT),
        (standing(C.COLLECTING, GRACE + TICK, undecided=1), Closing.FAIL),
        (standing(C.COLLECTING, GRACE + TICK, undecided=1, collected_cents=1000), Closing.SUCCEED),
        (standing(C.COLLECTING, GRACE + TICK, undecided=1, asking=1), Closing.WAIT),
        (standing(C.COLLECTING, GRACE + READING + TICK, undecided=1, asking=1), Closing.FAIL),
        (standing(C.ENDED, END + TICK, promised_cents=1, keeps_all=True), Closing.COLLECT),
        (standing(C.ENDED, END + TICK, keeps_all=True), Closing.MISS),
        (standing(C.COLLECTING, END + TICK, collected_cents=1, keeps_all=True), Closing.SUCCEED),
        (standing(C.COLLECTING, END + TICK, keeps_all=True), Closing.FAIL),
        (standing(C.ENDED, END, promised_cents=1010, promised_fees_cents=11), Closing.MISS),
        (standing(C.ENDED, END, promised_cents=1010, promised_fees_cents=10), Closing.COLLECT),
        (standing(C.COLLECTING, END, collected_cents=1010, fees_cents=11), Closing.FAIL),
        (standing(C.COLLECTING, END, collected_cents=1010, fees_cents=10), Closing.SUCCEED),
        (standing(C.COLLECTING, GRACE, collected_cents=999, tops_up=True), Closing.WAIT),
        (standing(C.COLLECTING, GRACE, collected_cents=1000, tops_up=True), Closing.SUCCEED),
        (standing(C.COLLECTING, GRACE + TICK, collected_cents=999, tops_up=True), Closing.FAIL),
        (standing(C.COLLECTING, GRACE + TICK, unfinished=1, tops_up=True), Closing.WAIT),
        (standing(C.ENDED, LATER, promised_cents=999, recorded_until=LATER), Closing.WAIT),
        (standing(C.ENDED, LATER + TICK, promised_cents=999, recorded_until=LATER), Closing.MISS),
        (standing(C.ENDED, LATER, promised_cents=1000, recorded_until=LATER), Closing.COLLECT),
        (standing(C.COLLECTING, LATER, collected_cents=1000, recorded_until=LATER), Closing.WAIT),
        (standing(C.COLLECTING, LATER, collected_cents=999, recorded_until=LATER), Closing.WAIT),
        (
            standing(C.COLLECTING, LATER + TICK, collected_cents=1000, recorded_until=LATER),
            Closing.SUCCEED,
        ),
        (standing(C.SUCCEEDED, GRACE), Closing.NOTHING),
        (standing(C.SETTLED, GRACE), Closing.NOTHING),
    ],
)
def test_the_next_step_follows_from_state_clock_and_money(case: Standing, step: Closing) -> None:
    assert next_step(case) is step


def test_a_pledge_counts_if_started_by_the_deadline_and_confirmed_soon_enough() -> None:
    soon = timedelta(minutes=30)

    def counts(started: datetime, confirmed: datetime) -> bool:
        return confirmed_in_time(
            started_at=started, confirmed_at=confirmed, ends_at=END, confirm=soon
        )

    assert counts(END, END + soon) is True
    assert counts(END, END + soon + TICK) is False
    assert counts(END + TICK, END + soon) is False


@pytest.mark.parametrize(
    ("cents", "minimum", "said"),
    [
        (499, None, "The smallest pledge is"),
        (100_001, None, "The largest pledge is"),
        (1999, 2000, "This reward starts at"),
    ],
)
def test_an_amount_outside_of_the_terms_is_refused(
    cents: int, minimum: int | None, said: str
) -> None:
    terms = Terms(500, 100_000, timedelta(minutes=30))
    with pytest.raises(InvalidError, match=said) as refused:
        check_amount(cents, terms, minimum)
    assert refused.value.field == "amount"


def test_the_limits_of_an_amount_are_inclusive() -> None:
    terms = Terms(500, 100_000, timedelta(minutes=30))
    check_amount(500, terms, None)
    check_amount(100_000, terms, 100_000)


def test_a_refused_charge_is_tried_again_after_one_two_and_two_days_within_the_grace() -> None:
    days = [(next_try(n, END, GRACE, CALENDAR) or END) - END for n in (1, 2, 3, 4)]
    assert days == [timedelta(days=d) for d in (1, 2, 2, 2)]
    assert next_try(1, GRACE - timedelta(days=1), GRACE, CALENDAR) == GRACE
    assert next_try(1, GRACE - timedelta(days=1) + TICK, GRACE, CALENDAR) is None
