"""The funding rules: the worked rows of the domain notes, and what always holds."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.funding import (
    FixedSum,
    FundingKind,
    FundingRule,
    computed_grant,
    minimum_target,
    project_outlook,
    reserved_at_ranking,
    rule_sentences,
    rule_target,
    succeeded,
)
from quartieri.kit.errors import InvalidError


def threshold(
    kind: FundingKind,
    crowd: str,
    grant: str,
    cap: int | None,
    *,
    part: bool = False,
) -> FundingRule:
    return FundingRule(kind, Decimal(crowd), Decimal(grant), None, cap, part)


FIXED_2024 = threshold(FundingKind.FIXED_SHARE, "0.5", "0.5", 5_000_000)
GAP_2024 = threshold(FundingKind.GAP_FILLING, "0.5", "0.5", 5_000_000)
FIXED_2020 = threshold(FundingKind.FIXED_SHARE, "0.4", "0.6", 6_000_000)
PART_2024 = threshold(FundingKind.FIXED_SHARE, "0.5", "0.5", 5_000_000, part=True)
IMPATTO = threshold(FundingKind.FIXED_SHARE, "0.75", "0.25", 750_000)
SCUOLA = FundingRule(FundingKind.DIRECT, None, Decimal("0.9"), 2_000_000, 3_000_000)

# number, rule, cost, collected, left in the pool, success, target, grant
Worked = tuple[str, FundingRule, int, int, int | None, bool, int, int]
WORKED: list[Worked] = [
    ("1", FIXED_2024, 5_000_000, 2_500_000, None, True, 2_500_000, 2_500_000),
    ("2", FIXED_2024, 5_000_000, 2_499_999, None, False, 2_500_000, 0),
    ("3 overfunded", FIXED_2024, 5_000_000, 3_000_000, None, True, 2_500_000, 2_500_000),
    ("4 gap filling", GAP_2024, 5_000_000, 3_000_000, None, True, 2_500_000, 2_000_000),
    ("5 gap, above cost", GAP_2024, 5_000_000, 5_200_000, None, True, 2_500_000, 0),
    ("6 Lab Barona", FIXED_2020, 2_000_000, 800_000, None, True, 800_000, 1_200_000),
    ("7 So.De", FIXED_2020, 6_250_000, 2_500_000, None, True, 2_500_000, 3_750_000),
    ("8 OrtoComune", FIXED_2020, 1_045_000, 418_000, None, False, 420_000, 0),
    ("9 OrtoComune", FIXED_2020, 1_045_000, 420_000, None, True, 420_000, 627_000),
    ("10 odd cent", FIXED_2024, 2_000_001, 1_000_001, None, True, 1_000_001, 1_000_000),
    ("11 at the cap", FIXED_2020, 10_000_000, 4_000_000, None, True, 4_000_000, 6_000_000),
    ("12 no part funding", FIXED_2024, 5_000_000, 2_500_000, 1_000_000, True, 2_500_000, 0),
    ("12 part funding", PART_2024, 5_000_000, 2_500_000, 1_000_000, True, 2_500_000, 1_000_000),
    ("13 Impatto+", IMPATTO, 4_000_000, 3_000_000, None, True, 3_000_000, 750_000),
]


@pytest.mark.parametrize("row", WORKED, ids=[row[0] for row in WORKED])
def test_worked_rows_of_the_domain_notes(row: Worked) -> None:
    _, rule, cost, collected, available, success, target, grant = row
    assert rule_target(rule, cost) <= target
    assert succeeded(collected, target) is success
    assert computed_grant(rule, cost, collected, target, available) == grant


def test_the_stored_target_of_ortocomune_is_above_the_computed_minimum() -> None:
    assert minimum_target(1_045_000, Decimal("0.4")) == 418_000


def test_a_share_that_floats_get_wrong_is_exact() -> None:
    assert minimum_target(100, Decimal("0.07")) == 7


def test_a_share_with_forty_decimals_is_not_rounded_on_the_way() -> None:
    share = Decimal("0." + "3" * 40)
    assert minimum_target(3 * 10**12, share) == 10**12
    rule = FundingRule(FundingKind.FIXED_SHARE, Decimal("0.5"), share)
    assert reserved_at_ranking(rule, 3 * 10**12) == 10**12 - 1


def test_the_ranking_reserves_share_and_cap_whatever_the_crowd_gives() -> None:
    assert reserved_at_ranking(FIXED_2024, 5_000_000) == 2_500_000
    assert reserved_at_ranking(GAP_2024, 5_000_000) == 2_500_000
    assert reserved_at_ranking(IMPATTO, 4_000_000) == 750_000


@pytest.mark.parametrize(
    "cost, requested, grant",
    [
        (3_000_000, 2_500_000, 2_500_000),
        (3_000_000, 2_800_000, 2_700_000),
        (9_000_000, 9_000_000, 3_000_000),
        (9_000_000, 2_000_000, 2_000_000),
    ],
)
def test_a_direct_grant_is_the_request_within_share_and_cap(
    cost: int, requested: int, grant: int
) -> None:
    assert reserved_at_ranking(SCUOLA, cost, requested) == grant


@pytest.mark.parametrize("cost, requested", [(2_000_000, 2_500_000), (9_000_000, 1_999_999)])
def test_a_direct_grant_below_the_smallest_is_refused(cost: int, requested: int) -> None:
    with pytest.raises(InvalidError, match=r"at least 20000\.00 EUR"):
        reserved_at_ranking(SCUOLA, cost, requested)


def test_a_direct_grant_needs_a_request() -> None:
    with pytest.raises(InvalidError):
        reserved_at_ranking(SCUOLA, 3_000_000)


def test_a_direct_grant_without_share_has_only_its_cap() -> None:
    first_call = FundingRule(FundingKind.DIRECT, None, None, None, 2_500_000)
    assert reserved_at_ranking(first_call, 100, 9_000_000) == 2_500_000
    assert reserved_at_ranking(FundingRule(FundingKind.DIRECT, None, None), 1, 77) == 77


def test_a_direct_grant_has_no_campaign_to_compute_from() -> None:
    with pytest.raises(ValueError, match="no campaign"):
        computed_grant(SCUOLA, 1, 1, 1)
    with pytest.raises(ValueError, match="no threshold"):
        rule_target(SCUOLA, 1)


@pytest.mark.parametrize("share", ["0", "-0.1", "1.0001", "50", "NaN", "Infinity"])
def test_impossible_shares_are_refused(share: str) -> None:
    with pytest.raises(InvalidError) as caught:
        FundingRule(FundingKind.FIXED_SHARE, Decimal(share), Decimal("0.5"))
    assert caught.value.field == "crowdfunding_share"


@pytest.mark.parametrize(
    "build",
    [
        lambda: FundingRule(FundingKind.FIXED_SHARE, None, Decimal("0.5")),
        lambda: FundingRule(FundingKind.GAP_FILLING, Decimal("0.5"), None),
        lambda: FundingRule(FundingKind.DIRECT, Decimal("0.5"), None),
        lambda: FundingRule(FundingKind.DIRECT, None, None, 2, 1),
        lambda: FundingRule(FundingKind.DIRECT, None, None, 0),
        lambda: FundingRule(FundingKind.DIRECT, None, None, None, -1),
    ],
)
def test_rules_that_no_call_can_mean_are_refused(build: object) -> None:
    with pytest.raises(InvalidError):
        build()  # type: ignore[operator]  # parametrised callables


@pytest.mark.parametrize(
    "call",
    [
        lambda: FundingRule(FundingKind.FIXED_SHARE, 0.5, Decimal("0.5")),  # type: ignore[arg-type]  # on purpose
        lambda: minimum_target(100, 0.07),  # type: ignore[arg-type]  # on purpose
        lambda: minimum_target(100.0, Decimal("0.07")),  # type: ignore[arg-type]  # on purpose
        lambda: computed_grant(FIXED_2024, 1, 1.0, 1),  # type: ignore[arg-type]  # on purpose
        lambda: computed_grant(FIXED_2024, 1, 1, 1, 1.0),  # type: ignore[arg-type]  # on purpose
        lambda: succeeded(True, 1),
    ],
)
def test_floats_and_booleans_are_refused(call: object) -> None:
    with pytest.raises(TypeError):
        call()  # type: ignore[operator]  # parametrised callables


def test_negative_cents_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        computed_grant(FIXED_2024, 5_000_000, 2_500_000, 2_500_000, -1)
    with pytest.raises(ValueError, match="negative"):
        succeeded(-1, 0)


def test_the_outlook_below_the_threshold_says_what_is_missing_and_what_would_come() -> None:
    seen = project_outlook(FIXED_2024, 5_000_000, 2_500_000, 1_000_000, 2_500_000)
    assert (seen.missing_cents, seen.reached, seen.city_cents) == (1_500_000, False, 2_500_000)
    assert (seen.uncovered_cents, seen.above_cost_cents) == (0, 0)


@pytest.mark.parametrize(
    "rule",
    [
        FIXED_2024,
        GAP_2024,
        FundingRule(FundingKind.FIXED_SUM, Decimal("0.5"), None, fixed_sum=FixedSum(2_500_000)),
        FundingRule(FundingKind.CITY_BACKER, Decimal("0.5"), Decimal("0.4")),
    ],
    ids=lambda rule: rule.kind.value,
)
def test_a_flat_sum_that_was_reserved_is_given_also_where_no_project_is_funded_in_part(
    rule: FundingRule,
) -> None:
    crowd = 2_500_000 - (500_000 if rule.kind is FundingKind.CITY_BACKER else 0)
    assert not rule.part_funding
    given = computed_grant(rule, 5_000_000, crowd, 2_500_000, reserved_cents=500_000)
    seen = project_outlook(rule, 5_000_000, 2_500_000, 1_000_000, 500_000)
    assert (given, seen.city_cents) == (500_000, 500_000)
    assert computed_grant(rule, 5_000_000, crowd - 1, 2_500_000, reserved_cents=500_000) == 0


def test_the_outlook_above_the_threshold_counts_what_was_raised() -> None:
    fixed = project_outlook(FIXED_2024, 5_000_000, 2_500_000, 3_000_000)
    gap = project_outlook(GAP_2024, 5_000_000, 2_500_000, 3_000_000)
    assert (fixed.city_cents, fixed.above_cost_cents) == (2_500_000, 500_000)
    assert (gap.city_cents, gap.above_cost_cents, gap.missing_cents) == (2_000_000, 0, 0)


def test_the_rule_is_said_in_words() -> None:
    assert [s.source for s in rule_sentences(FIXED_2020)] == [
        "The crowd must give at least 40 % of the project's cost.",
        "Below the target the city gives nothing.",
        "At the target the city adds 60 % of the cost.",
        "What the crowd gives above the target changes nothing in that.",
        "Each project gets at most 60000.00 EUR.",
        "No project is funded in part.",
    ]
    assert [s.source for s in rule_sentences(SCUOLA)] == [
        "The grant covers at most 90 % of the project's cost.",
        "Each project gets from 20000.00 EUR to 30000.00 EUR.",
        "No project is funded in part.",
    ]
    assert "what is still missing" in rule_sentences(GAP_2024)[2].source
    assert (
        "12.5 %" in rule_sentences(threshold(FundingKind.FIXED_SHARE, "0.125", "1", None))[0].source
    )


cents = st.integers(0, 10**12)
shares = st.decimals("0.0001", "1", places=4)
caps = st.none() | st.integers(1, 10**10)
rules = st.builds(
    FundingRule,
    st.sampled_from([FundingKind.FIXED_SHARE, FundingKind.GAP_FILLING]),
    shares,
    shares,
    st.none(),
    caps,
    st.booleans(),
)


@pytest.mark.soak
@given(rules, cents, cents, cents, st.none() | cents)
def test_a_grant_is_never_above_share_cap_reservation_and_money_left(
    rule: FundingRule, cost: int, collected: int, target: int, available: int | None
) -> None:
    grant = computed_grant(rule, cost, collected, target, available)
    assert type(grant) is int
    assert 0 <= grant <= reserved_at_ranking(rule, cost)
    assert rule.grant_share is not None
    assert grant <= Fraction(rule.grant_share) * cost
    assert rule.grant_cap_cents is None or grant <= rule.grant_cap_cents
    assert available is None or grant <= available
    assert collected >= target or grant == 0
    if rule.kind is FundingKind.GAP_FILLING:
        assert grant <= max(cost - collected, 0)


@pytest.mark.soak
@given(rules, cents)
def test_the_lowest_target_reaches_the_share_and_one_cent_less_does_not(
    rule: FundingRule, cost: int
) -> None:
    target = rule_target(rule, cost)
    assert rule.crowdfunding_share is not None
    exact = Fraction(rule.crowdfunding_share) * cost
    assert target >= exact > target - 1
    assert target <= cost


@pytest.mark.soak
@given(rules, cents, cents)
def test_what_is_reserved_grows_with_the_cost(rule: FundingRule, cost: int, more: int) -> None:
    assert reserved_at_ranking(rule, cost) <= reserved_at_ranking(rule, cost + more)
    assert rule_target(rule, cost) <= rule_target(rule, cost + more)


@pytest.mark.soak
@given(rules, cents, cents, cents)
def test_more_from_the_crowd_never_raises_the_grant_once_the_target_is_reached(
    rule: FundingRule, cost: int, target: int, extra: int
) -> None:
    at_target = computed_grant(rule, cost, target, target)
    beyond = computed_grant(rule, cost, target + extra, target)
    assert beyond <= at_target
    if rule.kind is FundingKind.FIXED_SHARE:
        assert beyond == at_target


@pytest.mark.soak
@given(rules, cents, cents, cents, cents)
def test_with_part_funding_more_money_left_never_means_less(
    rule: FundingRule, cost: int, collected: int, left: int, more: int
) -> None:
    less_left = computed_grant(rule, cost, collected, 0, left)
    more_left = computed_grant(rule, cost, collected, 0, left + more)
    assert less_left <= more_left


@pytest.mark.soak
@given(rules, cents, cents, cents)
def test_the_outlook_adds_up(rule: FundingRule, cost: int, target: int, raised: int) -> None:
    seen = project_outlook(rule, cost, target, raised)
    counted = max(raised, target)
    assert counted + seen.city_cents + seen.uncovered_cents - seen.above_cost_cents == cost
    assert seen.missing_cents == counted - raised
    assert seen.reached is (seen.missing_cents == 0)
