"""Lists with places, money and flat sums; quotas across them; stages that admit."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.kit.errors import InvalidError
from quartieri.reviews.ranking import (
    Candidate,
    Claim,
    FaultKind,
    ListRule,
    NotRankableError,
    Quota,
    Ranking,
    RankingInput,
    ReasonCode,
    RunsOut,
    allocate,
    rank,
)
from quartieri.reviews.ranking.allocation import allocate_lists
from tests.factories.ranked import rules, same


def listed(*names: str, cents: int = 100) -> tuple[Candidate, ...]:
    """Give candidates in falling order of score, each in the list named."""
    return tuple(
        same(f"{name}{n}", n, str(Decimal(100 - n) / 10), cents, list_code=name)
        for n, name in enumerate(names, start=1)
    )


def results(found: Ranking) -> list[tuple[str, int | None, str, int]]:
    return [(e.key, e.position, e.outcome.value, e.amount_cents) for e in found.entries]


def test_each_list_has_places_and_money_of_its_own_and_counts_from_one() -> None:
    two = rules(lists=(ListRule("small", places=1, cents=300), ListRule("large", cents=150)))
    found = rank(RankingInput(two, 1_000, listed("small", "large", "small", "large")))
    assert results(found) == [
        ("small1", 1, "funded", 100),
        ("small3", 2, "eligible_unfunded", 0),
        ("large2", 1, "funded", 100),
        ("large4", 2, "eligible_unfunded", 0),
    ]
    assert [r.code for e in found.entries for r in e.reasons] == [
        ReasonCode.NO_PLACE,
        ReasonCode.NO_MONEY,
    ]


def test_money_that_a_list_does_not_spend_stays() -> None:
    two = rules(lists=(ListRule("small", cents=900), ListRule("large")))
    found = rank(RankingInput(two, 1_000, listed("small", "large", "large")))
    assert [e.amount_cents for e in found.entries] == [100, 100, 0]
    assert found.left_cents == 800


def test_a_flat_sum_is_what_each_gets_and_never_above_its_own_maximum() -> None:
    flat = rules(lists=(ListRule("all", flat_cents=80),))
    many = (
        same("rich", 1, "9", 200, list_code="all"),
        same("poor", 2, "8", 50, list_code="all", minimum_cents=60),
    )
    found = rank(RankingInput(flat, 1_000, many))
    assert results(found) == [("rich", 1, "funded", 80), ("poor", 2, "funded", 50)]
    assert not any(e.is_partial for e in found.entries)


def test_a_quota_counts_through_all_lists() -> None:
    two = rules(lists=(ListRule("a"), ListRule("b")), quotas=(Quota("M5", places=1),))
    many = (
        same("a1", 1, "9", list_code="a", quota="M5"),
        same("b1", 2, "10", list_code="b", quota="M5"),
        same("b2", 3, "8", list_code="b"),
    )
    found = rank(RankingInput(two, 1_000, many))
    assert [(e.key, e.outcome.value) for e in found.entries] == [
        ("a1", "funded"),
        ("b1", "eligible_unfunded"),
        ("b2", "funded"),
    ]


def test_a_tie_between_two_lists_is_none() -> None:
    two = rules(lists=(ListRule("a"), ListRule("b")), tie_break=("criterion:new",))
    many = (same("a1", 1, list_code="a"), same("b1", 2, list_code="b"))
    assert [e.tie for e in rank(RankingInput(two, 1_000, many)).entries] == [None, None]


def test_whoever_belongs_to_no_list_stops_the_ranking() -> None:
    lists = rules(lists=(ListRule("a"),))
    for code in (None, "b"):
        with pytest.raises(NotRankableError) as caught:
            rank(RankingInput(lists, 1_000, (same("x", 1, list_code=code),)))
        assert [f.kind for f in caught.value.faults] == [FaultKind.NO_LIST]


def test_a_list_that_stands_twice_is_refused() -> None:
    with pytest.raises(InvalidError):
        rules(lists=(ListRule("a"), ListRule("a")))


def test_a_stage_admits_the_best_of_each_list_and_as_many_in_all_as_it_says() -> None:
    gate = rules(lists=(ListRule("a", places=2), ListRule("b")), places=3, gate=True)
    found = rank(RankingInput(gate, 0, listed("a", "a", "a", "b", "b")))
    assert results(found) == [
        ("a1", 1, "admitted", 0),
        ("a2", 2, "admitted", 0),
        ("a3", 3, "not_admitted", 0),
        ("b4", 1, "admitted", 0),
        ("b5", 2, "not_admitted", 0),
    ]


# -- properties ----------------------------------------------------------------------------------

claims = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 80), st.sampled_from([None, "M5", "M6"])),
    max_size=12,
)
limits = st.one_of(st.none(), st.integers(0, 600))
seats = st.one_of(st.none(), st.integers(0, 5))


@given(
    st.dictionaries(st.sampled_from("abc"), st.tuples(seats, limits, limits, claims), min_size=1),
    st.integers(0, 1_500),
    st.sampled_from(RunsOut),
    st.tuples(seats, limits),
    seats,
)
def test_lists_quotas_and_the_whole_never_exceed_their_places_or_money(
    given_lists: dict[str, tuple[int | None, int | None, int | None, list[tuple[int, int, str]]]],
    endowment: int,
    when: RunsOut,
    quota: tuple[int | None, int | None],
    places: int | None,
) -> None:
    lists = [ListRule(code, p, c) for code, (p, c, _, _) in given_lists.items()]
    asked = {
        code: [Claim(f"{code}{n}", most, least, area) for n, (most, least, area) in enumerate(rows)]
        for code, (_, _, _, rows) in given_lists.items()
    }
    by_quota = Quota("M5", *quota)
    found = allocate_lists(lists, asked, endowment, when, quotas=(by_quota,), places=places)
    everything = [
        (one, claim, a)
        for one in lists
        for claim, a in zip(asked[one.code], found[one.code], strict=True)
    ]
    assert sum(a.amount_cents for _, _, a in everything) <= endowment
    funded = Counter(one.code for one, _, a in everything if a.funded)
    assert places is None or sum(funded.values()) <= places
    for one in lists:
        spent = sum(a.amount_cents for a in found[one.code])
        assert one.places is None or funded[one.code] <= one.places
        assert one.cents is None or spent <= one.cents
    of_quota = [a for _, claim, a in everything if claim.quota == "M5"]
    assert by_quota.places is None or sum(a.funded for a in of_quota) <= by_quota.places
    assert by_quota.cents is None or sum(a.amount_cents for a in of_quota) <= by_quota.cents
    for _, claim, a in everything:
        assert 0 <= a.amount_cents <= claim.maximum_cents
        assert a.funded or a.amount_cents == 0


@given(claims, st.integers(0, 1_500), st.sampled_from(RunsOut))
def test_one_list_is_what_there_was_before_lists(
    rows: list[tuple[int, int, str | None]], endowment: int, when: RunsOut
) -> None:
    asked = [Claim(f"p{n}", *row) for n, row in enumerate(rows)]
    quotas = (Quota("M5", 2, 400),)
    found = allocate_lists([ListRule("")], {"": asked}, endowment, when, quotas=quotas)
    assert found[""] == allocate(asked, endowment, when, quotas)


@given(st.lists(st.sampled_from("ab"), max_size=10), seats, seats, st.integers(0, 1_200))
def test_whoever_is_admitted_stands_above_whoever_is_not(
    names: list[str], first: int | None, places: int | None, endowment: int
) -> None:
    gate = rules(lists=(ListRule("a", places=first), ListRule("b")), places=places, gate=True)
    whole = RankingInput(gate, endowment, listed(*names))
    found = rank(whole)
    for name in "ab":
        line = [e.outcome.value for e in found.entries if e.list_code == name]
        assert line == sorted(line)  # "admitted" before "not_admitted"
    admitted = [e for e in found.entries if e.outcome.value == "admitted"]
    assert places is None or len(admitted) <= places
    assert found.allotted_cents == 0
    assert RankingInput.from_json(json.loads(json.dumps(whole.to_json()))) == whole
