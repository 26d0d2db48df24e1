"""Pledges over HTTP for a reward with limited stock, and the campaign's page meanwhile.

The measure is a bare Flask view under the same server, processes and clients, on a database of the
same kind: it makes as many transactions as a pledge, each one conditional UPDATE of one row. What
the clients and the server take of the processor is in both. The raw rate of such transactions
without HTTP is told beside it.
"""

from __future__ import annotations

import http.client
import multiprocessing
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import psycopg
import sqlalchemy as sa
from flask import Flask, redirect
from sqlalchemy.engine import Connection, Engine
from werkzeug.wrappers import Response

from bench.measure import Line
from bench.writes import raw_commits
from quartieri.campaigns.models import Pledge, Reward
from quartieri.campaigns.rules import RewardData
from quartieri.db import db, get, unit_of_work, upgrade_database
from quartieri.engine import prepare_engine
from quartieri.kit.clock import SetClock
from quartieri.wiring import create_app
from tests import postgres
from tests.doubles import Outbox, Shelf, make_provider, settings_for
from tests.factories.campaigns import STARTS, make_live
from tests.factories.payments import serving

SERVERS = 2
CLIENTS = (8, 32)
STOCK = 100
WARMED = 20
"""Pledges that each process has answered before it is measured: the bare view runs for seconds."""
READERS = 4
READ_SECONDS = 5.0
CENTS = 10_00
FORM = b'name="reward"'
"""What the page of a clean refusal still holds: the form, with what was typed."""
RAW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Stage:
    """A live campaign with one reward for each crowd, and one that never runs out."""

    name: str
    url: str
    folder: Path
    slug: str
    rewards: tuple[int, ...]
    endless: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What a pledge is held against: bare requests a second, and raw transactions a second."""

    bare: float
    raw: float
    needed: int


def measure(folder: Path) -> Iterator[Line]:
    """Measure on both databases, with two processes that serve."""
    yield from _measure("SQLite", f"sqlite:///{folder / 'pledging.sqlite3'}", folder)
    server = postgres.Server()
    try:
        yield from _measure("PostgreSQL", postgres.url(server.folder, "postgres"), folder)
    finally:
        server.stop()


def _measure(name: str, url: str, folder: Path) -> Iterator[Line]:
    raw = _raw_on_postgres(url) if name == "PostgreSQL" else raw_commits(folder / "raw.sqlite3")
    stage, needed = _prepare(name, url, folder)
    with _served(_serve_bare, _bare_url(url, folder), needed) as servers:
        bare = [_bare_rate(servers, clients=clients) for clients in CLIENTS]
    with _served(_serve, stage) as servers:
        for server in servers:
            _ask(server, f"/projects/{stage.slug}")
            for n in range(WARMED):
                _ask(server, _address(stage), _form(stage.endless, f"warm-{server}-{n}"))
        for clients, reward, rate in zip(CLIENTS, stage.rewards, bare, strict=True):
            measure_of = Measure(rate, raw, needed)
            yield _stock(stage, servers, reward, clients=clients, against=measure_of)
        yield _reading(stage, servers)


# -- the stage ---------------------------------------------------------------------------------


def _app(url: str, folder: Path) -> Flask:
    """Build the application with the provider in its process, after the campaign began."""
    clock = SetClock(STARTS)
    app = create_app(
        settings_for(url, folder),
        clock=clock,
        payments=make_provider(clock),
        email=Outbox(),
        storage=Shelf(),
    )
    app.config["WTF_CSRF_ENABLED"] = False
    return app


def _prepare(name: str, url: str, folder: Path) -> tuple[Stage, int]:
    """Add the campaign; give it, and how many commits one pledge makes."""
    app = _app(url, folder)
    kinds = [RewardData(f"Piantina {n}", "", CENTS, stock=STOCK) for n in CLIENTS]
    with app.app_context():
        upgrade_database()
        with unit_of_work() as session:
            scene = make_live(session, rewards=(*kinds, RewardData("Grazie", "", CENTS)))
            slug = scene.campaign.slug
            ids = {reward.title: reward.id for reward in scene.campaign.rewards}
        rewards = tuple(ids[kind.title] for kind in kinds)
        stage = Stage(name, url, folder, slug, rewards, ids["Grazie"])
        with _commits() as made:
            answer = app.test_client().post(_address(stage), data=_form(stage.endless, "first"))
        if answer.status_code != http.client.SEE_OTHER:
            raise RuntimeError(answer.status)
        db.session.remove()
        db.engine.dispose()
    return stage, made["commits"]


@contextmanager
def _commits() -> Iterator[Counter[str]]:
    """Count the transactions that were begun to write and are committed meanwhile."""
    made: Counter[str] = Counter()

    def note(connection: Connection) -> None:
        made["commits"] += bool(connection.get_execution_options().get("rw"))

    sa.event.listen(Engine, "commit", note)
    try:
        yield made
    finally:
        sa.event.remove(Engine, "commit", note)


def _raw_on_postgres(url: str) -> float:
    address = sa.make_url(url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        connection.execute("CREATE TABLE raw_budget (id INTEGER PRIMARY KEY, cents BIGINT)")
        connection.execute("INSERT INTO raw_budget VALUES (1, 1000000000)")
        connection.commit()
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < RAW_SECONDS:
            connection.execute("UPDATE raw_budget SET cents = cents - 1 WHERE id = 1 AND cents > 0")
            connection.commit()
            done += 1
        taken = time.perf_counter() - begun
        connection.execute("DROP TABLE raw_budget")
    return done / taken


# -- over HTTP ---------------------------------------------------------------------------------


def _serve(out: Any, stop: Any, stage: Stage) -> None:
    with serving(_app(stage.url, stage.folder)) as address:
        out.put(address)
        stop.wait()


def _serve_bare(out: Any, stop: Any, url: str, needed: int) -> None:
    with serving(_bare(url, needed)) as address:
        out.put(address)
        stop.wait()


def _bare_url(url: str, folder: Path) -> str:
    """Give where the bare view's one row is, and add the row."""
    if url.startswith("sqlite"):
        url = f"sqlite:///{folder / 'bare-pledging.sqlite3'}"
    engine = sa.create_engine(url)
    prepare_engine(engine)
    with engine.execution_options(rw=True).begin() as connection:
        connection.execute(sa.text("CREATE TABLE bare_budget (id INTEGER PRIMARY KEY, n BIGINT)"))
        connection.execute(sa.text("INSERT INTO bare_budget VALUES (1, 1000000000)"))
    engine.dispose()
    return url


