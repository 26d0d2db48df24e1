"""`make run`: one command prepares and serves the demo city, and stops whole."""

from __future__ import annotations

import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from quartieri.config import ROOT
from tests.databases import Database

START_SECONDS = 240
STOP_SECONDS = 40
AT = re.compile(r"^Quartieri is at (http://\S+/) ")
ACCOUNT = re.compile(r"\S+@\S+")


class Run:
    """A started `make run`, its output read line by line."""

    def __init__(self, environ: dict[str, str]) -> None:
        """Start it on a free port."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "tools" / "run.py"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PORT": port, "LANG": "C.UTF-8", **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_for(self, pattern: re.Pattern[str], seconds: float) -> re.Match[str]:
        """Give the first line that matches; fail when it ends or takes too long."""
        give_up = time.monotonic() + seconds
        while True:
            try:
                line = self._queue.get(timeout=max(0.1, give_up - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, "\n".join(self.lines)
            self.lines.append(line)
            found = pattern.search(line)
            if found:
                return found

    def children(self) -> list[psutil.Process]:
        """Give every program that it started and that lives."""
        return list(psutil.Process(self.process.pid).children(recursive=True))

    def close(self) -> None:
        """End it whatever its state."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(STOP_SECONDS)
        self._thread.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start(empty_database: Database, tmp_path: Path) -> Iterator[Callable[[], Run]]:
    """Give a function that starts a run on one database; on SQLite the folder is all it is told."""
    environ = {"QUARTIERI_VAR": str(tmp_path)}
    if empty_database.kind == "postgresql":
        environ["DATABASE_URL"] = empty_database.url
    started: list[Run] = []

    def run() -> Run:
        started.append(Run(environ))
        return started[-1]

    yield run
    for one in started:
        one.close()


def worker_of(run: Run) -> psutil.Process:
    return next(p for p in run.children() if p.cmdline()[-1] == "worker")


def alive(programs: list[psutil.Process]) -> list[psutil.Process]:
    """Give which programs are still there a moment later."""
    _gone, left = psutil.wait_procs(programs, timeout=5)
    return list(left)


def test_it_serves_the_demo_stops_whole_and_starts_again(start: Callable[[], Run]) -> None:
    first = start()
    address = first.wait_for(AT, START_SECONDS)[1]
    accounts = first.wait_for(ACCOUNT, 10)
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.status == 200
        assert "Quartieri" in answer.read().decode()
    programs = first.children()
    assert worker_of(first).is_running()
    os.killpg(first.process.pid, signal.SIGINT)
    assert first.process.wait(STOP_SECONDS) == 0
    assert alive(programs) == []

    again = start()
    again.wait_for(AT, START_SECONDS)
    assert again.wait_for(ACCOUNT, 10)[0] == accounts[0]
    programs = again.children()
    worker_of(again).kill()
    again.wait_for(re.compile("The worker ended by itself"), STOP_SECONDS)
    assert again.process.wait(STOP_SECONDS) == 1
    assert alive(programs) == []
