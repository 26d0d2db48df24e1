"""Rounds, who receives the money, and a site that takes no payments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls.design import Collector, Round
from quartieri.calls.models import Call
from quartieri.campaigns import actions, queries
from quartieri.campaigns.rules import CampaignState
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import IllegalMoveError, NotYoursError
from quartieri.payments import jobs as payments
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import STARTS, Scene, make_live, make_scene
from tests.factories.people import make_official

Browser = Callable[..., SiteClient]
BODY = {
    "holder": "Associazione Orto ETS",
    "tax_code": "00743110157",
    "iban": "IT60 X054 2811 1010 0000 0123 456",
    "merchant_account": "acct_1A2b3C",
}


def make_call(session: Session, **over: Any) -> Call:
    design = ready_design()
    assert design.campaign is not None
    campaign = replace(design.campaign, **over)
    return make_published_call(session, design=replace(design, campaign=campaign))


def asked(session: Session, **over: Any) -> Scene:
    scene = make_scene(session, call=make_call(session, **over))
    actions.ask_approval(session, scene.campaign, actor=scene.proposer, at=NOW)
    return scene


def without_payments(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    services = app.extensions["services"]
    settings = replace(services.settings, payments="none")
    monkeypatch.setitem(app.extensions, "services", replace(services, settings=settings))


def test_the_manager_chooses_a_round_and_its_dates_hold(
    session: Session, as_user: Browser, clock: SetClock
) -> None:
    clock.set(NOW)
    spring = Round("Primavera", NOW + timedelta(days=3), NOW + timedelta(days=48))
    scene = asked(session, rounds=(spring,))
    manager = as_user(scene.manager)
    path = f"/manage/campaigns/{scene.campaign.id}"
    assert "Primavera" in manager.get(path).text
    assert manager.post(f"{path}/approve", data={}).status_code == 422
    assert manager.post(f"{path}/approve", data={"round": "1"}).status_code == 303
    campaign = scene.campaign
    assert (campaign.starts_at, campaign.ends_at) == (spring.starts_at, spring.ends_at)
    assert campaign.round_label == "Primavera"
    assert "Primavera" in manager.get(path).text
    assert actions.advance(session, campaign.id, at=spring.starts_at)
    assert campaign.state is CampaignState.LIVE
    tick = timedelta(microseconds=1)
    assert not actions.advance(session, campaign.id, at=spring.ends_at)
    assert actions.advance(session, campaign.id, at=spring.ends_at + tick)


def test_a_proposer_that_collects_writes_who_and_another_person_confirms(
    session: Session, as_user: Browser, clock: SetClock
) -> None:
    clock.set(NOW)
    scene = asked(session, collected_by=Collector.PROPOSER)
    campaign = scene.campaign
    proposer, manager = as_user(scene.owner), as_user(scene.manager)
    desk, office = f"/account/campaigns/{campaign.id}", f"/manage/campaigns/{campaign.id}"
    assert 'id="readiness"' in proposer.get(desk).text
    start = {"starts_at": f"{STARTS:%Y-%m-%dT%H:%M}"}
    assert manager.post(f"{office}/approve", data=start).status_code == 409
    wrong = proposer.post(f"{desk}/collection", data=BODY | {"tax_code": "00743110158"})
    assert wrong.status_code == 422
    assert BODY["holder"] in wrong.text
    assert proposer.post(f"{desk}/collection", data=BODY).status_code == 303
    assert manager.post(f"{office}/approve", data=start).status_code == 409
    found = queries.collection_of(session, campaign.id)
    assert found is not None
    read = {"seen": found.mark}
    clock.set(NOW + timedelta(minutes=1))
    assert proposer.post(f"{desk}/collection", data=BODY).status_code == 303
    assert manager.post(f"{office}/collection/confirm", data=read).status_code == 303
    assert queries.confirmed_collection(session, campaign.id) is None
    confirm = {"seen": found.mark}
    assert f'name="seen" value="{found.mark}"' in manager.get(office).text
    assert manager.post(f"{office}/collection/confirm", data=confirm).status_code == 303
    found = queries.confirmed_collection(session, campaign.id)
    assert found is not None
    assert found.iban == "IT60X0542811101000000123456"
    assert manager.post(f"{office}/approve", data=start).status_code == 303
    assert proposer.post(f"{desk}/collection", data=BODY).status_code == 409


def test_who_wrote_it_never_confirms_it_and_a_change_needs_a_new_confirmation(
    session: Session,
) -> None:
    scene = asked(session, collected_by=Collector.PROPOSER)
    manager = scene.by(scene.manager)
    other = scene.by(make_official(session, Role.CALL_MANAGER, scene.call.scope))
    with pytest.raises(IllegalMoveError):
        actions.confirm_collection(session, scene.campaign, cards=True, actor=manager, at=NOW)
    actions.file_collection(session, scene.campaign, BODY, cards=True, actor=manager, at=NOW)
    with pytest.raises(NotYoursError):
        actions.confirm_collection(session, scene.campaign, cards=True, actor=manager, at=NOW)
    actions.confirm_collection(session, scene.campaign, cards=True, actor=other, at=NOW)
    assert queries.confirmed_collection(session, scene.campaign.id) is not None
    actions.file_collection(session, scene.campaign, BODY, cards=True, actor=other, at=NOW)
    assert queries.confirmed_collection(session, scene.campaign.id) is None


def test_without_payments_the_page_says_how_to_give_and_takes_no_pledge(
    app: Flask,
    session: Session,
    client: SiteClient,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock.set(STARTS)
    scene = make_live(session)
    without_payments(app, monkeypatch)
    words = "Bonifico con causale Orto; assegni in via Padova 100."
    manager = scene.by(scene.manager)
    other = scene.by(make_official(session, Role.CALL_MANAGER, scene.call.scope))
    typed = {"how_to_give": words}
    actions.file_collection(session, scene.campaign, typed, cards=False, actor=manager, at=STARTS)
    page = f"/projects/{scene.campaign.slug}"
    assert words not in client.get(page).text
    actions.confirm_collection(session, scene.campaign, cards=False, actor=other, at=STARTS)
    shown = client.get(page).text
    assert words in shown
    assert f"{page}/pledge" not in shown
    assert client.get(f"{page}/pledge").status_code == 409
    assert client.post(f"{page}/pledge/data", data={}).status_code == 409
    assert "Sandbox" not in shown
    payments.reconcile()  # nobody is asked for what nobody can tell
    payments.walk_at_night()
    payments.deliver()
    assert client.post("/payments/webhook", data=b"{}").status_code == 404
    done = app.test_cli_runner().invoke(args=["payments", "reconcile"])
    assert (done.exit_code, "takes no payments" in done.output) == (1, True)
