"""Scores by each rule that a notice may choose: worked examples and properties."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design.scoring import Aggregation, Normalisation, NotApplicable, Scoring
from quartieri.kit.errors import InvalidError
from quartieri.reviews.ranking import (
    CriterionRule,
    FaultKind,
    GroupRule,
    NotRankableError,
    Ranking,
    RankingInput,
    Sheet,
    rank,
)
from quartieri.reviews.ranking.scores import aggregate
from tests.factories.ranked import LASTING, candidate, outcomes, rules, sheet

PAIR = (CriterionRule("idea", Decimal(10)), CriterionRule("team", Decimal(20)))


def one(reviewer: str, idea: str | None, team: str | None, *absent: str) -> Sheet:
    points = {"idea": idea, "team": team}
    return Sheet.of(reviewer, {k: v and Decimal(v) for k, v in points.items()}, absent)


def scores(*sheets: Sheet, **over: object) -> Fraction | None:
    given = rules(**({"criteria": PAIR} | over))
    return rank(RankingInput(given, 0, (candidate("a", 1, *sheets, cents=0),))).entries[0].score


# -- aggregation ---------------------------------------------------------------------------------

FIVE = tuple(one(f"r{n}", "0", t) for n, t in enumerate(("2", "10", "11", "13", "20")))


@pytest.mark.parametrize(
    "rule, score",
    [
        (Aggregation.MEAN, Fraction("11.2")),  # 56 / 5
        (Aggregation.MEDIAN, Fraction(11)),
        (Aggregation.TRIMMED, Fraction(34, 3)),  # (10 + 11 + 13) / 3
        (Aggregation.SUM, Fraction(56)),
    ],
)
def test_five_totals_come_together_by_the_written_rule(rule: Aggregation, score: Fraction) -> None:
    assert scores(*FIVE, aggregation=rule, minimum_sheets=5) == score


def test_the_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() -> None:
    assert scores(*FIVE[:4], aggregation=Aggregation.MEDIAN) == Fraction("10.5")


def test_two_sheets_cannot_be_trimmed() -> None:
    assert scores(*FIVE[:2], aggregation=Aggregation.TRIMMED) == Fraction(6)


def test_a_sum_needs_the_same_number_of_sheets_for_everybody() -> None:
    summed = rules(criteria=PAIR, aggregation=Aggregation.SUM, minimum_sheets=2)
    three = candidate("a", 1, *FIVE[:3])
    with pytest.raises(NotRankableError) as caught:
        rank(RankingInput(summed, 0, (three,)))
    assert [f.kind for f in caught.value.faults] == [FaultKind.UNEVEN_SHEETS]


def test_under_the_sum_a_criterion_keeps_its_minimum_on_the_mean() -> None:
    team = CriterionRule("team", Decimal(20), minimum=Decimal(11))
    summed = rules(
        criteria=(PAIR[0], team),
        aggregation=Aggregation.SUM,
        minimum_sheets=2,
        minimum_total=Decimal(20),
    )
    low = candidate("low", 1, one("r1", "9", "10"), one("r2", "9", "11"), cents=0)
    at = candidate("at", 2, one("r1", "0", "10"), one("r2", "0", "12"), cents=0)
    found = rank(RankingInput(summed, 0, (low, at)))
    assert [(e.key, e.score, e.position) for e in found.entries] == [
        ("at", Fraction(22), 1),
        ("low", Fraction(39), None),
    ]


# -- weights -------------------------------------------------------------------------------------


def test_weights_count_the_share_of_a_criterions_highest_points() -> None:
    weighted = (
        CriterionRule("idea", Decimal(3), Decimal(60)),
        CriterionRule("team", Decimal(7), Decimal(40)),
    )
    # 2/3 × 60 + 5/7 × 40
    found = scores(one("r1", "2", "5"), criteria=weighted, scoring=Scoring.WEIGHTS)
    assert found == Fraction(40) + Fraction(200, 7)
    full = scores(one("r1", "3", "7"), criteria=weighted, scoring=Scoring.WEIGHTS)
    assert full == 100


# -- not applicable ------------------------------------------------------------------------------


def test_what_does_not_apply_is_left_out_and_the_rest_counts_for_the_whole() -> None:
    # r1: 5 of 10 on the idea alone is 15 of 30; r2: 6 + 12
    found = scores(
        one("r1", "5", None, "team"), one("r2", "6", "12"), not_applicable=NotApplicable.RESCALED
    )
    assert found == Fraction(33, 2)


def test_what_does_not_apply_counts_as_zero_where_the_notice_says_so() -> None:
    found = scores(
        one("r1", "5", None, "team"), one("r2", "6", "12"), not_applicable=NotApplicable.ZERO
    )
    assert found == Fraction(23, 2)


def test_a_criterion_that_applies_to_nobody_has_no_minimum() -> None:
    team = CriterionRule("team", Decimal(20), minimum=Decimal(11), group="g")
    given = rules(
        criteria=(PAIR[0], team),
        groups=(GroupRule("g", Decimal(5)),),
        not_applicable=NotApplicable.RESCALED,
    )
    found = rank(RankingInput(given, 0, (candidate("a", 1, one("r", "5", None, "team"), cents=0),)))
    assert found.entries[0].criteria == (("idea", Fraction(5)),)
    assert (found.entries[0].position, found.entries[0].score) == (1, Fraction(15))


@pytest.mark.parametrize(
    "given_sheet, rule, kind",
    [
        (one("r", "5", None, "team"), NotApplicable.REFUSED, FaultKind.NOT_APPLICABLE),
        (one("r", None, None, "idea", "team"), NotApplicable.RESCALED, FaultKind.NOTHING_SCORED),
        (one("r", "5", None), NotApplicable.RESCALED, FaultKind.MISSING_SCORE),
    ],
)
def test_a_sheet_that_says_too_little_stops_the_ranking(
    given_sheet: Sheet, rule: NotApplicable, kind: FaultKind
) -> None:
    with pytest.raises(NotRankableError) as caught:
        scores(given_sheet, not_applicable=rule)
    assert kind in [f.kind for f in caught.value.faults]


# -- normalisation -------------------------------------------------------------------------------


def three(**over: object) -> list[tuple[str, Fraction | None]]:
    """Rank what a mild reviewer (12, 24, 30 of 30) and a severe one (3, 0, 6) gave."""
    totals = {"a": ("12", "3"), "b": ("24", "0"), "c": ("30", "6")}
    many = tuple(
        candidate(
            key,
            n,
            one("mild", "0", "0") if mild == "0" else one("mild", "10", str(int(mild) - 10)),
            one("severe", "0", severe),
            cents=0,
        )
        for n, (key, (mild, severe)) in enumerate(totals.items(), start=1)
    )
    found = rank(RankingInput(rules(criteria=PAIR, **over), 0, many))
    return sorted((e.key, e.score) for e in found.entries)


def test_each_reviewers_lowest_becomes_zero_and_the_highest_the_most() -> None:
    # mild: 0, 20, 30; severe: 15, 0, 30
    assert three(normalisation=Normalisation.MIN_MAX) == [
        ("a", Fraction("7.5")),
        ("b", Fraction(10)),
        ("c", Fraction(30)),
    ]


def test_each_reviewers_mean_and_spread_are_brought_to_those_of_all() -> None:
    # all: mean 12.5, spread √121.25 = 11.011357; mild: 22, √56 = 7.483314; severe: 3, √6 = 2.449489
    # mild becomes -2.2145, 15.4429, 24.2716 and severe 12.5, -0.9861, 25.9861
    assert three(normalisation=Normalisation.Z) == [
        ("a", Fraction("5.14275")),
        ("b", Fraction("7.2284")),
        ("c", Fraction("25.12885")),
    ]


def test_a_reviewer_whose_sheets_are_all_alike_keeps_them() -> None:
    for rule in (Normalisation.MIN_MAX, Normalisation.Z):
        given = rules(criteria=PAIR, normalisation=rule)
        many = (candidate("a", 1, one("r", "4", "4"), cents=0),)
        assert rank(RankingInput(given, 0, many)).entries[0].score == 8


# -- groups and gates ----------------------------------------------------------------------------

GROUPED = {
    "criteria": (
        CriterionRule("useful", Decimal(10), group="idea"),
        CriterionRule("new", Decimal(10), group="idea"),
        LASTING,
    ),
    "minimum_total": Decimal(30),
}


def test_below_a_gate_the_other_criteria_do_not_count() -> None:
    gated = rules(groups=(GroupRule("idea", Decimal(12), gate=True),), **GROUPED)
    at = candidate("at", 1, sheet("r", "6", "6", "4"))
    low = candidate("low", 2, sheet("r", "5", "6", "10"))
    poor = candidate("poor", 3, sheet("r", "6", "6", "3"))
    found = rank(RankingInput(gated, 1_000, (at, low, poor)))
    assert outcomes(found) == [
        ("at", 1, "funded", 100),
        ("poor", None, "not_eligible", 0),
        ("low", None, "not_eligible", 0),
    ]
    stopped = found.entries[2]
    assert stopped.score is None
    assert stopped.criteria[2] == ("lasting", Fraction(10))
    assert [(r.code.value, dict(r.facts)) for r in stopped.reasons] == [
        ("below_gate", {"name": "idea", "score": "11.00", "minimum": "12"})
    ]
    reason = stopped.reason({"idea": "Idea"})
    assert reason is not None
    assert reason.source == (
        "Idea: 11.00, below the minimum of 12 that opens the other criteria: those do not count."
    )


def test_a_group_without_a_minimum_bars_nobody() -> None:
    grouped = rules(groups=(GroupRule("idea", None),), **(GROUPED | {"minimum_total": None}))
    found = rank(RankingInput(grouped, 1_000, (candidate("a", 1, sheet("r", "0", "0", "0")),)))
    assert outcomes(found) == [("a", 1, "funded", 100)]


# -- documents -----------------------------------------------------------------------------------


def test_a_ranking_published_before_verifies_to_the_letter() -> None:
    kept = json.loads((Path(__file__).parent / "data" / "ranking-1.json").read_text("utf-8"))
    read = RankingInput.from_json(kept["input"])
    assert read.to_json() == kept["input"]
    assert read.sha256() == kept["input_sha256"]
    assert rank(read).to_json() == kept["result"]
    assert rank(read).sha256() == kept["result_sha256"]
    assert Ranking.from_json(kept["result"]) == rank(read)


def rich() -> RankingInput:
    return RankingInput(
        rules(
            criteria=PAIR,
            aggregation=Aggregation.TRIMMED,
            scoring=Scoring.WEIGHTS,
            normalisation=Normalisation.Z,
            not_applicable=NotApplicable.RESCALED,
            groups=(),
            places=3,
            gate=True,
        ),
        0,
        (candidate("a", 1, one("r1", "5", None, "team"), one("r2", "4", "3"), cents=0),),
    )


@pytest.mark.parametrize("key", ["scoring", "lists", "places", "gate", "not_applicable"])
def test_a_document_of_the_first_version_knows_nothing_of_the_second(key: str) -> None:
    document: dict[str, Any] = rich().to_json()
    assert RankingInput.from_json(document) == rich()
    with pytest.raises(InvalidError):
        RankingInput.from_json({**document, "format": "quartieri-ranking-input-1"})
    del document["rules"][key]
    with pytest.raises(InvalidError):
        RankingInput.from_json(document)


# -- properties ----------------------------------------------------------------------------------

points = st.integers(0, 40).map(lambda n: Decimal(n) / 4)
pairs = st.tuples(points, points.map(lambda p: p * 2), st.sampled_from(["", "", "idea", "team"]))
boards = st.lists(st.lists(pairs, min_size=1, max_size=4), min_size=1, max_size=8)


def board(rows: list[list[tuple[Decimal, Decimal, str]]], **over: object) -> RankingInput:
    many = []
    for n, sheets in enumerate(rows, start=1):
        given = [
            Sheet.of(f"r{r}", {"idea": idea, "team": team}, [absent] if absent else [])
            for r, (idea, team, absent) in enumerate(sheets)
        ]
        many.append(candidate(f"p{n}", n, *given, cents=0))
    return RankingInput(rules(criteria=PAIR, **over), 0, tuple(many))


@given(
    boards,
    st.sampled_from([Aggregation.MEAN, Aggregation.MEDIAN, Aggregation.TRIMMED]),
    st.tuples(
        st.sampled_from(Normalisation),
        st.sampled_from(Scoring),
        st.sampled_from([NotApplicable.RESCALED, NotApplicable.ZERO]),
    ),
    st.randoms(use_true_random=False),
)
def test_no_rule_sees_the_order_of_rows_and_each_goes_through_its_document(
    rows: list[list[tuple[Decimal, Decimal, str]]],
    aggregation: Aggregation,
    others: tuple[Normalisation, Scoring, NotApplicable],
    chance: random.Random,
) -> None:
    names = ("normalisation", "scoring", "not_applicable")
    over: dict[str, object] = dict(zip(names, others, strict=True))
    over["aggregation"] = aggregation
    one_way = board(rows, **over)
    mixed = list(one_way.candidates)
    chance.shuffle(mixed)
    other = RankingInput(one_way.rules, 0, tuple(mixed))
    assert rank(other) == rank(one_way)
    assert RankingInput.from_json(json.loads(json.dumps(one_way.to_json()))) == one_way
    assert Ranking.from_json(json.loads(json.dumps(rank(one_way).to_json()))) == rank(one_way)


@given(
    boards,
    st.sampled_from([Aggregation.MEAN, Aggregation.MEDIAN, Aggregation.TRIMMED]),
    st.sampled_from(Scoring),
    st.data(),
)
def test_more_points_on_a_sheet_never_lower_a_score_nor_a_place(
    rows: list[list[tuple[Decimal, Decimal, str]]],
    aggregation: Aggregation,
    scoring: Scoring,
    data: st.DataObject,
) -> None:
    rows = [[(idea, team, "") for idea, team, _ in sheets] for sheets in rows]
    at = data.draw(st.integers(0, len(rows) - 1))
    more = [list(sheets) for sheets in rows]
    place = data.draw(st.integers(0, len(more[at]) - 1))
    idea, team, _ = more[at][place]
    more[at][place] = (min(idea + data.draw(points), Decimal(10)), team, "")
    before, after = (
        next(
            e
            for e in rank(board(r, aggregation=aggregation, scoring=scoring)).entries
            if e.key == f"p{at + 1}"
        )
        for r in (rows, more)
    )
    assert before.score is not None
    assert after.score is not None
    assert after.score >= before.score
    assert (after.position or 0) <= (before.position or 0)


@given(st.lists(st.fractions(0, 100), min_size=1, max_size=7), st.sampled_from(Aggregation))
def test_an_aggregate_lies_between_the_lowest_and_the_highest(
    values: list[Fraction], rule: Aggregation
) -> None:
    found = aggregate(rule, values)
    assert found is not None
    if rule is Aggregation.SUM:
        found /= len(values)
    assert min(values) <= found <= max(values)


@given(boards)
def test_fractions_give_what_whole_numbers_give(
    rows: list[list[tuple[Decimal, Decimal, str]]],
) -> None:
    rows = [[(idea, team, "") for idea, team, _ in sheets] for sheets in rows]
    plain = rank(board(rows)).entries
    # one weight of 30 for 30 points is the same rule in other words
    weighted = (
        CriterionRule("idea", Decimal(10), Decimal(10)),
        CriterionRule("team", Decimal(20), Decimal(20)),
    )
    given_rows = board(rows)
    other = RankingInput(
        rules(criteria=weighted, scoring=Scoring.WEIGHTS), 0, given_rows.candidates
    )
    assert [(e.key, e.score, e.criteria) for e in rank(other).entries] == [
        (e.key, e.score, e.criteria) for e in plain
    ]
