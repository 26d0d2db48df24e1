"""SQLite's writers: the threads of one process take turns, each until its commit is made."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, ExceptionContext
from sqlalchemy.exc import OperationalError

from quartieri.engine import prepare_engine

THREADS = 4
TIMES = 20
TAKE = sa.text("UPDATE budget SET n = n + 1")


def make_engine(path: Path) -> Engine:
    engine = sa.create_engine(f"sqlite:///{path}", pool_size=THREADS)
    prepare_engine(engine)
    with engine.execution_options(rw=True).begin() as connection:
        connection.execute(sa.text("CREATE TABLE budget (n INTEGER)"))
        connection.execute(sa.text("INSERT INTO budget VALUES (0)"))
    return engine


def count_of(connection: Connection) -> int:
    return int(connection.scalar(sa.text("SELECT n FROM budget")) or 0)


def test_no_thread_asks_for_the_file_while_another_one_of_its_process_still_commits(
    tmp_path: Path,
) -> None:
    engine = make_engine(tmp_path / "turns.sqlite3")
    found_locked: list[str] = []

    def note(context: ExceptionContext) -> None:
        found_locked.append(str(context.original_exception))

    sa.event.listen(engine, "handle_error", note)

    def write() -> None:
        for _ in range(TIMES):
            with engine.execution_options(rw=True).begin() as connection:
                connection.execute(TAKE)

    threads = [threading.Thread(target=write) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.connect() as connection:
        assert count_of(connection) == THREADS * TIMES
    assert found_locked == []
    engine.dispose()


def test_a_connection_that_writes_twice_without_being_returned_has_the_turn_twice(
    tmp_path: Path,
) -> None:
    engine = make_engine(tmp_path / "twice.sqlite3")
    with engine.execution_options(rw=True).connect() as connection:
        for _ in range(2):
            with connection.begin():
                connection.execute(TAKE)
        connection.rollback()
        assert count_of(connection) == 2
    with engine.execution_options(rw=True).begin() as another:
        another.execute(TAKE)
    engine.dispose()


def test_what_fails_gives_its_turn_back(tmp_path: Path) -> None:
    engine = make_engine(tmp_path / "fails.sqlite3")

    def fail() -> None:
        with engine.execution_options(rw=True).begin() as connection:
            connection.execute(TAKE)
            connection.execute(sa.text("UPDATE no_budget SET n = 1"))

    for _ in range(2):
        with pytest.raises(OperationalError, match="no such table"):
            fail()
    with engine.connect() as connection:
        assert count_of(connection) == 0
    engine.dispose()
