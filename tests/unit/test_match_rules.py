"""The rules beyond the threshold: the worked tables of the domain notes, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quartieri.calls.funding import (
    Before,
    Crowd,
    Donation,
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
    Multiplier,
    Outcome,
    Project,
    QuadraticMethod,
    ShareOf,
    compute,
    computed_grant,
    crowd_target,
    foreseen_grant,
    ideal_total,
    live_match,
    live_matches,
    pool_at_ranking,
    project_outlook,
    quadratic_matches,
    reserved_at_ranking,
    rule_sentences,
    rule_target,
    subsidy,
)
from quartieri.kit.errors import InvalidError
from tests.factories.funding import LONDON, fixed_sum, live, quadratic

UNIT = 10**20
NOON = datetime(2025, 5, 19, 12, tzinfo=UTC)


GOTEO = [("A", 5_000), ("B", 15_000), ("A", 2_000), ("C", 40_000)] + [
    (donor, 10_000) for donor in "DEFG"
]


def given_in_turn(rows: list[tuple[str, int]]) -> list[Donation]:
    return [
        Donation(who, cents, NOON + timedelta(minutes=n)) for n, (who, cents) in enumerate(rows)
    ]


# -- live match ---------------------------------------------------------------------------------


def test_the_live_match_of_the_domain_notes() -> None:
    assert live_matches(live(), [(None, given_in_turn(GOTEO))], 100_000) == [
        [5_000, 10_000, 0, 10_000, 10_000, 10_000, 5_000, 0]
    ]


def test_with_a_pool_of_300_euros_donor_d_gets_the_rest_and_all_later_nothing() -> None:
    assert live_matches(live(), [(None, given_in_turn(GOTEO))], 30_000) == [
        [5_000, 10_000, 0, 10_000, 5_000, 0, 0, 0]
    ]


def test_without_part_funding_a_donation_that_does_not_fit_gets_nothing() -> None:
    assert live_matches(live(part=False), [(None, given_in_turn(GOTEO))], 30_000) == [
        [5_000, 10_000, 0, 10_000, 0, 0, 0, 0]
    ]


def test_a_refund_gives_its_match_back_to_pool_project_and_donor() -> None:
    first = Donation("A", 10_000, NOON, NOON + timedelta(minutes=2))
    second = Donation("B", 10_000, NOON + timedelta(minutes=1))
    third = Donation("A", 10_000, NOON + timedelta(minutes=3))
    assert live_matches(live(), [(None, [first, second, third])], 10_000) == [[0, 0, 10_000]]


def test_at_one_instant_refunds_come_before_donations() -> None:
    first = Donation("A", 10_000, NOON, NOON + timedelta(minutes=1))
    second = Donation("B", 10_000, NOON + timedelta(minutes=1))
    assert live_matches(live(), [(None, [second, first])], 10_000) == [[10_000, 0]]


def test_one_pool_serves_projects_in_the_order_of_confirmation() -> None:
    late = [Donation("A", 10_000, NOON + timedelta(minutes=1))]
    early = [Donation("A", 10_000, NOON)]
    assert live_matches(live(), [(None, late), (None, early)], 10_000) == [[0], [10_000]]


def test_a_multiplier_holds_from_its_first_to_its_last_instant() -> None:
    ends = NOON + timedelta(hours=1)
    later = Multiplier(ends, ends + timedelta(hours=1), Decimal("0.5"))
    rule = live(multipliers=(Multiplier(NOON, ends, Decimal(2)), later))
    tick = timedelta(microseconds=1)
    found = [
        live_match(rule, None, 1_001, at, Before())
        for at in (NOON - tick, NOON, ends, ends + tick, ends + timedelta(hours=2), None)
    ]
    assert found == [1_001, 2_002, 2_002, 500, 1_001, 1_001]


def test_the_sum_for_a_donor_and_the_share_of_the_cost_cut_too() -> None:
    rule = live(per_donation_cents=None, donations_per_donor=None, per_donor_cents=3_000)
    assert live_match(rule, None, 9_000, NOON, Before(1, 1_000)) == 2_000
    by_cost = replace(rule, grant_share=Decimal("0.1"))
    assert live_match(by_cost, 15_000, 9_000, NOON, Before()) == 1_500
    with pytest.raises(ValueError, match="its cost"):
        live_match(by_cost, None, 9_000, NOON, Before())


def test_a_campaign_that_fails_gives_all_its_match_back() -> None:
    rows = given_in_turn([("A", 5_000), ("B", 5_000)])
    rule = live()
    short = compute(rule, [Project("1", tuple(rows), target_cents=10_001)], 100_000)
    assert (short.results[0].match_cents, short.results[0].payout_cents) == (0, 0)
    assert (short.results[0].matched, short.pool_left) == ((5_000, 5_000), 100_000)
    kept = compute(rule, [Project("1", tuple(rows), target_cents=10_001)], 100_000, keeps=True)
    assert (kept.results[0].outcome, kept.results[0].payout_cents) == (Outcome.KEPT, 20_000)


def test_times_are_given_for_all_donations_or_for_none() -> None:
    with pytest.raises(ValueError, match="either all"):
        live_matches(live(), [(None, [Donation("A", 1, NOON), Donation("B", 1)])], None)


# -- fixed sum ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raised, backers, grant",
    [
        (2_500_000, 50, 1_000_000),
        (2_500_000, 49, 0),
        (2_499_999, 50, 0),
        (9_000_000, 500, 1_000_000),
    ],
)
def test_a_fixed_sum_asks_for_its_percentage_and_its_number_of_donors(
    raised: int, backers: int, grant: int
) -> None:
    rule = fixed_sum(1_000_000, backers=50)
    assert computed_grant(rule, 5_000_000, raised, 2_500_000, backers=backers) == grant


def test_a_fixed_sum_may_ask_for_a_share_of_the_cost_rounded_up() -> None:
    rule = fixed_sum(100, "0.07", ShareOf.COST)
    assert computed_grant(rule, 101, 7, 0) == 0
    assert computed_grant(rule, 101, 8, 0) == 100


def test_below_the_target_a_fixed_sum_is_given_only_where_campaigns_keep_what_they_raise() -> None:
    rule = fixed_sum(1_000_000, "0.5")
    assert computed_grant(rule, 5_000_000, 1_250_000, 2_500_000) == 0
    assert computed_grant(rule, 5_000_000, 1_250_000, 2_500_000, keeps=True) == 1_000_000


# -- the city as a backer -----------------------------------------------------------------------


def test_london_pledges_up_to_its_cap_and_its_pledge_counts_toward_the_target() -> None:
    assert reserved_at_ranking(LONDON, 4_000_000) == 2_000_000
    assert reserved_at_ranking(replace(LONDON, grant_cap_cents=None), 4_000_000) == 3_000_000
    assert rule_target(LONDON, 4_000_000) == 4_000_000
    assert crowd_target(LONDON, 4_000_000, 4_000_000) == 2_000_000
    for raised, grant in ((1_999_999, 0), (2_000_000, 2_000_000), (2_500_000, 2_000_000)):
        assert computed_grant(LONDON, 4_000_000, raised, 4_000_000) == grant
    failed, won = (
        compute(LONDON, [Project("1", (), 4_000_000, raised_cents=r, backers=9)], 5_000_000)
        for r in (1_999_999, 2_000_000)
    )
    assert (failed.results[0].outcome, failed.pool_used) == (Outcome.FAILED, 0)
    assert (won.results[0].outcome, won.results[0].payout_cents) == (Outcome.SUCCEEDED, 4_000_000)


def test_a_smaller_pledge_of_the_city_leaves_more_to_the_crowd() -> None:
    project = Project("1", (), 4_000_000, raised_cents=2_999_999, backers=9, pledge_cents=1_000_000)
    assert compute(LONDON, [project], None).results[0].outcome is Outcome.FAILED
    enough = replace(project, raised_cents=3_000_000)
    assert compute(LONDON, [enough], None).results[0].match_cents == 1_000_000


# -- quadratic funding --------------------------------------------------------------------------

ROUND = [
    Crowd("P1", (2_500,) * 16),
    Crowd("P2", (10_000,) * 4),
    Crowd("P3", (40_000,)),
]


def test_squares_and_subsidies_of_the_domain_notes() -> None:
    assert [ideal_total(c.sums) for c in ROUND] == [640_000 * UNIT, 160_000 * UNIT, 40_000 * UNIT]
    assert [subsidy(c.sums) for c in ROUND] == [600_000 * UNIT, 120_000 * UNIT, 0]


@pytest.mark.parametrize(
    "pool, matches",
    [
        (120_000, [100_000, 20_000, 0]),
        (720_000, [600_000, 120_000, 0]),
        (900_000, [600_000, 120_000, 0]),
        (None, [600_000, 120_000, 0]),
        (0, [0, 0, 0]),
    ],
)
def test_the_round_by_subsidy_of_the_domain_notes(pool: int | None, matches: list[int]) -> None:
    assert quadratic_matches(quadratic(), ROUND, pool) == matches


def test_the_shortcut_of_the_domain_notes() -> None:
    """91,428.57, 22,857.14 and 5,714.29: the odd cent goes to the largest remainder."""
    squares = quadratic(QuadraticMethod.SQUARES)
    assert quadratic_matches(squares, ROUND, 120_000) == [91_429, 22_857, 5_714]
    with pytest.raises(ValueError, match="need a pool"):
        quadratic_matches(squares, ROUND, None)


def test_payouts_of_the_round() -> None:
    projects = [
        Project(c.key, tuple(Donation(str(n), s) for n, s in enumerate(c.sums))) for c in ROUND
    ]
    found = compute(quadratic(), projects, 120_000)
    assert [r.payout_cents for r in found.results] == [140_000, 60_000, 40_000]
    assert (found.pool_used, found.pool_left) == (120_000, 0)


def test_donations_of_one_person_are_added_up_before_the_root() -> None:
    split = Project("1", tuple(Donation("A", 10_000) for _ in range(4)))
    assert compute(quadratic(), [split], 120_000).pool_used == 0


@pytest.mark.parametrize(
    "sums, whole", [((50, 50), 100), ((200, 800), 800), ((1_000,) * 3, 6_000), ((2, 8, 18), 44)]
)
def test_irrational_roots_whose_square_is_whole_lose_no_cent(
    sums: tuple[int, ...], whole: int
) -> None:
    assert quadratic_matches(quadratic(), [Crowd("1", sums)], None) == [whole]


def test_an_equal_remainder_goes_to_the_smaller_key_in_any_order() -> None:
    crowds = [Crowd(key, (100, 100)) for key in "cab"]
    assert quadratic_matches(quadratic(), crowds, 101) == [33, 34, 34]
    assert quadratic_matches(quadratic(), crowds[::-1], 101) == [34, 34, 33]


def test_what_a_limit_cuts_stays_or_is_shared_again() -> None:
    stays = quadratic_matches(quadratic(), [replace(c, limit_cents=60_000) for c in ROUND], 120_000)
    assert stays == [60_000, 20_000, 0]
    again = quadratic(reshare=True)
    limited = [replace(c, limit_cents=60_000) for c in ROUND]
    assert quadratic_matches(again, limited, 120_000) == [60_000, 60_000, 0]
    assert quadratic_matches(again, [ROUND[0], replace(ROUND[1], limit_cents=1)], 500_000) == [
        499_999,
        1,
    ]


def test_projects_that_fail_take_no_part_in_the_round() -> None:
    donations = tuple(Donation(str(n), 2_500) for n in range(16))
    projects = [Project("1", donations, target_cents=40_001), Project("2", donations)]
    found = compute(quadratic(), projects, 120_000)
    assert [r.match_cents for r in found.results] == [0, 120_000]
    assert [r.outcome for r in found.results] == [Outcome.FAILED, Outcome.SUCCEEDED]


# -- when money is bound, several projects, words ------------------------------------------------


def test_what_a_ranking_reserves_by_kind() -> None:
    assert reserved_at_ranking(live(), 5_000_000) == 0
    assert reserved_at_ranking(quadratic(), 5_000_000) == 0
    assert pool_at_ranking(quadratic(), 7_000_000) == 7_000_000
    assert pool_at_ranking(live(), 7_000_000) == 0
    assert reserved_at_ranking(fixed_sum(1_000_000), 5_000_000) == 1_000_000
    assert reserved_at_ranking(LONDON, 1_000_000) == 750_000


def test_projects_share_a_pool_in_their_order() -> None:
    rule = FundingRule(FundingKind.FIXED_SHARE, Decimal("0.5"), Decimal("0.5"), part_funding=True)
    projects = [
        Project(str(n), (), 1_000, raised_cents=raised, backers=1)
        for n, raised in enumerate((499, 500, 700, 500))
    ]
    now = compute(rule, projects, 1_200)
    assert [r.match_cents for r in now.results] == [0, 500, 500, 200]
    bound = compute(rule, projects, 1_200, at_ranking=True)
    assert [r.match_cents for r in bound.results] == [0, 500, 200, 0]
    assert (bound.pool_used, bound.pool_left) == (700, 500)


def test_a_direct_grant_needs_no_crowd() -> None:
    rule = FundingRule(FundingKind.DIRECT, None, Decimal("0.9"), 1_000, 5_000)
    projects = [
        Project(key, (), cost, requested_cents=asked)
        for key, cost, asked in (("1", 2_000, 1_800), ("2", 9_000, 9_000), ("3", 900, 900))
    ]
    found = compute(rule, projects, 6_000)
    assert [r.payout_cents for r in found.results] == [1_800, 0, 0]


def test_what_a_plan_may_count_on() -> None:
    assert foreseen_grant(live(), 5_000_000, 0) == 0
    assert foreseen_grant(fixed_sum(1_000_000, backers=50), 5_000_000, 0) == 1_000_000
    assert foreseen_grant(LONDON, 4_000_000, 0) == 2_000_000


def test_the_outlook_counts_what_each_rule_waits_for() -> None:
    city = project_outlook(LONDON, 4_000_000, 4_000_000, 500_000)
    assert (city.missing_cents, city.city_cents, city.reached) == (1_500_000, 2_000_000, False)
    sum_of = fixed_sum(1_000_000, backers=50)
    waiting = project_outlook(sum_of, 5_000_000, 2_500_000, 2_500_000, backers=20)
    assert (waiting.missing_backers, waiting.city_cents, waiting.reached) == (30, 0, True)
    running = project_outlook(live(), 50_000, 25_000, 10_000, matched_cents=10_000)
    assert (running.city_cents, running.missing_cents) == (10_000, 15_000)


def test_every_kind_is_said_in_words() -> None:
    for rule in (live(), quadratic(), fixed_sum(100, backers=3), LONDON):
        said = [s.source for s in rule_sentences(rule)]
        assert len(said) == len(set(said)) >= 3
    assert "shares of squares" in " ".join(
        s.source for s in rule_sentences(quadratic(QuadraticMethod.SQUARES))
    )


@pytest.mark.parametrize(
    "build",
    [
        lambda: FundingRule(FundingKind.LIVE_MATCH, None, None),
        lambda: FundingRule(FundingKind.DIRECT, None, None, live=LiveMatch()),
        lambda: FundingRule(FundingKind.CITY_BACKER, Decimal(1), None),
        lambda: LiveMatch(factor=Decimal(0)),
        lambda: LiveMatch(factor=Decimal("NaN")),
        lambda: LiveMatch(per_donation_cents=0),
        lambda: FixedSum(0),
        lambda: FixedSum(1, Decimal(0)),
        lambda: FixedSum(1, at_backers=-1),
        lambda: Multiplier(NOON, NOON, Decimal(1)),
        lambda: LiveMatch(
            multipliers=(
                Multiplier(NOON, NOON + timedelta(hours=2), Decimal(1)),
                Multiplier(NOON + timedelta(hours=1), NOON + timedelta(hours=3), Decimal(1)),
            )
        ),
    ],
)
def test_rules_that_no_call_can_mean_are_refused(build: object) -> None:
    with pytest.raises(InvalidError):
        build()  # type: ignore[operator]  # parametrised callables
