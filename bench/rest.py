"""Ranking, memory and start."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Line, seconds
from bench.world import build
from quartieri.config import ROOT
from quartieri.reviews.ranking import rank_totals
from tests.doubles import settings_for

ROWS, REVIEWERS = 100_000, 5
REQUESTS = 10_000
WARM = 500
PORT = 8977
START = """
import time
begun = time.perf_counter()
from app import app
answer = app.test_client().get("/about")
print(time.perf_counter() - begun, answer.status_code)
"""


def ranking() -> Iterator[Line]:
    """Rank 100,000 × 5 stored totals, against SQL's own GROUP BY and ORDER BY."""
    dice = random.Random(7)
    rows = [(n, dice.randrange(0, 100)) for n in range(ROWS) for _ in range(REVIEWERS)]
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE sheet (proposal INTEGER, total INTEGER)")
    connection.executemany("INSERT INTO sheet VALUES (?, ?)", rows)
    query = (
        "SELECT proposal, AVG(total) AS mean FROM sheet"
        " GROUP BY proposal ORDER BY mean DESC, proposal"
    )
    sql = seconds(lambda: connection.execute(query).fetchall(), runs=5, warm=1)
    grouped = (
        "SELECT proposal, SUM(total), COUNT(*), proposal, proposal FROM sheet GROUP BY proposal"
    )
    ours = seconds(lambda: rank_totals(connection.execute(grouped).fetchall()), runs=5, warm=1)
    result = f"{ours / sql:.2f} × SQL ({ours:.2f} s)"
    yield Line("rank 100,000 × 5 from stored totals", "≤ 2 × SQL", "1.2", result)


def start(folder: Path) -> Iterator[Line]:
    """Import the application and give the first answer, in a new process."""
    environ = {"PATH": "/usr/bin:/bin", "QUARTIERI_VAR": str(folder), "DEMO": "0"}
    flask = [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"]
    subprocess.run(flask, cwd=ROOT, env=environ, check=True, capture_output=True)
    times = []
    for _ in range(5):
        done = subprocess.run(
            [sys.executable, "-c", START],
            cwd=ROOT,
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        )
        times.append(float(done.stdout.split()[0]))
    yield Line("import to the first answer", "≤ 1.5 s", "0.8 s", f"{sorted(times)[2]:.2f} s")


def memory(folder: Path) -> Iterator[Line]:
    """Ask gunicorn, as it is set here, for 10,000 pages with 5,000 proposals; weigh a worker."""
    world = build(folder, proposals=5_000, campaigns=100)
    environ = {
        "PATH": "/usr/bin:/bin",
        "QUARTIERI_VAR": str(folder),
        "DATABASE_URL": world.url,
        "DEMO": "0",
        "SECRET_KEY": settings_for(world.url, folder).secret_key,
    }
    command = [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{PORT}"]
    command += ["--log-level", "error"]
    server = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        _wait()
        paths = ["/projects", world.project, "/calls", "/about"]
        _ask(paths, WARM)
        before = _weight(server.pid)
        _ask(paths, REQUESTS)
        after = _weight(server.pid)
    finally:
        server.terminate()
        server.wait()
    result = f"{after:.0f} MiB, {after - before:+.1f} MiB over {REQUESTS:,} requests"
    yield Line("memory of a worker (PSS), 5,000 proposals", "≤ 100 MiB, < 5 growth", "70", result)


def _wait() -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/about").read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = "the server does not answer"
    raise RuntimeError(message)


def _ask(paths: list[str], times: int) -> None:
    for n in range(times):
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}{paths[n % len(paths)]}").read()


def _weight(parent: int) -> float:
    """Give the PSS of the worker of a gunicorn, in MiB."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    rollup = Path(f"/proc/{children[0]}/smaps_rollup").read_text()
    line = next(found for found in rollup.splitlines() if found.startswith("Pss:"))
    return int(line.split()[1]) / 1024
