"""A file of a result: faults with their lines, votes as shares, the ranking that counts them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import ImportedResult
from quartieri.kit.errors import InvalidError
from quartieri.reviews.ranking import RankingInput, rank
from quartieri.reviews.ranking.imported import points_of, read_result
from quartieri.reviews.ranking.inputs import WITH_RESULTS
from tests.factories.ranked import candidate, rules, same, sheet

V, POINTS = ImportedResult.VOTES, ImportedResult.POINTS
KEYS = {"2025/000001": 11, "2025/000002": 12}
GONE = {"2025/000003": 13}
TEN = Decimal(10)


def faults(text: str, kind: ImportedResult = V) -> list[tuple[int | None, str]]:
    found = read_result(text, kind, TEN, KEYS, GONE).faults
    return [(f.line, f.message.source) for f in found]


def test_a_file_is_read_by_protocol_number_or_id() -> None:
    text = "\ufeffprotocollo;voti\r\n2025/000001;40\r\n\r\n12;0\r\n2025/000003;7\r\n"
    found = read_result(text, V, TEN, KEYS, GONE)
    assert found.faults == ()
    assert found.values == {"2025/000001": Decimal(40), "2025/000002": Decimal(0)}
    assert found.left_out == ("2025/000003",)
    points = read_result("application,points\n11,7.5\n12,10\n", POINTS, TEN, KEYS, GONE)
    assert points.values == {"2025/000001": Decimal("7.5"), "2025/000002": TEN}


def test_each_fault_names_its_line_and_what_is_missing_is_no_zero() -> None:
    text = "protocol,votes\n2025/000009,1\n11,x\n11,1.5\n11,3\n11,4\n12,-1\n"
    assert [line for line, _message in faults(text)] == [2, 3, 4, 6, 7]
    assert faults("protocol,votes\n11,3\n")[0][0] is None
    assert faults("a,b\n")[0][0] == 1
    assert faults("")[0][0] == 1
    assert [n for n, _m in faults("protocol,points\n11,10.5\n12,0.00001\n", POINTS)] == [2, 3]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.integers(1, 100))
def test_shares_keep_the_order_and_the_most_voted_gets_all(votes: list[int], most: int) -> None:
    found = points_of({str(n): Decimal(v) for n, v in enumerate(votes)}, V, Decimal(most))
    assert all(0 <= p <= most for p in found.values())
    if max(votes):
        assert found[str(votes.index(max(votes)))] == most
    ordered = sorted(range(len(votes)), key=votes.__getitem__)
    assert [found[str(n)] for n in ordered] == sorted(found.values())


def test_a_ranking_counts_results_and_is_computed_again_from_its_document() -> None:
    results = {"a": "2", "b": "10"}
    many = tuple(
        replace(
            candidate(key, n, sheet("r1", "6", "6", None), sheet("r2", "8", "6", None)),
            results=(("lasting", Decimal(points)),),
        )
        for n, (key, points) in enumerate(results.items(), start=1)
    )
    given_ = RankingInput(rules(), 1000, many, WITH_RESULTS)
    found = rank(given_)
    assert [e.key for e in found.entries] == ["b", "a"]
    assert dict(found.entries[0].criteria)["lasting"] == 10
    document = given_.to_json()
    assert document["candidates"][0]["results"] == {"lasting": "2"}
    assert rank(RankingInput.from_json(document)).to_json() == found.to_json()
    with pytest.raises(InvalidError):
        RankingInput.from_json(document | {"format": "quartieri-ranking-input-2"})


def test_a_vote_alone_needs_no_sheet() -> None:
    only = rules(criteria=rules().criteria[:1], tie_break=("protocol",))
    many = tuple(
        replace(same(key, n), sheets=(), results=(("useful", Decimal(points)),))
        for n, (key, points) in enumerate({"a": 3, "b": 9}.items(), start=1)
    )
    assert [e.key for e in rank(RankingInput(only, 1000, many, WITH_RESULTS)).entries] == ["b", "a"]
