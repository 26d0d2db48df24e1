"""Registering, signing in, passwords, roles: through the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Role
from quartieri.kit.clock import SetClock
from quartieri.people.models import RoleGrant, User
from quartieri.people.passwords import hashed
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.doubles import NOW, Outbox
from tests.factories.people import make_authority, make_official, make_user

PASSWORD = "four words only mine"
REGISTRATION = {"name": "Ada Neri", "email": "Ada@Example.org", "password": PASSWORD}
LINK = re.compile(r"http://localhost(/\S+)")


def link_in(outbox: Outbox, address: str) -> str:
    found = LINK.search(outbox.to(address)[-1].text)
    assert found is not None
    return found.group(1)


def member(session: Session, **over: object) -> User:
    return make_user(session, password_hash=hashed(PASSWORD, "cheap"), **over)


def sign_in(client: SiteClient, user: User, password: str = PASSWORD) -> object:
    return client.post("/sign-in", data={"email": user.email, "password": password})


def test_a_citizen_registers_and_confirms_by_the_letter_s_link(
    client: SiteClient, session: Session, outbox: Outbox, work: Callable[[], int]
) -> None:
    assert client.get("/look-at-your-mail").status_code == 303, "no letter was asked for"
    answer = client.post("/register", data=REGISTRATION)
    assert (answer.status_code, answer.location) == (303, "/look-at-your-mail")
    user = session.scalars(sa.select(User).where(User.email == "ada@example.org")).one()
    assert user.confirmed_at is None
    work()
    link = link_in(outbox, "ada@example.org")
    assert client.get(link).status_code == 200
    session.refresh(user)
    assert user.confirmed_at is None, "a GET confirms nothing: mail programs open links"
    assert client.post(link).status_code == 303
    session.refresh(user)
    assert user.confirmed_at == NOW
    assert client.get("/account").status_code == 200


def test_an_address_that_has_an_account_is_told_by_letter_and_not_by_the_page(
    client: SiteClient, session: Session, outbox: Outbox, work: Callable[[], int]
) -> None:
    user = member(session)
    data = REGISTRATION | {"email": user.email}
    known = client.send("/register", data)
    fresh = client.send("/register", REGISTRATION)
    assert known.status_code == fresh.status_code == 200
    assert known.text.replace(user.email, "X") == fresh.text.replace("Ada@Example.org", "X")
    work()
    assert len(outbox.to(user.email)) == 1
    assert session.scalar(sa.select(sa.func.count()).where(User.email == user.email)) == 1


def test_a_bad_registration_keeps_what_was_typed(client: SiteClient) -> None:
    answer = client.post("/register", data=REGISTRATION | {"password": "short"})
    assert answer.status_code == 422
    assert "Ada Neri" in answer.text
    assert "short" not in answer.text


def test_a_confirmed_account_signs_in_and_out(client: SiteClient, session: Session) -> None:
    user = member(session)
    assert sign_in(client, user).status_code == 303
    assert client.get("/account").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert client.get("/account").status_code == 302


@pytest.mark.parametrize("address", ["known", "unknown"])
def test_a_wrong_address_and_a_wrong_password_read_the_same_and_are_recorded(
    client: SiteClient, session: Session, address: str
) -> None:
    user = member(session)
    email = user.email if address == "known" else "nobody@example.org"
    answer = client.post("/sign-in", data={"email": email, "password": "not the password"})
    assert answer.status_code == 200
    assert "indirizzo o la password" in answer.text or "The address or the password" in answer.text
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.refused) == ("sign_in_failed", True)


def test_an_unconfirmed_account_gets_a_new_letter_instead_of_a_session(
    client: SiteClient, session: Session, outbox: Outbox, work: Callable[[], int]
) -> None:
    user = member(session, confirmed_at=None)
    assert sign_in(client, user).location == "/look-at-your-mail"
    work()
    assert len(outbox.to(user.email)) == 1
    assert client.get("/account").status_code == 302


def test_a_disabled_account_and_a_demo_account_outside_of_the_demo_stay_out(
    client: SiteClient, session: Session, as_user: Callable[[User], SiteClient]
) -> None:
    disabled, demo = member(session, disabled_at=NOW), member(session, demo=True)
    for user in (disabled, demo):
        assert sign_in(client, user).status_code == 200
        assert client.get("/account").status_code == 302
        assert as_user(user).get("/account").status_code == 302


def test_a_new_password_ends_the_other_sessions_and_its_link_works_once(
    client: SiteClient,
    session: Session,
    as_user: Callable[[User], SiteClient],
    outbox: Outbox,
    work: Callable[[], int],
) -> None:
    user = member(session)
    elsewhere = as_user(user)
    assert elsewhere.get("/account").status_code == 200
    client.post("/forgotten", data={"email": user.email})
    work()
    link = link_in(outbox, user.email)
    new = {"password": "another four words", "again": "another four words"}
    assert client.post(link, data=new | {"again": "not the same"}).status_code == 422
    assert client.post(link, data=new).status_code == 303
    assert client.post(link, data=new).status_code == 404
    assert elsewhere.get("/account").status_code == 302
    assert sign_in(client, user).status_code == 200
    assert sign_in(client, user, "another four words").status_code == 303


def test_sign_in_leads_back_to_this_site_alone(client: SiteClient, session: Session) -> None:
    user = member(session)
    form = {"email": user.email, "password": PASSWORD}
    answer = client.post("/sign-in?next=/calls", data=form)
    assert answer.headers["Location"].endswith("/calls")
    client.post("/sign-out")
    for evil in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = client.post("/sign-in", query_string={"next": evil}, data=form)
        assert "evil" not in answer.headers["Location"]
        client.post("/sign-out")


def test_an_administrator_gives_and_ends_a_role(
    session: Session, as_user: Callable[[User], SiteClient], clock: SetClock
) -> None:
    authority = make_authority(session)
    user = make_user(session)
    admin = as_user(make_official(session, Role.ADMINISTRATOR, Scope()))
    form = {"role": "treasurer", "scope": f"authority:{authority.id}"}
    assert admin.post(f"/manage/people/{user.id}/roles", data=form).status_code == 303
    grant = session.scalars(sa.select(RoleGrant).where(RoleGrant.user_id == user.id)).one()
    assert (grant.role, grant.authority_id) == (Role.TREASURER, authority.id)
    assert as_user(user).get("/manage/grants/").status_code == 200
    clock.advance(timedelta(minutes=1))
    assert admin.post(f"/manage/people/roles/{grant.id}/end").status_code == 303
    assert as_user(user).get("/manage/grants/").status_code == 403


@pytest.mark.parametrize("role", [Role.CALL_MANAGER, Role.AUDITOR, Role.TREASURER])
def test_others_neither_see_people_nor_give_roles(
    session: Session, as_user: Callable[[User], SiteClient], role: Role
) -> None:
    user = make_user(session)
    other = as_user(make_official(session, role, Scope()))
    assert other.get("/manage/people/").status_code == 403
    assert other.get(f"/manage/people/{user.id}").status_code == 403
    form = {"role": "administrator", "scope": "site:"}
    assert other.post(f"/manage/people/{user.id}/roles", data=form).status_code == 403
    assert session.scalar(sa.select(sa.func.count()).where(RoleGrant.user_id == user.id)) == 0


def test_an_authority_s_administrator_gives_no_role_beyond_it(
    session: Session, as_user: Callable[[User], SiteClient]
) -> None:
    own, other = make_authority(session), make_authority(session)
    user = make_user(session)
    foreign = make_official(session, Role.TREASURER, Scope(authority_id=other.id))
    admin = as_user(make_official(session, Role.ADMINISTRATOR, Scope(authority_id=own.id)))
    url = f"/manage/people/{user.id}/roles?q={user.email}"
    for scope in ("site:", f"authority:{other.id}"):
        form = {"role": "administrator", "scope": scope}
        assert admin.post(url, data=form).status_code == 422
    held = session.scalars(sa.select(RoleGrant).where(RoleGrant.user_id == foreign.id)).one()
    assert admin.post(f"/manage/people/roles/{held.id}/end").status_code == 403
    session.refresh(held)
    assert held.until is None
    form = {"role": "treasurer", "scope": f"authority:{own.id}"}
    assert admin.post(url, data=form).status_code == 303


def test_who_holds_no_role_learns_nothing_of_what_exists(
    session: Session, as_user: Callable[[User], SiteClient]
) -> None:
    citizen = as_user(make_user(session))
    for path in ("/manage/campaigns/9999", "/manage/pledges/9999", "/reviews/9999"):
        assert citizen.get(path).status_code == 403


def test_a_refusal_is_kept_although_the_request_is_rolled_back(
    session: Session, as_user: Callable[[User], SiteClient]
) -> None:
    user = make_official(session, Role.AUDITOR, Scope())
    assert as_user(user).post("/manage/people/roles/1/end").status_code == 403
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.verb, entry.actor_id, entry.refused) == ("refused", user.id, True)


def test_people_are_listed_with_their_roles_in_a_constant_number_of_queries(
    app: Flask, session: Session, as_user: Callable[[User], SiteClient]
) -> None:
    for _ in range(60):
        make_official(session, Role.OFFICER, Scope())
    admin = as_user(make_official(session, Role.ADMINISTRATOR, Scope()))
    statements: list[str] = []
    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    page = admin.get("/manage/people/?roles=on")
    assert page.status_code == 200
    selects = [s for s in statements if s.lstrip().upper().startswith("SELECT")]
    assert len(selects) <= 10
