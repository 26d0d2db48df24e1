"""The self-check and the checks of an application say the same of the same facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign, Eligibility, MoneyRules
from quartieri.calls.design.who import PartnerRule
from quartieri.calls.funding import FundingKind, FundingRule, rule_target
from quartieri.calls.selfcheck import Answers, check, questions
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.rules import (
    DECLARATIONS,
    ApplicantPart,
    BudgetPart,
    DeclarationsPart,
    Draft,
    LineFacts,
    MemberFacts,
    MoneyPart,
    PartnerFacts,
    PlacePart,
    SummaryPart,
    TeamPart,
    problems,
)

TODAY = date(2025, 2, 3)
AREAS = ("1", "2", "3")
K = OrganisationKind
RULES = (
    FundingRule(FundingKind.FIXED_SHARE, Decimal("0.5"), Decimal("0.5"), grant_cap_cents=50_000_00),
    FundingRule(FundingKind.DIRECT, None, Decimal("0.9"), 20_000_00, 30_000_00),
    FundingRule(FundingKind.DIRECT, None, None, None, 30_000_00),
    FundingRule(FundingKind.DIRECT, None, Decimal("0.8")),
)
small = st.integers(0, 4)
cents = st.integers(1, 120_000_00)
maybe = st.none() | small


@st.composite
def designs(draw: st.DrawFn) -> CallDesign:
    alliance = draw(st.booleans())
    who = Eligibility(
        kinds=tuple(draw(st.lists(st.sampled_from(K), unique=True, max_size=3))),
        min_group_members=draw(maybe),
        max_group_members=draw(maybe),
        min_organisation_age_years=draw(maybe),
        max_organisation_age_years=draw(maybe),
        alliance=alliance,
        partners=(PartnerRule(draw(st.integers(1, 3))),)
        if alliance and draw(st.booleans())
        else (),
        allowed_areas=tuple(draw(st.lists(st.sampled_from(AREAS), unique=True, max_size=2))),
        excluded_areas=tuple(draw(st.lists(st.sampled_from(AREAS), unique=True, max_size=2))),
        cost_min_cents=draw(st.none() | cents),
        cost_max_cents=draw(st.none() | cents),
        months_min=draw(maybe),
        months_max=draw(maybe),
        own_share_min=draw(st.none() | st.decimals("0.1", "0.6", places=1)),
    )
    rule = draw(st.sampled_from(RULES))
    return CallDesign(eligibility=who, money=MoneyRules(rule=rule))


answers = st.builds(
    Answers,
    kind=st.sampled_from(K),
    founded_on=st.dates(TODAY - timedelta(days=1600), TODAY),
    people=small,
    partners=small,
    area=st.sampled_from(AREAS),
    cost_cents=cents,
    own_cents=st.integers(0, 120_000_00),
    months=st.integers(1, 5),
)


def application(design: CallDesign, given_answers: Answers) -> Draft:
    """Give an application that is complete but for what the answers say."""
    facts: dict[str, Any] = {f: getattr(given_answers, f) for f in Answers.__slots__}
    rule, cost, own = design.money.rule, facts["cost_cents"], facts["own_cents"]
    assert rule is not None
    money = (
        MoneyPart(own_cents=own, crowd_cents=rule_target(rule, cost))
        if rule.kind.has_campaign
        else MoneyPart(own_cents=own, requested_cents=max(cost - own, 0))
    )
    lead = PartnerFacts("Orti", K.ASSOCIATION, lead=True)
    others = tuple(PartnerFacts(f"P{n}", K.BUSINESS) for n in range(facts["partners"]))
    return Draft(
        applicant=ApplicantPart(
            facts["kind"], "Orti", "80078750587", "Milano", facts["founded_on"]
        ),
        summary=SummaryPart("Orto", "Un orto"),
        place=PlacePart("Via Padova", 1, facts["months"]),
        team=TeamPart(
            tuple(MemberFacts(f"M{n}") for n in range(facts["people"])),
            (lead, *others) if others else (),
        ),
        budget=BudgetPart((LineFacts("Terra", cost),)),
        money=money,
        declarations=DeclarationsPart(
            frozenset({*DECLARATIONS, *(d.code for d in design.declarations)})
        ),
        area_code=facts["area"],
        area_name="Municipio",
        areas_exist=True,
    )


@given(designs(), answers)
def test_who_can_apply_by_the_self_check_can_apply_and_the_other_way_round(
    design: CallDesign, given_answers: Answers
) -> None:
    if not design.eligibility.alliance:  # then no application can name a partner at all
        given_answers = replace(given_answers, partners=0)
    found = check(design, given_answers, today=TODAY, areas=AREAS)
    lacking = problems(application(design, given_answers), design, today=TODAY)
    assert found.fine == (lacking == []), [p.message.source for p in lacking]


@given(designs(), answers)
def test_an_answer_that_is_not_asked_for_never_matters(
    design: CallDesign, given_answers: Answers
) -> None:
    unasked = set(Answers.__slots__) - set(questions(design, AREAS))
    bare = replace(given_answers, **dict.fromkeys(unasked))
    first = check(design, given_answers, today=TODAY, areas=AREAS)
    second = check(design, bare, today=TODAY, areas=AREAS)
    assert (first.obstacles, first.fine) == (second.obstacles, second.fine)
