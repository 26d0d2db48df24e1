"""Rankings: the endowment down the list, the published document, properties."""

from __future__ import annotations

import json
import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.kit.errors import InvalidError
from quartieri.reviews.ranking import (
    TOTAL_SCALE,
    Candidate,
    CriterionRule,
    GroupRule,
    NotRankableError,
    Quota,
    Ranking,
    RankingInput,
    RunsOut,
    StoredTotal,
    rank,
    rank_totals,
    sheet_total,
)
from tests.factories.ranked import (
    NOON,
    USEFUL,
    crowd,
    crowds,
    example,
    listed,
    outcomes,
    rules,
    same,
)

# -- money -------------------------------------------------------------------------------------


def test_stop_ends_the_list_at_the_first_that_does_not_fit() -> None:
    assert listed(RunsOut.STOP, 250, 100, 200, 50) == [
        ("funded", 100, 0),
        ("eligible_unfunded", 0, 0),
        ("eligible_unfunded", 0, 0),
    ]


def test_skip_funds_the_next_that_fits() -> None:
    assert listed(RunsOut.SKIP, 250, 100, 200, 50) == [
        ("funded", 100, 0),
        ("eligible_unfunded", 0, 0),
        ("funded", 50, 0),
    ]


def test_part_gives_the_rest_to_the_first_that_does_not_fit() -> None:
    assert listed(RunsOut.PART, 250, 100, 200, 50) == [
        ("funded", 100, 0),
        ("funded", 150, 0),
        ("eligible_unfunded", 0, 0),
    ]


def test_offer_records_the_rest_as_offered_and_gives_nothing_yet() -> None:
    assert listed(RunsOut.OFFER, 250, 100, 200, 50) == [
        ("funded", 100, 0),
        ("eligible_unfunded", 0, 150),
        ("eligible_unfunded", 0, 0),
    ]


@pytest.mark.parametrize("when", list(RunsOut))
def test_money_that_suffices_to_the_cent_funds_all(when: RunsOut) -> None:
    assert listed(when, 350, 100, 200, 50) == [("funded", c, 0) for c in (100, 200, 50)]


@pytest.mark.parametrize("when", list(RunsOut))
def test_with_nothing_left_nothing_is_funded_in_part_or_offered(when: RunsOut) -> None:
    assert listed(when, 100, 100, 200) == [("funded", 100, 0), ("eligible_unfunded", 0, 0)]


def test_a_rest_below_the_smallest_grant_is_not_given() -> None:
    many = (same("a", 1, "6", 100), same("b", 2, "5", 200, minimum_cents=160))
    found = rank(RankingInput(rules(when_money_runs_out=RunsOut.PART), 250, many))
    assert outcomes(found)[1] == ("b", 2, "eligible_unfunded", 0)


def test_money_reasons_are_sentences_with_the_sums() -> None:
    many = (same("a", 1, "6", 100), same("b", 2, "5", 200), same("c", 3, "4", 50))
    found = rank(RankingInput(rules(when_money_runs_out=RunsOut.PART), 250, many))
    said = [e.reason() for e in found.entries]
    assert [r and r.source for r in said] == [
        None,
        "Funded in part: 1.50 EUR left of the 2.00 EUR needed.",
        "The money ran out at a higher place.",
    ]
    assert found.entries[1].is_partial


def test_a_full_quota_passes_over_its_own_candidates_only() -> None:
    many = (
        same("a", 1, "9", 100, quota="M5"),
        same("b", 2, "8", 100, quota="M5"),
        same("c", 3, "7", 100, quota="M6"),
        same("d", 4, "6", 100),
    )
    by_place = rules(quotas=(Quota("M5", places=1), Quota("M6", cents=99)))
    found = rank(RankingInput(by_place, 1_000, many))
    assert [e.outcome.value for e in found.entries] == [
        "funded",
        "eligible_unfunded",
        "eligible_unfunded",
        "funded",
    ]
    reason = found.entries[1].reason()
    assert reason is not None
    assert reason.source == "The quota for M5 is used up."


