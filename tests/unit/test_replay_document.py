"""The replay's documents: what is read, what is refused and where, what is reported."""

from __future__ import annotations

import copy
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.funding import FundingKind
from quartieri.rehearsal.document import (
    NO_ROWS,
    CampaignOutcome,
    Edition,
    ProjectRow,
    ReplayInputError,
    RowResult,
    Status,
    agrees,
    as_lines,
    edition_ids,
    forecast,
    load,
    parse_document,
    report,
    shipped_calls,
    shipped_edition,
    shipped_rows,
)
from quartieri.rehearsal.document.call import KEYS
from quartieri.rehearsal.document.rows import COLUMNS

DOCS = Path(__file__).parents[2] / "docs" / "data-formats.md"
CALL: dict[str, Any] = {
    "id": "test",
    "published_on": "2025-01-01",
    "application_windows": [{"opens": "2025-01-01", "closes": "2025-01-31"}],
    "endowment_eur": 100000,
    "crowdfunding_share": 0.5,
    "grant_share": 0.5,
    "campaign_days": 60,
    "rule": "fixed_share",
}


def schema(name: str) -> dict[str, Any]:
    text = (files("quartieri.rehearsal") / "data" / f"replay-{name}.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def fenced(name: str) -> dict[str, Any]:
    found = re.search(rf"```json replay-{name}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    document: dict[str, Any] = json.loads(found.group(1))
    return document


def document(*rows: object, **call: Any) -> str:
    return json.dumps({"call": {**CALL, **call}, "projects": list(rows)})


def edition(*rows: object, **call: Any) -> Edition:
    return parse_document(document(*rows, **call))


def row(**over: Any) -> dict[str, Any]:
    given_row: dict[str, Any] = {
        "project": "Lab Barona",
        "total_cost_eur": 20000,
        "target_eur": 10000,
        "raised_eur": 10000,
    }
    return {**given_row, **over}


def only(**over: Any) -> ProjectRow:
    return edition(row(**over)).rows[0]


def told(found: Edition) -> dict[str, Any]:
    return report(found, forecast(found))


def project(found: dict[str, Any], start: str) -> dict[str, Any]:
    one: dict[str, Any] = next(p for p in found["projects"] if p["project"].startswith(start))
    return one


def refusal(content: str | bytes) -> str:
    with pytest.raises(ReplayInputError) as caught:
        parse_document(content)
    line = str(caught.value)
    assert line.isprintable()
    return line


# -- shipped editions --------------------------------------------------------------------------


@pytest.mark.parametrize("edition_id", edition_ids())
def test_every_shipped_edition_parses_and_reports(edition_id: str) -> None:
    found = told(load(edition_id))
    jsonschema.validate(found, schema("output"))
    assert found["call"]["id"] == edition_id
    assert json.loads(json.dumps(found)) == found
    rows = [r for r in shipped_rows() if r["call_id"] == edition_id]
    assert [p["project"] for p in found["projects"]] == [r["project"] for r in rows]
    assert (NO_ROWS in as_lines(found)) is (not rows)


def test_the_shipped_data_are_fifteen_calls_and_thirty_campaigns_of_four() -> None:
    assert len(edition_ids()) == 15
    assert len(shipped_rows()) == 30
    assert {r["call_id"] for r in shipped_rows()} <= set(edition_ids())
    assert tuple(shipped_rows()[0]) == COLUMNS
    assert {*KEYS} == {*shipped_calls()[0], "rule", "part_funding"}


def test_san_gottardo_succeeds_with_the_full_grant_and_agrees() -> None:
    found = told(load("milano-cfc-2024"))
    assert found["call"] == {
        "id": "milano-cfc-2024",
        "endowment_cents": 60_000_000,
        "granted_cents": 2_500_000,
        "available_cents": 57_500_000,
    }
    assert project(found, "San Gottardo") == {
        "project": "San Gottardo - Via Meda: un Borgo in Città",
        "status": "replayed",
        "missing": [],
        "cost_cents": 5_000_000,
        "target_cents": 2_500_000,
        "raised_cents": 3_000_000,
        "backers": 300,
        "outcome": "succeeded",
        "grant_cents": 2_500_000,
        "record": {
            "raised_cents": 3_000_000,
            "raised_at_least": True,
            "backers": 300,
            "backers_at_least": True,
            "outcome": "succeeded",
            "grant_cents": 2_500_000,
        },
        "agrees": True,
    }


@pytest.mark.parametrize(
    "edition_id, name, status, missing, outcome, grant, verdict",
    [
        ("milano-cfc-2020", "Lab Barona", "replayed", [], "succeeded", 1_200_000, True),
        ("milano-cfc-2024", "Zona Wagner", "decided", ["total_cost_eur"], "failed", 0, False),
        ("milano-cfc-2020", "Madre", "decided", ["total_cost_eur"], "succeeded", None, True),
        ("milano-cfc-2015", "App against", "decided", ["total_cost_eur"], "failed", 0, True),
        (
            "milano-cfc-2020",
            "So.De",
            "not_replayable",
            ["total_cost_eur", "target_eur"],
            None,
            None,
            None,
        ),
        ("milano-cfc-2020", "Quel verde", "not_replayable", ["raised_eur"], None, None, None),
        (
            "milano-cfc-2022",
            "Adotta",
            "not_replayable",
            ["total_cost_eur", "target_eur", "raised_eur"],
            None,
            None,
            None,
        ),
    ],
)
def test_the_traps_of_the_real_figures(  # noqa: PLR0917 -- one column each
    edition_id: str,
    name: str,
    status: str,
    missing: list[str],
    outcome: str | None,
    grant: int | None,
    verdict: bool | None,
) -> None:
    one = project(told(load(edition_id)), name)
    assert (one["status"], one["missing"]) == (status, missing)
    assert (one["outcome"], one["grant_cents"], one["agrees"]) == (outcome, grant, verdict)


def test_the_assumed_rules_are_named_as_assumptions() -> None:
    first, later = load("milano-cfc-2015"), load("milano-cfc-2024")
    assert first.rule is not None
    assert later.rule is not None
    assert (first.rule.kind, first.rule.part_funding) == (FundingKind.GAP_FILLING, False)
    assert (later.rule.kind, later.rule.grant_cap_cents) == (FundingKind.FIXED_SHARE, 5_000_000)
    assert later.rule.grant_share == Decimal("0.5")
    assert any("gap_filling" in said for said in first.assumptions)
    assert any("part_funding" in said for said in first.assumptions)


def test_a_call_without_rule_endowment_or_windows_reads_as_such() -> None:
    found = load("torino-cocity-2017")
    assert (found.rule, found.endowment_cents, found.rows) == (None, None, ())
    assert load("milano-mi15-2024").windows == ()
    assert told(found)["call"] == {
        "id": "torino-cocity-2017",
        "endowment_cents": None,
        "granted_cents": 0,
        "available_cents": None,
    }
    with pytest.raises(KeyError):
        shipped_edition("nowhere")


# -- the documented example --------------------------------------------------------------------


def test_the_documented_example_fits_its_schema_and_gives_the_documented_answer() -> None:
    given_document, answer = fenced("input"), fenced("output")
    jsonschema.Draft202012Validator.check_schema(schema("input"))
    jsonschema.Draft202012Validator.check_schema(schema("output"))
    jsonschema.validate(given_document, schema("input"))
    jsonschema.validate(answer, schema("output"))
    assert told(parse_document(json.dumps(given_document))) == answer


def test_shipped_editions_with_rows_fit_the_input_schema_as_files() -> None:
    for edition_id in {r["call_id"] for r in shipped_rows()}:
        call = next(c for c in shipped_calls() if c["id"] == edition_id)
        plain = {k: float(v) if isinstance(v, Decimal) else v for k, v in call.items()}
        rows = [dict(r) for r in shipped_rows() if r["call_id"] == edition_id]
        own = {"call": {**plain, "rule": "fixed_share"}, "projects": rows}
        jsonschema.validate(own, schema("input"))
        assert len(parse_document(json.dumps(own)).rows) == len(rows)


def test_the_schema_knows_every_key_and_column() -> None:
    properties = schema("input")["properties"]
    assert set(properties["call"]["properties"]) == set(KEYS)
    assert tuple(properties["projects"]["items"]["properties"]) == COLUMNS


# -- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_absent_null_and_empty_are_the_same(nothing: object) -> None:
    full = {column: nothing for column in COLUMNS if column != "project"}
    assert edition({**full, "project": "x"}).rows == edition({"project": "x"}).rows
    optional = {k: nothing for k in KEYS if k not in CALL}
    blank = edition(row(), **optional)
    assert blank == edition(row())
    assert blank.rule is not None
    assert blank.rule.grant_cap_cents is None
    assert blank.rule.part_funding is False


def test_rows_may_be_text_as_a_csv_gives_them() -> None:
    as_text = only(
        total_cost_eur="20000", target_eur="10000.00", raised_eur="10000.5", backers="3",
        raised_at_least="true", backers_at_least="false",
    )  # fmt: skip
    assert (as_text.cost_cents, as_text.target_cents, as_text.raised_cents) == (
        2_000_000,
        1_000_000,
        1_000_050,
    )
    assert (as_text.backers, as_text.raised_at_least, as_text.backers_at_least) == (3, True, False)


def test_shares_never_pass_through_a_float() -> None:
    content = document(row(total_cost_eur=100, target_eur=7, raised_eur=7), crowdfunding_share=0.5)
    seventh = content.replace('"crowdfunding_share": 0.5', '"crowdfunding_share": 0.0700')
    found = parse_document(seventh)
    assert found.rule is not None
    assert found.rule.crowdfunding_share == Decimal("0.07")
    tenth = content.replace('"grant_share": 0.5', '"grant_share": 0.3333333333')
    exact = parse_document(tenth.replace('"crowdfunding_share": 0.5', '"crowdfunding_share": 0.07'))
    assert exact.rule is not None
    assert str(exact.rule.grant_share) == "0.3333333333"


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_document(b"\xef\xbb\xbf" + document().encode()).id == "test"


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    path = tmp_path / "edition.json"
    path.write_text(document(row()), "utf-8")
    assert load(str(path)).rows[0].project == "Lab Barona"


@pytest.mark.parametrize("name", ["nothing-here.json", "milano-cfc-1999", "\0", "x" * 5000])
def test_what_is_neither_edition_nor_file_is_refused_in_one_line(name: str) -> None:
    with pytest.raises(ReplayInputError) as caught:
        load(name)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_edition(tmp_path: Path) -> None:
    with pytest.raises(ReplayInputError, match="can't be read"):
        load(str(tmp_path))


# -- dates -------------------------------------------------------------------------------------


def test_dates_close_before_midnight_in_rome_and_times_are_inclusive() -> None:
    found = edition(
        application_windows=[
            {"opens": "2025-01-01", "closes": "2025-01-31"},
            {"opens": "2025-06-01T09:00", "closes": "2025-07-31T12:00"},
        ]
    )
    first, second = found.windows
    assert first.opens_at == datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert first.closes_at == datetime(2025, 1, 31, 22, 59, 59, 999_999, tzinfo=UTC)
    assert second.opens_at == datetime(2025, 6, 1, 7, tzinfo=UTC)
    assert second.closes_at == datetime(2025, 7, 31, 10, tzinfo=UTC)
    assert [said for said in found.assumptions if "window" in said] == [
        "call, window 1 closes 2025-01-31: just before the next midnight in Rome.",
        "call, window 2 closes 2025-07-31T12:00: that time in Rome is still in time.",
    ]


def test_a_month_or_a_year_alone_is_its_first_day_and_said() -> None:
    found = edition(
        published_on="2024",
        application_windows=[{"opens": "2024-05", "closes": "2024-07"}],
    )
    assert found.published_at == datetime(2023, 12, 31, 23, tzinfo=UTC)
    assert found.windows[0].opens_at == datetime(2024, 4, 30, 22, tzinfo=UTC)
    assert found.windows[0].closes_at == datetime(2024, 7, 1, 21, 59, 59, 999_999, tzinfo=UTC)
    assert [said.split(":")[0] for said in found.assumptions[:4]] == [
        "call, published_on 2024",
        "call, window 1 opens 2024-05",
        "call, window 1 closes 2024-07",
        "call, window 1 closes 2024-07-01",
    ]


def test_an_unknown_opening_is_the_publication() -> None:
    found = edition(
        published_on="2025-01-02", application_windows=[{"opens": None, "closes": "2025-02-01"}]
    )
    assert found.windows[0].opens_at == found.published_at == datetime(2025, 1, 1, 23, tzinfo=UTC)
    assert "call, window 1 opens: not known; taken as the publication." in found.assumptions


@pytest.mark.parametrize("published", [None, "2025-01-15"])
def test_a_call_is_never_published_after_it_opens(published: str | None) -> None:
    found = edition(published_on=published)
    assert found.published_at == found.windows[0].opens_at
    assert any("published_on" in said for said in found.assumptions)


# -- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        '{"call": {}, "projects": [}',
        "[]",
        "null",
        "3",
        "{}",
        '{"call": {}}',
        '{"projects": []}',
        '{"call": null, "projects": []}',
        '{"call": [], "projects": []}',
        '{"call": "x", "projects": []}',
        document().replace("[]", "{}"),
        document().replace("[]", '[], "more": 1'),
        document().replace("[]", "[1]"),
        document().replace("[]", "[null]"),
        document().replace("[]", '[["project"]]'),
        document(row()).replace('"Lab Barona"', "NaN"),
        document(row()).replace("20000", "Infinity"),
        document(row()).replace("20000", "9" * 5000),
        document(row()).replace("20000", "1e999999999999999999999"),
        document(row()).replace('"id": "test"', '"id": "test", "id": "test"'),
        '{"call": ' * 100_000,
        b"\xff\xfe",
    ],
)
def test_malformed_files_are_refused_in_one_line(content: str | bytes) -> None:
    assert refusal(content)


