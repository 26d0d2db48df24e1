"""What an act changed, field by field, and what may still change when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign
from quartieri.calls.exchange import CallDocument, DocumentWindow
from quartieri.calls.rectifying import (
    MAY_CHANGE,
    Change,
    Moment,
    Until,
    advice,
    changes,
    merged,
    refusals,
    until,
)
from quartieri.calls.rules import WindowState
from tests.factories.calls import ready_design
from tests.unit.test_calls_exchange import JSON, changed, places, whole

NOW = datetime(2025, 2, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)
W = WindowState
COMING = DocumentWindow(NOW + DAY, NOW + 9 * DAY)
PAST = DocumentWindow(NOW - 9 * DAY, NOW - DAY)
LATER = DocumentWindow(NOW + 20 * DAY, NOW + 30 * DAY)


def document(*windows: DocumentWindow, **over: Any) -> CallDocument:
    return CallDocument(design=ready_design(**over), windows=windows, endowment_cents=1000)


def refused(before: CallDocument, after: CallDocument, *states: W, held: int = 0) -> list[str]:
    moment = Moment(NOW, states, held)
    return [r.place for r in refusals(before.to_json(), after.to_json(), moment)]


def test_nothing_differs_from_itself() -> None:
    assert changes(whole().to_json(), whole().to_json()) == []


def test_a_text_is_one_change_in_both_languages_and_an_item_is_known_by_its_code() -> None:
    design = ready_design()
    impact, quality = design.evaluation.criteria
    criteria = (replace(quality, maximum=Decimal(50)), impact)
    after = replace(
        design,
        title={"it": "Altro", "en": "Other"},
        evaluation=replace(design.evaluation, criteria=criteria),
        questions=design.questions[:1],
    )
    found = changes(design.to_json(), after.to_json())
    expected = [
        Change("/title", dict(design.title), {"it": "Altro", "en": "Other"}),
        Change("/evaluation/criteria/quality/maximum", "40", "50"),
        Change("/evaluation/criteria/order", ["impact", "quality"], ["quality", "impact"]),
        Change("/questions/activities", design.questions[1].to_json(), None),
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert [Change.from_json(c.as_json()) for c in found] == found


@given(st.data())
def test_whatever_differs_is_found_and_nothing_else(data: st.DataObject) -> None:
    value = whole().to_json()
    way = data.draw(st.sampled_from(places(value)[1:]))
    other = changed(value, way, data.draw(JSON))
    assert bool(changes(value, other)) == (value != other)


CLOSED = (W.CLOSED, W.CHECKING, W.EVALUATION, W.PROVISIONAL, W.FINAL, W.RUNNING, W.CONCLUDED)


@pytest.mark.parametrize("name", sorted(CallDesign().to_json()))
def test_each_part_of_the_design_may_change_until_when_the_table_says(name: str) -> None:
    limit = until(f"/design/{name}/inside")
    assert limit is dict(MAY_CHANGE).get(f"/design/{name}", Until.END)
    substance = {
        "terms",
        "sessions",
        "eligibility",
        "sections",
        "questions",
        "requirements",
        "evaluation",
        "money",
        "campaign",
    }
    assert (limit is Until.FIRST_DEADLINE) == (name in substance)


@pytest.mark.parametrize("state", CLOSED)
def test_criteria_change_before_the_first_deadline_only(state: WindowState) -> None:
    before = document(PAST, LATER)
    evaluation = replace(before.design.evaluation, sheets=3)
    after = replace(before, design=replace(before.design, evaluation=evaluation))
    assert refused(before, after, W.SCHEDULED, W.SCHEDULED) == []
    assert refused(before, after, W.OPEN, W.SCHEDULED) == []
    assert refused(before, after, state, W.SCHEDULED) == ["/design/evaluation/sheets"]


@pytest.mark.parametrize("state", CLOSED)
def test_a_contact_changes_as_long_as_the_call_runs(state: WindowState) -> None:
    before = document(PAST)
    after = replace(before, design=replace(before.design, contact="nuovo@comune.example"))
    assert refused(before, after, state) == []


def test_the_endowment_never_goes_below_what_grants_hold() -> None:
    before = document(PAST)
    for cents, expected in ((2000, []), (600, []), (599, ["/endowment_cents"])):
        after = replace(before, endowment_cents=cents)
        assert refused(before, after, W.RUNNING, held=600) == expected


def test_a_session_moves_before_it_opens_and_is_never_taken_away() -> None:
    before = document(COMING, LATER)
    moved = replace(LATER, closes_at=NOW + 40 * DAY)
    gone = (W.OPEN, W.SCHEDULED)
    assert refused(before, replace(before, windows=(COMING, moved)), *gone) == []
    assert refused(before, replace(before, windows=(COMING,)), *gone) == ["/windows/2"]
    longer = replace(COMING, closes_at=NOW + 12 * DAY)
    assert refused(before, replace(before, windows=(longer, LATER)), *gone) == ["/windows/1"]
    early = replace(LATER, opens_at=NOW - DAY)
    assert refused(before, replace(before, windows=(COMING, early)), *gone) == ["/windows/2"]


def test_a_new_session_opens_in_the_future() -> None:
    before = document(PAST)
    assert refused(before, replace(before, windows=(PAST, LATER)), W.CLOSED) == []
    assert refused(before, replace(before, windows=(PAST, PAST)), W.CLOSED) == ["/windows/2"]


def test_rules_changed_while_a_session_is_open_ask_for_more_time() -> None:
    before = document(COMING)
    money = replace(before.design.money, integration_days=20)
    after = replace(before, design=replace(before.design, money=money))
    texts = replace(before, design=replace(before.design, contact="x"))
    for other, state, expected in (
        (after, W.OPEN, 1),
        (after, W.SCHEDULED, 0),
        (texts, W.OPEN, 0),
    ):
        said = advice(before.to_json(), other.to_json(), Moment(NOW, (state,)))
        assert len(said) == expected


def test_what_other_acts_changed_meanwhile_is_not_undone() -> None:
    base = document(COMING, LATER)
    extended = replace(COMING, closes_at=NOW + 15 * DAY)
    present = replace(base, windows=(extended, LATER), endowment_cents=5000)
    written = replace(
        base,
        design=replace(base.design, contact="x"),
        windows=(COMING, replace(LATER, closes_at=NOW + 50 * DAY)),
    )
    found = merged(base, present, written)
    assert found.windows == (extended, written.windows[1])
    assert found.endowment_cents == 5000
    assert found.design.contact == "x"
    assert merged(base, present, replace(written, endowment_cents=9)).endowment_cents == 9
