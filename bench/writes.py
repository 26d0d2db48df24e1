"""Writing: pledges against raw commits on one row, reservations, fairness of eight writers."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Line
from bench.world import World, build
from quartieri.campaigns.actions.pledging import PledgeData, make_pledge
from quartieri.db import unit_of_work
from quartieri.rehearsal.crowd import GUEST
from tests.doubles import NOW, build_app

SECONDS = 5.0
WRITERS = 8
FAIR_SECONDS = 10.0


def measure(folder: Path) -> Iterator[Line]:
    """Measure one writer, then eight of them at once."""
    world = build(folder, proposals=20, campaigns=10)
    raw = raw_commits(folder / "raw.sqlite3")
    pledges = _pledges(world)
    yield Line("raw commits on one budget row", "–", "–", f"{raw:,.0f}/s")
    result = f"{pledges / raw:.2f} × raw ({pledges:,.0f}/s)"
    yield Line("pledge transactions in the domain", "≥ 0.12 × raw commits", "0.25", result)
    yield _fairness(world)


def raw_commits(path: Path) -> float:
    """Give how often a second one row is changed and committed, on SQLite."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE budget (id INTEGER PRIMARY KEY, left INTEGER)")
    connection.execute("INSERT INTO budget VALUES (1, 1000000000)")
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < SECONDS:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE budget SET left = left - 1 WHERE id = 1 AND left >= 1")
        connection.execute("COMMIT")
        done += 1
    return done / (time.perf_counter() - begun)


def _pledges(world: World) -> float:
    with world.app.app_context():
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < SECONDS:
            _pledge(world.campaign_id, done)
            done += 1
        return done / (time.perf_counter() - begun)


def _pledge(campaign_id: int, n: int) -> None:
    data = PledgeData(amount_cents=10_00, email=f"backer-{n}@example.org", name="Backer")
    with unit_of_work() as session:
        make_pledge(session, campaign_id, data, started_at=NOW, actor=GUEST, at=NOW)


def _write_for(url: str, folder: Path, campaign_id: int, out: object) -> None:
    app = build_app(url, folder)
    waits: list[float] = []
    with app.app_context():
        begun = time.perf_counter()
        while time.perf_counter() - begun < FAIR_SECONDS:
            start = time.perf_counter()
            _pledge(campaign_id, len(waits))
            waits.append(time.perf_counter() - start)
    out.put(waits)  # type: ignore[attr-defined]


def _fairness(world: World) -> Line:
    context = multiprocessing.get_context("spawn")
    out = context.Queue()
    folder = Path(world.url.removeprefix("sqlite:///")).parent
    workers = [
        context.Process(target=_write_for, args=(world.url, folder, world.campaign_id, out))
        for _ in range(WRITERS)
    ]
    for worker in workers:
        worker.start()
    results = [out.get() for _ in workers]
    for worker in workers:
        worker.join()
    counts = [len(r) for r in results]
    mean = sum(counts) / len(counts)
    waits = sorted(w for r in results for w in r)
    last = waits[int(len(waits) * 0.99)] * 1000
    result = f"slowest {min(counts) / mean:.2f} of the mean, p99 {last:.0f} ms"
    return Line("fairness of 8 writers on SQLite, 10 s", "≥ 0.25, p99 ≤ 1 s", "0.5, 250 ms", result)
