"""Every route with a limit: the last allowed request passes, the next is told to wait.

The limits are read from the routes themselves; all but the last allowed request are counted, not
sent.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_limiter.util import get_qualified_name

from quartieri.extensions import limiter
from tests.databases import Databases
from tests.doubles import build_app, close_database
from tests.house.routes import ROUTES

LIMITED = sorted(limiter.limit_manager._decorated_limits)
MUST = {
    "calls.ask",
    "calls.follow_submit",
    "campaigns.address_submit",
    "campaigns.lost_submit",
    "people.forgotten_submit",
    "people.register_submit",
    "people.sign_in_submit",
}
"""What may never be without one: it guesses passwords or lets us write to strangers."""


@pytest.fixture(scope="module")
def limited(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    database = databases.fresh("sqlite")
    try:
        app = build_app(database.url, tmp_path_factory.mktemp("limits"), rate_limits=True)
        yield app
        close_database(app)
    finally:
        limiter.enabled = False  # one for all applications of this process
        databases.drop(database)


def endpoint_of(app: Flask, name: str) -> str:
    """Give the endpoint whose function has this qualified name."""
    views = app.view_functions.items()
    return next(one for one, view in views if get_qualified_name(view) == name)


def test_the_limits_stand_where_they_must(limited: Flask) -> None:
    endpoints = {endpoint_of(limited, name) for name in LIMITED}
    assert endpoints <= set(ROUTES)
    assert endpoints >= MUST


@pytest.mark.parametrize("name", LIMITED)
def test_one_request_too_many_is_told_to_wait(limited: Flask, name: str) -> None:
    endpoint = endpoint_of(limited, name)
    rule = next(one for one in limited.url_map.iter_rules() if one.endpoint == endpoint)
    (limit,) = limiter.limit_manager.decorated_limits(name)
    address = f"127.0.1.{1 + LIMITED.index(name)}"
    method = "POST" if "POST" in (limit.methods or rule.methods or ()) else "GET"
    with limited.test_request_context():
        path = limited.url_for(endpoint, **dict.fromkeys(rule.arguments, 1))
    client = limited.test_client()

    def ask() -> tuple[int, str, str]:
        answer = client.open(path, method=method, environ_overrides={"REMOTE_ADDR": address})
        return answer.status_code, answer.headers.get("Retry-After", ""), answer.text

    with limited.test_request_context(path, method=method):
        scope = limit.scope_for(endpoint, None)
    limiter.limiter.hit(limit.limit, address, scope, cost=limit.limit.amount - 1)
    assert ask()[0] != 429
    status, after, told = ask()
    assert status == 429
    assert 0 < int(after) <= limit.limit.get_expiry()
    assert ("entro un&#39;ora" in told) == (limit.limit.get_expiry() > 60)
