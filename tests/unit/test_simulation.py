"""A rule tried on invented and on past crowds: the same seed, the same crowd; never above worst."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from quartieri.calls.funding import FundingRule, Outcome
from quartieri.kit.drawing import columns_of
from quartieri.rehearsal.simulation import (
    CROWDS,
    CrowdPlan,
    Past,
    bands,
    can_be_tried,
    invented,
    try_crowds,
    try_past,
    worst_case,
)
from tests.factories.funding import EVERY_KIND, LONDON, live, quadratic

PLAN = CrowdPlan(
    seed=7,
    projects=3,
    gift_cents=20_000,
    interest=100,
    cost_min_cents=1_000_000,
    cost_max_cents=3_000_000,
    starts_at=datetime(2025, 5, 1, tzinfo=UTC),
    days=60,
)
CROWD_RULES = [
    replace(rule, crowdfunding_share=Decimal("0.5")) for rule in EVERY_KIND if can_be_tried(rule)
]
BARONA = Past("Lab Barona", "2020", 2_000_000, 800_000, 800_000, None, real=True)
BORGO = Past("San Gottardo", "2024", 5_000_000, 2_500_000, 3_000_000, 300, real=True)


def test_the_same_seed_gives_the_same_crowd_and_another_one_another() -> None:
    rule = CROWD_RULES[0]
    assert invented(rule, PLAN) == invented(rule, PLAN)
    assert invented(rule, PLAN) != invented(rule, replace(PLAN, seed=8))
    for project in invented(rule, PLAN):
        assert project.cost_cents is not None
        assert 1_000_000 <= project.cost_cents <= 3_000_000
        assert len(project.by_person) <= len(project.donations) <= 700


@pytest.mark.parametrize("rule", CROWD_RULES, ids=lambda rule: rule.kind.value)
def test_no_crowd_costs_more_than_the_worst_case_and_the_pool(rule: FundingRule) -> None:
    pool = 2_000_000
    tried = try_crowds(rule, PLAN, pool, keeps=False)
    assert tried.worst_cents is not None
    assert tried.computed.pool_used <= tried.worst_cents <= pool
    assert len(tried.costs) == CROWDS
    assert tried.costs[0] <= tried.middle_cents <= tried.costs[-1] <= pool
    assert tried.winners <= len(tried.projects)
    found = bands(tried.costs)
    assert sum(band.count for band in found) == CROWDS
    assert len(columns_of([band.count for band in found])) == len(found)


def test_the_worst_case_is_each_limit_or_the_pool() -> None:
    assert worst_case(LONDON, [4_000_000, 1_000_000], None) == 2_750_000
    assert worst_case(LONDON, [4_000_000, 1_000_000], 2_000_000) == 2_000_000
    assert worst_case(live(cap=None), [4_000_000], 70) == 70
    assert worst_case(quadratic(), [1], None) is None


def test_the_two_real_campaigns_by_the_rule_of_their_own_call() -> None:
    tried = try_past(CROWD_RULES[0], [BARONA, BORGO], 60_000_000, 7_500, keeps=False)
    barona, borgo = tried.computed.results
    assert (barona.outcome, barona.target_cents) == (Outcome.FAILED, 1_000_000)
    assert (borgo.match_cents, borgo.backers) == (2_500_000, 300)
    assert barona.backers == 106
    milan_2020 = replace(
        CROWD_RULES[0],
        crowdfunding_share=Decimal("0.4"),
        grant_share=Decimal("0.6"),
        grant_cap_cents=6_000_000,
    )
    found = try_past(milan_2020, [BARONA], None, 7_500, keeps=False)
    assert found.computed.results[0].match_cents == 1_200_000


def test_gifts_that_are_known_are_taken_as_they_were() -> None:
    known = replace(BORGO, gifts=(2_000_000, 1_000_000))
    tried = try_past(quadratic(), [known], None, 7_500, keeps=False)
    assert tried.projects[0].by_person == {"0": 2_000_000, "1": 1_000_000}


def test_no_column_without_a_figure() -> None:
    assert columns_of([]) == []
    assert bands([5]) != []
    assert not can_be_tried(None)