@pytest.mark.parametrize("key", [k for k in CALL if k != "published_on"])
@pytest.mark.parametrize("nothing", [None, ""])
def test_a_file_must_state_what_the_replay_needs(key: str, nothing: str | None) -> None:
    assert refusal(document(row(), **{key: nothing})) == f"call, column {key}: is required"


@pytest.mark.parametrize(
    "call, said",
    [
        ({"colour": "red"}, "call, column colour: not a key of a call"),
        ({"rule": "lottery"}, 'call, column rule: "lottery" is not a rule'),
        ({"rule": "direct"}, "call, column rule: "),
        ({"rule": 1}, "call, column rule: 1 is not a rule"),
        ({"crowdfunding_share": 50}, "call, column crowdfunding_share: 50 is not a share"),
        ({"crowdfunding_share": 0}, "call, column crowdfunding_share: 0 is not a share"),
        ({"grant_share": -0.5}, "call, column grant_share: -0.5 is negative"),
        ({"grant_share": True}, "call, column grant_share: true is not a share"),
        ({"grant_share": "half"}, 'call, column grant_share: "half" is not a share'),
        ({"grant_share": "0.12345678901"}, "call, column grant_share: 0.12345678901 has more"),
        ({"endowment_eur": 0}, "call, column endowment_eur: must be more than zero"),
        ({"endowment_eur": -1}, "call, column endowment_eur: -1 is negative"),
        ({"endowment_eur": [1]}, "call, column endowment_eur: [1] is not an amount"),
        ({"endowment_eur": 10.001}, "call, column endowment_eur: 10.001 has more than two"),
        ({"endowment_eur": 1e300}, "call, column endowment_eur: "),
        ({"grant_cap_eur": 0}, "call, column grant_cap_eur: must be more than zero"),
        ({"grant_min_eur": 2, "grant_cap_eur": 1}, "call, column grant_min_eur: is above"),
        ({"campaign_days": 0}, "call, column campaign_days: 0 is less than 1"),
        ({"campaign_days": 1.5}, "call, column campaign_days: 1.5 is not a whole number"),
        ({"campaign_days": 10**9}, "call, column campaign_days: 1000000000 is more than 3650"),
        ({"part_funding": 1}, "call, column part_funding: 1 is neither true nor false"),
        ({"part_funding": "yes"}, 'call, column part_funding: "yes" is neither'),
        ({"title": 3}, "call, column title: 3 is not a text"),
        ({"id": "a\nb"}, "call, column id: holds a control character"),
        ({"applicants": [3]}, "call, column applicants: 3 is not a text"),
        ({"published_on": "soon"}, 'call, column published_on: "soon" is not a date'),
        ({"published_on": "2025-13"}, 'call, column published_on: "2025-13" is not a date of'),
        ({"published_on": "2025-00"}, 'call, column published_on: "2025-00" is not a date of'),
        ({"published_on": "0001-01-01"}, "call, column published_on: "),
        ({"published_on": 2025}, "call, column published_on: 2025 is not a text"),
        ({"application_windows": []}, "call, column application_windows: there are rows, but"),
        ({"application_windows": {}}, "call, column application_windows: {} is not a list"),
        ({"application_windows": [1]}, "call, column application_windows: window 1 is not"),
        (
            {"application_windows": [{"opens": "2025-01-01", "shuts": "2025-02-01"}]},
            'call, column application_windows: window 1: unknown key "shuts"',
        ),
        (
            {"application_windows": [{"opens": "2025-01-01"}]},
            "call, column application_windows: window 1, closes: is required",
        ),
        (
            {"application_windows": [{"opens": "2025-02-01", "closes": "2025-02-29"}]},
            'call, column application_windows: window 1, closes: "2025-02-29" is not a date of',
        ),
        (
            {"application_windows": [{"opens": "2025-02-01", "closes": "2025-01-31"}]},
            "call, column application_windows: window 1 closes (2025-01-31) before it opens",
        ),
        (
            {"published_on": "", "application_windows": [{"closes": "2025-01-31"}]},
            "call, column published_on: is required, because window 1 has no opening date",
        ),
    ],
)
def test_a_faulty_call_is_refused_with_its_column(call: dict[str, Any], said: str) -> None:
    assert refusal(document(row(), **call)).startswith(said)


