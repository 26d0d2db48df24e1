"""Setting an engine up: SQLite in WAL with full sync, whose writers take their turns.

SQLite's own ``busy_timeout`` starves some who wait: here one thread of a process at a time asks for
the file, and looks more often the longer it has waited. On both databases who has waited too long
for a lock gets a BusyError: a person may ask again, and a job is put back without a fault.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from quartieri.kit.errors import BusyError
from quartieri.kit.labels import lazy

WAIT_SECONDS = 10.0
"""How long a writer waits for SQLite's lock before the person is asked to try again (503)."""


def prepare_engine(engine: Engine) -> None:
    """Set an engine up: SQLite in WAL with full sync and our own BEGIN; PostgreSQL's lock waits."""
    if engine.dialect.name != "sqlite":
        event.listen(engine, "handle_error", _on_error, retval=True)
        return
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "begin", _on_sqlite_begin)
    event.listen(engine, "checkin", _on_sqlite_return)


def _on_error(context: ExceptionContext) -> BaseException | None:
    taken = getattr(context.original_exception, "sqlstate", None) == LOCK_NOT_AVAILABLE
    return _busy() if taken else None


LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's word for a lock that was waited for longer than ``lock_timeout``."""


def _on_sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=0",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_sqlite_begin(connection: Connection) -> None:
    _give_turn_back(connection.info)
    if not connection.get_execution_options().get("rw"):
        connection.exec_driver_sql("BEGIN")
        return
    asked = time.monotonic()
    turn = _TURNS[connection.engine.url.database or ""]
    if not turn.lock.acquire(timeout=WAIT_SECONDS):
        raise _busy()
    try:
        _take_the_file(connection, turn, asked)
    except BaseException:
        turn.lock.release()
        raise
    connection.info[TURN] = turn


def _take_the_file(connection: Connection, turn: Turn, asked: float) -> None:
    if turn.contended:
        time.sleep(LOOK_SECONDS)  # others only look now and then: who just wrote lets them look
    turn.contended = False
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if "locked" not in str(error) and "busy" not in str(error):
                raise
            waited = time.monotonic() - asked
            if waited > WAIT_SECONDS:
                raise _busy() from error
            turn.contended = True
            # who has waited long looks more often; SQLite's busy_timeout starves some
            often = LOOK_SECONDS * 4 / (1 + 10 * waited)
            time.sleep(random.uniform(0.05, 1) * often)  # noqa: S311 -- not cryptography
        else:
            return


def _busy() -> BusyError:
    return BusyError(lazy("Many people are writing at this moment. Please try again shortly."))


@dataclass(slots=True)
class Turn:
    """The turn of this process's threads to write: only one of them asks for the file at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    contended: bool = False
    """Whether another process was writing when this one last asked."""


LOOK_SECONDS = 0.001
"""How soon a writer that waits looks again whether the file is free."""
TURN = "turn to write"
_TURNS: dict[str, Turn] = defaultdict(Turn)
"""One for each SQLite file."""


def _on_sqlite_return(_connection: sqlite3.Connection | None, record: ConnectionPoolEntry) -> None:
    """Pass the turn on once the file is free: the engine tells of a commit before it is made."""
    _give_turn_back(record.info)


def _give_turn_back(info: dict[Any, Any]) -> None:
    turn = info.pop(TURN, None)
    if turn is not None:
        turn.lock.release()
