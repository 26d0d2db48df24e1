"""Replay documents: what is refused, what is forecast and what agrees."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.rehearsal.document import (
    CampaignOutcome,
    ReplayInputError,
    RowResult,
    Status,
    agrees,
    edition_ids,
    forecast,
    load,
    parse_document,
    report,
    shipped_calls,
)
from quartieri.rehearsal.document.call import KEYS
from quartieri.rehearsal.document.rows import COLUMNS
from tests.factories.editions import (
    CALL,
    document,
    edition,
    json_values,
    only,
    refusal,
    row,
    told,
)

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


@given(st.sampled_from([*KEYS, *COLUMNS]), json_values)
def test_whatever_stands_in_a_cell_is_read_or_refused_in_one_line(key: str, value: object) -> None:
    over = {key: value}
    call = {**CALL, **over} if key in KEYS else CALL
    rows = [row(**over)] if key in COLUMNS else [row()]
    try:
        told(parse_document(json.dumps({"call": call, "projects": rows})))
    except ReplayInputError as error:
        assert str(error).isprintable()  # noqa: PT017 -- both ways are lawful