@pytest.mark.parametrize(
    "over, said",
    [
        ({"project": None}, "row 2, column project: is required"),
        ({"project": " "}, "row 2, column project: is required"),
        ({"project": 5}, "row 2, column project: 5 is not a text"),
        ({"project": "x" * 201}, "column project: is longer than 200 characters"),
        ({"project": "a\u0000b"}, "row 2 (a?b), column project: holds a control character"),
        ({"project": "a\ud800"}, "column project: holds a control character"),
        ({"colour": "red"}, "row 2 (Lab Barona), column colour: not a column of a project"),
        ({"target_eur": 9999.99}, "row 2 (Lab Barona), column target_eur: 9999.99 EUR is below"),
        ({"target_eur": "abc"}, 'column target_eur: "abc" is not an amount in euros'),
        ({"target_eur": "1,000"}, 'column target_eur: "1,000" is not an amount in euros'),
        ({"target_eur": "١٠"}, "column target_eur: "),
        ({"target_eur": 0}, "column target_eur: must be more than zero"),
        ({"total_cost_eur": -5}, "column total_cost_eur: -5 is negative"),
        ({"total_cost_eur": True}, "column total_cost_eur: true is not an amount in euros"),
        ({"total_cost_eur": {}}, "column total_cost_eur: {} is not an amount in euros"),
        ({"total_cost_eur": 10**11}, "column total_cost_eur: 100000000000 is more than"),
        ({"total_cost_eur": 0.01, "target_eur": 1}, "column total_cost_eur: 0.01 EUR is so small"),
        ({"raised_eur": 10.005}, "column raised_eur: 10.005 has more than two decimals"),
        ({"raised_eur": "-1"}, "column raised_eur: -1 is negative"),
        ({"raised_at_least": "maybe"}, 'column raised_at_least: "maybe" is neither true nor'),
        ({"backers": 2.5}, "column backers: 2.5 is not a whole number"),
        ({"backers": 0}, "column backers: nobody can't have given 10000.00 EUR"),
        ({"backers": 100_001}, "column backers: 100001 is more than 100000"),
        ({"backers": 3, "raised_eur": 0.02}, "column backers: 3 backers can't have given 0.02"),
        ({"backers": 1, "raised_eur": 0}, "column backers: 1 backers can't have given 0.00"),
        ({"backers_at_least": 1}, "column backers_at_least: 1 is neither true nor false"),
        ({"grant_eur": -1}, "column grant_eur: -1 is negative"),
        ({"outcome": "won"}, 'column outcome: "won" is not an outcome: funded or target missed'),
        ({"outcome": True}, "column outcome: true is not an outcome"),
        ({"source_url": []}, "column source_url: [] is not a text"),
    ],
)
def test_a_faulty_row_is_refused_with_row_and_column(over: dict[str, Any], said: str) -> None:
    line = refusal(document(row(project="Good"), row(**over)))
    assert line.startswith("row 2")
    assert said in line


