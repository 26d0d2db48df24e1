"""Decisions by act: exclusions and their review, a call cancelled or annulled, sessions ended."""

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
from quartieri.kit.errors import ConflictError, IllegalMoveError, NotYoursError
from quartieri.mail.models import Letter
from quartieri.people.rules import Scope
from quartieri.programmes.queries import pool_balances
from quartieri.proposals import actions as proposals
from quartieri.proposals.models import IntegrationRequest, Proposal
from quartieri.proposals.rules import IntegrationState, ProposalState
from quartieri.reviews import actions
from quartieri.reviews.models import Ranking
from quartieri.reviews.rules import AssignmentState, RankingState
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_published_call, ready_design
from tests.factories.campaigns import make_confirmed, make_live
from tests.factories.people import actor_of, make_authority, make_official, make_user
from tests.factories.proposals import make_draft, make_submitted
from tests.factories.reviews import Scene, act_data, make_scene

AsUser = Callable[[Any], SiteClient]
P = ProposalState
ACT = {"number": "7", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}
WHY = ACT | {"reason": "Fuori tema"}
LATER = CLOSES + timedelta(days=1)
OFFICER = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
MANAGER = Actor(None, "Responsabile", frozenset({Role.CALL_MANAGER}))


def letters(session: Session, proposal: Proposal) -> list[str]:
    rows = session.scalars(sa.select(Letter.key).order_by(Letter.id))
    return [k.split(":")[0] for k in rows if k.split(":")[1] == str(proposal.id)]


def ranked(session: Session, **over: Any) -> Scene:
    """Give a published final ranking: two selected, one waiting, one below the threshold."""
    scene = make_scene(session, **over)
    for total in (18, 16, 14, 8):
        scene.score(scene.apply(), total)
    ranking = actions.compute_ranking(session, scene.window, actor=scene.by, at=NOW)
    actions.publish_ranking(session, ranking, act_data(), actor=scene.by, at=NOW)
    return scene


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
