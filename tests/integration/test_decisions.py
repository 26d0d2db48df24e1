"""Decisions by act on one application: exclusions, their review, notice before a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.calls.rules import WindowState
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import IllegalMoveError, NotYoursError
from quartieri.people.rules import Scope
from quartieri.programmes.queries import pool_balances
from quartieri.proposals import actions as proposals
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import IntegrationState, ProposalState
from quartieri.reviews import actions
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_published_call, ready_design
from tests.factories.campaigns import make_confirmed, make_live
from tests.factories.decisions import letters, ranked
from tests.factories.people import actor_of, make_authority, make_official, make_user
from tests.factories.proposals import make_submitted
from tests.factories.reviews import act_data, make_scene

AsUser = Callable[[Any], SiteClient]
P = ProposalState
ACT = {"number": "7", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}
WHY = ACT | {"reason": "Fuori tema"}
LATER = CLOSES + timedelta(days=1)
OFFICER = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
MANAGER = Actor(None, "Responsabile", frozenset({Role.CALL_MANAGER}))


# -- excluded by act ---------------------------------------------------------------------------


def test_a_selected_project_is_excluded_by_act_and_its_money_goes_back(session: Session) -> None:
    scene = ranked(session)
    first = scene.proposals[0]
    before = pool_balances(session, scene.pool.id).available_cents
    act = actions.exclude_by_act(session, first, act_data(), reason="Falso", actor=scene.by, at=NOW)
    grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == first.id)).one()
    assert (first.state, grant.state) == (P.INADMISSIBLE, GrantState.RELEASED)
    assert pool_balances(session, scene.pool.id).available_cents == before + 15_000_00
    assert act.number
    assert "proposal-excluded_by_act" in letters(session, first)


@pytest.mark.parametrize("state", [P.ADMISSIBLE, P.UNDER_REVIEW, P.RANKED])
def test_an_application_is_excluded_by_act_during_evaluation(
    session: Session, state: ProposalState
) -> None:
    scene = make_scene(session)
    one = scene.apply(state=state)
    actions.exclude_by_act(session, one, act_data(), reason="Falso", actor=scene.by, at=NOW)
    assert one.state is P.INADMISSIBLE


@pytest.mark.parametrize("state", [P.IN_CHECK, P.AWARDED, P.NOT_SELECTED, P.WITHDRAWN])
def test_before_its_admission_and_after_its_grant_act_it_is_not(
    session: Session, state: ProposalState
) -> None:
    scene = make_scene(session)
    one = scene.apply(state=state)
    with pytest.raises(IllegalMoveError):
        actions.exclude_by_act(session, one, act_data(), reason="x", actor=scene.by, at=NOW)


def test_an_exclusion_stops_a_live_campaign_and_frees_its_backers(
    session: Session, as_user: AsUser, clock: SetClock, work: Callable[[], int]
) -> None:
    scene = make_live(session)
    pledge = make_confirmed(session, scene.campaign)
    clock.set(scene.campaign.starts_at + timedelta(days=1))
    url = f"/manage/proposals/{scene.proposal.id}/by-act/exclude"
    manager = as_user(scene.manager)
    assert manager.get(url).status_code == 200
    assert manager.post(url, data=ACT).status_code == 422
    assert manager.post(url, data=WHY).status_code == 303
    assert (scene.proposal.state, scene.campaign.state, scene.grant.state) == (
        P.INADMISSIBLE,
        CampaignState.CANCELLED,
        GrantState.RELEASED,
    )
    work()
    assert (pledge.state, scene.campaign.state) == (PledgeState.RELEASED, CampaignState.SETTLED)
    assert manager.post(url, data=WHY | {"number": "8"}).status_code == 409


def test_decisions_by_act_are_the_call_managers(session: Session, as_user: AsUser) -> None:
    scene = ranked(session)
    one = scene.proposals[0]
    elsewhere = Scope(authority_id=make_authority(session).id)
    for verb in ("exclude", "review"):
        url = f"/manage/proposals/{one.id}/by-act/{verb}"
        for role in (Role.OFFICER, Role.AUDITOR, Role.TREASURER, Role.COMMISSION_MEMBER):
            official = make_official(session, role, scene.call.scope)
            assert as_user(official).post(url, data=WHY).status_code == 403
        assert as_user(make_user(session)).post(url, data=WHY).status_code == 403
        foreign = as_user(make_official(session, Role.CALL_MANAGER, elsewhere))
        assert foreign.post(url, data=WHY).status_code in {403, 404}
    assert one.state is P.SELECTED


def test_who_takes_part_decides_nothing(session: Session) -> None:
    scene = ranked(session)
    one = scene.proposals[0]
    owner = actor_of(one.owner, Role.CALL_MANAGER)
    with pytest.raises(NotYoursError):
        actions.exclude_by_act(session, one, act_data(), reason="x", actor=owner, at=NOW)


# -- an exclusion reviewed ---------------------------------------------------------------------


def test_an_exclusion_is_reviewed_by_act_up_to_a_corrected_ranking(
    session: Session, as_user: AsUser
) -> None:
    scene = ranked(session, endowment_cents=100_000_00)
    late = scene.apply("Riammesso", state=P.INADMISSIBLE)
    url = f"/manage/proposals/{late.id}/by-act/review"
    manager = as_user(scene.manager)
    assert manager.get(url).status_code == 200
    assert manager.post(url, data=WHY).status_code == 303
    assert late.state is P.IN_CHECK
    assert "proposal-exclusion_reviewed" in letters(session, late)
    late.state = P.ADMISSIBLE
    session.flush()
    assert actions.open_evaluation(session, scene.window, actor=scene.by, at=NOW) == 1
    scene.score(late, 19)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    assert late.state is P.SELECTED


def test_an_exclusion_is_not_reviewed_once_the_session_or_the_campaign_is_over(
    session: Session,
) -> None:
    scene = make_scene(session)
    one = scene.apply(state=P.INADMISSIBLE)
    scene.window.state = WindowState.CONCLUDED
    live = make_live(session)
    data = {"reason": "x", "actor": MANAGER, "at": NOW}
    actions.exclude_by_act(session, live.proposal, act_data(), **data)
    for proposal in (one, live.proposal):
        with pytest.raises(IllegalMoveError):
            actions.review_exclusion(session, proposal, act_data(), **data)
        assert not actions.may_be_reviewed(session, proposal)


# -- notice before a refusal -------------------------------------------------------------------


@pytest.fixture
def checked(session: Session) -> Proposal:
    """Give an application under check in a call that gives notice before a refusal."""
    design = ready_design()
    design = replace(design, money=replace(design.money, refusal_notice=True))
    call = make_published_call(session, design=design)
    proposal = make_submitted(session, call)
    proposals.start_checking(session, call.windows[0], actor=OFFICER, at=LATER)
    return proposal


def test_notice_comes_before_a_refusal_and_is_answered(
    session: Session, checked: Proposal, as_user: AsUser, clock: SetClock
) -> None:
    officer = as_user(make_official(session, Role.OFFICER, checked.call.scope))
    clock.set(LATER)
    url = f"/manage/proposals/{checked.id}"
    assert officer.post(f"{url}/exclude", data={"reason": "No"}).status_code == 409
    assert officer.post(f"{url}/refusal-notice", data={"reasons": ""}).status_code == 422
    assert officer.post(f"{url}/refusal-notice", data={"reasons": "Manca"}).status_code == 303
    assert checked.state is P.REFUSAL_NOTIFIED
    [notice] = checked.integrations
    assert notice.is_notice
    owner = as_user(checked.owner)
    page = owner.get(f"/applications/{checked.id}/integration")
    assert "preavviso di rigetto" in page.get_data(as_text=True)
    sent = owner.post(f"/applications/{checked.id}/integration", data={"text": "Ecco"})
    assert sent.status_code == 303
    assert (checked.state, notice.state) == (P.IN_CHECK, IntegrationState.ANSWERED)
    assert officer.post(f"{url}/exclude", data={"reason": "No"}).status_code == 303
    assert checked.state is P.INADMISSIBLE
    assert "proposal-refusal_notice" in letters(session, checked)


def test_an_unanswered_notice_lapses_after_ten_days(session: Session, checked: Proposal) -> None:
    notice = proposals.notify_refusal(session, checked, reasons="No", actor=OFFICER, at=LATER)
    assert notice.due_at - LATER > timedelta(days=10)
    assert notice.due_at - LATER < timedelta(days=11)
    late = notice.due_at + timedelta(minutes=11)
    assert proposals.lapse_integration(session, notice.id, at=late)
    proposals.exclude(session, checked, reason="No", actor=OFFICER, at=late)
    assert checked.state is P.INADMISSIBLE


def test_a_call_without_it_gives_no_notice(session: Session) -> None:
    call = make_published_call(session)
    one = make_submitted(session, call)
    proposals.start_checking(session, call.windows[0], actor=OFFICER, at=LATER)
    with pytest.raises(IllegalMoveError, match="no notice"):
        proposals.notify_refusal(session, one, reasons="No", actor=OFFICER, at=LATER)
