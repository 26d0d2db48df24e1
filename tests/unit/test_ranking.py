"""The ranking: worked examples, thresholds, ties, money running out, recomputation."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.kit.errors import InvalidError
from quartieri.reviews.ranking import (
    TOTAL_SCALE,
    Candidate,
    CriterionRule,
    FaultKind,
    GroupRule,
    NotRankableError,
    Quota,
    Ranking,
    RankingInput,
    RankingRules,
    RunsOut,
    Sheet,
    Standing,
    StoredTotal,
    UnresolvedTieError,
    rank,
    rank_totals,
    settles_every_tie,
    sheet_total,
)

NOON = datetime(2025, 1, 31, 11, tzinfo=UTC)
USEFUL = CriterionRule("useful", Decimal(10), Decimal(3))
NEW = CriterionRule("new", Decimal(10), Decimal(2))
LASTING = CriterionRule("lasting", Decimal(10), Decimal(5))


def rules(**over: object) -> RankingRules:
    given: dict[str, object] = {
        "criteria": (USEFUL, NEW, LASTING),
        "when_money_runs_out": RunsOut.STOP,
        **over,
    }
    return RankingRules(**given)  # type: ignore[arg-type]  # a factory of many kinds


def sheet(reviewer: str, *points: str | None) -> Sheet:
    codes = ("useful", "new", "lasting")
    return Sheet.of(
        reviewer,
        {c: None if p is None else Decimal(p) for c, p in zip(codes, points, strict=True)},
    )


def candidate(key: str, number: int, *sheets: Sheet, cents: int = 100, **over: object) -> Candidate:
    given: dict[str, object] = {
        "protocol_year": 2025,
        "protocol_number": number,
        "received_at": NOON + timedelta(minutes=number),
        "maximum_cents": cents,
        "sheets": sheets,
        **over,
    }
    return Candidate(key, **given)  # type: ignore[arg-type]  # a factory of many kinds


def same(key: str, number: int, points: str = "5", cents: int = 100, **over: object) -> Candidate:
    """Build a candidate with one sheet that gives the same points on each criterion."""
    return candidate(key, number, sheet("r1", points, points, points), cents=cents, **over)


def outcomes(ranking: Ranking) -> list[tuple[str, int | None, str, int]]:
    return [(e.key, e.position, e.outcome.value, e.amount_cents) for e in ranking.entries]


def test_a_worked_ranking_takes_the_mean_of_weighted_totals() -> None:
    found = rank(
        RankingInput(
            rules(),
            1_000,
            (
                candidate("a", 1, sheet("r1", "8", "6", "7"), sheet("r2", "7", "6.5", "8")),
                candidate("b", 2, sheet("r1", "9", "9", "6"), sheet("r2", "9", "8", "7.5")),
            ),
        )
    )
    # a: 24+12+35 = 71 and 21+13+40 = 74; b: 27+18+30 = 75 and 27+16+37.5 = 80.5
    assert [(e.key, e.score) for e in found.entries] == [
        ("b", Fraction("77.75")),
        ("a", Fraction("72.5")),
    ]
    assert found.entries[0].criteria == (
        ("useful", Fraction(9)),
        ("new", Fraction("8.5")),
        ("lasting", Fraction("6.75")),
    )
    assert (found.allotted_cents, found.left_cents) == (200, 800)


def test_a_recused_reviewer_has_no_sheet_and_the_mean_is_over_the_others() -> None:
    three = candidate("a", 1, *(sheet(r, "6", "6", "6") for r in ("r1", "r2", "r3")))
    two = candidate("b", 2, sheet("r1", "6", "6", "6"), sheet("r3", "6", "6", "7"))
    found = rank(RankingInput(rules(minimum_sheets=2), 1_000, (three, two)))
    assert [(e.key, e.score, e.sheets) for e in found.entries] == [
        ("b", Fraction("62.5"), 2),
        ("a", Fraction(60), 3),
    ]


def test_places_go_by_the_exact_mean_and_rounding_is_for_show() -> None:
    thirds = candidate("a", 1, *(sheet(r, "6", "6", p) for r, p in zip("xyz", "667", strict=True)))
    rounded = candidate("b", 2, sheet("x", "6", "6", "6.333"))
    found = rank(RankingInput(rules(), 1_000, (thirds, rounded)))
    assert [(e.key, str(e.shown_score)) for e in found.entries] == [("a", "61.67"), ("b", "61.67")]
    assert found.entries[0].score == Fraction(185, 3)
    assert found.entries[0].tie is None


def test_scores_are_shown_rounded_half_up() -> None:
    alone = rules(criteria=(CriterionRule("useful", Decimal(10)),))
    half = candidate("a", 1, Sheet.of("r", {"useful": Decimal("7.125")}))
    assert str(rank(RankingInput(alone, 0, (half,))).entries[0].shown_score) == "7.13"


@pytest.mark.parametrize(
    "sheets, kind",
    [
        ((sheet("r1", "5", None, "5"), sheet("r2", "5", "5", "5")), FaultKind.MISSING_SCORE),
        ((sheet("r1", "5", "5", "5"),), FaultKind.TOO_FEW_SHEETS),
        ((sheet("r1", "5", "5", "10.5"), sheet("r2", "5", "5", "5")), FaultKind.OUT_OF_RANGE),
        ((sheet("r1", "5", "5", "-1"), sheet("r2", "5", "5", "5")), FaultKind.OUT_OF_RANGE),
        ((sheet("r1", "5", "5", "5"), sheet("r1", "5", "5", "5")), FaultKind.TWO_SHEETS),
    ],
)
def test_a_missing_score_is_never_zero_but_stops_the_ranking(
    sheets: tuple[Sheet, ...], kind: FaultKind
) -> None:
    good = candidate("good", 1, sheet("r1", "5", "5", "5"), sheet("r2", "5", "5", "5"))
    with pytest.raises(NotRankableError) as caught:
        rank(RankingInput(rules(minimum_sheets=2), 100, (good, candidate("bad", 2, *sheets))))
    assert [(f.kind, f.key) for f in caught.value.faults] == [(kind, "bad")]
    assert "bad" in caught.value.message.source


def test_points_for_an_unknown_criterion_stop_the_ranking() -> None:
    points = {c: Decimal(1) for c in ("useful", "new", "lasting", "colour")}
    with pytest.raises(NotRankableError) as caught:
        rank(RankingInput(rules(), 100, (candidate("a", 1, Sheet.of("r", points)),)))
    assert caught.value.faults[0].criterion == "colour"


def test_excluded_and_withdrawn_need_no_sheet_and_stand_last() -> None:
    found = rank(
        RankingInput(
            rules(),
            1_000,
            (
                candidate("gone", 1, standing=Standing.WITHDRAWN),
                candidate("out", 2, standing=Standing.EXCLUDED, note="No seat in the city."),
                same("a", 3),
            ),
        )
    )
    assert outcomes(found) == [
        ("a", 1, "funded", 100),
        ("out", None, "excluded", 0),
        ("gone", None, "withdrawn", 0),
    ]
    reason = found.entries[1].reason()
    assert reason is not None
    assert reason.source == "Not admissible: No seat in the city."
    assert found.entries[2].reason() is not None


# -- thresholds --------------------------------------------------------------------------------


def test_a_criterion_below_its_minimum_bars_whatever_the_total() -> None:
    new = CriterionRule("new", Decimal(10), Decimal(2), minimum=Decimal(5))
    low = candidate("low", 1, sheet("r1", "10", "4", "10"), sheet("r2", "10", "5", "10"))
    at = candidate("at", 2, sheet("r1", "1", "4", "1"), sheet("r2", "1", "6", "1"))
    found = rank(RankingInput(rules(criteria=(USEFUL, new, LASTING)), 1_000, (low, at)))
    assert outcomes(found) == [("at", 1, "funded", 100), ("low", None, "not_eligible", 0)]
    reason = found.entries[1].reason({"new": "Novelty"})
    assert reason is not None
    assert reason.source == "Novelty: 4.50, below the minimum of 5."


def test_the_total_threshold_is_inclusive_and_exact() -> None:
    at = candidate("at", 1, sheet("r1", "6", "6", "6"))
    under = candidate("under", 2, sheet("r1", "6", "6", "5.9999"))
    found = rank(RankingInput(rules(minimum_total=Decimal(60)), 1_000, (at, under)))
    assert outcomes(found) == [("at", 1, "funded", 100), ("under", None, "not_eligible", 0)]
    assert str(found.entries[1].shown_score) == "60.00"
    reason = found.entries[1].reason()
    assert reason is not None
    assert reason.source == "Total score 59.99, below the minimum of 60."


def test_a_group_threshold_counts_weighted_means_and_every_missed_one_is_named() -> None:
    grouped = rules(
        criteria=(
            CriterionRule("useful", Decimal(10), Decimal(3), group="quality"),
            CriterionRule("new", Decimal(10), Decimal(2), group="quality"),
            LASTING,
        ),
        groups=(GroupRule("quality", Decimal(30)),),
        minimum_total=Decimal(60),
    )
    at = candidate("at", 1, sheet("r1", "8", "3", "6"))
    low = candidate("low", 2, sheet("r1", "8", "2.9", "5"))
    found = rank(RankingInput(grouped, 1_000, (at, low)))
    assert found.entries[0].key == "at"
    assert [(r.code.value, dict(r.facts)) for r in found.entries[1].reasons] == [
        ("below_group", {"name": "quality", "score": "29.80", "minimum": "30"}),
        ("below_total", {"score": "54.80", "minimum": "60"}),
    ]


# -- ties --------------------------------------------------------------------------------------


def test_a_tie_breaks_by_the_named_criterion_first() -> None:
    early = candidate("early", 1, sheet("r1", "5", "5", "5"))
    lasting = candidate("lasting", 2, sheet("r1", "0", "5", "8"))
    found = rank(
        RankingInput(
            rules(tie_break=("criterion:lasting", "received", "protocol")), 100, (early, lasting)
        )
    )
    assert [e.key for e in found.entries] == ["lasting", "early"]
    tie = found.entries[0].tie
    assert tie is not None
    assert (tie.others, tie.rule) == (1, "criterion:lasting")
    assert tie.sentence({"lasting": "Lasting"}).source == (
        "Same score as others (1): placed by the higher score on Lasting."
    )


def test_a_tie_breaks_by_received_time_before_the_protocol_number() -> None:
    first = same("b", 2, received_at=NOON)
    later = same("a", 1, received_at=NOON + timedelta(microseconds=1))
    found = rank(RankingInput(rules(), 1_000, (later, first)))
    assert [(e.key, e.tie and e.tie.rule) for e in found.entries] == [
        ("b", "received"),
        ("a", "received"),
    ]


def test_the_lower_protocol_number_parts_what_came_at_the_same_instant() -> None:
    found = rank(
        RankingInput(
            rules(), 1_000, (same("x", 10, received_at=NOON), same("y", 9, received_at=NOON))
        )
    )
    assert [e.key for e in found.entries] == ["y", "x"]
    assert found.entries[0].tie is not None
    assert found.entries[0].tie.rule == "protocol"


def test_each_entry_of_a_tie_names_the_last_rule_that_its_place_needed() -> None:
    trio = (
        candidate("c", 3, sheet("r", "5", "5", "5"), received_at=NOON),
        candidate("b", 2, sheet("r", "5", "5", "5"), received_at=NOON),
        candidate("a", 1, sheet("r", "0", "5", "8"), received_at=NOON),
    )
    found = rank(
        RankingInput(rules(tie_break=("criterion:lasting", "received", "protocol")), 1_000, trio)
    )
    assert [(e.key, e.tie and e.tie.others, e.tie and e.tie.rule) for e in found.entries] == [
        ("a", 2, "criterion:lasting"),
        ("b", 2, "protocol"),
        ("c", 2, "protocol"),
    ]


def test_a_tie_that_the_rules_leave_open_is_an_error_not_the_order_of_rows() -> None:
    open_tie = rules(tie_break=("criterion:useful",))
    with pytest.raises(UnresolvedTieError) as caught:
        rank(RankingInput(open_tie, 1_000, (same("b", 1), same("a", 2))))
    assert caught.value.keys == ("a", "b")
    assert not settles_every_tie(open_tie.tie_break)
    assert settles_every_tie(("received", "protocol"))


def test_a_draw_needs_its_published_seed_and_follows_it() -> None:
    trio = (same("a", 1), same("b", 2), same("c", 3))
    with pytest.raises(UnresolvedTieError):
        rank(RankingInput(rules(tie_break=("draw",)), 1_000, trio))
    orders = {
        tuple(
            e.key
            for e in rank(
                RankingInput(rules(tie_break=("draw",), draw_seed=f"lotto {n}"), 1_000, trio)
            ).entries
        )
        for n in range(40)
    }
    assert len(orders) == 6


def test_a_tie_among_those_below_a_threshold_needs_no_rule() -> None:
    found = rank(
        RankingInput(
            rules(tie_break=(), minimum_total=Decimal(90)), 1_000, (same("b", 2), same("a", 1))
        )
    )
    assert [e.key for e in found.entries] == ["a", "b"]


# -- money -------------------------------------------------------------------------------------


def listed(
    when: RunsOut, endowment: int, *cents: int, **over: object
) -> list[tuple[str, int, int]]:
    """Rank candidates in the given order and give (outcome, amount, offered)."""
    many = tuple(
        same(f"p{n}", n, points=str(10 - n), cents=c) for n, c in enumerate(cents, start=1)
    )
    found = rank(RankingInput(rules(when_money_runs_out=when, **over), endowment, many))
    return [(e.outcome.value, e.amount_cents, e.offered_cents) for e in found.entries]


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
        {"aggregation": "median"},
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


def example() -> RankingInput:
    new = CriterionRule("new", Decimal("10.0"), Decimal("2.50"), minimum=Decimal(5), group="idea")
    return RankingInput(
        RankingRules(
            (USEFUL, new, LASTING),
            RunsOut.PART,
            Decimal(50),
            2,
            (GroupRule("idea", Decimal(12)),),
            ("criterion:lasting", "received", "protocol"),
            (Quota("M5", 2, 10_000),),
            "lotto",
        ),
        250,
        (
            candidate("a", 1, sheet("r1", "8", "7.5", "7"), sheet("r2", "7", "6", "7"), quota="M5"),
            candidate("b", 2, sheet("r1", "8", "7.5", "7"), sheet("r2", "7", "6", "7"), cents=200),
            candidate("c", 3, sheet("r1", "8", "1", "7"), sheet("r2", "7", "6", "7")),
            candidate("d", 4, standing=Standing.EXCLUDED, note="Fuori città"),
        ),
    )


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

points = st.sampled_from([Decimal(n) / 2 for n in range(21)])
sheets = st.lists(st.tuples(points, points, points), min_size=1, max_size=4)
crowds = st.lists(
    st.tuples(sheets, st.integers(0, 3), st.integers(0, 300), st.sampled_from([None, "M5"])),
    max_size=12,
)


def crowd(rows: list[tuple[list[tuple[Decimal, ...]], int, int, str | None]]) -> list[Candidate]:
    return [
        candidate(
            f"p{number}",
            number,
            *(
                Sheet.of(f"r{i}", dict(zip(("useful", "new", "lasting"), values, strict=True)))
                for i, values in enumerate(given_sheets)
            ),
            cents=cents,
            received_at=NOON + timedelta(minutes=minute),
            quota=quota,
        )
        for number, (given_sheets, minute, cents, quota) in enumerate(rows, start=1)
    ]


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
