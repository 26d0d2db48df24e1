"""Rehearsing a draft: asked for in the browser, played by the worker, read by the office."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.design import StageDesign, WhenMoneyRunsOut
from quartieri.calls.funding import FixedSum, FundingKind, FundingRule, LiveMatch, Quadratic
from quartieri.calls.models import Call
from quartieri.calls.rules import CallState
from quartieri.mail.models import Letter
from quartieri.people.models import Authority, User
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.models import Rehearsal, RehearsalState
from quartieri.rehearsal.trial.copy import CallCopy
from quartieri.rehearsal.trial.whole import rehearse
from quartieri.wiring import create_app
from tests.doubles import NOW
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import CLOSES, OPENS, both, make_call, ready_design
from tests.factories.people import make_official, make_user
from tests.factories.programmes import make_authority


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def manager(session: Session, city: Authority) -> User:
    return make_official(session, Role.CALL_MANAGER, city.scope)


def rehearsal_of(session: Session, call: Call) -> Rehearsal:
    session.expire_all()
    return session.scalars(sa.select(Rehearsal).where(Rehearsal.call_id == call.id)).one()


@pytest.mark.parametrize("campaigns", [True, False])
def test_a_draft_is_played_to_its_end_and_touches_nothing(
    session: Session,
    as_user: AsUser,
    city: Authority,
    manager: User,
    *,
    work: Callable[[], int],
    campaigns: bool,
) -> None:
    call = make_call(session, authority=city, design=ready_design(campaigns=campaigns))
    browser = as_user(manager)
    path = f"/manage/calls/{call.id}/rehearsals"
    asked = browser.post(path, data={"seed": "7"})
    assert asked.status_code == 303
    waiting = text(browser.get(asked.location))
    assert "data-again" in waiting
    work()
    played = rehearsal_of(session, call)
    assert (played.state, played.fault) == (RehearsalState.PLAYED, "")
    assert played.report is not None
    fired = {r["rule"]: r["fired"] for r in played.report["rules"]}
    for rule in ("deadline", "cost_max", "conflict", "minimum_total", "balance"):
        assert fired[rule], rule
    assert fired["grant_share"] or fired["grant_cap"]
    assert bool(fired.get("target_missed")) is campaigns
    assert played.report["money"]["granted_cents"] > 0
    page = text(browser.get(asked.location))
    assert played.report["people"][0]["letters"][0]["subject"] in page
    assert call.state is CallState.DRAFT
    assert session.scalars(sa.select(Proposal)).all() == []
    assert session.scalars(sa.select(Letter)).all() == []
    assert "7" in text(browser.get(path))


HALF = Decimal("0.5")
MATCHES = (
    FundingRule(FundingKind.CITY_BACKER, HALF, Decimal("0.4")),
    FundingRule(FundingKind.LIVE_MATCH, HALF, None, live=LiveMatch()),
    FundingRule(FundingKind.FIXED_SUM, HALF, None, fixed_sum=FixedSum(20_000_00, at_backers=5)),
    FundingRule(FundingKind.QUADRATIC, HALF, None, quadratic=Quadratic()),
)
PLAYED = MATCHES if "QUARTIERI_SOAK_EXAMPLES" in os.environ else MATCHES[:2]
"""Each takes seconds: a soak plays them all."""
ENDOWMENT = 60_000_00


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("rule", PLAYED, ids=lambda rule: rule.kind.value)
def test_every_match_is_played_with_its_crowd_and_what_is_left_is_offered(
    app: Flask, rule: FundingRule
) -> None:
    played = played_through(app, rule)
    fired = {one["rule"]: one["fired"] for one in played["rules"]}
    money = played["money"]
    assert fired["target_reached"]
    assert fired["target_reached"] + fired["target_missed"] == money["campaigns"]
    assert fired["balance"]
    assert fired["match"] or fired["grant_share"]
    assert 0 < money["granted_cents"] <= ENDOWMENT
    assert money["granted_cents"] + money["available_cents"] == ENDOWMENT
    if rule.kind is FundingKind.CITY_BACKER:
        said = [one["text"]["msgid"].split()[0] for one in played["notes"]]
        assert said.index("Offers") < said.index("Refuses") < said.index("Accepts")


def played_through(app: Flask, rule: FundingRule) -> dict[str, Any]:
    """Rehearse a call under a rule, small enough that its money runs out."""
    design = ready_design()
    backs = rule.kind is FundingKind.CITY_BACKER
    evaluation = replace(
        design.evaluation,
        sheets=1,
        places=None if backs else 2,
        when_money_runs_out=WhenMoneyRunsOut.OFFER,
    )
    design = replace(design, money=replace(design.money, rule=rule), evaluation=evaluation)
    areas = (("1", "Municipio 1"), ("2", "Municipio 2"))
    copy = CallCopy("Comune di Prova", areas, design, ((OPENS, CLOSES),), ENDOWMENT, NOW)
    settings = app.extensions["services"].settings
    return rehearse(create_app, settings, copy, seed=7)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_the_same_story_gives_the_same_figures(
    session: Session, as_user: AsUser, city: Authority, manager: User, work: Callable[[], int]
) -> None:
    call = make_call(session, authority=city, design=ready_design(campaigns=False))
    browser = as_user(manager)
    path = f"/manage/calls/{call.id}/rehearsals"
    for _time in range(2):
        assert browser.post(path, data={"seed": "3"}).status_code == 303
        work()
    session.expire_all()
    first, second = session.scalars(sa.select(Rehearsal).order_by(Rehearsal.id))
    assert first.report is not None
    assert second.report is not None
    assert first.report["money"] == second.report["money"]
    assert first.report["rules"] == second.report["rules"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_stages_and_an_agreed_sheet_are_played_too(
    session: Session, as_user: AsUser, city: Authority, manager: User, work: Callable[[], int]
) -> None:
    design = ready_design(campaigns=False)
    staged = replace(
        design.evaluation,
        collegial=True,
        minimum_total=None,
        stages=(
            StageDesign("idea", both("Idea"), criteria=("impact",), admitted=3),
            StageDesign("final", both("Selezione finale"), minimum_total=Decimal(50)),
        ),
    )
    later = (CLOSES + timedelta(days=1), CLOSES + timedelta(days=20))
    call = make_call(
        session,
        authority=city,
        design=replace(design, evaluation=staged),
        windows=((OPENS, CLOSES), later),
    )
    asked = as_user(manager).post(f"/manage/calls/{call.id}/rehearsals", data={"seed": "1"})
    assert asked.status_code == 303
    work()
    played = rehearsal_of(session, call)
    assert (played.state, played.fault) == (RehearsalState.PLAYED, "")
    assert played.report is not None
    fired = {r["rule"]: r["fired"] for r in played.report["rules"]}
    assert fired["stages"] == 2  # once in each session
    states = [p["state"] for p in played.report["people"][-3:]]
    assert states[0] in {"running", "completed", "waiting"}
    assert "draft" not in states
    assert fired["balance"]


def test_what_is_not_stated_cannot_be_played(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_call(session, authority=city, endowment_cents=None)
    answer = as_user(manager).post(f"/manage/calls/{call.id}/rehearsals", data={})
    assert answer.status_code == 422
    assert f"/manage/calls/{call.id}/review" in text(answer)


def test_only_who_edits_the_call_rehearses_it(
    session: Session, as_user: AsUser, city: Authority
) -> None:
    call = make_call(session, authority=city)
    path = f"/manage/calls/{call.id}/rehearsals"
    elsewhere = make_authority(session, name="Comune altrui")
    for user in (
        make_user(session),
        make_official(session, Role.OFFICER, city.scope),
        make_official(session, Role.CALL_MANAGER, elsewhere.scope),
    ):
        assert as_user(user).get(path).status_code in {403, 404}
        assert as_user(user).post(path).status_code in {403, 404}


def test_a_rehearsal_of_another_call_is_not_there(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    first = make_call(session, authority=city)
    other = make_call(session, authority=city)
    browser = as_user(manager)
    asked = browser.post(f"/manage/calls/{first.id}/rehearsals", data={})
    number = asked.location.rsplit("/", 1)[1]
    assert browser.get(f"/manage/calls/{other.id}/rehearsals/{number}").status_code == 404
