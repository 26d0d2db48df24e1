"""Points on their scale, whole sheets, and sharing applications out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.kit.errors import InvalidError
from quartieri.reviews.rules import Line, Pair, Scale, check_lines, points_fault, share_out

SCALES = (Scale("quality", Decimal(10)), Scale("impact", Decimal("2.5")))
WHOLE = {"quality": Line(Decimal(0), "no"), "impact": Line(Decimal("2.5"), "sì")}


@pytest.mark.parametrize("points", ["0", "0.25", "2.5"])
def test_points_on_the_scale_are_fine(points: str) -> None:
    assert points_fault(Decimal(points), Scale("quality", Decimal("2.5"))) is None


@pytest.mark.parametrize("points", ["-0.01", "2.51", "NaN", "Infinity", "1.001"])
def test_points_off_the_scale_are_not(points: str) -> None:
    assert points_fault(Decimal(points), Scale("quality", Decimal("2.5"))) is not None


def test_a_whole_sheet_passes_zero_included() -> None:
    check_lines(SCALES, WHOLE, whole=True)


@pytest.mark.parametrize(
    "over, field",
    [
        ({"quality": Line(None, "x")}, "points-quality"),
        ({"impact": Line(Decimal(1), "")}, "comment-impact"),
        ({"impact": Line(Decimal(3), "x")}, "points-impact"),
    ],
)
def test_a_sheet_that_lacks_something_is_refused_where_it_lacks(
    over: dict[str, Line], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        check_lines(SCALES, WHOLE | over, whole=True)
    assert refused.value.field == field


def test_a_draft_may_lack_everything_but_not_leave_the_scale() -> None:
    check_lines(SCALES, {}, whole=False)
    with pytest.raises(InvalidError):
        check_lines(SCALES, {"quality": Line(Decimal(11))}, whole=False)


def test_a_criterion_that_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidError):
        check_lines(SCALES, WHOLE | {"other": Line(Decimal(1), "x")}, whole=True)


def test_everybody_gets_everything_but_what_is_barred_or_had() -> None:
    plan = share_out([1, 2], [7, 8], [Pair(1, 7)], [Pair(2, 8)], each=None)
    assert plan == [Pair(1, 8), Pair(2, 7)]


def test_what_is_assigned_counts_towards_the_number() -> None:
    assert share_out([1], [7, 8, 9], [Pair(1, 8)], [], each=2) == [Pair(1, 7)]


@given(
    proposals=st.integers(0, 30),
    reviewers=st.integers(1, 7),
    each=st.integers(1, 7),
)
def test_loads_differ_by_one_at_most(proposals: int, reviewers: int, each: int) -> None:
    each = min(each, reviewers)
    plan = share_out(range(proposals), range(100, 100 + reviewers), [], [], each=each)
    loads = [sum(p.user_id == r for p in plan) for r in range(100, 100 + reviewers)]
    assert len(set(plan)) == len(plan) == proposals * each
    assert max(loads) - min(loads) <= 1
