"""What one gift brings about, to the cent, in each kind of rule."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from quartieri.calls.funding import FixedSum, FundingKind, FundingRule
from quartieri.campaigns.rules.effect import Position, own_gift, usual_gift
from tests.doubles import NOW
from tests.factories.funding import quadratic
from tests.factories.matching import live_rule

HALF = Decimal("0.5")
FIXED = FundingRule(FundingKind.FIXED_SHARE, HALF, HALF)
GAP = FundingRule(FundingKind.GAP_FILLING, HALF, HALF)
BACKER = FundingRule(FundingKind.CITY_BACKER, HALF, Decimal("0.25"))
SUM = FundingRule(
    FundingKind.FIXED_SUM, HALF, None, fixed_sum=FixedSum(3_000_00, HALF, at_backers=10)
)
PLACE = Position(
    cost_cents=20_000_00, target_cents=10_000_00, raised_cents=4_000_00, backers=9, now=NOW
)


@pytest.mark.parametrize(
    ("rule", "over", "msgid", "values"),
    [
        (FIXED, {}, "Your %(gift)s leave %(missing)s", (20_00, 5_980_00, 10_000_00)),
        (FIXED, {"raised_cents": 9_990_00}, "Your %(gift)s reach the target", (20_00, 10_000_00)),
        (FIXED, {"raised_cents": 10_000_00}, "The target is reached", (20_00, 10_000_00)),
        (GAP, {"raised_cents": 10_000_00}, "The target is reached", (20_00, 20_00)),
        (GAP, {"raised_cents": 20_000_00}, "The target is reached", (20_00, 0)),
        (BACKER, {"city_cents": 5_000_00}, "Your %(gift)s leave", (20_00, 980_00, 5_000_00)),
        (live_rule(), {"pool_cents": 50_00}, "The city adds %(match)s", (20_00, 20_00, 40_00)),
        (live_rule(), {"pool_cents": 15_00}, "The city adds %(match)s", (15_00, 20_00, 35_00)),
        (live_rule(), {}, "No match is left here", (20_00,)),
        (SUM, {}, "After your %(gift)s the city's", (20_00, 3_000_00, 5_980_00)),
        (SUM, {"backers": 3, "raised_cents": 10_000_00}, "After your", (20_00, 3_000_00, 6)),
        (SUM, {"raised_cents": 9_990_00}, "Your %(gift)s bring", (20_00, 3_000_00)),
        (SUM, {"raised_cents": 10_000_00, "backers": 10}, "The city's", (3_000_00, 20_00)),
        (quadratic(), {}, "At the end the city shares", (20_00,)),
        (quadratic(), {"more_cents": 7_00}, "If the round closed now", (20_00, 7_00)),
    ],
)
def test_a_gift_of_twenty_euros_says_exactly_what_it_does(
    rule: FundingRule, over: dict[str, int], msgid: str, values: tuple[int, ...]
) -> None:
    said = own_gift(rule, replace(PLACE, **over), 20_00)  # type: ignore[arg-type] # by name
    assert said is not None
    assert said.msgid.startswith(msgid)
    assert tuple(getattr(v, "cents", v) for v in said.values.values()) == values


def test_a_direct_grant_asks_nobody_for_a_gift() -> None:
    rule = FundingRule(FundingKind.DIRECT, None, HALF)
    assert own_gift(rule, PLACE, 20_00) is None


def test_the_usual_gift_stays_within_the_calls_limits() -> None:
    assert [usual_gift(5_00, 0), usual_gift(50_00, 0), usual_gift(1_00, 10_00)] == [
        20_00,
        50_00,
        10_00,
    ]