def test_a_row_outside_of_the_calls_own_limits_is_impossible() -> None:
    limits = {"project_cost_min_eur": 20000.01, "project_cost_max_eur": 30000}
    assert "project_cost_min_eur" in refusal(document(row(), **limits))
    dear = row(total_cost_eur=30000.01, target_eur=20000)
    assert "project_cost_max_eur" in refusal(document(dear, **limits))
    given_to_all = row(raised_eur=99, backers=10)
    assert "donation_min_eur" in refusal(document(given_to_all, donation_min_eur=10))


def test_a_row_of_another_call_is_taken_and_said() -> None:
    found = edition(row(call_id="milano-cfc-2020"))
    assert "row 1 (Lab Barona), call_id milano-cfc-2020: taken as of test." in found.assumptions


def test_windows_may_be_missing_while_there_are_no_rows() -> None:
    found = edition(application_windows=[])
    assert told(found)["projects"] == []


# -- classification, forecast, agreement -------------------------------------------------------


def test_an_unknown_target_is_computed_from_the_cost_and_said() -> None:
    found = edition(row(total_cost_eur=20000.01, target_eur=None))
    one = found.rows[0]
    assert (one.status, one.missing, one.goal_cents) == (Status.REPLAYED, (), 1_000_001)
    assert one.decided_outcome() is CampaignOutcome.FAILED
    assert any("the rule's minimum, 10000.01 EUR" in said for said in found.assumptions)
    assert told(found)["projects"][0]["target_cents"] == 1_000_001


