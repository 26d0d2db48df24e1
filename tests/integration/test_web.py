"""The site itself: language, headers, error pages, the demo's own pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.jobs.models import Heartbeat
from quartieri.kit.clock import Clock
from quartieri.people.models import User
from quartieri.people.rules import Scope
from tests.conftest import SiteClient
from tests.factories.people import make_official


def test_the_site_speaks_italian_unless_asked_otherwise(client: SiteClient) -> None:
    assert '<html lang="it"' in client.get("/about").text
    english = client.get("/about", headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert '<html lang="en"' in english.text


def test_a_chosen_language_is_kept_in_a_cookie(client: SiteClient) -> None:
    answer = client.post("/language", data={"lang": "en", "next": "/about"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/about")
    assert '<html lang="en"' in client.get("/about").text
    client.post("/language", data={"lang": "xx", "next": "//evil.example"})
    assert '<html lang="en"' in client.get("/about").text


def test_every_answer_carries_the_strict_headers(client: SiteClient) -> None:
    for path in ("/", "/about", "/nowhere", "/health"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/about", 405), ("GET", "/calls/nothing", 404)],
)
def test_an_error_is_a_page_of_the_site(
    client: SiteClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


def test_a_program_gets_problem_details(client: SiteClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["status"] == 404


def test_a_fault_shows_no_trace(
    app: Flask, client: SiteClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_kwargs: object) -> str:
        message = "a secret detail"
        raise RuntimeError(message)

    monkeypatch.setitem(app.view_functions, "web.about", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setitem(app.config, "TESTING", False)
    answer = client.get("/about")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_the_demo_s_pages_do_not_exist_outside_of_the_demo(client: SiteClient) -> None:
    assert client.get("/mailbox").status_code == 404
    assert client.get("/clock").status_code == 404
    assert client.post("/clock", data={"step": "day"}).status_code == 404


def test_officials_are_told_after_five_minutes_without_a_worker(
    session: Session, as_user: Callable[[User], SiteClient]
) -> None:
    official = as_user(make_official(session, Role.AUDITOR, Scope()))
    banner = 'q-banner" role="status"'
    assert banner in official.get("/about").text
    session.add(Heartbeat(name="worker", at=Clock().now()))
    assert banner not in official.get("/about").text


def test_monitors_hear_of_a_late_worker(client: SiteClient) -> None:
    assert client.get("/health").get_json() == {"status": "ok", "worker": "late"}
