"""A call cancelled or annulled, sessions ended, and what campaigns and their people then hear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.calls import actions as calls
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.calls.models import Call
from quartieri.calls.rules import CallState, WindowState
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.clock import SetClock
from quartieri.kit.errors import ConflictError, IllegalMoveError
from quartieri.mail.models import Letter
from quartieri.people.rules import Scope
from quartieri.programmes.queries import pool_balances
from quartieri.proposals.models import IntegrationRequest
from quartieri.proposals.rules import IntegrationState, ProposalState
from quartieri.reviews import actions
from quartieri.reviews.models import Ranking
from quartieri.reviews.rules import AssignmentState, RankingState
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_published_call, ready_design
from tests.factories.campaigns import make_confirmed, make_live
from tests.factories.decisions import letters, ranked
from tests.factories.people import make_authority, make_official
from tests.factories.proposals import make_draft, make_submitted
from tests.factories.reviews import act_data, make_scene

AsUser = Callable[[Any], SiteClient]
P = ProposalState
ACT = {"number": "7", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}
WHY = ACT | {"reason": "Fuori tema"}
LATER = CLOSES + timedelta(days=1)
OFFICER = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
MANAGER = Actor(None, "Responsabile", frozenset({Role.CALL_MANAGER}))


# -- a whole call ------------------------------------------------------------------------------


def test_a_cancelled_call_closes_and_tells_its_applications(
    session: Session, as_user: AsUser, work: Callable[[], int]
) -> None:
    call = make_published_call(session)
    draft, sent = make_draft(session, call), make_submitted(session, call)
    manager = as_user(make_official(session, Role.CALL_MANAGER, call.scope))
    url = f"/manage/calls/{call.id}/end/cancel"
    assert manager.get(url).status_code == 200
    assert manager.post(url, data=ACT).status_code == 422
    assert manager.post(url, data=WHY).status_code == 303
    assert (call.state, call.windows[0].state) == (CallState.CANCELLED, WindowState.CANCELLED)
    assert (draft.state, sent.state) == (P.DRAFT, P.WITHDRAWN)
    work()
    assert letters(session, sent)[-1] == "proposal-call_ended"
    assert letters(session, draft) == []


def test_open_requests_and_evaluations_end_with_their_call(session: Session) -> None:
    scene = make_scene(session)
    one, asked = scene.apply(), scene.apply(state=P.INTEGRATION_REQUESTED)
    request = IntegrationRequest(proposal_id=asked.id, items="x", due_at=LATER, requested_at=NOW)
    session.add(request)
    work = actions.assign(session, one, scene.reviewers[0], actor=scene.by, at=NOW)
    actions.cancel_call(session, scene.call, act_data(), reason="x", actor=scene.by, at=NOW)
    assert (request.state, work.state) == (IntegrationState.CANCELLED, AssignmentState.CANCELLED)
    assert {one.state, asked.state} == {P.WITHDRAWN}


def test_an_annulled_call_releases_and_annuls_even_after_a_ranking(
    session: Session, work: Callable[[], int]
) -> None:
    scene = ranked(session)
    with pytest.raises(IllegalMoveError):
        actions.cancel_call(session, scene.call, act_data(), reason="x", actor=scene.by, at=NOW)
    actions.annul_call(session, scene.call, act_data(), reason="Vizio", actor=scene.by, at=NOW)
    assert scene.call.state is CallState.ANNULLED
    assert scene.window.state is WindowState.CANCELLED
    assert [p.state for p in scene.proposals] == [
        P.LAPSED,
        P.LAPSED,
        P.NOT_SELECTED,
        P.NOT_SELECTED,
    ]
    assert {g.state for g in session.scalars(sa.select(Grant))} == {GrantState.RELEASED}
    money = pool_balances(session, scene.pool.id)
    assert (money.available_cents, money.reserved_cents) == (0, 0)
    assert {r.state for r in session.scalars(sa.select(Ranking))} == {RankingState.ANNULLED}
    work()
    assert letters(session, scene.proposals[0])[-1] == "proposal-call_ended"


def test_what_an_act_granted_stays_when_the_call_is_annulled(session: Session) -> None:
    scene = ranked(session)
    granted = scene.proposals[0]
    grant = session.scalars(sa.select(Grant).where(Grant.proposal_id == granted.id)).one()
    grant.state, granted.state = GrantState.GRANTED, P.AWARDED
    session.flush()
    actions.annul_call(session, scene.call, act_data(), reason="x", actor=scene.by, at=NOW)
    assert (grant.state, granted.state) == (GrantState.GRANTED, P.AWARDED)


def test_campaigns_stop_when_their_call_is_annulled_while_suspended(
    session: Session, clock: SetClock, work: Callable[[], int]
) -> None:
    scene = make_live(session)
    pledge = make_confirmed(session, scene.campaign)
    scene.call.windows[0].state = WindowState.RUNNING
    clock.set(scene.campaign.starts_at + timedelta(days=1))
    now, who = clock.now(), scene.by(scene.manager)
    calls.suspend(session, scene.call, act_data(), deadlines_stop=False, actor=who, at=now)
    actions.annul_call(session, scene.call, act_data(), reason="x", actor=who, at=now)
    assert (scene.campaign.state, scene.proposal.state) == (CampaignState.CANCELLED, P.LAPSED)
    work()
    assert (pledge.state, scene.campaign.state) == (PledgeState.RELEASED, CampaignState.SETTLED)


def test_a_call_is_ended_by_its_manager_alone(session: Session, as_user: AsUser) -> None:
    scene = ranked(session)
    elsewhere = Scope(authority_id=make_authority(session).id)
    for verb in ("cancel", "annul"):
        url = f"/manage/calls/{scene.call.id}/end/{verb}"
        for role in (Role.OFFICER, Role.AUDITOR, Role.SIGNING_MANAGER):
            official = as_user(make_official(session, role, scene.call.scope))
            assert official.get(url).status_code == 403
            assert official.post(url, data=WHY).status_code == 403
        foreign = as_user(make_official(session, Role.CALL_MANAGER, elsewhere))
        assert foreign.post(url, data=WHY).status_code in {403, 404}
    manager = as_user(scene.manager)
    assert manager.post(f"/manage/calls/{scene.call.id}/end/cancel", data=WHY).status_code == 409
    assert scene.call.state is CallState.PUBLISHED


def test_no_ranking_while_the_call_is_suspended(session: Session) -> None:
    scene = make_scene(session)
    scene.score(scene.apply(), 18)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    calls.suspend(session, scene.call, act_data(), deadlines_stop=True, actor=scene.by, at=NOW)
    with pytest.raises(IllegalMoveError, match="stand still"):
        actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    with pytest.raises(IllegalMoveError, match="stand still"):
        actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)


# -- the end of a session ----------------------------------------------------------------------


def test_a_session_with_an_admissible_application_is_not_deserted(
    session: Session, as_user: AsUser
) -> None:
    scene = make_scene(session)
    one = scene.apply()
    url = f"/manage/windows/{scene.window.id}/desert"
    manager = as_user(scene.manager)
    assert manager.post(url).status_code == 409
    one.state = P.INADMISSIBLE
    session.flush()
    assert manager.post(url).status_code == 303
    assert scene.window.state is WindowState.DESERTED


def test_a_session_with_projects_under_way_is_not_concluded(
    session: Session, as_user: AsUser
) -> None:
    scene = ranked(session)
    scene.window.state = WindowState.RUNNING
    session.flush()
    url = f"/manage/windows/{scene.window.id}/conclude"
    manager = as_user(scene.manager)
    assert manager.post(url).status_code == 409
    for proposal in scene.proposals[:2]:
        proposal.state = P.COMPLETED
    session.flush()
    assert manager.post(url).status_code == 303
    assert scene.window.state is WindowState.CONCLUDED


def test_nobody_ends_a_session_without_counting(session: Session) -> None:
    scene = make_scene(session)
    with pytest.raises(IllegalMoveError):
        calls.step_window(session, scene.window, "desert", actor=scene.by, at=NOW)


# -- campaigns ---------------------------------------------------------------------------------


def test_the_proposer_reads_what_the_office_does_to_the_campaign(session: Session) -> None:
    scene = make_live(session)
    now = scene.campaign.starts_at + timedelta(days=1)
    who = scene.by(scene.manager)
    for day in range(2):
        at = now + timedelta(days=day)
        campaigns.suspend(session, scene.campaign, reason="Verifica", actor=who, at=at)
        campaigns.resume(session, scene.campaign, actor=who, at=at)
    campaigns.cancel(session, scene.campaign, reason="Falso", actor=who, at=now)
    rows = session.scalars(
        sa.select(Letter.key).where(Letter.to == scene.owner.email).order_by(Letter.id)
    )
    found = [k.split(":")[0] for k in rows]
    assert found.count("campaign-suspended") == found.count("campaign-resumed") == 2
    assert found[-1] == "campaign-cancelled"


def test_each_backer_is_told_once_that_the_payments_begin(
    session: Session, work: Callable[[], int], clock: SetClock
) -> None:
    scene = make_live(session)
    pledges = [make_confirmed(session, scene.campaign, 4_000_00) for _n in range(3)]
    assert scene.campaign.ends_at is not None
    clock.set(scene.campaign.ends_at + timedelta(seconds=1))
    for _again in range(3):
        work()
        campaigns.tell_collecting(session, scene.campaign.id, after=0, at=clock.now())
    keys = session.scalars(sa.select(Letter.key)).all()
    told = [k for k in keys if k.startswith("pledge-collecting:")]
    assert sorted(told) == sorted(f"pledge-collecting:{p.id}:0" for p in pledges)


def test_a_form_sent_for_another_project_is_refused_in_a_sentence(session: Session) -> None:
    first, second = make_live(session), make_live(session)
    make_confirmed(session, first.campaign, token="t-1")
    with pytest.raises(ConflictError):
        make_confirmed(session, second.campaign, token="t-1")


def test_a_project_that_the_crowd_pays_whole_is_awarded_by_an_act_for_nothing(
    session: Session, client: SiteClient, clock: SetClock, work: Callable[[], int]
) -> None:
    scene = make_live(session, call=_gap_filling(session))
    assert scene.campaign.starts_at is not None
    assert scene.campaign.ends_at is not None
    before = pool_balances(session, scene.grant.pool_id)
    now = scene.campaign.starts_at + timedelta(days=1)
    pledge = campaigns.record_offline(
        session,
        scene.campaign,
        amount_cents=scene.campaign.cost_cents,
        name="Bea",
        email="",
        evidence="Ricevuta",
        received_at=now,
        actor=scene.by(scene.officer),
        at=now,
    )
    campaigns.accept_offline(session, pledge, actor=scene.by(scene.treasurer), at=now)
    clock.set(scene.campaign.ends_at + timedelta(seconds=1))
    while campaigns.advance(session, scene.campaign.id, at=clock.now()):
        pass
    assert scene.campaign.succeeded
    assert (scene.grant.state, scene.grant.reserved_cents, scene.grant.computed_cents) == (
        GrantState.RESERVED,
        0,
        0,
    )
    after = pool_balances(session, scene.grant.pool_id)
    assert after.available_cents == before.available_cents + before.reserved_cents
    client.post("/language", data={"lang": "en"})
    page = client.get(f"/projects/{scene.proposal.slug}").get_data(as_text=True)
    assert "The crowd covered the whole cost: the city need not add anything." in page
    grants.record_grant_act(
        session, scene.grant, act_data(), actor=scene.by(scene.officer), at=clock.now()
    )
    assert (scene.grant.state, scene.proposal.state) == (GrantState.GRANTED, P.AWARDED)
    assert pool_balances(session, scene.grant.pool_id).committed_cents == 0
    assert client.get(f"/projects/{scene.proposal.slug}").status_code == 200


def _gap_filling(session: Session) -> Call:
    design = ready_design()
    assert design.campaign is not None
    rule = FundingRule(
        FundingKind.GAP_FILLING,
        crowdfunding_share=Decimal("0.5"),
        grant_share=Decimal("0.5"),
        grant_cap_cents=50_000_00,
    )
    return make_published_call(
        session, design=replace(design, money=replace(design.money, rule=rule))
    )
