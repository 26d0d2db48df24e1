"""The replay's documents: what is read, what is refused and where, what is reported."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

from quartieri.calls.funding import FundingKind
from quartieri.rehearsal.document import (
    NO_ROWS,
    ReplayInputError,
    as_lines,
    edition_ids,
    load,
    parse_document,
    shipped_calls,
    shipped_edition,
    shipped_rows,
)
from quartieri.rehearsal.document.call import KEYS
from quartieri.rehearsal.document.rows import COLUMNS
from tests.factories.editions import (
    CALL,
    document,
    edition,
    fenced,
    only,
    project,
    row,
    schema,
    told,
)

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
