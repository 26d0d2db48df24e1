"""Officials of one authority before what belongs to another: logs, people, applications, money."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Role
from quartieri.campaigns import actions as campaigns
from quartieri.kit.clock import SetClock
from quartieri.people.models import Authority, RoleGrant, User
from quartieri.people.rules import Scope
from quartieri.proposals.rules import ProposalState
from tests.conftest import SiteClient
from tests.doubles import NOW
from tests.factories.calls import make_call, make_published_call
from tests.factories.campaigns import make_live
from tests.factories.grants import make_grant_scene
from tests.factories.people import make_authority, make_official, make_user
from tests.factories.proposals import make_submitted

AsUser = Callable[[Any], SiteClient]


@pytest.fixture
def torino(session: Session) -> Authority:
    return make_authority(session)


@pytest.fixture
def foreign(session: Session, torino: Authority, as_user: AsUser) -> SiteClient:
    """Give the browser of an official who holds every office in another city."""
    scope = Scope(authority_id=torino.id)
    user = make_official(session, Role.OFFICER, scope)
    for role in (Role.CALL_MANAGER, Role.TREASURER, Role.AUDITOR, Role.ADMINISTRATOR):
        session.add(RoleGrant(user_id=user.id, role=role, authority_id=torino.id, since=NOW))
    session.flush()
    return as_user(user)


# -- the audit log -----------------------------------------------------------------------------


def test_an_auditor_reads_the_own_authoritys_entries_alone(
    session: Session, torino: Authority, as_user: AsUser
) -> None:
    here = make_grant_scene(session).ready()
    there = make_call(session, authority=torino)
    mine = as_user(make_official(session, Role.AUDITOR, Scope(authority_id=torino.id)))
    all_of_it = as_user(make_official(session, Role.AUDITOR, Scope()))
    for browser in (mine, all_of_it):
        browser.post("/language", data={"lang": "en"})
    page = mine.get("/manage/audit").get_data(as_text=True)
    assert f"call {there.id}" in page
    assert f"grant {here.grant.id}" not in page
    assert f"call {here.call.id}" not in page
    everything = all_of_it.get("/manage/audit?kind=grant").get_data(as_text=True)
    assert f"grant {here.grant.id}" in everything
    assert "grant act recorded" in everything
    assert mine.get("/manage/audit?kind=grant").get_data(as_text=True).count("<tr>") == 0


def test_an_auditor_of_one_call_reads_that_call_alone(session: Session, as_user: AsUser) -> None:
    first, second = make_published_call(session), make_published_call(session)
    browser = as_user(make_official(session, Role.AUDITOR, first.scope))
    browser.post("/language", data={"lang": "en"})
    page = browser.get("/manage/audit?kind=call").get_data(as_text=True)
    assert (f"call {first.id}" in page, f"call {second.id}" in page) == (True, False)


# -- people ------------------------------------------------------------------------------------


def test_an_administrator_sees_the_own_officials_and_finds_others_by_their_address(
    session: Session, torino: Authority, as_user: AsUser
) -> None:
    scope = Scope(authority_id=torino.id)
    admin = as_user(make_official(session, Role.ADMINISTRATOR, scope, "Ada Torinese"))
    milanese = make_official(session, Role.OFFICER, make_published_call(session).scope, "Mia")
    citizen = make_user(session, "Cleo Cittadina")
    page = admin.get("/manage/people/").get_data(as_text=True)
    assert "Ada Torinese" in page
    assert "Cleo Cittadina" not in page
    assert milanese.email not in page
    assert citizen.email not in admin.get("/manage/people/?q=Cleo").get_data(as_text=True)
    assert admin.get(f"/manage/people/{citizen.id}").status_code == 404
    found = admin.get(f"/manage/people/?q={citizen.email}").get_data(as_text=True)
    assert "Cleo Cittadina" in found
    url = f"/manage/people/{citizen.id}"
    asked = f"?q={citizen.email}"
    assert admin.get(url + asked).status_code == 200
    role = {"role": "officer", "scope": f"authority:{torino.id}"}
    assert admin.post(f"{url}/roles", data=role).status_code == 404
    assert admin.post(f"{url}/roles{asked}", data=role).status_code == 303
    assert admin.get(url).status_code == 200


def test_roles_elsewhere_are_not_shown(
    session: Session, torino: Authority, as_user: AsUser
) -> None:
    scope = Scope(authority_id=torino.id)
    admin = as_user(make_official(session, Role.ADMINISTRATOR, scope))
    admin.post("/language", data={"lang": "en"})
    both = make_official(session, Role.TREASURER, make_published_call(session).scope)
    session.add(RoleGrant(user_id=both.id, role=Role.OFFICER, authority_id=torino.id, since=NOW))
    session.flush()
    page = admin.get(f"/manage/people/{both.id}").get_data(as_text=True)
    assert "Admissibility and grants officer</th>" in page
    assert "Treasurer</th>" not in page


# -- what exists, and for whom -----------------------------------------------------------------


def test_another_citys_private_things_do_not_exist(session: Session, foreign: SiteClient) -> None:
    scene = make_grant_scene(session).ready()
    payment = scene.request(1_000_00)
    live = make_live(session)
    draft = make_call(session)
    sent = make_submitted(session, scene.call)
    for url in (
        f"/manage/grants/{scene.grant.id}",
        f"/manage/payments/{payment.id}/pay",
        f"/manage/calls/{draft.id}",
        f"/manage/proposals/{sent.id}",
        "/manage/proposals/999999",
        "/manage/grants/999999",
    ):
        assert (url, foreign.get(url).status_code) == (url, 404)
    for url in (
        f"/manage/calls/{scene.call.id}",
        f"/manage/campaigns/{live.campaign.id}",
        f"/manage/proposals/{live.proposal.id}",
    ):
        assert (url, foreign.get(url).status_code) == (url, 403)


def test_what_does_not_exist_for_somebody_is_kept_as_a_refusal(
    session: Session, foreign: SiteClient
) -> None:
    scene = make_grant_scene(session)
    foreign.get(f"/manage/grants/{scene.grant.id}")
    kept = session.scalars(sa.select(AuditEntry).where(AuditEntry.refused)).all()
    assert [e.after["path"] for e in kept] == [f"/manage/grants/{scene.grant.id}"]


def test_whoever_knows_the_thing_is_told_that_the_role_is_missing(
    session: Session, as_user: AsUser
) -> None:
    scene = make_grant_scene(session).ready()
    auditor = as_user(scene.auditor)
    assert auditor.get(f"/manage/grants/{scene.grant.id}/payments/new").status_code == 403


def test_what_all_authorities_share_asks_for_roles_that_cover_every_one(
    session: Session, torino: Authority, foreign: SiteClient
) -> None:
    pages = ("/manage/reconciliation/", "/manage/jobs")
    assert [foreign.get(url).status_code for url in pages] == [200, 200]
    milano = make_authority(session)
    assert [foreign.get(url).status_code for url in pages] == [403, 403]
    assert foreign.post("/manage/reconciliation/").status_code == 403
    assert "/manage/jobs" not in foreign.get("/manage/calls/").get_data(as_text=True)
    (user_id,) = set(session.scalars(sa.select(RoleGrant.user_id)))
    for role in (Role.TREASURER, Role.ADMINISTRATOR):
        session.add(RoleGrant(user_id=user_id, role=role, authority_id=milano.id, since=NOW))
    session.flush()
    assert [foreign.get(url).status_code for url in pages] == [200, 200]


# -- the commission ----------------------------------------------------------------------------


@pytest.mark.parametrize("seat", [Role.COMMISSION_MEMBER, Role.COMMISSION_CHAIR])
def test_who_evaluates_reads_nothing_through_the_office(
    session: Session, as_user: AsUser, seat: Role
) -> None:
    call = make_published_call(session)
    sent = make_submitted(session, call)
    both = make_official(session, Role.OFFICER, call.scope)
    _seat(session, both, seat, call.scope)
    browser = as_user(both)
    assert browser.get(f"/manage/proposals/{sent.id}").status_code == 403
    assert browser.post(f"/manage/proposals/{sent.id}/start-check").status_code == 403
    other = make_submitted(session, make_published_call(session, authority=call.authority))
    _seat(session, both, Role.OFFICER, other.scope)
    assert browser.get(f"/manage/proposals/{other.id}").status_code == 200


def _seat(session: Session, user: User, role: Role, scope: Scope) -> None:
    session.add(
        RoleGrant(
            user_id=user.id,
            role=role,
            authority_id=scope.authority_id,
            call_id=scope.call_id,
            since=NOW,
        )
    )
    session.flush()


# -- offline pledges that nobody confirmed -----------------------------------------------------


def test_officials_are_warned_of_pledges_to_confirm_before_and_after_the_end(
    session: Session, as_user: AsUser, clock: SetClock
) -> None:
    scene = make_live(session)
    assert scene.campaign.starts_at is not None
    assert scene.campaign.ends_at is not None
    now = scene.campaign.starts_at + timedelta(days=1)
    clock.set(now)
    manager = as_user(scene.manager)
    manager.post("/language", data={"lang": "en"})
    urls = (f"/manage/campaigns/{scene.campaign.id}", "/manage/campaigns")
    sentence = "1 offline pledge waits"
    for url in urls:
        assert sentence not in manager.get(url).get_data(as_text=True)
    pledge = campaigns.record_offline(
        session,
        scene.campaign,
        amount_cents=100_00,
        name="Bea",
        email="",
        evidence="Ricevuta",
        received_at=now,
        actor=scene.by(scene.officer),
        at=now,
    )
    for url in urls:
        page = manager.get(url).get_data(as_text=True)
        assert sentence in page
        assert "alert-warning" in page
    clock.set(scene.campaign.ends_at + timedelta(minutes=1))
    page = manager.get(urls[0]).get_data(as_text=True)
    assert "The campaign has ended: confirm them now." in page
    assert "alert-danger" in page
    campaigns.accept_offline(session, pledge, actor=scene.by(scene.treasurer), at=clock.now())
    assert sentence not in manager.get(urls[0]).get_data(as_text=True)
    assert scene.proposal.state is ProposalState.CAMPAIGNING
