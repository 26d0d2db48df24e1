"""A call without money: published without an endowment, run to a pact that is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls import actions as calls
from quartieri.calls.design import CallDesign, DesignError, MoneyRules
from quartieri.calls.gaps import NotReadyError
from quartieri.calls.shipped import templates
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.ledger.models import LedgerTransaction
from quartieri.proposals.rules import ProposalState
from quartieri.reviews import actions
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.acts import act_data
from tests.factories.call_forms import AsUser, text
from tests.factories.calls import AT, MANAGER, make_call, make_published_call, ready_design
from tests.factories.grants import make_stored_file
from tests.factories.people import actor_of, make_official
from tests.factories.reviews import act_data as ranking_act
from tests.factories.reviews import make_scene

P = ProposalState
PACT = MoneyRules(no_money=True, integration_days=10)


def without_money() -> CallDesign:
    design = ready_design(campaigns=False, money=PACT)
    return replace(design, evaluation=replace(design.evaluation, when_money_runs_out=None))


def test_it_is_published_without_an_endowment_and_shows_no_money(
    session: Session, client: SiteClient, as_user: AsUser
) -> None:
    with pytest.raises(NotReadyError):
        make_published_call(session, design=without_money())
    call = make_call(session, design=without_money(), endowment_cents=None)
    browser = as_user(make_official(session, Role.CALL_MANAGER, call.authority.scope))
    step = text(browser.get(f"/manage/calls/{call.id}/edit/money"))
    assert 'value="none"' in step
    assert "va denaro" in step
    kept = {"version": str(call.version), "kind": "none", "integration_days": "12"}
    refused = browser.post(f"/manage/calls/{call.id}/edit/money", data=kept | {"endowment": "1000"})
    assert refused.status_code == 422
    assert browser.post(f"/manage/calls/{call.id}/edit/money", data=kept).status_code == 303
    session.refresh(call)
    assert call.design.money == replace(PACT, integration_days=12)
    calls.publish(session, call, act_data(), actor=MANAGER, at=AT)
    assert not call.pool.bound_at
    assert session.scalars(sa.select(LedgerTransaction)).all() == []
    for page in ("", "/rules", "/self-check"):
        assert "0 €" not in text(client.get(f"/calls/{call.slug}{page}"))
    assert call.slug not in text(client.get("/money"))


def test_money_and_no_money_contradict_each_other() -> None:
    document = ready_design(campaigns=False).to_json()
    document["money"]["no_money"] = True
    with pytest.raises(DesignError):
        CallDesign.from_json(document)
    shipped = {t.code: t.design for t in templates()}
    assert shipped["co-city"].money.no_money


def test_the_selected_sign_a_pact_and_nothing_is_paid(session: Session, as_user: AsUser) -> None:
    scene = make_scene(session, no_money=True, places=1, when_money_runs_out=None)
    chosen, waiting, weak = scene.apply("Giardino"), scene.apply("Orto"), scene.apply("Muro")
    for proposal, total in ((chosen, 18), (waiting, 16), (weak, 4)):
        scene.score(proposal, total)
    before = len(session.scalars(sa.select(LedgerTransaction)).all())
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, ranking_act(), actor=scene.by, at=NOW)
    assert [p.state for p in scene.proposals] == [P.SELECTED, P.WAITING, P.NOT_SELECTED]
    officer = make_official(session, Role.OFFICER, scene.call.scope)
    grant = session.scalars(sa.select(Grant)).one()
    page = as_user(officer).get(f"/manage/grants/{grant.id}")
    assert "atto che approva il patto" in text(page)
    assert "IBAN" not in text(page)
    shown = text(as_user(officer).get(f"/calls/{scene.call.slug}/ranking/1"))
    assert "Selezionata" in shown
    assert "€" not in shown.partition("<main")[2]
    who = actor_of(officer)
    grants.record_grant_act(session, grant, act_data(), actor=who, at=NOW)
    grants.publish_grant_act(session, grant, actor=who, at=NOW)
    grants.record_agreement(
        session,
        grant,
        signed_on=date(2025, 2, 3),
        file=make_stored_file(session),
        iban="",
        actor=who,
        at=NOW,
    )
    assert chosen.state is P.RUNNING
    project = text(as_user(officer).get(f"/projects/{chosen.slug}"))
    assert "patto" in project
    report = as_user(officer).post(f"/manage/grants/{grant.id}/report", data={"final": "0"})
    assert report.status_code == 303
    session.refresh(chosen)
    assert chosen.state is P.COMPLETED
    assert len(session.scalars(sa.select(LedgerTransaction)).all()) == before