def test_nothing_is_filled_in_for_a_row_that_is_not_replayed() -> None:
    found = told(edition(row(target_eur=None, raised_eur=None)))["projects"][0]
    assert (found["status"], found["missing"]) == ("not_replayable", ["raised_eur"])
    assert (found["target_cents"], found["outcome"], found["grant_cents"]) == (None, None, None)


def test_pledges_split_the_sum_and_give_odd_cents_to_the_first() -> None:
    assert only(raised_eur=100, backers=3).pledges() == (3_334, 3_333, 3_333)
    assert only(raised_eur=100).pledges() == (10_000,)
    assert only(raised_eur=0).pledges() == ()
    assert only(raised_eur=0, backers=0).pledges() == ()


@given(st.integers(1, 500), st.integers(1, 10**9))
def test_pledges_add_up_and_differ_by_a_cent_at_most(backers: int, cents: int) -> None:
    raised = max(cents, backers)
    one = only(raised_eur=f"{raised // 100}.{raised % 100:02d}", backers=backers)
    parts = one.pledges()
    assert len(parts) == backers
    assert sum(parts) == raised
    assert max(parts) - min(parts) <= 1
    assert list(parts) == sorted(parts, reverse=True)


def test_all_rows_are_reserved_before_any_campaign_and_nothing_scrolls() -> None:
    found = told(
        edition(
            row(project="fails", raised_eur=9_999),
            row(project="too big", total_cost_eur=60000, target_eur=30000, raised_eur=30000),
            row(project="fits"),
            endowment_eur=25000,
        )
    )
    assert [(p["outcome"], p["grant_cents"]) for p in found["projects"]] == [
        ("failed", 0),
        (None, 0),
        ("succeeded", 1_000_000),
    ]
    assert found["call"]["granted_cents"] == 1_000_000
    assert found["call"]["available_cents"] == 1_500_000


