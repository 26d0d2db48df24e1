"""Kept pages: never stale after a commit, in any worker, and only for who is not signed in."""

import re
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM
from quartieri.db import UNSEEN, PageVersion, db, unit_of_work
from quartieri.kit.clock import SetClock
from quartieri.people.models import User
from tests.conftest import SiteClient
from tests.doubles import NOW, build_app
from tests.factories.campaigns import make_live
from tests.factories.people import make_user


def asked(work: Callable[[], object]) -> list[str]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.split(None, 1)[0] not in {"BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK"}:
            statements.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)
    return statements


def test_a_page_asked_again_takes_one_query_and_reads_the_same(
    session: Session, client: SiteClient
) -> None:
    campaign = make_live(session).campaign
    addresses = ("/", "/calls", "/projects", f"/projects/{campaign.slug}")
    first = [client.get(address).text for address in addresses]
    again: list[str] = []
    statements = asked(lambda: again.extend(client.get(address).text for address in addresses))
    assert again == first
    assert len(statements) == len(addresses)


def test_a_write_is_seen_at_once(session: Session, client: SiteClient) -> None:
    campaign = make_live(session).campaign
    assert campaign.title in client.get("/projects").text
    campaign.title = "Un altro nome"
    assert "Un altro nome" in client.get("/projects").text


def test_a_deadline_passes_without_a_write(
    session: Session, client: SiteClient, clock: SetClock
) -> None:
    campaign = make_live(session).campaign
    assert campaign.ends_at is not None
    live = client.get(f"/projects/{campaign.slug}").text
    clock.set(campaign.ends_at + timedelta(microseconds=1))
    assert client.get(f"/projects/{campaign.slug}").text != live


def test_a_visitor_who_has_the_page_is_told_that_it_holds(
    session: Session, client: SiteClient
) -> None:
    campaign = make_live(session).campaign
    tag = client.get("/projects").headers["ETag"]
    assert client.get("/projects", headers={"If-None-Match": tag}).status_code == 304
    campaign.title = "Un altro nome"
    assert client.get("/projects", headers={"If-None-Match": tag}).status_code == 200


def test_a_kept_page_is_sent_compressed_to_who_takes_it(
    session: Session, client: SiteClient
) -> None:
    make_live(session)
    plain = client.get("/projects").data
    packed = client.get("/projects", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain)


def test_languages_and_filters_are_kept_apart(session: Session, client: SiteClient) -> None:
    make_live(session)
    italian = client.get("/projects", headers={"Accept-Language": "it"}).text
    english = client.get("/projects", headers={"Accept-Language": "en"}).text
    assert italian != english
    assert client.get("/projects?q=niente", headers={"Accept-Language": "it"}).text != italian


def test_nobody_gets_a_page_that_was_drawn_for_an_account(
    session: Session, client: SiteClient, as_user: Callable[[User], SiteClient]
) -> None:
    make_live(session)
    user = make_user(session)
    own = as_user(user).get("/projects")
    assert user.name in own.text
    assert own.headers["Cache-Control"] == "no-store"
    assert user.name not in client.get("/projects").text
    assert user.name in as_user(user).get("/projects").text


def test_what_nobody_sees_leaves_pages_as_they_are(session: Session) -> None:
    make_live(session)
    session.commit()
    before = session.scalar(sa.select(PageVersion.mark))
    record(session, "looked", "page", None, actor=SYSTEM, at=NOW)
    session.commit()
    assert session.scalar(sa.select(PageVersion.mark)) == before


def test_kept_pages_read_nothing_that_is_written_without_a_mark(
    session: Session, client: SiteClient
) -> None:
    campaign = make_live(session).campaign
    addresses = ("/", "/calls", "/projects", f"/projects/{campaign.slug}")
    read = asked(lambda: [client.get(address) for address in addresses])
    tables = {name for text in read for name in re.findall(r'(?:FROM|JOIN) "?(\w+)', text)}
    assert tables & UNSEEN == {"page_version"}
    assert "campaign" in tables


def test_another_worker_sees_a_commit(fresh_app: Flask) -> None:
    url = str(fresh_app.config["SQLALCHEMY_DATABASE_URI"])
    with fresh_app.app_context(), unit_of_work() as session:
        slug = make_live(session).campaign.slug
    other = build_app(url, fresh_app.instance_path)  # type: ignore[arg-type] # a folder's name will do
    address = f"/projects/{slug}"
    assert fresh_app.test_client().get(address).text == other.test_client().get(address).text
    with fresh_app.app_context(), unit_of_work() as session:
        session.execute(sa.text("UPDATE campaign SET title = 'Un altro nome'"))
    assert "Un altro nome" in other.test_client().get(address).text
    with other.app_context():
        db.engine.dispose()
