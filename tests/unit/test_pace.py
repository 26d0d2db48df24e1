"""No more calls a second than the provider takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quartieri.gateways.pace import Pace


@given(st.integers(1, 100), st.lists(st.floats(0, 2), max_size=60))
def test_in_no_stretch_of_time_are_there_more_calls_than_the_rate_and_one_burst(
    rate: int, rests: list[float]
) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    pace = Pace(rate, now=lambda: now, sleep=sleep)
    calls = []
    for rest in rests:
        now += rest
        pace.wait()
        calls.append(now)
    for first, begun in enumerate(calls):
        for last in range(first, len(calls)):
            assert last - first + 1 <= rate + rate * (calls[last] - begun) + 1e-6
