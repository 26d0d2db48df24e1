"""Timing, counting queries, and the lines that a measurement prints."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the report: what was measured, what must be and what is aimed at, the result."""

    what: str
    must: str
    aim: str
    result: str


def seconds(work: Callable[[], object], *, runs: int = 30, warm: int = 3) -> float:
    """Give the median of the processor's time that a call takes: what neighbours do counts less."""
    for _ in range(warm):
        work()
    times = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return statistics.median(times)


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are executed meanwhile (BEGIN and the like left out)."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.split(None, 1)[0].upper() not in {"BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE"}:
            statements.append(statement)

    sa.event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(Engine, "before_cursor_execute", note)


def fetch(app: Flask, path: str) -> bytes:
    """Ask the application for a page, in process; anything but 200 is an error."""
    answer = app.test_client().get(path, headers={"Accept-Language": "it"})
    if answer.status_code != 200:
        message = f"{path}: {answer.status}"
        raise RuntimeError(message)
    return answer.data
