"""What every test may ask for: databases, the application on them, the clock, the outside.

A test that names ``database`` (or anything built on it: ``app``, ``session``, ``client``) runs
twice, on SQLite and on PostgreSQL.
"""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from quartieri.db import db, upgrade_database
from quartieri.extensions import Services
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs.worker import work_until_idle
from quartieri.kit.clock import SetClock
from quartieri.people.models import User
from tests import postgres
from tests.databases import KINDS, Database, Databases
from tests.doubles import NOW, Outbox, Shelf, build_app, close_database, make_provider

EXAMPLES = 25
"""Hypothesis examples of each property in `make test`; a soak asks for more."""

settings.register_profile(
    "quartieri",
    max_examples=int(os.environ.get("QUARTIERI_SOAK_EXAMPLES", EXAMPLES)),
    deadline=None,
    print_blob=True,
    database=None,
    # databases are handed in by fixtures; each example cleans up after itself
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("quartieri")


# -- the run -----------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the run's folder and server once: in the process that starts the others."""
    _close_sockets()
    if hasattr(config, "workerinput"):
        return
    folder = Path(tempfile.mkdtemp(prefix="q-run-", dir="/tmp"))  # sockets need a short path
    config.stash[FOLDER] = folder
    if config.getoption("numprocesses", None):
        _start_server(config)


def pytest_configure_node(node: Any) -> None:
    """Hand folder and server on to a process of pytest-xdist."""
    node.workerinput["folder"] = str(node.config.stash[FOLDER])
    server = node.config.stash.get(SERVER, None)
    node.workerinput["server"] = str(server.folder) if server else ""
    node.workerinput["no_server"] = node.config.stash.get(NO_SERVER, "")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and clear the run's folder."""
    if config.stash.get(SERVER, None) is not None:
        config.stash[SERVER].stop()
    if config.stash.get(FOLDER, None) is not None:
        shutil.rmtree(config.stash[FOLDER], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what asks Stripe's test mode, unless a key of it is set."""
    if os.environ.get("STRIPE_TEST_KEY", "").startswith("sk_test_"):
        return
    asking = [item for item in items if item.get_closest_marker("stripe")]
    if asking:
        config.hook.pytest_deselected(items=asking)
        items[:] = [item for item in items if item not in asking]


BUDGETS = {"tests/unit/": 0.010, "tests/integration/": 0.500}
"""How long a test of a place should take, in seconds: reported, not asserted."""
SLOWEST_SHOWN = 10


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name the tests that took longer than their place's budget."""
    slow = [
        (report.duration, report.nodeid)
        for report in terminalreporter.stats.get("passed", [])
        if report.when == "call"
        and any(report.nodeid.startswith(p) and report.duration > b for p, b in BUDGETS.items())
    ]
    if slow:
        terminalreporter.write_line(f"{len(slow)} tests over their time budget; the slowest:")
    for seconds, name in sorted(slow, reverse=True)[:SLOWEST_SHOWN]:
        terminalreporter.write_line(f"  {seconds:.2f} s {name}")


FOLDER = pytest.StashKey[Path]()
SERVER = pytest.StashKey[postgres.Server]()
NO_SERVER = pytest.StashKey[str]()


def _start_server(config: pytest.Config) -> None:
    if config.stash.get(SERVER, None) or config.stash.get(NO_SERVER, ""):
        return
    try:
        config.stash[SERVER] = postgres.Server()
    except postgres.MissingError as missing:
        config.stash[NO_SERVER] = f"PostgreSQL does not start: {missing}"


_CONNECT = socket.socket.connect


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let one test connect to other machines: those that ask Stripe's test mode alone."""
    monkeypatch.setattr(socket.socket, "connect", _CONNECT)


def _close_sockets() -> None:
    """Refuse connections to anywhere but this machine."""

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if host and host not in {"localhost", "::1"} and not str(host).startswith("127."):
            message = f"a test may not reach {host}"
            raise RuntimeError(message)
        _CONNECT(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign] # for the whole run


# -- databases ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """Give the maker of databases of this process."""
    config = request.config
    given = getattr(config, "workerinput", None)
    if given is not None:
        server = Path(given["server"]) if given["server"] else None
        return Databases(Path(given["folder"]), given["workerid"], server, _migrate)
    _start_server(config)
    started = config.stash.get(SERVER, None)
    return Databases(config.stash[FOLDER], "main", started and started.folder, _migrate)


def _migrate(url: str) -> None:
    """Bring an empty database to the migrations' head."""
    app = build_app(url, Path(tempfile.gettempdir()))
    with app.app_context():
        upgrade_database()
    close_database(app)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Give the kind of database that this run of the test is about."""
    asked = str(request.param)
    given = getattr(request.config, "workerinput", {})
    if asked == "postgresql":
        if not given:
            _start_server(request.config)
        missing = given.get("no_server") or request.config.stash.get(NO_SERVER, "")
        if missing:
            pytest.skip(missing)
    return asked


@pytest.fixture
def database(kind: str, databases: Databases) -> Database:
    """Give this process's migrated database; what a test does there must be rolled back."""
    return databases.shared(kind)


@pytest.fixture
def database_url(database: Database) -> str:
    """Give the address of ``database``."""
    return database.url


@pytest.fixture
def fresh_database(kind: str, databases: Databases) -> Iterator[Database]:
    """Give a migrated, empty database of its own, for tests that really commit."""
    made = databases.fresh(kind)
    yield made
    databases.drop(made)


@pytest.fixture
def empty_database(kind: str, databases: Databases) -> Iterator[Database]:
    """Give a database without any table."""
    made = databases.empty(kind)
    yield made
    databases.drop(made)


# -- the application ---------------------------------------------------------------------------


@pytest.fixture(scope="session")
def apps() -> Iterator[dict[str, Flask]]:
    """Keep the application of each shared database: it is built once a process."""
    built: dict[str, Flask] = {}
    yield built
    for app in built.values():
        close_database(app)


@pytest.fixture
def app(database: Database, apps: dict[str, Flask], tmp_path: Path) -> Iterator[Flask]:
    """Give the application inside one transaction that is rolled back at the end.

    Its engine is swapped for the open connection, so all sessions of the test, those of requests
    and jobs too, work in savepoints of that transaction.
    """
    if database.url not in apps:
        apps[database.url] = build_app(database.url, tmp_path)
    app = apps[database.url]
    renew_services(app)
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with app.app_context():
        engines = db.engines
        engine = engines[None]
    with engine.connect().execution_options(rw=True) as connection:
        outer = connection.begin()
        engines[None] = connection  # type: ignore[assignment] # what style calls the swap
        try:
            yield app
        finally:
            engines[None] = engine
            outer.rollback()


@pytest.fixture
def fresh_app(fresh_database: Database, tmp_path: Path) -> Iterator[Flask]:
    """Give an application on a database of its own, where commits are commits."""
    app = build_app(fresh_database.url, tmp_path)
    yield app
    close_database(app)


def renew_services(app: Flask) -> None:
    """Give an application a new outside: time set back, mailbox, shelf and provider empty."""
    services: Services = app.extensions["services"]
    clock = services.clock
    assert isinstance(clock, SetClock)
    clock.set(NOW)
    services.payments = make_provider(clock)
    services.email = Outbox()
    services.storage = Shelf()


@pytest.fixture
def services(app: Flask) -> Services:
    """Give what the application asks of the outside."""
    found: Services = app.extensions["services"]
    return found


@pytest.fixture
def clock(services: Services) -> SetClock:
    """Give the application's clock; it stands at NOW until the test moves it."""
    assert isinstance(services.clock, SetClock)
    return services.clock


@pytest.fixture
def outbox(services: Services) -> Outbox:
    """Give the letters that were sent."""
    assert isinstance(services.email, Outbox)
    return services.email


@pytest.fixture
def payments(services: Services) -> SandboxProvider:
    """Give the payment provider; ``payments.sandbox`` is what stands behind it."""
    assert isinstance(services.payments, SandboxProvider)
    return services.payments


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Give a session that may write, inside an application context; all is rolled back later."""
    with app.app_context():
        opened: Session = db.session()
        opened.info["writing"] = True
        yield opened
        db.session.remove()


class SiteClient(FlaskClient):
    """A visitor's browser: each request is apart from the test's own context and session.

    Before a request it commits what the test prepared, after it it forgets what was read.
    """

    own: Session | None = None

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request."""
        if self.own is not None:
            self.own.commit()
        answer = Context().run(super().open, *args, **kwargs)
        if self.own is not None:
            self.own.expire_all()
        return answer

    def send(self, path: str, data: dict[str, str]) -> Any:
        """Send a form and give the page that the browser shows then."""
        answer = self.post(path, data=data)
        return self.get(answer.location) if answer.status_code == 303 else answer

    def sign_in(self, user: User) -> SiteClient:
        """Sign in as ``user``, without the form."""
        if self.own is not None:
            self.own.commit()
        key = f"{user.id}:{user.session_version}"
        with self.session_transaction() as cookie:
            cookie["_user_id"] = key
            cookie["_fresh"] = True
        return self


@pytest.fixture
def client(app: Flask, session: Session) -> SiteClient:
    """Give a visitor's browser."""
    return _client(app, session)


@pytest.fixture
def as_user(app: Flask, session: Session) -> Callable[[User], SiteClient]:
    """Give a function that opens a browser of its own for a signed-in user."""
    return lambda user: _client(app, session).sign_in(user)


def _client(app: Flask, session: Session | None) -> SiteClient:
    made = SiteClient(app, app.response_class, use_cookies=True)
    made.own = session
    return made


@pytest.fixture
def work(app: Flask, session: Session) -> Callable[[], int]:
    """Give a function that does all jobs that are due at the clock's time; it counts them."""

    def run() -> int:
        session.commit()
        with_context = Context()
        done = with_context.run(_work, app)
        session.expire_all()
        return done

    return run


def _work(app: Flask) -> int:
    with app.app_context():
        return work_until_idle()
