"""What publication asks of each kind of funding rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quartieri.calls.design import CallDesign, Division, MoneyRules, Part, Round, Venue
from quartieri.calls.funding import FundingRule, QuadraticMethod
from quartieri.calls.gaps import Gap, PoolDraft, Step, WindowDates
from quartieri.calls.publication import missing_for_publication
from tests.factories.calls import ready_design
from tests.factories.funding import EVERY_KIND, LONDON, fixed_sum, live, quadratic

NOW = datetime(2025, 2, 3, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HALF = Decimal("0.5")
BACKER = replace(LONDON, grant_share=Decimal("0.4"), crowdfunding_share=HALF)
LIVE = replace(live(part=False), crowdfunding_share=HALF)
QUADRATIC = replace(quadratic(cap=50_000), crowdfunding_share=HALF)


def with_rule(rule: FundingRule, **campaign: object) -> CallDesign:
    design = ready_design(campaigns=rule.kind.has_campaign)
    if design.campaign is not None and campaign:
        design = replace(design, campaign=replace(design.campaign, **campaign))  # type: ignore[arg-type]  # settings by name
    return replace(
        design,
        money=replace(design.money, rule=rule),
        evaluation=replace(
            design.evaluation, when_money_runs_out="part" if rule.part_funding else "skip"
        ),
    )


def gaps(design: CallDesign, endowment: int = 100_000_00) -> list[Gap]:
    windows = (WindowDates(1, NOW + DAY, NOW + 30 * DAY),)
    return missing_for_publication(design, windows, PoolDraft(endowment), NOW, None)


@pytest.mark.parametrize(
    "rule",
    [LIVE, fixed_sum(1_000_000, backers=50), BACKER, QUADRATIC],
    ids=lambda rule: rule.kind.value,
)
def test_a_rule_of_each_kind_can_be_published(rule: FundingRule) -> None:
    assert gaps(with_rule(rule)) == []


def test_a_rule_with_a_campaign_states_its_lowest_target() -> None:
    for rule in EVERY_KIND:
        if rule.kind.has_campaign and not rule.kind.is_threshold:
            found = gaps(with_rule(replace(rule, crowdfunding_share=None)))
            assert [g.field for g in found if g.blocking][:1] == ["crowdfunding_share"]


ELSEWHERE = {"venue": Venue.ELSEWHERE, "venue_name": "Altrove", "venue_url": "https://x.example"}
SLOT = Round("Maggio", NOW + 60 * DAY, NOW + 90 * DAY)
WEEKEND = EVERY_KIND[2].live


@pytest.mark.parametrize(
    "rule, campaign, field, blocking",
    [
        (replace(LIVE, grant_cap_cents=None), {}, "grant_cap_cents", False),
        (replace(QUADRATIC, grant_cap_cents=None), {}, "grant_cap_cents", False),
        (LIVE, ELSEWHERE, "venue", True),
        (QUADRATIC, ELSEWHERE, "venue", True),
        (replace(LIVE, live=WEEKEND), {"rounds": (SLOT,)}, "multipliers", True),
        (fixed_sum(100_000_01), {}, "sum_cents", True),
        (replace(fixed_sum(2_000), grant_cap_cents=1_000), {}, "grant_cap_cents", True),
        (replace(BACKER, grant_share=HALF), {}, "grant_share", True),
        (
            replace(quadratic(QuadraticMethod.SQUARES, reshare=True), crowdfunding_share=HALF),
            {},
            "reshare",
            True,
        ),
    ],
)
def test_figures_that_cannot_stand_together_are_named(
    rule: FundingRule, campaign: dict[str, object], field: str, blocking: bool
) -> None:
    found = gaps(with_rule(rule, **campaign))
    assert (Step.MONEY, field, blocking) in [(g.where, g.field, g.blocking) for g in found]


def test_lists_and_quotas_have_no_sums_that_the_rule_does_not_know() -> None:
    parts = (
        Part("low", {"it": "Bassi", "en": "Low"}, to_cents=10_000_00, endowment_cents=1_000_00),
        Part("high", {"it": "Alti", "en": "High"}, from_cents=10_000_01, flat_cents=500_00),
    )
    for rule, fields in (
        (QUADRATIC, ["quotas-0-endowment", "quotas-1-flat"]),
        (LIVE, ["quotas-1-flat"]),
        (BACKER, []),
    ):
        design = with_rule(rule)
        quotas = Division("cost", parts=parts)
        design = replace(design, evaluation=replace(design.evaluation, quotas=quotas))
        assert [g.field for g in gaps(design) if g.blocking] == fields


def test_an_endowment_holds_at_least_one_fixed_sum() -> None:
    design = with_rule(fixed_sum(1_000_000))
    assert gaps(design, 1_000_000) == []
    assert [g.field for g in gaps(design, 999_999)] == ["endowment"]


def test_what_stands_in_the_editor_has_the_place_of_its_gap() -> None:
    found = gaps(with_rule(fixed_sum(100_000_01)))
    assert "fixed_sum" in [g.anchor for g in found]
    assert MoneyRules(LIVE).sentences
