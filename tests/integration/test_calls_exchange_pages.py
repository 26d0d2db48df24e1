"""Calls as documents in the interface: saved, copied, kept, uploaded; templates to start from."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.calls import queries
from quartieri.calls.exchange import written
from quartieri.calls.gaps import Step
from quartieri.calls.models import Call, KeptTemplate
from quartieri.calls.shipped import templates
from quartieri.people.models import Authority, User
from tests.conftest import SiteClient
from tests.factories.call_forms import AsUser, draft_of, text
from tests.factories.calls import make_call
from tests.factories.people import make_official
from tests.factories.programmes import make_authority
from tests.unit.test_calls_exchange import HOSTILE


@pytest.fixture
def city(session: Session) -> Authority:
    return make_authority(session, name="Comune di Prova")


@pytest.fixture
def manager(session: Session, city: Authority) -> User:
    return make_official(session, Role.CALL_MANAGER, city.scope)


@pytest.mark.parametrize("code", [t.code for t in templates()])
def test_a_call_starts_from_each_template_and_its_notice_stands_on_top(
    session: Session, as_user: AsUser, city: Authority, manager: User, code: str
) -> None:
    browser = as_user(manager)
    picker = text(browser.get("/manage/calls/new"))
    made = browser.post("/manage/calls", data={"authority": city.id, "template": code})
    assert made.status_code == 303
    call = draft_of(session)
    notice = next(t.notice for t in templates() if t.code == code).get("it", "")
    for step in Step:
        page = browser.get(f"/manage/calls/{call.id}/edit/{step.value}")
        assert page.status_code == 200
    assert browser.get(f"/manage/calls/{call.id}/review").status_code == 200
    first = text(browser.get(f"/manage/calls/{call.id}/edit/identity"))
    start = notice.partition(",")[0].partition("«")[0]
    assert start in picker
    assert start in first


def test_a_call_is_saved_duplicated_kept_and_started_again(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    call = make_call(session, authority=city)
    browser = as_user(manager)
    saved = browser.get(f"/manage/calls/{call.id}/document")
    assert saved.mimetype == "application/json"
    assert saved.get_data(as_text=True) == written(queries.document_of(session, call).to_json())
    assert browser.post(f"/manage/calls/{call.id}/duplicate").status_code == 303
    keep = f"/manage/calls/{call.id}/keep"
    assert browser.get(keep).status_code == 200
    assert browser.post(keep, data={"name": "Il nostro"}).status_code == 303
    assert browser.post(keep, data={"name": "Il nostro"}).status_code == 422
    kept = session.scalars(sa.select(KeptTemplate)).one()
    assert "Il nostro" in text(browser.get("/manage/calls/new"))
    started = browser.post(f"/manage/call-templates/{kept.id}/start")
    assert started.status_code == 303
    found = session.scalars(sa.select(Call).order_by(Call.id.desc())).first()
    assert found is not None
    assert (found.design, found.windows) == (call.design, [])
    assert browser.post(f"/manage/call-templates/{kept.id}/delete").status_code == 303
    assert session.scalars(sa.select(KeptTemplate)).all() == []


def test_a_document_is_uploaded_or_refused_with_its_places(
    session: Session, as_user: AsUser, city: Authority, manager: User
) -> None:
    browser = as_user(manager)
    assert browser.get("/manage/calls/import").status_code == 200

    def upload(content: bytes, authority: int = city.id) -> Any:
        file = (BytesIO(content), "call.json")
        return browser.post("/manage/calls/import", data={"authority": authority, "file": file})

    good = written(queries.document_of(session, make_call(session)).to_json()).encode()
    assert upload(good).status_code == 303
    count = session.scalar(sa.select(sa.func.count(Call.id)))
    refused = upload((HOSTILE / "three-faults.json").read_bytes())
    assert refused.status_code == 422
    assert "/design/questions/0/key" in text(refused)
    elsewhere = upload(good, make_authority(session).id)
    assert elsewhere.status_code == 422
    assert session.scalar(sa.select(sa.func.count(Call.id))) == count


def test_the_schema_is_public(client: SiteClient) -> None:
    for name in ("call", "match"):
        answer = client.get(f"/schemas/quartieri-{name}-1.schema.json")
        assert answer.mimetype == "application/schema+json"
        assert answer.get_json(force=True)["$id"] == f"urn:quartieri:{name}:1"