# -- rules and documents -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "over",
    [
        {"criteria": ()},
        {"criteria": (USEFUL, USEFUL)},
        {"criteria": (CriterionRule("x", Decimal(10), group="nowhere"),)},
        {"groups": (GroupRule("g", Decimal(1)), GroupRule("g", Decimal(2)))},
        {"quotas": (Quota("q"), Quota("q"))},
        {"aggregation": "mode"},
        {"minimum_sheets": 0},
        {"tie_break": ("criterion:colour",)},
        {"tie_break": ("alphabet",)},
    ],
)
def test_rules_that_contradict_themselves_are_refused(over: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        rules(**over)


@pytest.mark.parametrize(
    "maximum, weight, minimum",
    [("0", "1", None), ("10", "0", None), ("10", "1", "11"), ("10.00001", "1", None)],
)
def test_criteria_that_cannot_be_scored_are_refused(
    maximum: str, weight: str, minimum: str | None
) -> None:
    with pytest.raises(InvalidError):
        CriterionRule(
            "x", Decimal(maximum), Decimal(weight), (minimum and Decimal(minimum)) or None
        )


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        CriterionRule("x", 10.0)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(TypeError):
        same("a", 1, cents=1.0)  # type: ignore[arg-type]  # on purpose


def test_doubles_are_refused() -> None:
    with pytest.raises(InvalidError):
        RankingInput(rules(), 1, (same("a", 1), same("a", 2)))
    with pytest.raises(InvalidError):
        RankingInput(rules(), 1, (same("a", 1), same("b", 1)))


def test_a_stranger_recomputes_a_published_ranking_from_its_published_inputs() -> None:
    published_input = json.dumps(example().to_json())
    published = json.dumps(rank(example()).to_json())
    read = RankingInput.from_json(json.loads(published_input))
    assert read == example()
    assert rank(read) == Ranking.from_json(json.loads(published))
    assert rank(read).sha256() == rank(example()).sha256()
    assert rank(read).input_sha256 == example().sha256()


def test_a_store_that_reorders_keys_changes_nothing() -> None:
    def reordered(value: object) -> object:
        if isinstance(value, dict):
            return {k: reordered(value[k]) for k in sorted(value, key=lambda k: (len(k), k))}
        return [reordered(v) for v in value] if isinstance(value, list) else value

    document, result = example().to_json(), rank(example()).to_json()
    assert RankingInput.from_json(reordered(document)) == example()  # type: ignore[arg-type]  # a dict
    assert Ranking.from_json(reordered(result)) == rank(example())  # type: ignore[arg-type]  # a dict
    assert document == example().to_json()


def test_reading_leaves_the_document_as_it_was() -> None:
    document = example().to_json()
    before = json.dumps(document)
    RankingInput.from_json(document)
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    "damage",
    [
        {"format": "other"},
        {"candidates": None},
        {"candidates": [{}]},
        {"rules": {}},
        {"rules": 3},
    ],
)
def test_documents_that_are_no_ranking_are_refused(damage: dict[str, object]) -> None:
    with pytest.raises(InvalidError):
        RankingInput.from_json({**example().to_json(), **damage})
    with pytest.raises(InvalidError):
        Ranking.from_json({"format": "quartieri-ranking-1", "entries": [damage]})


def test_points_written_as_json_numbers_are_refused() -> None:
    document = example().to_json()
    document["candidates"][0]["sheets"][0]["points"]["new"] = 7.5
    with pytest.raises(InvalidError):
        RankingInput.from_json(document)


# -- properties --------------------------------------------------------------------------------


@pytest.mark.soak
@given(crowds, st.integers(0, 2_000), st.sampled_from(RunsOut), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters_and_money_is_never_exceeded(
    rows: list[tuple[list[tuple[Decimal, ...]], int, int, str | None]],
    endowment: int,
    when: RunsOut,
    chance: random.Random,
) -> None:
    many = crowd(rows)
    fixed = rules(
        when_money_runs_out=when,
        minimum_total=Decimal(40),
        tie_break=("criterion:new", "received", "protocol"),
        quotas=(Quota("M5", 2, 400),),
    )
    one = RankingInput(fixed, endowment, tuple(many))
    chance.shuffle(many)
    shuffled = [
        Candidate(
            c.key,
            c.protocol_year,
            c.protocol_number,
            c.received_at,
            c.maximum_cents,
            tuple(reversed(c.sheets)),
            quota=c.quota,
        )
        for c in many
    ]
    other = RankingInput(fixed, endowment, tuple(shuffled))
    found = rank(one)
    assert rank(other) == found
    assert other.sha256() == one.sha256()
    assert rank(RankingInput.from_json(json.loads(json.dumps(one.to_json())))) == found
    assert Ranking.from_json(json.loads(json.dumps(found.to_json()))) == found
    assert found.allotted_cents <= endowment
    assert all(0 <= e.amount_cents <= e.maximum_cents for e in found.entries)
    assert sorted(e.key for e in found.entries) == sorted(c.key for c in many)
    scores = [e.score for e in found.entries if e.position is not None and e.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert [e.position for e in found.entries if e.position] == list(range(1, len(scores) + 1))


@pytest.mark.soak
@given(crowds, st.sampled_from([None, Decimal(45), Decimal("52.5")]))
def test_the_fast_path_from_stored_totals_gives_the_same_order(
    rows: list[tuple[list[tuple[Decimal, ...]], int, int, str | None]], minimum: Decimal | None
) -> None:
    many = crowd(rows)
    plain = rules(minimum_total=minimum)
    stored = []
    for c in many:
        totals = [sheet_total(plain, dict(s.points)) or 0 for s in c.sheets]
        stored.append(StoredTotal(c.key, sum(totals), len(totals), c.received_at, c.protocol))
    found = rank(RankingInput(plain, 0, tuple(many)))
    assert [r.key for r in rank_totals(stored, minimum)] == [
        e.key for e in found.entries if e.position is not None
    ]


def test_a_sheet_total_is_a_whole_number_and_none_while_a_score_misses() -> None:
    full = {"useful": Decimal("7.5"), "new": Decimal(1), "lasting": Decimal("0.0001")}
    assert sheet_total(rules(), full) == int(Decimal("24.5005") * TOTAL_SCALE)
    assert sheet_total(rules(), {**full, "new": None}) is None
    assert sheet_total(rules(), {"useful": Decimal(1)}) is None


def test_stored_totals_without_a_sheet_are_not_ranked() -> None:
    assert rank_totals([]) == []
    with pytest.raises(NotRankableError):
        rank_totals([("a", 0, 0, NOON, 1)])