def _bare(url: str, needed: int) -> Flask:
    """Build the view that only commits, as often as a pledge does, and sends its client on."""
    app, engine = Flask("bare"), sa.create_engine(url)
    prepare_engine(engine)
    writing = engine.execution_options(rw=True)
    take = sa.text("UPDATE bare_budget SET n = n - 1 WHERE id = 1 AND n >= 1")

    @app.post("/")
    def commit() -> Response:
        for _ in range(needed):
            with writing.begin() as connection:
                connection.execute(take)
        return redirect("/", http.client.SEE_OTHER)

    return app


def _bare_rate(servers: list[str], *, clients: int) -> float:
    """Give how many bare requests a second the same servers answer to as many clients."""
    done: Counter[int] = Counter()
    end = time.perf_counter() + READ_SECONDS

    def post_on(me: int) -> None:
        while time.perf_counter() < end:
            status, _page = _ask(servers[me % len(servers)], "/", _form(0, str(me)))
            if status != http.client.SEE_OTHER:
                raise RuntimeError(status)
            done[me] += 1

    _together([(post_on, clients)])
    return done.total() / READ_SECONDS


@contextmanager
def _served(serve: Callable[..., None], *about: object) -> Iterator[list[str]]:
    context = multiprocessing.get_context("spawn")
    out, stop = context.Queue(), context.Event()
    processes = [context.Process(target=serve, args=(out, stop, *about)) for _ in range(SERVERS)]
    for process in processes:
        process.start()
    try:
        yield [out.get() for _ in processes]
    finally:
        stop.set()
        for process in processes:
            process.join()


def _ask(server: str, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=60)
    try:
        if form is None:
            connection.request("GET", path)
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _address(stage: Stage) -> str:
    return f"/projects/{stage.slug}/pledge/data"


def _form(reward: int, who: str) -> dict[str, str]:
    return {
        "amount": str(CENTS),
        "reward": str(reward),
        "token": f"token-{reward}-{who}",
        "email": f"backer-{reward}-{who}@example.org",
        "name": "Bea Sostenitrice",
        "consent": "y",
    }


