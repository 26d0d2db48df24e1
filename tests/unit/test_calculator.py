"""The proposer's calculator: fees, net, grant and dates, as the closing has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from quartieri.calls.design import Bearer, CampaignDesign, CampaignMode, Round, TargetCounts
from quartieri.campaigns.rules.estimate import Case, Estimate, estimate, expected_dates
from tests.factories.calls import ready_design
from tests.factories.funding import EVERY_KIND, LONDON, fixed_sum, live, quadratic

FIXED, GAP = EVERY_KIND[0], EVERY_KIND[1]
USUAL = CampaignDesign(days=60, grace_days=7)
CASE = Case(5_000_000, 2_500_000, 250)
START = datetime(2025, 5, 19, tzinfo=UTC)


def test_the_proposer_bears_the_fees_of_equal_gifts() -> None:
    """250 gifts of 100 €: 1.5 % and 25 cents of each are 175 cents."""
    found = estimate(FIXED, USUAL, CASE)
    assert (found.reached, found.grant_cents) == (True, 2_500_000)
    assert (found.fees_cents, found.net_cents) == (43_750, 2_456_250)
    assert (found.total_cents, found.missing_cents) == (4_956_250, 43_750)


def test_an_authority_that_bears_the_fees_leaves_the_gifts_whole() -> None:
    found = estimate(FIXED, replace(USUAL, fees_borne_by=Bearer.AUTHORITY), CASE)
    assert (found.net_cents, found.bearer) == (2_500_000, Bearer.AUTHORITY)
    assert (found.fees_cents, found.missing_cents) == (43_750, 0)


def test_of_fees_that_backers_may_add_the_proposer_reckons_with_all() -> None:
    found = estimate(FIXED, replace(USUAL, fees_borne_by=Bearer.BACKER), CASE)
    assert (found.net_cents, found.bearer) == (2_456_250, Bearer.PROPOSER)


def test_a_target_missed_by_a_cent_costs_and_brings_nothing() -> None:
    found = estimate(FIXED, USUAL, replace(CASE, raised_cents=2_499_999))
    assert (found.reached, found.fees_cents, found.net_cents) == (False, 0, 0)
    assert (found.grant_cents, found.total_cents) == (0, 0)
    keeps = replace(USUAL, mode=CampaignMode.KEEP_IT_ALL)
    kept = estimate(FIXED, keeps, replace(CASE, raised_cents=2_499_999))
    assert (kept.kept, kept.grant_cents, kept.net_cents) == (True, 0, 2_499_999 - 43_750)


def test_a_net_target_counts_what_the_service_leaves() -> None:
    net = replace(USUAL, target_counts=TargetCounts.NET)
    assert not estimate(FIXED, net, CASE).reached
    assert estimate(FIXED, net, replace(CASE, raised_cents=2_550_000)).reached


def test_a_higher_target_of_ones_own_counts() -> None:
    assert not estimate(FIXED, USUAL, replace(CASE, target_cents=2_600_000)).reached


def test_each_kind_of_rule_says_what_it_can() -> None:
    backer = estimate(LONDON, USUAL, Case(4_000_000, 2_000_000, 100))
    assert (backer.reached, backer.crowd_cents, backer.grant_cents) == (True, 2_000_000, 2_000_000)
    shared = estimate(quadratic(cap=70_000), USUAL, Case(100_000, 50_000, 10))
    assert (shared.grant_cents, shared.most_cents) == (None, 70_000)
    matched = estimate(live(), USUAL, Case(100_000, 60_000, 3))
    assert (matched.grant_cents, matched.at_most) == (30_000, True)
    assert estimate(fixed_sum(5_000, backers=3), USUAL, Case(100, 50, 2)).grant_cents == 0
    assert estimate(fixed_sum(5_000, backers=3), USUAL, Case(100, 50, 3)).grant_cents == 5_000
    assert estimate(GAP, USUAL, Case(100, 80, 1)).grant_cents == 20


def test_nothing_given_is_nothing() -> None:
    found: Estimate = estimate(FIXED, USUAL, Case(100, 0, 0))
    assert (found.reached, found.total_cents, found.missing_cents) == (False, 0, 100)


def test_dates_are_the_campaigns_own_or_its_rounds_or_days_from_the_start() -> None:
    design = ready_design()
    assert design.campaign is not None
    ends = START + timedelta(days=60)
    own = [one.source for one in expected_dates(design, START, ends)]
    assert str(ends + timedelta(days=7)) in own[1]
    rounds = (Round("Maggio", START, ends),)
    slots = replace(design, campaign=replace(design.campaign, rounds=rounds))
    assert "Maggio" in next(expected_dates(slots)).source
    assert "60 days" in next(expected_dates(design)).source
    assert len([*expected_dates(design)]) == 3
