"""``match compute``: the document, its schema, the command; what is hostile has its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quartieri.calls.design import DesignError, MeaningError
from quartieri.calls.exchange import MATCH_FORMAT, checked_match, read_match, schema
from quartieri.cli.match import compute
from tests.unit.schemas import JSON, STRICT, of_schema
from tests.unit.test_calls_exchange import JSON as ANY_JSON
from tests.unit.test_calls_exchange import changed, places
from tests.unit.test_funding import WORKED, Worked

SCHEMA = schema(MATCH_FORMAT)
VALIDATOR = STRICT(SCHEMA)
DOCS = Path(__file__).parents[2] / "docs" / "data-formats.md"

FIXED = {"kind": "fixed_share", "crowdfunding_share": "0.5", "grant_share": "0.5"}
LIVE = {
    "kind": "live_match",
    "grant_cap_cents": 50_000,
    "part_funding": True,
    "live": {"per_donation_cents": 10_000, "donations_per_donor": 1},
}
GOTEO = [
    {"person": who, "cents": cents, "at": f"2025-05-19T12:{n:02}:00+02:00"}
    for n, (who, cents) in enumerate(
        [("A", 5_000), ("B", 15_000), ("A", 2_000), ("C", 40_000), *((c, 10_000) for c in "DEFG")]
    )
]
ROUND = {
    "rule": {"kind": "quadratic"},
    "pool_cents": 120_000,
    "projects": [
        {"id": f"P{n}", "donations": [{"person": k, "cents": each} for k in range(people)]}
        for n, (people, each) in enumerate(((16, 2_500), (4, 10_000), (1, 40_000)), 1)
    ],
}
FULL: JSON = {
    "format": MATCH_FORMAT,
    "rule": LIVE,
    "pool_cents": 100_000,
    "mode": "all_or_nothing",
    "bound_at": "close",
    "projects": [
        {"id": "1", "title": "Goteo", "cost_cents": 90_000, "donations": GOTEO},
        {"id": 2, "target_cents": 5, "donations": [GOTEO[0] | {"refunded_at": None}]},
    ],
}


def run(document: Any, *options: str) -> tuple[int, str, str]:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    found = CliRunner().invoke(compute, ["-", *options], input=content)
    return found.exit_code, found.stdout, found.stderr


def result(document: Any) -> JSON:
    code, out, _err = run(document, "--json")
    assert code == 0, out
    values: JSON = json.loads(out)
    return values


def column(document: Any, key: str) -> list[Any]:
    return [project[key] for project in result(document)["projects"]]


def test_the_live_match_of_the_domain_notes() -> None:
    document = {"rule": LIVE, "pool_cents": 100_000, "projects": [{"id": 1, "donations": GOTEO}]}
    found = result(document)
    (project,) = found["projects"]
    assert project["matched_cents"] == [5_000, 10_000, 0, 10_000, 10_000, 10_000, 5_000, 0]
    assert (project["raised_cents"], project["match_cents"]) == (102_000, 50_000)
    assert (found["pool_used_cents"], found["pool_left_cents"]) == (50_000, 50_000)
    (short,) = result(document | {"pool_cents": 30_000})["projects"]
    assert short["matched_cents"] == [5_000, 10_000, 0, 10_000, 5_000, 0, 0, 0]


def test_quadratic_funding_of_the_domain_notes_under_both_names() -> None:
    assert column(ROUND, "match_cents") == [100_000, 20_000, 0]
    assert column(ROUND | {"pool_cents": None}, "match_cents") == [600_000, 120_000, 0]
    squares = {"kind": "quadratic", "quadratic": {"method": "squares"}}
    assert column(ROUND | {"rule": squares}, "match_cents") == [91_429, 22_857, 5_714]


@pytest.mark.parametrize("row", WORKED, ids=[row[0] for row in WORKED])
def test_threshold_rows_of_the_domain_notes(row: Worked) -> None:
    _, rule, cost, raised, pool, success, target, grant = row
    project = {"id": "a", "cost_cents": cost, "target_cents": target, "raised_cents": raised}
    said = {
        "kind": rule.kind.value,
        "crowdfunding_share": str(rule.crowdfunding_share),
        "grant_share": str(rule.grant_share),
        "grant_cap_cents": rule.grant_cap_cents,
        "part_funding": rule.part_funding,
    }
    document = {"rule": said, "pool_cents": pool, "projects": [project | {"backers": 9}]}
    found = result(document)["projects"][0]
    assert (found["target_cents"], found["match_cents"]) == (target, grant)
    assert found["outcome"] == ("succeeded" if success else "failed")
    assert found["payout_cents"] == (raised + grant if success else 0)


def test_the_city_as_a_backer_of_the_domain_notes() -> None:
    rule = {
        "kind": "city_backer",
        "crowdfunding_share": 1,
        "grant_share": "0.75",
        "grant_cap_cents": 2_000_000,
    }
    rows = [
        {"id": n, "cost_cents": 4_000_000, "raised_cents": raised, "backers": 1}
        for n, raised in enumerate((1_999_999, 2_000_000))
    ]
    assert column({"rule": rule, "projects": rows}, "outcome") == ["failed", "succeeded"]


def test_money_bound_at_the_ranking_goes_to_no_other() -> None:
    rows = [
        {"id": n, "cost_cents": 1_000, "raised_cents": raised, "backers": 1}
        for n, raised in enumerate((499, 500))
    ]
    document = {"rule": FIXED, "pool_cents": 500, "projects": rows}
    assert column(document, "match_cents") == [0, 500]
    assert column(document | {"bound_at": "ranking"}, "match_cents") == [0, 0]


def test_the_table_is_for_people() -> None:
    code, out, _err = run(FULL)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["Project", "Raised", "Target", "Match", "Payout", "Outcome"]
    assert lines[1].split() == ["1", "Goteo", "1020.00", "0.00", "500.00", "1520.00", "succeeded"]
    assert lines[-1] == "Pool used: 550.00 EUR; left: 450.00 EUR"


WRONG: list[tuple[JSON, str]] = [
    ({"rule": None}, "/rule"),
    ({"rule": {"kind": "matching"}}, "/rule/kind"),
    ({"pool_cents": 1.0}, "/pool_cents"),
    ({"pool_cents": True}, "/pool_cents"),
    ({"pool_cents": -1}, "/pool_cents"),
    ({"mode": "some"}, "/mode"),
    ({"pot": 1}, "/pot"),
    ({"projects": [{"id": "1"}, {"id": 1}]}, "/projects/1"),
    ({"projects": [{}]}, "/projects/0/id"),
    ({"projects": [{"id": "1", "cost_cents": 1e3}]}, "/projects/0/cost_cents"),
    ({"projects": [{"id": "1", "raised_cents": 5}]}, "/projects/0/raised_cents"),
    ({"projects": [{"id": "1", "pledge_cents": 5}]}, "/projects/0/pledge_cents"),
    ({"projects": [{"id": "1", "requested_cents": 5}]}, "/projects/0/requested_cents"),
    (
        {"projects": [{"id": "1", "donations": [{"person": "A", "cents": 0.1}]}]},
        "/projects/0/donations/0/cents",
    ),
    (
        {"projects": [{"id": "1", "donations": [{"person": "", "cents": 1}]}]},
        "/projects/0/donations/0/person",
    ),
    (
        {"projects": [{"id": "1", "donations": [{"person": "A", "cents": 1, "at": "now"}]}]},
        "/projects/0/donations/0/at",
    ),
    (
        {"projects": [{"id": "1", "donations": [GOTEO[0], {"person": "A", "cents": 1}]}]},
        "/projects/0/donations/1/at",
    ),
    (
        {"projects": [{"id": "1", "donations": [GOTEO[0] | {"refunded_at": GOTEO[0]["at"]}]}]},
        "/projects/0/donations/0/refunded_at",
    ),
    ({"rule": FIXED, "projects": [{"id": "1"}]}, "/projects/0/cost_cents"),
    (
        {"rule": FIXED, "projects": [{"id": "1", "cost_cents": 100, "target_cents": 49}]},
        "/projects/0/target_cents",
    ),
    (
        {"rule": {"kind": "quadratic", "quadratic": {"method": "squares"}}, "pool_cents": None},
        "/pool_cents",
    ),
    (
        {
            "rule": {"kind": "city_backer", "grant_cap_cents": 5},
            "projects": [{"id": "1", "pledge_cents": 6}],
        },
        "/projects/0/pledge_cents",
    ),
]


@pytest.mark.parametrize("change, pointer", WRONG)
def test_a_fault_is_named_at_its_place_and_exits_2(change: JSON, pointer: str) -> None:
    code, out, err = run(FULL | change, "--json")
    assert code == 2
    assert pointer in [error["pointer"] for error in json.loads(out)["errors"]]
    assert run(FULL | change)[2].splitlines()[0].startswith(f"{pointer}: ") or err == ""


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "not JSON"),
        (b"\xff", "not UTF-8"),
        (b"[" * 100_000, "nested deeper"),
        (b'{"rule": {"kind": "direct"}, "pool_cents": NaN}', "/pool_cents"),
        (b'{"rule": {"kind": "direct"}, "pool_cents": 1e400}', "/pool_cents"),
        (b'{"rule": {"kind": "direct"}, "pool_cents": ' + b"9" * 10_000 + b"}", "/pool_cents"),
        (b'{"rule": 1, "rule": 2}', "stands twice"),
        (b'{"rule": {"kind": "direct", "grant_share": "1e5"}}', "/rule/grant_share"),
        (b"[]", "must be an object"),
        (b" " * (64 * 1024**2 + 1), "larger than 64 MB"),
    ],
)
def test_a_hostile_document_is_refused_cleanly(content: bytes, said: str) -> None:
    code, out, err = run(content)
    assert (code, out) == (2, "")
    assert said in err


def test_a_round_of_twenty_thousand_people_adds_up() -> None:
    people = [{"person": n, "cents": 1_000 + n} for n in range(20_000)]
    projects = [{"id": n, "donations": people[n::20]} for n in range(20)]
    found = result({"rule": {"kind": "quadratic"}, "pool_cents": 10**7, "projects": projects})
    assert sum(p["match_cents"] for p in found["projects"]) == 10**7


def test_twenty_thousand_donations_of_one_person_are_matched_one_by_one() -> None:
    at = "2026-05-19T09:00:00+02:00"
    project = {"id": 1, "donations": [{"person": "Ada", "cents": 2_500, "at": at}] * 20_000}
    live = {"per_donor_cents": 100_000}
    found = result({"rule": {"kind": "live_match", "live": live}, "projects": [project]})
    assert found["projects"][0]["match_cents"] == 100_000


def test_the_example_of_the_documentation_has_the_printed_result() -> None:
    text = DOCS.read_text(encoding="utf-8")
    example = text.partition("```json match-input\n")[2].partition("```")[0]
    printed = text.partition("```json match-output\n")[2].partition("```")[0]
    assert result(json.loads(example)) == json.loads(printed)


# -- the schema and the reader ------------------------------------------------------------------


def accepts(value: Any) -> bool:
    found: bool = VALIDATOR.is_valid(value)
    return found


def reads(value: Any) -> bool:
    """Tell whether the reader finds the shape right, whatever is meant by it."""
    try:
        read_match(value)
    except MeaningError:
        return True
    except DesignError:
        return False
    return True


def test_the_schema_says_of_a_rule_what_that_of_a_call_says() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    of_call = schema()["$defs"]
    for name in ("rule", "live", "multiplier", "fixed_sum", "quadratic"):
        assert SCHEMA["$defs"][name] == of_call[name]
    assert accepts(FULL)
    assert accepts(ROUND)


@given(of_schema(SCHEMA, SCHEMA["$defs"]))
def test_what_the_schema_accepts_has_the_right_shape_for_the_reader(value: Any) -> None:
    if accepts(value):
        assert reads(value)


@given(st.data())
def test_a_changed_document_is_accepted_by_both_or_by_neither(data: st.DataObject) -> None:
    value: Any = FULL
    for _n in range(data.draw(st.integers(1, 2))):
        way = data.draw(st.sampled_from(places(value)))
        value = changed(value, way, data.draw(ANY_JSON))
    if accepts(value):
        assert reads(value)
    else:
        assert checked_match(json.dumps(value).encode())[0] is None


@given(of_schema(SCHEMA, SCHEMA["$defs"]))
def test_any_document_without_faults_is_computed_within_its_pool(value: Any) -> None:
    document, faults = checked_match(json.dumps(value).encode())
    assert (document is None) == bool(faults)
    if document is not None:
        found = document.compute()
        assert found.pool_left is None or found.pool_left >= 0
        assert found.pool_used == sum(r.match_cents for r in found.results)