def test_part_funding_gives_the_rest_and_then_there_is_none() -> None:
    found = told(
        edition(
            row(project="whole"),
            row(project="rest"),
            row(project="nothing"),
            endowment_eur="15000.01",
            part_funding=True,
        )
    )
    assert [(p["outcome"], p["grant_cents"]) for p in found["projects"]] == [
        ("succeeded", 1_000_000),
        ("succeeded", 500_001),
        (None, 0),
    ]
    assert found["call"]["available_cents"] == 0


def test_gap_filling_gives_what_is_missing_within_share_and_cap() -> None:
    found = told(
        edition(
            row(project="over", raised_eur=12000),
            row(project="beyond", raised_eur=25000),
            row(project="capped", total_cost_eur=60000, target_eur=30000, raised_eur=30000),
            rule="gap_filling",
            grant_cap_eur=20000,
        )
    )
    assert [p["grant_cents"] for p in found["projects"]] == [800_000, 0, 2_000_000]


def test_rows_that_are_not_replayed_take_no_money() -> None:
    found = told(
        edition(row(total_cost_eur=None), row(raised_eur=None), row(), endowment_eur=10000)
    )
    assert [p["status"] for p in found["projects"]] == ["decided", "not_replayable", "replayed"]
    assert found["projects"][2]["grant_cents"] == 1_000_000
    assert found["call"]["granted_cents"] == 1_000_000


