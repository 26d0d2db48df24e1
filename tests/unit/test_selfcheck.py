"""The self-check: pure, honest, and of one mind with the checks of an application."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign, Eligibility
from quartieri.calls.selfcheck import Answers, Outcome, check, questions
from quartieri.people.rules import OrganisationKind
from tests.factories.calls import ready_design

TODAY = date(2025, 2, 3)
K = OrganisationKind
AREAS = ("1", "2", "3")


def outcome(design: CallDesign, answers: Answers) -> Outcome:
    return check(design, answers, today=TODAY, areas=AREAS)


def design_of(*, campaigns: bool = True, **rules: object) -> CallDesign:
    return ready_design(campaigns=campaigns, eligibility=Eligibility(**rules))  # type: ignore[arg-type]


GOOD = Answers(kind=K.ASSOCIATION, cost_cents=50_000_00, months=10, partners=0)


def test_only_what_the_rules_depend_on_is_asked() -> None:
    assert questions(design_of()) == ()
    assert questions(design_of(alliance=True)) == ()
    assert questions(design_of(alliance=True, months_max=3)) == ("months",)
    assert questions(design_of(alliance=True, excluded_areas=("1",))) == ()
    assert questions(design_of(alliance=True, excluded_areas=("1",)), AREAS) == ("area",)
    direct = questions(design_of(alliance=True, campaigns=False))
    assert direct == ("cost_cents", "own_cents")


def test_you_can_apply_only_when_everything_was_answered() -> None:
    design = ready_design()
    assert outcome(design, GOOD).fine
    left = outcome(design, replace(GOOD, months=None))
    assert (left.fine, left.unanswered, left.obstacles) == (False, ("months",), ())


@pytest.mark.parametrize(
    ("answers", "about"),
    [
        (replace(GOOD, kind=K.BUSINESS), "kind"),
        (replace(GOOD, kind=K.INFORMAL_GROUP, people=1), "people"),
        (replace(GOOD, cost_cents=120_000_00), "cost_cents"),
        (replace(GOOD, cost_cents=100_00), "cost_cents"),
        (replace(GOOD, months=13), "months"),
        (replace(GOOD, months=0), "months"),
    ],
)
def test_each_obstacle_says_why_and_what_could_be_done(answers: Answers, about: str) -> None:
    found = outcome(ready_design(), answers)
    assert [o.question for o in found.obstacles] == [about]
    assert found.obstacles[0].why.source
    assert found.obstacles[0].remedy.source


def test_a_group_has_no_founding_day_and_an_organisation_no_head_count() -> None:
    design = design_of(
        kinds=(K.ASSOCIATION, K.INFORMAL_GROUP),
        alliance=True,
        min_group_members=2,
        max_organisation_age_years=3,
    )
    group = outcome(design, Answers(kind=K.INFORMAL_GROUP, people=2))
    assert group.fine
    body = outcome(design, Answers(kind=K.ASSOCIATION, founded_on=TODAY - timedelta(days=99)))
    assert body.fine


def test_the_age_is_counted_to_the_day_the_last_one_included() -> None:
    design = design_of(alliance=True, max_organisation_age_years=3)
    born = Answers(kind=K.ASSOCIATION, founded_on=date(2022, 2, 3))
    assert outcome(design, born).fine
    assert not outcome(design, replace(born, founded_on=date(2022, 2, 2))).fine
    leap = Answers(kind=K.ASSOCIATION, founded_on=date(2020, 2, 29))
    assert check(
        design_of(alliance=True, max_organisation_age_years=1), leap, today=date(2021, 3, 1)
    ).fine


@given(
    cost=st.integers(1, 200_000_00),
    own=st.integers(0, 200_000_00),
    share=st.none() | st.decimals("0.01", "1", places=2),
)
def test_what_the_remedy_asks_for_is_enough(cost: int, own: int, share: Decimal | None) -> None:
    design = design_of(campaigns=False, alliance=True, own_share_min=share)
    answers = Answers(cost_cents=cost, own_cents=own)
    for obstacle in outcome(design, answers).obstacles:
        more = obstacle.remedy.values.get("more")
        if obstacle.question == "own_cents" and more is not None:
            mended = outcome(design, replace(answers, own_cents=own + more.cents))
            assert "more" not in {k for o in mended.obstacles for k in o.remedy.values}
