"""Replaying editions through the verbs: what comes out is what the rule says, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.db import db
from quartieri.extensions import services
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs.models import Job, JobState
from quartieri.kit.clock import SetClock
from quartieri.programmes.queries import pool_balances
from quartieri.rehearsal.document import (
    CampaignOutcome,
    Edition,
    RowResult,
    Status,
    forecast,
    parse_document,
    report,
    shipped_edition,
)
from quartieri.rehearsal.document.reading import DATA
from quartieri.rehearsal.replay import INVENTED, replay
from quartieri.rehearsal.theatre import one_transaction
from tests.doubles import make_provider

Rehearse = Callable[..., dict[int, RowResult]]
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
SUCCEEDED, FAILED = CampaignOutcome.SUCCEEDED, CampaignOutcome.FAILED


class Undo(Exception):  # noqa: N818 -- no error: it ends the transaction without keeping it
    """Ends a rehearsal without keeping it."""


def edition(*rows: dict[str, Any], **over: Any) -> Edition:
    named = [{"project": f"Project {n}", **row} for n, row in enumerate(rows, start=1)]
    return parse_document(json.dumps({"call": {**CALL, **over}, "projects": named}))


@pytest.fixture
def rehearse(fresh_app: Flask) -> Rehearse:
    """Give a function that replays an edition and then undoes it all, but for the result."""

    def run(given: Edition, look: Callable[[], None] = lambda: None) -> dict[int, RowResult]:
        results: dict[int, RowResult] = {}
        with fresh_app.app_context(), suppress(Undo), one_transaction():
            outside = services()
            assert isinstance(outside.clock, SetClock)
            outside.payments = make_provider(outside.clock)
            assert isinstance(outside.payments, SandboxProvider)
            outside.payments.sandbox.mode = Mode.DROPPED
            results.update(replay(given, outside.clock))
            look()
            raise Undo
        return results

    return run


def outcomes(results: dict[int, RowResult]) -> list[tuple[CampaignOutcome | None, int | None]]:
    return [(one.outcome, one.grant_cents) for one in results.values()]


def test_the_worked_projects_of_milan_come_out_as_published(rehearse: Rehearse) -> None:
    found = rehearse(
        edition(
            {"total_cost_eur": 50000, "target_eur": 25000, "raised_eur": 30000, "backers": 3},
            {"total_cost_eur": 20000, "target_eur": 10000, "raised_eur": 9999.99},
            {"total_cost_eur": 20000, "target_eur": 12000, "raised_eur": 11999.99, "backers": 2},
        )
    )
    assert outcomes(found) == [(SUCCEEDED, 25_000_00), (FAILED, 0), (FAILED, 0)]


def test_odd_cents_are_all_collected(rehearse: Rehearse) -> None:
    found = rehearse(edition({"total_cost_eur": 200.02, "raised_eur": 100.01, "backers": 3}))
    assert found == {1: RowResult(SUCCEEDED, 100_01, 100_01, 3)}


def test_gap_filling_gives_what_is_missing_and_no_more(rehearse: Rehearse) -> None:
    """Part of the cost, more than was missing, all of the cost, more than the cost."""
    rows = [{"total_cost_eur": 1000, "raised_eur": raised} for raised in (500, 700, 1000, 1200)]
    found = rehearse(edition(*rows, rule="gap_filling"))
    assert outcomes(found) == [
        (SUCCEEDED, 500_00),
        (SUCCEEDED, 300_00),
        (SUCCEEDED, 0),
        (SUCCEEDED, 0),
    ]


def test_a_cap_holds(rehearse: Rehearse) -> None:
    found = rehearse(edition({"total_cost_eur": 1000, "raised_eur": 500}, grant_cap_eur=80.5))
    assert outcomes(found) == [(SUCCEEDED, 80_50)]


@pytest.mark.parametrize(
    ("part_funding", "second"), [(True, (SUCCEEDED, 100_00)), (False, (None, 0))]
)
def test_what_does_not_fit_gets_the_rest_or_nothing(
    rehearse: Rehearse, *, part_funding: bool, second: tuple[CampaignOutcome | None, int]
) -> None:
    """Nothing scrolls: the first fails and its money goes to nobody."""
    found = rehearse(
        edition(
            {"total_cost_eur": 1000, "raised_eur": 0},
            {"total_cost_eur": 1000, "raised_eur": 500},
            {"total_cost_eur": 200, "raised_eur": 100},
            endowment_eur=600,
            part_funding=part_funding,
        )
    )
    third = (None, 0) if part_funding else (SUCCEEDED, 100_00)
    assert outcomes(found) == [(FAILED, 0), second, third]


def test_a_stored_target_above_the_minimum_is_the_one_that_counts(rehearse: Rehearse) -> None:
    given = edition({"total_cost_eur": 1000, "target_eur": 700, "raised_eur": 600})
    assert outcomes(rehearse(given)) == [(FAILED, 0)]


def test_days_windows_and_openings_as_they_were_known(rehearse: Rehearse) -> None:
    given = edition(
        {"total_cost_eur": 1000, "raised_eur": 500},
        published_on="2024",
        campaign_days=7,
        application_windows=[
            {"opens": None, "closes": "2024-03-31T12:00"},
            {"opens": "2024-09", "closes": "2024-10-01"},
        ],
    )

    def look() -> None:
        session = db.session()
        campaign = session.scalars(sa.select(Campaign)).one()
        assert campaign.starts_at is not None
        assert campaign.ends_at is not None
        # the night to summer time is within the campaign: seven days of Rome's calendar
        assert 6 < (campaign.ends_at - campaign.starts_at).total_seconds() / 86400 < 8

    assert outcomes(rehearse(given, look)) == [(SUCCEEDED, 500_00)]


def test_the_books_hold_what_the_report_says(rehearse: Rehearse) -> None:
    given = edition(
        {"total_cost_eur": 1000, "raised_eur": 500.5, "backers": 4},
        {"total_cost_eur": 1000, "raised_eur": 10, "backers": 2},
    )

    def look() -> None:
        session = db.session()
        call = session.scalars(sa.select(Call)).one()
        assert call.pool_id is not None
        money = pool_balances(session, call.pool_id)
        assert (money.committed_cents, money.reserved_cents) == (500_00, 0)
        assert money.available_cents == 100_000_00 - 500_00
        assert session.scalar(sa.select(sa.func.count(Pledge.id))) == 6
        waiting = session.scalars(sa.select(Job.kind).where(Job.state != JobState.DONE)).all()
        assert waiting == []

    assert outcomes(rehearse(given, look)) == [(SUCCEEDED, 500_00), (FAILED, 0)]


# -- against the rule alone --------------------------------------------------------------------


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


@st.composite
def editions(draw: st.DrawFn) -> Edition:
    """Small editions of every shape: rules, shares, caps, pools too short, odd cents."""
    share = draw(st.sampled_from(["0.3333", "0.4", "0.5", "0.6"]))
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        cost = draw(st.integers(500, 500_00))
        raised = draw(st.one_of(st.just(0), st.integers(1, cost + 100)))
        row = {"total_cost_eur": euros(cost), "raised_eur": euros(raised)}
        if draw(st.booleans()):
            row["target_eur"] = euros(draw(st.integers(int(cost * 0.61) + 1, cost)))
        if draw(st.booleans()):
            row["backers"] = str(draw(st.integers(1, 3)) if raised >= 3 else raised)
        rows.append(row)
    return edition(
        *rows,
        rule=draw(st.sampled_from(["fixed_share", "gap_filling"])),
        part_funding=draw(st.booleans()),
        crowdfunding_share=share,
        grant_share=draw(st.sampled_from(["0.25", "0.4", "0.5", "0.6"])),
        grant_cap_eur=draw(st.sampled_from([None, "77.77"])),
        endowment_eur=euros(draw(st.integers(10, 600_00))),
        campaign_days=draw(st.integers(1, 90)),
    )


@pytest.mark.soak
@settings(max_examples=max(8, settings().max_examples // 3))
@given(given_edition=editions())
def test_the_verbs_come_to_what_the_rule_says(rehearse: Rehearse, given_edition: Edition) -> None:
    assert rehearse(given_edition) == forecast(given_edition)


# -- the shipped editions ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["milano-cfc-2015", "milano-cfc-2020", "milano-cfc-2022", "milano-cfc-2024"]
)
def test_a_shipped_edition_comes_to_what_the_rule_says(rehearse: Rehearse, name: str) -> None:
    """With a tenth of the backers, so that it is quick."""
    whole = shipped_edition(name)
    few = replace(
        whole,
        rows=tuple(
            replace(row, backers=max(row.backers // 10, 1) if row.backers else row.backers)
            for row in whole.rows
        ),
    )
    found = rehearse(few)
    assert found == forecast(few)
    assert list(found) == [row.number for row in few.rows_of(Status.REPLAYED)]
    document = report(few, found, INVENTED)
    jsonschema.validate(document, json.loads((DATA / "replay-output.schema.json").read_text()))
