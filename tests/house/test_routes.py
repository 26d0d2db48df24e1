"""Every route is listed with its permission; no GET writes; what writes is a unit of work."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import Rule

from quartieri.extensions import csrf
from quartieri.people.rules import Permission
from tests.house.routes import LINES, ROUTES

WRITING = {"POST", "PUT", "PATCH", "DELETE"}
OPEN = {"public", "signed_in", "owner", "token"}
GUARDED = {str(permission) for permission in Permission}


def permission_of(app: Flask, endpoint: str) -> str:
    if endpoint == "static":
        return "public"
    return str(getattr(app.view_functions[endpoint], "permission", "none"))


def test_every_route_is_listed_with_its_permission(plain_app: Flask) -> None:
    found = {rule.endpoint for rule in plain_app.url_map.iter_rules()}
    assert {name: permission_of(plain_app, name) for name in sorted(found)} == ROUTES


def test_the_list_is_sorted() -> None:
    assert [line.split()[0] for line in LINES] == sorted(ROUTES)


def test_only_permissions_that_exist_are_listed() -> None:
    assert set(ROUTES.values()) <= OPEN | GUARDED


def test_pages_of_officials_are_never_public(plain_app: Flask) -> None:
    for rule in plain_app.url_map.iter_rules():
        if rule.rule.startswith("/manage"):
            assert ROUTES.get(rule.endpoint) not in OPEN - {"signed_in"}, rule.rule


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """List each rule with what its view says of writing: "", "one" or "steps"."""
    return [
        (rule, str(getattr(app.view_functions[rule.endpoint], "writes", "")))
        for rule in app.url_map.iter_rules()
    ]


def test_no_get_writes(plain_app: Flask) -> None:
    wrong = [r.rule for r, writes in rules(plain_app) if writes and "GET" in (r.methods or ())]
    assert wrong == []


def test_every_writing_route_is_a_unit_of_work(plain_app: Flask) -> None:
    wrong = [
        rule.rule
        for rule, writes in rules(plain_app)
        if WRITING & set(rule.methods or ()) and writes not in {"one", "steps"}
    ]
    assert wrong == []


ONE_CLICK = "quartieri.calls.routes.follow.unsubscribe_submit"
ONE_CLICK_NEWS = "quartieri.campaigns.routes.telling.silence_submit"
"""A mail program posts them, without cookie or token (RFC 8058)."""
REPORT = "quartieri.campaigns.api.report"
"""A program posts it with a bearer token, which no browser sends by itself."""
LANGUAGE = "quartieri.web.routes.language"
"""Its form stands on every page, and a page is the same for every visitor."""

BOUNCE = "quartieri.web.routes.bounce"
"""A mail service posts it, signed."""


def test_only_what_a_provider_posts_goes_without_a_token(plain_app: Flask) -> None:
    assert plain_app.url_map is not None
    exempt = {name for name in csrf._exempt_views if not name.endswith("webhook")}
    assert exempt == {ONE_CLICK, ONE_CLICK_NEWS, REPORT, LANGUAGE, BOUNCE}
    assert csrf._exempt_blueprints == set()
