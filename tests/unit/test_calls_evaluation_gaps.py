"""The checklist's fifth step: criteria, groups, stages, ties, lists and quotas that add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from quartieri.calls.design import (
    Band,
    CallDesign,
    Division,
    GroupDesign,
    Part,
    StageDesign,
)
from quartieri.calls.design.form import Option, Question, QuestionKind
from quartieri.calls.gaps import City, PoolDraft, Step, WindowDates
from quartieri.calls.publication import missing_for_publication
from tests.factories.calls import ready_design

NOW = datetime(2025, 2, 3, 9, 0, tzinfo=UTC)
WINDOWS = (WindowDates(1, NOW + timedelta(days=1), NOW + timedelta(days=30)),)
TITLE = {"it": "Titolo", "en": "Title"}
CITY = City(frozenset({"1", "2", "3"}))


def gaps(design: CallDesign) -> list[tuple[str, bool]]:
    found = missing_for_publication(design, WINDOWS, PoolDraft(100_000_00), NOW, CITY)
    return [(g.field, g.blocking) for g in found if g.where is Step.EVALUATION]


def with_rules(**over: Any) -> CallDesign:
    design = ready_design()
    return replace(design, evaluation=replace(design.evaluation, **over))


def first(**over: Any) -> CallDesign:
    one, *others = ready_design().evaluation.criteria
    return with_rules(criteria=(replace(one, **over), *others))


CRITERIA = ready_design().evaluation.criteria
MOST = ready_design().evaluation.maximum_total
GROUPED = tuple(replace(c, group="g") for c in CRITERIA)


def group(minimum: str | None = None, *, gate: bool = False) -> tuple[GroupDesign, ...]:
    return (GroupDesign("g", TITLE, (minimum and Decimal(minimum)) or None, gate),)


def parts(*many: Part) -> tuple[Part, ...]:
    return tuple(replace(p, title=TITLE) for p in many)


def test_a_ready_design_has_no_gap_here() -> None:
    assert gaps(ready_design()) == []


@pytest.mark.parametrize(
    "design, found",
    [
        (with_rules(stated_total=MOST), []),
        (with_rules(stated_total=MOST + 1), [("stated_total", True)]),
        (first(step=Decimal("0.5")), []),
        (first(step=Decimal("0.7")), [("criteria-0-step", True)]),
        (first(bands=(Band(Decimal(0), Decimal(2), TITLE),)), []),
        (
            first(bands=(Band(Decimal(0), Decimal(2), TITLE), Band(Decimal(2), Decimal(3), TITLE))),
            [("criteria-0-bands_it", True)],
        ),
        (
            first(bands=(Band(Decimal(0), Decimal(2), {"it": "Poco"}),)),
            [("criteria-0-bands_en", False)],
        ),
        (with_rules(criteria=GROUPED, groups=group("1")), []),
        (with_rules(groups=group()), [("groups-0-title_it", True)]),
        (with_rules(criteria=GROUPED, groups=group("9999")), [("groups-0-minimum", True)]),
        (with_rules(criteria=GROUPED, groups=group(gate=True)), [("groups-0-minimum", True)]),
        (with_rules(tie_break=("received",)), [("tie_break", True)]),
        (with_rules(tie_break=("draw",), draw_source=TITLE), []),
        (with_rules(tie_break=("draw",)), [("draw_source_it", True), ("draw_source_en", True)]),
    ],
)
def test_what_does_not_add_up_is_named_at_its_place(
    design: CallDesign, found: list[tuple[str, bool]]
) -> None:
    assert gaps(design) == found


def test_under_the_sum_a_minimum_counts_all_sheets() -> None:
    summed = {"aggregation": "sum", "sheets": 3}
    assert gaps(with_rules(minimum_total=MOST * 3, **summed)) == []
    assert gaps(with_rules(minimum_total=MOST * 3 + 1, **summed)) == [("minimum_total", True)]


# -- stages --------------------------------------------------------------------------------------


def stages(*many: dict[str, Any]) -> CallDesign:
    named = tuple(StageDesign(f"s{n}", TITLE, **one) for n, one in enumerate(many))
    return with_rules(stages=named, minimum_total=None)


@pytest.mark.parametrize(
    "design, found",
    [
        (stages({"admitted": 20}, {"minimum_total": Decimal(1)}), []),
        (stages({}), [("stages", True)]),
        (stages({"admitted": 20}, {"admitted": 3}), [("stages-1-admitted", True)]),
        (stages({"admitted": 0}, {}), [("stages-0-admitted", True)]),
        (stages({"admitted": 5}, {"admitted": 6}, {}), [("stages-1-admitted", True)]),
        (
            stages({"admitted": 5, "minimum_total": MOST + 1}, {}),
            [("stages-0-minimum_total", True)],
        ),
    ],
)
def test_stages_follow_on_each_other(design: CallDesign, found: list[tuple[str, bool]]) -> None:
    assert gaps(design) == found


def test_a_criterion_that_counts_in_no_stage_is_named() -> None:
    one = (CRITERIA[0].code,)
    design = stages({"admitted": 5, "criteria": one}, {"criteria": one})
    assert ("criteria-1-title_it", True) in gaps(design)


def test_a_stage_that_stops_nobody_is_worth_a_thought() -> None:
    free = tuple(replace(c, minimum=None) for c in CRITERIA)
    design = stages({}, {})
    design = replace(design, evaluation=replace(design.evaluation, criteria=free))
    assert gaps(design) == [("stages-0-admitted", False)]


# -- lists and quotas ----------------------------------------------------------------------------


def lists(by: str, *many: Part, **over: Any) -> CallDesign:
    return with_rules(lists=Division(by, over.pop("question", ""), parts(*many)), **over)


def asked(*options: str, **over: Any) -> Question:
    return Question(
        "field",
        TITLE,
        kind=QuestionKind.CHOICE,
        options=tuple(Option(o, TITLE) for o in options),
        **over,
    )


@pytest.mark.parametrize(
    "design, found",
    [
        (lists("area", Part("a", values=("1", "2")), Part("b")), []),
        (lists("area", Part("a", values=("1", "2"))), [("lists", True)]),
        (
            lists("area", Part("a", values=("1", "9")), Part("b")),
            [("lists-0-values", True)],
        ),
        (lists("cost", Part("a", to_cents=100), Part("b", from_cents=101)), []),
        (lists("cost", Part("a", to_cents=100), Part("b", from_cents=102)), [("lists", True)]),
        (lists("cost", Part("a", to_cents=100)), [("lists", True)]),
        (
            lists("cost", Part("a", from_cents=9, to_cents=8), Part("b")),
            [("lists-0-to_amount", True), ("lists", True)],
        ),
        (lists("question", Part("a"), question="field"), [("lists_question", True)]),
        (lists("cost", Part("a", endowment_cents=100_000_01)), [("lists", True)]),
        (lists("cost", Part("a", places=3), places=2), [("lists-0-places", True)]),
        (with_rules(places=0), [("places", True)]),
        (
            with_rules(places=2, quotas=Division("area", parts=parts(Part("1", places=3)))),
            [("quotas-0-places", True)],
        ),
        (
            with_rules(quotas=Division("area", parts=parts(Part("1", endowment_cents=10**9)))),
            [("quotas-0-endowment", True)],
        ),
        (with_rules(lists=Division(None, parts=parts(Part("a")))), [("lists_by", True)]),
        (
            with_rules(lists=Division("cost", parts=parts(Part("all", admitted=3)))),
            [("lists-0-admitted", True)],
        ),
    ],
)
def test_every_application_belongs_and_places_and_money_hold(
    design: CallDesign, found: list[tuple[str, bool]]
) -> None:
    assert gaps(design) == found


@pytest.mark.parametrize(
    "question, values, found",
    [
        (asked("x", "y"), ("x", "y"), []),
        (asked("x", "y"), ("x",), [("lists", True)]),
        (asked("x"), ("x", "z"), [("lists-0-values", True)]),
        (asked("x", required=False), ("x",), [("lists_question", True)]),
    ],
)
def test_a_deciding_question_is_a_required_choice_with_those_answers(
    question: Question, values: tuple[str, ...], found: list[tuple[str, bool]]
) -> None:
    design = lists("question", Part("a", values=values), question="field")
    design = replace(design, questions=(*design.questions, question))
    assert gaps(design) == found


# -- the document --------------------------------------------------------------------------------


def test_the_rules_survive_their_document() -> None:
    design = with_rules(
        criteria=tuple(
            replace(c, step=Decimal("0.5"), bands=(Band(Decimal(0), Decimal(1), TITLE),))
            for c in GROUPED
        ),
        groups=group("1", gate=True),
        stages=(StageDesign("a", TITLE, admitted=3), StageDesign("b", TITLE, sheets=2)),
        lists=Division("cost", parts=parts(Part("all", places=2, flat_cents=500))),
        quotas=Division("area", parts=parts(Part("one", ("1",) and TITLE, ("1",), places=1))),
        stated_total=Decimal(100),
        collegial=True,
        blind=True,
        draw_source=TITLE,
    )
    assert CallDesign.from_json(design.to_json()) == design


def test_a_document_from_before_reads_as_it_did() -> None:
    document = ready_design().to_json()
    kept = {
        "criteria",
        "minimum_total",
        "sheets",
        "tie_break",
        "when_money_runs_out",
        "provisional",
    }
    document["evaluation"] = {k: v for k, v in document["evaluation"].items() if k in kept}
    for criterion in document["evaluation"]["criteria"]:
        for key in ("group", "step", "bands"):
            del criterion[key]
    assert CallDesign.from_json(document) == ready_design()