def _together(crowds: list[tuple[Callable[[int], None], int]]) -> None:
    """Let so many clients do each thing at the same time; each is told its number."""
    threads = [
        threading.Thread(target=work, args=(me,)) for work, count in crowds for me in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# -- what is measured --------------------------------------------------------------------------


def _stock(
    stage: Stage, servers: list[str], reward: int, *, clients: int, against: Measure
) -> Line:
    """Let every client pledge until it is told that nothing is left."""
    answers: Counter[int] = Counter()
    last = begun = time.perf_counter()
    guard = threading.Lock()

    def pledge_on(me: int) -> None:
        nonlocal last
        status, tries = http.client.SEE_OTHER, 0
        while status == http.client.SEE_OTHER and tries <= STOCK:
            form = _form(reward, f"{me}-{tries}")
            status, page = _ask(servers[me % len(servers)], _address(stage), form)
            tries += 1
            if status == http.client.CONFLICT and FORM not in page:
                status = 0
            with guard:
                answers[status] += 1
                if status == http.client.SEE_OTHER:
                    last = time.perf_counter()

    _together([(pledge_on, clients)])
    rate = answers[http.client.SEE_OTHER] / (last - begun)
    taken, rows = _given(stage, reward)
    refused, others = answers[http.client.CONFLICT], sorted(set(answers) - {303, 409})
    result = (
        f"{rate / against.bare:.2f} × bare ({rate:.0f}/s; bare: {against.needed} commits a pledge,"
        f" {against.bare:,.0f}/s over HTTP, {against.raw / against.needed:,.0f}/s without);"
        f" {taken} of {STOCK} given, {rows} pledges, {refused} × 409,"
        f" {'other answers: ' + str(others) if others else 'nothing else'}"
    )
    what = f"pledges over HTTP for a reward with {STOCK} left, {clients} clients, {stage.name}"
    return Line(what, "≥ 0.25 × bare, exactly the stock, 409, no 5xx", "0.4", result)


def _given(stage: Stage, reward_id: int) -> tuple[int, int]:
    app = _app(stage.url, stage.folder)
    with app.app_context():
        session = db.session()
        taken = get(session, Reward, reward_id).taken
        count = sa.select(sa.func.count()).where(Pledge.reward_id == reward_id)
        rows = session.scalar(count) or 0
        db.session.remove()
        db.engine.dispose()
    return taken, rows


def _reading(stage: Stage, servers: list[str]) -> Line:
    """Read the campaign's page for a while, alone and then while others pledge."""
    alone, _ = _read(stage, servers, pledging=False)
    busy, statuses = _read(stage, servers, pledging=True)
    bad = sum(count for status, count in statuses.items() if status >= 500 or status == 0)
    pages = len(busy) / READ_SECONDS
    result = (
        f"{pages / (len(alone) / READ_SECONDS):.2f} × as alone ({pages:.0f}/s,"
        f" median {statistics.median(busy) * 1000:.0f} ms, p99 {_last(busy) * 1000:.0f} ms;"
        f" {statuses[http.client.SEE_OTHER] / READ_SECONDS:.0f} pledges/s), {bad} × 5xx"
    )
    what = f"the campaign's page, {READERS} readers while {CLIENTS[0]} clients pledge, {stage.name}"
    return Line(what, "no 5xx", "–", result)


def _last(waits: list[float]) -> float:
    return sorted(waits)[int(len(waits) * 0.99)]


def _read(stage: Stage, servers: list[str], *, pledging: bool) -> tuple[list[float], Counter[int]]:
    waits: list[float] = []
    statuses: Counter[int] = Counter()
    guard = threading.Lock()
    end = time.perf_counter() + READ_SECONDS

    def read_on(me: int) -> None:
        while time.perf_counter() < end:
            begun = time.perf_counter()
            status, _page = _ask(servers[me % len(servers)], f"/projects/{stage.slug}")
            with guard:
                waits.append(time.perf_counter() - begun)
                statuses[status] += 1

    def pledge_on(me: int) -> None:
        tries = 0
        while time.perf_counter() < end:
            form = _form(stage.endless, f"{me}-{tries}")
            status, _page = _ask(servers[me % len(servers)], _address(stage), form)
            tries += 1
            with guard:
                statuses[status] += 1

    _together([(read_on, READERS), (pledge_on, CLIENTS[0] if pledging else 0)])
    return waits, statuses
