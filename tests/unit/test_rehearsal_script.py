"""The people of a rehearsal: the same by the same seed, each there to show one thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign
from quartieri.calls.shipped import templates
from quartieri.kit.labels import Lazy
from quartieri.kit.money import Money, share_ceil
from quartieri.rehearsal.trial.copy import CallCopy
from quartieri.rehearsal.trial.money import split
from quartieri.rehearsal.trial.notes import Rule, Trait, rules_of
from quartieri.rehearsal.trial.script import script
from quartieri.rehearsal.trial.words import packed, unpacked
from tests.factories.calls import ready_design

NOW = datetime(2026, 1, 10, 9, tzinfo=UTC)
AREAS = tuple((str(n), f"Municipio {n}") for n in range(1, 10))
SEEDS = st.integers(0, 999_999)


def copy_of(design: CallDesign, endowment_cents: int = 600_000_00) -> CallCopy:
    window = (NOW + timedelta(days=1), NOW + timedelta(days=30))
    return CallCopy("Comune di Prova", AREAS, design, (window,), endowment_cents, NOW)


DESIGNS = [
    ready_design(),
    ready_design(campaigns=False),
    *(t.design for t in templates() if t.design.money.rule is not None),
]


@pytest.mark.parametrize("design", DESIGNS)
@given(seed=SEEDS)
def test_the_same_seed_invents_the_same_people(design: CallDesign, seed: int) -> None:
    assert script(copy_of(design), seed) == script(copy_of(design), seed)


@pytest.mark.parametrize("design", DESIGNS)
@given(seed=SEEDS)
def test_who_breaks_no_rule_keeps_within_every_limit(design: CallDesign, seed: int) -> None:
    who = design.eligibility
    for one in script(copy_of(design), seed):
        if one.trait is Trait.BREAKS:
            continue
        asked = one.application
        cost = sum(line[1] for line in asked.budget)
        assert (who.cost_min_cents or 0) <= cost <= (who.cost_max_cents or cost)
        assert (who.months_min or 0) <= asked.months <= (who.months_max or asked.months)
        assert asked.area not in who.excluded_areas
        assert asked.own_cents >= share_ceil(cost, who.own_share_min or Decimal(0))
        assert asked.own_cents + asked.requested_cents + asked.crowd_cents <= cost


@pytest.mark.parametrize("design", DESIGNS)
@given(seed=SEEDS)
def test_each_limit_of_the_call_is_tried_by_somebody(design: CallDesign, seed: int) -> None:
    tried = {one.rule for one in script(copy_of(design), seed) if one.trait is Trait.BREAKS}
    limits = {Rule.COST_MAX, Rule.MONTHS, Rule.AREA, Rule.AGE, Rule.MEMBERS, Rule.OWN_SHARE}
    assert tried >= limits.intersection(rules_of(design))


@given(total=st.integers(1, 10**9), least=st.integers(1, 10_000), more=st.integers(0, 10**6))
def test_pledges_keep_to_the_call_and_never_exceed_the_sum(
    total: int, least: int, more: int
) -> None:
    campaign = ready_design().campaign
    assert campaign is not None
    bounds = replace(campaign, pledge_min_cents=least, pledge_max_cents=least + more)
    pledges = split(total, bounds)
    assert all(least <= cents <= least + more for cents in pledges)
    assert sum(pledges) <= total


def test_a_sentence_survives_being_kept() -> None:
    sentence = Lazy(
        "%(who)s: %(sum)s, %(points)s, %(day)s, %(n)s",
        {
            "who": Lazy("The office"),
            "sum": Money(12_50),
            "points": Decimal("7.5"),
            "day": NOW,
            "n": 3,
        },
    )
    assert unpacked(packed(sentence)) == sentence
