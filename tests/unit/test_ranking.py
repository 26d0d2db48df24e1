"""The ranking: worked examples, thresholds, ties, money running out, recomputation."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from quartieri.reviews.ranking import (
    CriterionRule,
    FaultKind,
    GroupRule,
    NotRankableError,
    RankingInput,
    Sheet,
    Standing,
    UnresolvedTieError,
    rank,
    settles_every_tie,
)
from tests.factories.ranked import (
    LASTING,
    NOON,
    USEFUL,
    candidate,
    outcomes,
    rules,
    same,
    sheet,
)


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