@pytest.mark.parametrize(
    "over, result, verdict",
    [
        ({}, RowResult(CampaignOutcome.SUCCEEDED, 1, 1_000_000, None), True),
        ({}, RowResult(CampaignOutcome.SUCCEEDED, 1, 1_000_001, None), False),
        ({"raised_at_least": True}, RowResult(None, 0, 1_000_001, None), True),
        ({"raised_at_least": True}, RowResult(None, 0, 999_999, None), False),
        ({"backers": 3}, RowResult(None, 0, 1_000_000, 4), False),
        ({"backers": 3, "backers_at_least": True}, RowResult(None, 0, 1_000_000, 4), True),
        ({"grant_eur": 1}, RowResult(CampaignOutcome.SUCCEEDED, 100, 1_000_000, None), True),
        ({"grant_eur": 1}, RowResult(CampaignOutcome.SUCCEEDED, 101, 1_000_000, None), False),
        ({"grant_eur": 1}, RowResult(CampaignOutcome.SUCCEEDED, None, 1_000_000, None), True),
        ({"outcome": "funded"}, RowResult(CampaignOutcome.FAILED, 0, 1_000_000, None), False),
        ({"outcome": "target missed"}, RowResult(CampaignOutcome.FAILED, 0, 1_000_000, 1), True),
        ({"outcome": "funded"}, RowResult(None, 0, 1_000_000, None), False),
        ({"raised_eur": None, "outcome": "funded"}, RowResult(None, None, None, None), None),
    ],
)
def test_agreement_compares_only_what_the_record_holds(
    over: dict[str, Any], result: RowResult, verdict: bool | None
) -> None:
    assert agrees(only(**over), result) is verdict


def test_a_report_needs_the_result_of_each_replayed_row_and_adds_what_was_invented() -> None:
    found = edition(row())
    with pytest.raises(KeyError):
        report(found, {})
    told_with = report(found, forecast(found), ["criteria: one neutral criterion."])
    assert told_with["assumptions"][-1] == "criteria: one neutral criterion."


def test_reading_does_not_change_what_is_shipped() -> None:
    before = copy.deepcopy(shipped_calls())
    for edition_id in edition_ids():
        load(edition_id)
    assert shipped_calls() == before


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([*KEYS, *COLUMNS]), json_values)
def test_whatever_stands_in_a_cell_is_read_or_refused_in_one_line(key: str, value: object) -> None:
    over = {key: value}
    call = {**CALL, **over} if key in KEYS else CALL
    rows = [row(**over)] if key in COLUMNS else [row()]
    try:
        told(parse_document(json.dumps({"call": call, "projects": rows})))
    except ReplayInputError as error:
        assert str(error).isprintable()  # noqa: PT017 -- both ways are lawful
