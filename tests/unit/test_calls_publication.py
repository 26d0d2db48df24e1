"""The checklist before publication: every gap, at its place; and deadlines that acts may set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from quartieri.calls.design import (
    CallDesign,
    Declaration,
    Eligibility,
    Evaluation,
    QuestionKind,
)
from quartieri.calls.funding import (
    FundingKind,
    FundingRule,
    payment_sentences,
)
from quartieri.calls.gaps import City, PoolDraft, Share, Step, WindowDates
from quartieri.calls.publication import missing_for_publication
from quartieri.calls.rules import (
    CALL,
    CallPhase,
    CallState,
    WindowState,
    call_phase,
    refuse_new_deadline,
    window_state,
)
from quartieri.calls.shipped import templates
from quartieri.kit.errors import IllegalMoveError, InvalidError
from tests.factories.calls import ready_design

NOW = datetime(2025, 2, 3, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(microseconds=1)
WINDOWS = (
    WindowDates(1, NOW + DAY, NOW + 30 * DAY),
    WindowDates(2, NOW + 31 * DAY, NOW + 60 * DAY),
)
POOL = PoolDraft(100_000_00)

Found = list[tuple[Step, str, bool]]


def found(
    design: CallDesign | None = None,
    windows: tuple[WindowDates, ...] = WINDOWS,
    pool: PoolDraft = POOL,
    city: City | None = None,
) -> Found:
    gaps = missing_for_publication(design or ready_design(), windows, pool, NOW, city)
    return [(g.where, g.field, g.blocking) for g in gaps]


def test_a_complete_call_lacks_nothing() -> None:
    assert found() == []
    assert found(ready_design(campaigns=False)) == []


@pytest.mark.parametrize("one", templates(), ids=lambda t: t.code)
def test_a_shipped_template_is_never_ready_as_it_is(one: object) -> None:
    design: CallDesign = one.design  # type: ignore[attr-defined]
    gaps = found(design, (), PoolDraft(one.endowment_cents))  # type: ignore[attr-defined]
    money = set() if design.money.no_money else {"advance_share"}
    total = set() if design.evaluation.stages else {"minimum_total"}
    assert {"windows", "tie_break", *money, *total} <= {field for _where, field, _blocking in gaps}


def evaluated(**over: object) -> CallDesign:
    design = ready_design()
    return replace(design, evaluation=replace(design.evaluation, **over))  # type: ignore[arg-type]


def criteria(**over: object) -> CallDesign:
    first, second = ready_design().evaluation.criteria
    return evaluated(criteria=(replace(first, **over), second))  # type: ignore[arg-type]


def who(**over: object) -> CallDesign:
    design = ready_design()
    return replace(design, eligibility=replace(design.eligibility, **over))  # type: ignore[arg-type]


def money(**over: object) -> CallDesign:
    design = ready_design()
    return replace(design, money=replace(design.money, **over))  # type: ignore[arg-type]


def campaign(**over: object) -> CallDesign:
    design = ready_design()
    assert design.campaign is not None
    return replace(design, campaign=replace(design.campaign, **over))  # type: ignore[arg-type]


ONE = Decimal(1)


def without(kind: QuestionKind) -> CallDesign:
    """Give a form written out that does not ask for one kind."""
    design = ready_design().with_sections()
    return replace(design, questions=tuple(q for q in design.questions if q.kind is not kind))


GAPS: list[tuple[Callable[[], CallDesign], Step, str]] = [
    (lambda: ready_design(title={"it": "Solo"}), Step.IDENTITY, "title_en"),
    (lambda: ready_design(text={"en": "Only"}), Step.IDENTITY, "text_it"),
    (lambda: ready_design(office=" "), Step.IDENTITY, "office"),
    (lambda: ready_design(contact=""), Step.IDENTITY, "contact"),
    (lambda: ready_design(privacy_notice={"it": "x"}), Step.IDENTITY, "privacy_notice_en"),
    (lambda: ready_design(terms={"it": "x"}), Step.IDENTITY, "terms_en"),
    (lambda: ready_design(consent={"en": "x"}), Step.IDENTITY, "consent_it"),
    (lambda: ready_design(legal_basis={"en": "x"}), Step.IDENTITY, "legal_basis_it"),
    (lambda: who(kinds=()), Step.WHO, "kinds"),
    (lambda: who(min_group_members=None), Step.WHO, "min_group_members"),
    (lambda: who(cost_min_cents=200_000_00), Step.WHO, "cost_max_cents"),
    (lambda: who(max_group_members=1), Step.WHO, "max_group_members"),
    (
        lambda: who(min_organisation_age_years=3, max_organisation_age_years=1),
        Step.WHO,
        "max_organisation_age_years",
    ),
    (lambda: who(alliance=False, unconstituted=True), Step.WHO, "alliance"),
    (lambda: who(allowed_areas=("9",)), Step.WHO, "allowed_areas"),
    (
        lambda: who(declarations=(Declaration("local", {"it": "Sono di qui."}),)),
        Step.WHO,
        "declarations-0-text_en",
    ),
    (lambda: without(QuestionKind.MEMBERS), Step.APPLICATION, "questions"),
    (lambda: without(QuestionKind.BUDGET), Step.APPLICATION, "questions"),
    (lambda: without(QuestionKind.PLACE), Step.APPLICATION, "questions"),
    (lambda: who(months_min=13), Step.WHO, "months_max"),
    (lambda: who(own_share_min=ONE), Step.WHO, "own_share_min"),
    (lambda: who(excluded_areas=("9",)), Step.WHO, "excluded_areas"),
    (lambda: ready_design(questions=()), Step.APPLICATION, "questions"),
    (lambda: ready_design(requirements=()), Step.APPLICATION, "requirements"),
    (lambda: criteria(maximum=Decimal(0)), Step.EVALUATION, "criteria-0-maximum"),
    (lambda: criteria(weight=Decimal(0)), Step.EVALUATION, "criteria-0-weight"),
    (lambda: criteria(minimum=Decimal(61)), Step.EVALUATION, "criteria-0-minimum"),
    (lambda: criteria(title={"it": "x"}), Step.EVALUATION, "criteria-0-title_en"),
    (lambda: evaluated(minimum_total=None), Step.EVALUATION, "minimum_total"),
    (lambda: evaluated(minimum_total=Decimal("100.1")), Step.EVALUATION, "minimum_total"),
    (lambda: evaluated(sheets=0), Step.EVALUATION, "sheets"),
    (lambda: evaluated(tie_break=()), Step.EVALUATION, "tie_break"),
    (lambda: evaluated(tie_break=("received",)), Step.EVALUATION, "tie_break"),
    (lambda: evaluated(when_money_runs_out=None), Step.EVALUATION, "when_money_runs_out"),
    (lambda: evaluated(when_money_runs_out="part"), Step.EVALUATION, "when_money_runs_out"),
    (lambda: money(rule=None), Step.MONEY, "kind"),
    (lambda: money(advance_share=None), Step.MONEY, "advance_share"),
    (lambda: money(advance_share=Decimal("1.1")), Step.MONEY, "advance_share"),
    (lambda: money(integration_days=0), Step.MONEY, "integration_days"),
    (lambda: ready_design(campaign=None), Step.MONEY, "days"),
    (lambda: campaign(days=0), Step.MONEY, "days"),
    (lambda: campaign(grace_days=0), Step.MONEY, "grace_days"),
    (lambda: campaign(pledge_min_cents=0), Step.MONEY, "pledge_min_cents"),
    (lambda: campaign(pledge_max_cents=1), Step.MONEY, "pledge_max_cents"),
    (lambda: campaign(offline_days=7), Step.MONEY, "offline_days"),
    (lambda: campaign(confirm_minutes=0), Step.MONEY, "confirm_minutes"),
]


@pytest.mark.parametrize(("design", "where", "field"), GAPS)
def test_a_gap_blocks_at_its_place(
    design: Callable[[], CallDesign], where: Step, field: str
) -> None:
    assert found(design()) == [(where, field, True)]


def test_without_criteria_nothing_can_be_reached() -> None:
    design = replace(ready_design(), evaluation=Evaluation())
    fields = [field for _where, field, _blocking in found(design)]
    assert fields == ["criteria", "minimum_total", "sheets", "tie_break", "when_money_runs_out"]


def test_an_excluded_area_of_the_city_is_fine() -> None:
    assert found(who(excluded_areas=("1",)), city=City(areas=frozenset({"1"}))) == []


@pytest.mark.parametrize(
    "windows",
    [
        (),
        (WindowDates(1, NOW + 2 * DAY, NOW + DAY),),
        (WindowDates(1, NOW - 2 * DAY, NOW - DAY),),
        (WINDOWS[0], WindowDates(2, NOW + 30 * DAY, NOW + 60 * DAY)),
    ],
)
def test_sessions_must_be_there_in_order_and_to_come(windows: tuple[WindowDates, ...]) -> None:
    assert found(windows=windows) == [(Step.WINDOWS, "windows", True)]


def test_a_smallest_grant_that_nobody_can_get_blocks() -> None:
    rule = FundingRule(
        FundingKind.DIRECT,
        None,
        Decimal("0.5"),
        grant_min_cents=60_000_00,
        grant_cap_cents=80_000_00,
    )
    design = ready_design(campaigns=False)
    design = replace(design, money=replace(design.money, rule=rule))
    assert found(design) == [(Step.MONEY, "grant_min_cents", True)]


def test_advance_and_balance_are_said_in_words() -> None:
    said = [str(s) for s in payment_sentences(Decimal("0.4"))]
    assert said == [
        "40 % of the grant is paid in advance, once the agreement is signed.",
        "The balance, 60 %, is paid once the project's report is approved.",
    ]
    assert payment_sentences(None) == ()
    assert len(payment_sentences(Decimal(0))) == len(payment_sentences(Decimal(1))) == 1


def test_a_direct_grant_has_no_campaign() -> None:
    design = replace(ready_design(campaigns=False), campaign=ready_design().campaign)
    assert found(design) == [(Step.MONEY, "kind", True)]


@pytest.mark.parametrize(
    ("pool", "field", "blocking"),
    [
        (PoolDraft(None), "endowment", True),
        (PoolDraft(0), "endowment", True),
        (PoolDraft(100_000_00), "shares", False),
        (PoolDraft(100_000_00, (Share("Linea", 90_000_00),)), "shares", True),
        (
            PoolDraft(100_000_00, (Share("Linea", 100_000_00, 99_999_99, "Programma"),)),
            "shares",
            True,
        ),
        (
            PoolDraft(
                100_000_00,
                (
                    Share("A", 50_000_00, 60_000_00, "Programma"),
                    Share("B", 50_000_00, 60_000_00, "Programma"),
                ),
            ),
            "shares",
            True,
        ),
    ],
)
def test_the_endowment_is_stated_adds_up_and_is_covered(
    pool: PoolDraft, field: str, *, blocking: bool
) -> None:
    city = City(has_programme=True)
    assert found(pool=pool, city=city) == [(Step.MONEY, field, blocking)]


def test_a_covered_endowment_lacks_nothing() -> None:
    pool = PoolDraft(100_000_00, (Share("Linea", 100_000_00, 100_000_00, "Linea"),))
    assert found(pool=pool, city=City(has_programme=True)) == []


def test_shares_of_levels_without_any_figure_are_not_checked() -> None:
    pool = PoolDraft(100_000_00, (Share("Linea", 100_000_00),))
    assert found(pool=pool, city=City(has_programme=True)) == []


def test_a_window_is_open_at_both_its_ends() -> None:
    first, last = NOW, NOW + DAY

    def at(instant: datetime) -> WindowState:
        return window_state(None, opens_at=first, closes_at=last, now=instant)

    assert [at(i) for i in (first - SECOND, first, last, last + SECOND)] == [
        WindowState.SCHEDULED,
        WindowState.OPEN,
        WindowState.OPEN,
        WindowState.CLOSED,
    ]


@pytest.mark.parametrize(
    ("state", "new", "following", "error"),
    [
        (WindowState.OPEN, NOW, None, InvalidError),
        (WindowState.OPEN, NOW + 2 * DAY, NOW + 2 * DAY, InvalidError),
        (WindowState.CHECKING, NOW + 9 * DAY, None, IllegalMoveError),
        (WindowState.FINAL, NOW + 9 * DAY, None, IllegalMoveError),
    ],
)
def test_a_deadline_that_no_act_can_set(
    state: WindowState,
    new: datetime,
    following: datetime | None,
    error: type[Exception],
) -> None:
    with pytest.raises(error):
        refuse_new_deadline(
            state,
            closes_at=NOW + DAY,
            new_closes_at=new,
            next_opens_at=following,
            at=NOW,
        )


def test_a_closed_session_reopens_only_into_the_future() -> None:
    with pytest.raises(InvalidError):
        refuse_new_deadline(
            WindowState.CLOSED,
            closes_at=NOW - 3 * DAY,
            new_closes_at=NOW - DAY,
            next_opens_at=None,
            at=NOW,
        )
    refuse_new_deadline(
        WindowState.CLOSED,
        closes_at=NOW - 3 * DAY,
        new_closes_at=NOW + DAY,
        next_opens_at=None,
        at=NOW,
    )


@pytest.mark.parametrize(
    ("state", "windows", "phase"),
    [
        (CallState.PUBLISHED, [WindowState.FINAL, WindowState.OPEN], CallPhase.OPEN),
        (CallState.PUBLISHED, [WindowState.FINAL, WindowState.SCHEDULED], CallPhase.COMING),
        (CallState.PUBLISHED, [WindowState.EVALUATION], CallPhase.WORKING),
        (CallState.SUSPENDED, [WindowState.OPEN], CallPhase.SUSPENDED),
        (CallState.ANNULLED, [], CallPhase.CANCELLED),
        (CallState.DRAFT, [WindowState.OPEN], CallPhase.DRAFT),
    ],
)
def test_a_calls_phase_follows_from_state_and_sessions(
    state: CallState, windows: list[WindowState], phase: CallPhase
) -> None:
    assert call_phase(state, windows) is phase
    assert call_phase(state, windows, historical=True) is CallPhase.HISTORY


def test_only_a_draft_can_be_published() -> None:
    for state in CallState:
        if state is not CallState.DRAFT:
            with pytest.raises(IllegalMoveError):
                CALL.find("publish", state)


def test_who_may_apply_needs_no_group_when_groups_may_not() -> None:
    design = replace(
        ready_design(), eligibility=Eligibility(kinds=ready_design().eligibility.kinds[:1])
    )
    assert found(design) == []
