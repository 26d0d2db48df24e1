"""What always holds of live matches, quadratic rounds and the other rules beyond the threshold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.funding import (
    Crowd,
    Donation,
    FundingRule,
    LiveMatch,
    QuadraticMethod,
    computed_grant,
    grant_ceiling,
    ideal_total,
    live_matches,
    quadratic_matches,
    rule_target,
    subsidy,
)
from tests.factories.funding import LONDON, fixed_sum, live, quadratic

UNIT = 10**20
NOON = datetime(2025, 5, 19, 12, tzinfo=UTC)

amounts = st.integers(1, 10**7)
maybe = st.none() | st.integers(1, 10**6)
lives = st.builds(
    live,
    cap=maybe,
    part=st.booleans(),
    factor=st.decimals("0.01", "3", places=2),
    per_donation_cents=maybe,
    donations_per_donor=st.none() | st.integers(1, 3),
    per_donor_cents=maybe,
)
moments = st.integers(0, 50).map(lambda n: NOON + timedelta(minutes=n))
donations = st.builds(
    lambda who, cents, at, later: Donation(
        who, cents, at, None if later is None else at + timedelta(minutes=later)
    ),
    st.sampled_from("ABCD"),
    amounts,
    moments,
    st.none() | st.integers(1, 30),
)
givings = st.lists(st.lists(donations, max_size=8), min_size=1, max_size=3)


@pytest.mark.soak
@given(lives, givings, st.integers(0, 10**7))
def test_a_live_match_keeps_every_limit_and_never_exceeds_the_pool(
    rule: FundingRule, projects: list[list[Donation]], pool: int
) -> None:
    matched = live_matches(rule, [(None, p) for p in projects], pool)
    assert sum(map(sum, matched)) <= pool
    assert rule.live is not None
    for given_, found in zip(projects, matched, strict=True):
        assert rule.grant_cap_cents is None or sum(found) <= rule.grant_cap_cents
        of_donor: dict[str, int] = {}
        for donation, match in zip(given_, found, strict=True):
            most = donation.cents
            if rule.live.per_donation_cents is not None:
                most = min(most, rule.live.per_donation_cents)
            assert 0 <= match <= Fraction(rule.live.factor) * most
            assert donation.refunded_at is None or match == 0
            of_donor[donation.person] = of_donor.get(donation.person, 0) + match
        assert rule.live.per_donor_cents is None or max(of_donor.values(), default=0) <= (
            rule.live.per_donor_cents
        )


@pytest.mark.soak
@given(lives, givings, st.integers(0, 10**7), st.randoms(use_true_random=False))
def test_the_order_of_a_document_changes_no_live_match_of_different_instants(
    rule: FundingRule, projects: list[list[Donation]], pool: int, chance: Random
) -> None:
    flat = [(n, d) for n, p in enumerate(projects) for d in p]
    spread = [
        (n, replace(d, at=NOON + timedelta(hours=k), refunded_at=None))
        for k, (n, d) in enumerate(flat)
    ]
    straight = [[d for m, d in spread if m == n] for n in range(len(projects))]
    mixed = [chance.sample(p, len(p)) for p in straight]
    one, other = (live_matches(rule, [(None, p) for p in form], pool) for form in (straight, mixed))
    assert [sum(p) for p in one] == [sum(p) for p in other]


@pytest.mark.soak
@given(lives, st.lists(donations, max_size=8), st.integers(0, 10**6), st.integers(0, 10**6))
def test_with_part_funding_a_larger_pool_never_matches_less(
    rule: FundingRule, given_: list[Donation], pool: int, more: int
) -> None:
    rule = replace(
        rule, part_funding=True, live=replace(rule.live or LiveMatch(), per_donor_cents=None)
    )
    lasting = [replace(d, refunded_at=None) for d in given_]
    less, most = (live_matches(rule, [(None, lasting)], p)[0] for p in (pool, pool + more))
    assert sum(less) <= sum(most)


crowds = st.lists(
    st.tuples(st.lists(amounts, max_size=6), st.none() | st.integers(0, 10**6)),
    min_size=1,
    max_size=5,
).map(lambda rows: [Crowd(str(n), tuple(s), limit) for n, (s, limit) in enumerate(rows)])
rounds = st.builds(quadratic, st.sampled_from(list(QuadraticMethod)), reshare=st.booleans())


@pytest.mark.soak
@given(rounds, crowds, st.integers(0, 10**8))
def test_a_round_keeps_pool_and_limits_and_is_used_up_to_the_cent(
    rule: FundingRule, projects: list[Crowd], pool: int
) -> None:
    matches = quadratic_matches(rule, projects, pool)
    assert sum(matches) <= pool
    for crowd, match in zip(projects, matches, strict=True):
        assert 0 <= match <= (pool if crowd.limit_cents is None else crowd.limit_cents)
    assert rule.quadratic is not None
    by_subsidy = rule.quadratic.method is QuadraticMethod.SUBSIDY
    wants = [subsidy(c.sums) if by_subsidy else ideal_total(c.sums) for c in projects]
    if by_subsidy:
        assert all(m * UNIT < w + UNIT for m, w in zip(matches, wants, strict=True))
    if all(c.limit_cents is None for c in projects) and sum(wants) >= pool * UNIT:
        assert sum(matches) == pool
    if rule.quadratic.reshare and sum(matches) < pool:
        for crowd, match, want in zip(projects, matches, wants, strict=True):
            most = want // UNIT if by_subsidy else pool
            assert match in {most, crowd.limit_cents} or not want


@pytest.mark.soak
@given(rounds, crowds, st.integers(0, 10**8), st.randoms(use_true_random=False))
def test_the_order_of_projects_and_persons_changes_no_share(
    rule: FundingRule, projects: list[Crowd], pool: int, chance: Random
) -> None:
    shuffled = [
        replace(c, sums=tuple(chance.sample(c.sums, len(c.sums))))
        for c in chance.sample(projects, len(projects))
    ]
    one = dict(zip((c.key for c in projects), quadratic_matches(rule, projects, pool), strict=True))
    other = dict(
        zip((c.key for c in shuffled), quadratic_matches(rule, shuffled, pool), strict=True)
    )
    assert one == other


@pytest.mark.soak
@given(crowds, st.integers(0, 10**7), st.integers(0, 10**7))
def test_sharing_again_never_gives_out_less(projects: list[Crowd], pool: int, more: int) -> None:
    stays, again = (
        sum(quadratic_matches(quadratic(reshare=r), projects, pool)) for r in (False, True)
    )
    assert stays <= again
    assert again <= sum(quadratic_matches(quadratic(reshare=True), projects, pool + more))


@pytest.mark.soak
@given(st.lists(amounts, min_size=1, max_size=8))
def test_the_ideal_total_lies_between_one_giver_and_equal_gifts(sums: list[int]) -> None:
    """Cauchy and Schwarz: equal gifts of n people make n times the sum, and no others do more."""
    assert sum(sums) * UNIT <= ideal_total(sums) <= len(sums) * sum(sums) * UNIT


@pytest.mark.soak
@given(
    st.sampled_from([fixed_sum(5_000, "0.8", backers=3), LONDON]),
    st.integers(1, 10**7),
    st.integers(0, 10**7),
    st.integers(0, 10**6),
    st.integers(0, 10),
)
def test_more_money_and_more_people_never_lose_a_grant(
    rule: FundingRule, cost: int, raised: int, more: int, people: int
) -> None:
    target = rule_target(rule, cost)
    least = computed_grant(rule, cost, raised, target, backers=people)
    most = computed_grant(rule, cost, raised + more, target, backers=people + 1)
    assert least <= most <= (grant_ceiling(rule, cost) or 0)
