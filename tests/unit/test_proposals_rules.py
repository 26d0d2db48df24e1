"""What an application lacks, the money plan, the steps: pure, figure by figure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quartieri.calls.design import CallDesign, Eligibility, MoneyRules, Question
from quartieri.calls.funding import FundingKind, FundingRule
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
    ProposalState,
    Section,
    SectionState,
    SummaryPart,
    TeamPart,
    mark_of,
    plan,
    problems,
    section_states,
)
from quartieri.proposals.rules.steps import steps

TODAY = date(2025, 2, 3)
ASSOCIATION = OrganisationKind.ASSOCIATION
GROUP = OrganisationKind.INFORMAL_GROUP
ALLEANZE = FundingRule(
    FundingKind.FIXED_SHARE, Decimal("0.5"), Decimal("0.5"), grant_cap_cents=50_000_00
)
SCUOLA = FundingRule(
    FundingKind.DIRECT,
    None,
    Decimal("0.9"),
    grant_min_cents=20_000_00,
    grant_cap_cents=30_000_00,
)
CALLS_OWN = {"story", "place", "team", "budget", "money"}
LEAD = PartnerFacts("Orti", ASSOCIATION, lead=True)


def design(rule: FundingRule = ALLEANZE, **eligibility: object) -> CallDesign:
    return CallDesign(
        questions=(
            Question("why", {"it": "Perché?", "en": "Why?"}, limit=20),
            Question("more", {"it": "Altro?"}, limit=20, required=False),
        ),
        eligibility=Eligibility(**eligibility),  # type: ignore[arg-type] # by keyword, in tests
        money=MoneyRules(rule=rule),
    )


def whole(**over: object) -> Draft:
    draft = Draft(
        applicant=ApplicantPart(ASSOCIATION, "Orti", "80078750587", "Milano", date(2024, 1, 1)),
        summary=SummaryPart("Orto", "Un orto"),
        answers={"why": "Perché sì"},
        place=PlacePart("Via Padova", None, 6),
        team=TeamPart((MemberFacts("Ada"), MemberFacts("Bea"))),
        budget=BudgetPart((LineFacts("Terra", 30_000_00),)),
        money=MoneyPart(crowd_cents=15_000_00),
        declarations=DeclarationsPart(frozenset(DECLARATIONS)),
    )
    return replace(draft, **over)  # type: ignore[arg-type] # by keyword, in tests


def said(draft: Draft, call: CallDesign | None = None) -> list[tuple[Section, str]]:
    found = problems(draft, call or design(), today=TODAY)
    return [(p.section, p.message.source) for p in found]


def test_a_whole_application_lacks_nothing() -> None:
    assert said(whole()) == []


def test_an_empty_one_lacks_something_on_every_page_that_is_asked() -> None:
    empty = Draft(applicant=ApplicantPart(GROUP, ""), areas_exist=True)
    found = {section for section, _sentence in said(empty, design(min_group_members=2))}
    assert found == {*CALLS_OWN, "applicant", "summary", "declarations"}


@pytest.mark.parametrize(
    ("applicant", "sentence"),
    [
        (ApplicantPart(ASSOCIATION, "Orti"), "Write the tax code (codice fiscale)"),
        (ApplicantPart(ASSOCIATION, "Orti", "80078750588"), "80078750588 is not valid"),
        (ApplicantPart(OrganisationKind.BUSINESS, "Bar", "01199250158"), "not open to this kind"),
    ],
)
def test_who_applies_must_fit(applicant: ApplicantPart, sentence: str) -> None:
    [(section, text)] = said(whole(applicant=applicant), design(kinds=(ASSOCIATION, GROUP)))
    assert section is Section.APPLICANT
    assert sentence in text


def test_an_informal_group_needs_members_and_no_tax_code() -> None:
    group = ApplicantPart(GROUP, "Amici")
    call = design(min_group_members=3)
    [(section, text)] = said(whole(applicant=group), call)
    assert (section, text) == (
        "team",
        "An informal group has at least 3 members; you have written 2.",
    )
    assert said(whole(), call) == []  # an association is no group


@pytest.mark.parametrize(
    ("founded", "fits"),
    [
        (date(2022, 2, 3), True),
        (date(2022, 2, 2), False),
        (date(2020, 2, 29), False),
        (None, False),
    ],
)
def test_age_is_counted_to_the_day(founded: date | None, fits: bool) -> None:
    applicant = ApplicantPart(ASSOCIATION, "Orti", "80078750587", "", founded)
    assert (said(whole(applicant=applicant), design(max_organisation_age_years=3)) == []) is fits


def test_an_alliance_has_exactly_one_lead() -> None:
    call = design(alliance=True)
    partner = PartnerFacts("Bar", OrganisationKind.BUSINESS)
    assert said(whole(team=TeamPart((), (LEAD, partner))), call) == []
    for partners in ((partner,), (LEAD, replace(partner, lead=True))):
        [(_section, text)] = said(whole(team=TeamPart((), partners)), call)
        assert text == "An alliance has exactly one lead partner (capofila)."
    assert said(whole(team=TeamPart((), (LEAD, partner))), design()) == []  # not asked for


def test_the_area_is_asked_where_there_are_areas_and_excluded_ones_are_named() -> None:
    call = design(excluded_areas=("1",))
    assert said(whole(areas_exist=True), call) == [("place", "Choose the area of the city.")]
    chosen = whole(areas_exist=True, area_code="1", area_name="Municipio 1")
    assert said(chosen, call) == [
        ("place", "Municipio 1 is left out of this call: choose another area.")
    ]
    assert said(replace(chosen, area_code="2"), call) == []


@pytest.mark.parametrize(
    ("months", "fits"), [(None, False), (7, False), (8, True), (12, True), (13, False)]
)
def test_months_stay_in_their_bounds(months: int | None, fits: bool) -> None:
    call = design(months_min=8, months_max=12)
    assert (said(whole(place=PlacePart("Qui", None, months)), call) == []) is fits


@pytest.mark.parametrize(
    ("cents", "sentence"),
    [
        (99_999_99, None),
        (100_000_00, None),
        (101_200_00, "The cost is 1200.00 EUR above the maximum of 100000.00 EUR."),
        (19_999_99, "The cost is 0.01 EUR below the minimum of 20000.00 EUR."),
    ],
)
def test_the_cost_is_compared_with_its_figure(cents: int, sentence: str | None) -> None:
    call = design(cost_min_cents=20_000_00, cost_max_cents=100_000_00)
    draft = whole(
        budget=BudgetPart((LineFacts("Tutto", cents),)), money=MoneyPart(crowd_cents=cents)
    )
    found = [text for section, text in said(draft, call) if section == "budget"]
    assert found == ([] if sentence is None else [sentence])


def test_an_answer_may_not_be_longer_than_its_limit() -> None:
    [(section, text)] = said(whole(answers={"why": "x" * 25, "more": "y" * 20}))
    assert section == "story"
    assert text == "Perché?: 5 characters more than the 20 allowed."


def test_every_declaration_is_needed() -> None:
    one_less = frozenset(list(DECLARATIONS)[:-1])
    [(section, _text)] = said(whole(declarations=DeclarationsPart(one_less)))
    assert section is Section.DECLARATIONS


# -- money -------------------------------------------------------------------------------------


def test_the_crowd_must_give_at_least_the_minimum_target() -> None:
    assert said(whole(money=MoneyPart(crowd_cents=15_000_00))) == []
    [(_section, text)] = said(whole(money=MoneyPart(crowd_cents=14_999_99)))
    assert text == (
        "The crowdfunding share is 14999.99 EUR; this call asks for at least 15000.00 EUR."
    )


@pytest.mark.parametrize(
    ("money", "sentence"),
    [
        (MoneyPart(3_000_00, 27_000_00), None),
        (MoneyPart(3_000_00, 28_000_00), "at most 27000.00 EUR"),
        (MoneyPart(2_999_99, 27_000_00), "at least 10 % of the cost: 3000.00 EUR"),
        (MoneyPart(3_000_00, 25_000_00), "lacks 2000.00 EUR"),
        (MoneyPart(11_000_00, 19_000_00), "at least 20000.00 EUR"),
        (MoneyPart(4_000_00, 27_000_00), "1000.00 EUR above the cost"),
        (MoneyPart(3_000_00, 0), "Say how much you ask"),
    ],
)
def test_a_direct_grant_fits_share_cap_own_share_and_cost(
    money: MoneyPart, sentence: str | None
) -> None:
    found = said(whole(money=money), design(SCUOLA, own_share_min=Decimal("0.1")))
    if sentence is None:
        assert found == []
    else:
        assert any(sentence in text for _section, text in found), found


def test_the_plan_shows_what_the_city_would_add() -> None:
    now = plan(ALLEANZE, 30_000_00, MoneyPart(crowd_cents=15_000_00))
    assert (now.target_cents, now.grant_cents, now.uncovered_cents) == (15_000_00, 15_000_00, 0)
    dear = plan(ALLEANZE, 120_000_00, MoneyPart(crowd_cents=60_000_00))
    assert (dear.grant_cents, dear.uncovered_cents) == (50_000_00, 10_000_00)
    gap = replace(ALLEANZE, kind=FundingKind.GAP_FILLING)
    rich = plan(gap, 30_000_00, MoneyPart(crowd_cents=20_000_00))
    assert (rich.grant_cents, rich.uncovered_cents, rich.above_cents) == (10_000_00, 0, 0)
    direct = plan(SCUOLA, 40_000_00, MoneyPart(4_000_00, 36_000_00))
    assert (direct.ceiling_cents, direct.grant_cents, direct.uncovered_cents) == (
        30_000_00,
        30_000_00,
        6_000_00,
    )
    assert plan(ALLEANZE, 0, MoneyPart()).grant_cents == 0


# -- pages -------------------------------------------------------------------------------------


def test_pages_say_how_far_they_are() -> None:
    form = design().form
    draft = whole(summary=SummaryPart("Orto", ""), answers={"why": " "}, team=TeamPart())
    states = section_states(draft, form, problems(draft, design(), today=TODAY))
    assert states[Section.SUMMARY] is SectionState.TO_COMPLETE
    assert states["story"] is SectionState.NOT_STARTED
    assert states["team"] is SectionState.OPTIONAL
    assert states[Section.ATTACHMENTS] is SectionState.OPTIONAL
    assert states["budget"] is SectionState.DONE
    assert section_states(replace(draft, attachments=1), form, [])[Section.ATTACHMENTS] is (
        SectionState.DONE
    )


def test_a_mark_changes_with_what_the_page_holds() -> None:
    assert mark_of(SummaryPart("a", "b")) == mark_of(SummaryPart("a", "b"))
    assert mark_of(SummaryPart("a", "b")) != mark_of(SummaryPart("a", "c"))
    both = [frozenset({"truth", "rules"}), frozenset({"rules", "truth"})]
    assert len({mark_of(DeclarationsPart(k)) for k in both}) == 1


def test_the_way_of_an_application_ends_where_it_ended() -> None:
    at = datetime(2025, 2, 3, tzinfo=UTC)
    reached = {"submitted": at, "in_check": at}

    def way(state: ProposalState, *, campaigns: bool = True) -> list[tuple[str, str]]:
        found = steps(state, reached, number="2025/000001", window=None, campaigns=campaigns)
        return [(s.label.source, s.state) for s in found]

    assert way(ProposalState.SUBMITTED)[:2] == [
        ("Submitted", "now"),
        ("Admissibility check", "next"),
    ]
    assert way(ProposalState.INADMISSIBLE) == [
        ("Submitted", "done"),
        ("Admissibility check", "done"),
        ("Not admitted", "now"),
    ]
    assert way(ProposalState.WITHDRAWN)[-1] == ("Withdrawn", "now")
    assert ("Crowdfunding campaign", "now") in way(ProposalState.SELECTED)
    assert ("Grant awarded", "now") in way(ProposalState.SELECTED, campaigns=False)
    for state in ProposalState:
        if state not in {ProposalState.DRAFT, ProposalState.DISCARDED}:
            assert [s for _label, s in way(state)].count("now") <= 1
