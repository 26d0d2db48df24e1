"""How grants end: for nothing, given up in time, opened again, put back, written off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.grants import actions
from quartieri.grants.rules import GrantState
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.programmes import actions as programmes
from quartieri.proposals.rules import ProposalState
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.acts import act_data
from tests.factories.grants import BALANCE, SYSTEM, GrantScene, make_grant_scene
from tests.factories.people import actor_of, make_official, make_user

AsUser = Callable[[Any], SiteClient]
ENDOWMENT = 100_000_00
FREE = (ENDOWMENT, 0, 0, 0)
ACT = {"number": "12", "dated": "2025-02-03", "office": "Ufficio", "signer": "Dirigente"}


def act(prefix: str = "", **more: str) -> dict[str, str]:
    return {f"{prefix}{k}": v for k, v in (ACT | more).items()}


@pytest.fixture
def scene(session: Session) -> GrantScene:
    return make_grant_scene(session)


@pytest.fixture
def recovering(scene: GrantScene) -> GrantScene:
    """Give a revoked grant of which 4,000 € were paid and 1,000 € came back."""
    scene.ready().pay(4_000_00)
    scene.revoke()
    scene.recover(1_000_00, "T1")
    return scene


# -- the crowd covered all ---------------------------------------------------------------------


@pytest.mark.parametrize("informal", [False, True])
def test_a_grant_of_nothing_is_awarded_by_act_and_never_paid(
    session: Session, informal: bool
) -> None:
    scene = make_grant_scene(session, proposed=False, informal=informal)
    actions.propose(session, scene.grant, computed_cents=0, actor=SYSTEM, at=NOW)
    scene.grant_act()
    assert (scene.grant.state, scene.grant.granted_cents) == (GrantState.GRANTED, 0)
    assert scene.proposal.state is ProposalState.AWARDED
    scene.publish()
    scene.agree(iban="")
    with pytest.raises(IllegalMoveError, match="no payment"):
        scene.request(1)
    scene.report(0)
    assert (scene.grant.state, scene.proposal.state) == (
        GrantState.SETTLED,
        ProposalState.COMPLETED,
    )
    assert scene.sums() == FREE


def test_the_page_says_that_the_crowd_covered_all(session: Session, as_user: AsUser) -> None:
    scene = make_grant_scene(session, proposed=False)
    actions.propose(session, scene.grant, computed_cents=0, actor=SYSTEM, at=NOW)
    officer = as_user(scene.officer)
    url = f"/manage/grants/{scene.grant.id}"
    officer.post("/language", data={"lang": "en"})
    page = officer.get(url).get_data(as_text=True)
    assert "By the call&#39;s rule the city adds nothing: the grant is 0 €" in page
    assert f"{url}/payments/new" not in page
    assert officer.post(f"{url}/act", data=ACT).status_code == 303
    assert scene.letters() == ["proposal-submitted", "grant-granted"]


# -- given up before the grant act -------------------------------------------------------------


def test_an_applicant_gives_a_selected_project_up(scene: GrantScene, as_user: AsUser) -> None:
    owner = as_user(scene.proposal.owner)
    url = f"/applications/{scene.proposal.id}"
    assert f"{url}/renounce" in owner.get(url).get_data(as_text=True)
    assert as_user(make_user(scene.session)).post(f"{url}/renounce").status_code == 404
    assert owner.post(f"{url}/renounce", data={"reason": "Non ce la faccio"}).status_code == 303
    assert (scene.proposal.state, scene.grant.state) == (
        ProposalState.LAPSED,
        GrantState.RELEASED,
    )
    assert scene.sums() == FREE
    assert "project-renounced" in scene.letters()
    assert owner.post(f"{url}/renounce").status_code == 409


def test_the_office_notes_a_renunciation_by_act(scene: GrantScene, as_user: AsUser) -> None:
    url = f"/manage/grants/{scene.grant.id}/renounce-selected"
    manager = as_user(scene.manager)
    assert manager.post(url, data={}).status_code == 422
    assert manager.post(url, data=act("renounce-")).status_code == 303
    assert (scene.proposal.state, scene.sums()) == (ProposalState.LAPSED, FREE)


def test_without_an_act_the_office_gives_nothing_up(scene: GrantScene) -> None:
    who = scene.actor(scene.manager)
    with pytest.raises(InvalidError):
        actions.renounce_selected(
            scene.session, scene.proposal, reason="No", actor=who, at=scene.at
        )


def test_after_the_grant_act_or_with_a_campaign_it_is_not_given_up_here(session: Session) -> None:
    granted = make_grant_scene(session)
    granted.grant_act()
    for scene in (granted, make_grant_scene(session, campaigns=True, proposed=False)):
        who = actor_of(scene.proposal.owner, Role.APPLICANT)
        with pytest.raises(IllegalMoveError):
            actions.renounce_selected(session, scene.proposal, reason="", actor=who, at=scene.at)


# -- the report opened again -------------------------------------------------------------------


def test_a_report_is_opened_again_and_approved_anew(scene: GrantScene, as_user: AsUser) -> None:
    scene.ready()
    scene.report(8_000_00, act=True)
    url = f"/manage/grants/{scene.grant.id}/report/reopen"
    officer = as_user(scene.officer)
    assert officer.post(url, data={"reason": ""}).status_code == 422
    assert officer.post(url, data={"reason": "Manca una fattura"}).status_code == 303
    assert (scene.grant.state, scene.proposal.state) == (
        GrantState.ACTIVE,
        ProposalState.RUNNING,
    )
    assert (scene.grant.report_approved_on, scene.grant.granted_cents) == (None, 8_000_00)
    assert "grant-report-reopened" in scene.letters()
    scene.report(8_000_00)
    assert scene.grant.state is GrantState.REPORTED


def test_a_report_stays_closed_once_the_balance_is_asked_for(scene: GrantScene) -> None:
    scene.ready()
    scene.report(10_000_00)
    scene.request(10_000_00, BALANCE)
    with pytest.raises(IllegalMoveError, match="balance"):
        actions.reopen_report(
            scene.session, scene.grant, reason="x", actor=scene.actor(scene.officer), at=scene.at
        )


# -- recovered money ---------------------------------------------------------------------------


def test_recovered_money_is_available_again_only_by_act(
    recovering: GrantScene, as_user: AsUser
) -> None:
    scene, before = recovering, recovering.money().available_cents
    url = f"/manage/grants/{scene.grant.id}/put-back"
    officer = as_user(scene.officer)
    assert officer.post(url, data=act("back-", amount="1000,01")).status_code == 422
    assert officer.post(url, data={"back-amount": "400"}).status_code == 422
    assert officer.post(url, data=act("back-", amount="400")).status_code == 303
    assert officer.post(url, data=act("back-", amount="400")).status_code == 409  # the same act
    assert officer.post(url, data=act("back-", number="13", amount="600,01")).status_code == 422
    assert scene.grant.put_back_cents == 400_00
    assert scene.money().available_cents == before + 400_00


def test_money_put_back_after_the_call_goes_on_to_the_programme(recovering: GrantScene) -> None:
    scene = recovering
    pool = scene.grant.pool
    programmes.unbind_pool(scene.session, pool, act_id=None, actor=SYSTEM, at=scene.at)
    who = scene.actor(scene.officer)
    actions.put_back(scene.session, scene.grant, act_data(), cents=1_000_00, actor=who, at=scene.at)
    assert scene.money().available_cents == 0
    assert pool.endowment_cents == 3_000_00  # what was paid and never came back


def test_the_rest_is_written_off_by_act(recovering: GrantScene, as_user: AsUser) -> None:
    scene = recovering
    url = f"/manage/grants/{scene.grant.id}/write-off"
    officer = as_user(scene.officer)
    assert officer.post(url, data={}).status_code == 422
    assert officer.post(url, data=act("off-")).status_code == 303
    assert scene.grant.state is GrantState.WRITTEN_OFF
    assert scene.letters()[-1] == "grant-written-off"
    with pytest.raises(IllegalMoveError):
        scene.recover(1_00, "T2")


def test_only_an_officer_puts_back_or_writes_off(recovering: GrantScene) -> None:
    scene = recovering
    for user in (scene.manager, scene.treasurer, scene.auditor):
        who = scene.actor(user)
        with pytest.raises(NotYoursError):
            actions.put_back(
                scene.session, scene.grant, act_data(), cents=1_00, actor=who, at=scene.at
            )
        with pytest.raises(NotYoursError):
            actions.write_off(scene.session, scene.grant, act_data(), actor=who, at=scene.at)


# -- who sees what -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.COMMISSION_MEMBER, False),
        (Role.COMMISSION_CHAIR, False),
        (Role.COMMISSION_SECRETARY, False),
        (Role.ADMINISTRATOR, False),
        (Role.TREASURER, True),
        (Role.OFFICER, True),
    ],
)
def test_bank_data_are_for_those_who_need_them(
    scene: GrantScene, as_user: AsUser, role: Role, sees: bool
) -> None:
    scene.ready()
    scene.grant.recipient_tax_code = "97103880585"
    browser = as_user(make_official(scene.session, role, scene.call.scope))
    url = f"/manage/grants/{scene.grant.id}"
    page = browser.get(url).get_data(as_text=True)
    assert scene.grant.recipient_name in page
    assert (scene.grant.recipient_iban in page, "97103880585" in page) == (sees, sees)
    assert (f"{url}/files/agreement" in page) is sees
    assert (browser.get(f"{url}/files/agreement").status_code == 403) is not sees
