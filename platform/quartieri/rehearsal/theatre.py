"""Where a rehearsal plays: a set clock, a provider in process, and one transaction for it all.

What is told in one transaction is there whole or not at all, and nobody else, no worker of the
site either, meets it half-way.
"""

from __future__ import annotations

import logging
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Connection, Engine

from quartieri import logs
from quartieri.config import Settings
from quartieri.db import db, upgrade_database
from quartieri.gateways.sandbox.desk import Mode
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.storage import FolderStorage
from quartieri.kit.clock import SetClock

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Build = Callable[..., Flask]
"""``wiring.create_app``, handed in: what is below does not import what is above."""


PLANNED = "planned"
"""Where a rehearsal's session notes the jobs that were planned in it."""


class NoEmail:
    """A mail service that sends nothing: a replay writes to nobody."""

    def send(self, name: str, *, to: str, subject: str, text: str) -> None:
        """Let the letter fall."""


@contextmanager
def stage_app(
    build: Build, settings: Settings, *, keep: bool, sandbox: Path | None = None
) -> Iterator[tuple[Flask, SetClock]]:
    """Give an application with a set clock, inside its context and one open transaction.

    Its database is a new one of the same kind, dropped at the end; with ``keep`` it is the
    installation's own, and the transaction is committed at the end or, after an error, not at all.
    ``sandbox`` is the file of the payment sandbox; None keeps it in memory. It sends no messages:
    all that they would tell has been answered already.
    """
    from quartieri.gateways.sandbox.provider import (  # noqa: PLC0415 -- Stripe's library, seldom needed
        SandboxProvider,
    )

    clock = SetClock(LONG_AGO)
    box = Sandbox(sandbox, now=clock.now)
    box.mode = Mode.DROPPED
    with (
        tempfile.TemporaryDirectory(prefix="quartieri-replay-") as folder,
        _database(settings, Path(folder), keep=keep) as own,
    ):
        app = build(
            replace(own, demo=False, var=Path(folder) if not keep else own.var, rate_limits=False),
            clock=clock,
            payments=SandboxProvider(box),
            email=NoEmail(),
            storage=FolderStorage((own.var if keep else Path(folder)) / "files"),
        )
        logs.configure(level=logging.WARNING)
        with app.app_context():
            upgrade_database()
            try:
                with one_transaction():
                    yield app, clock
            finally:
                db.engine.dispose()
                logs.configure()


@contextmanager
def one_transaction() -> Iterator[None]:
    """Hold every unit of work of this application context in one transaction, as a savepoint.

    Committed at the end, rolled back after an error; on SQLite others wait with their writing.
    """
    db.session.remove()
    engines = cast("dict[str | None, Engine | Connection]", db.engines)
    engine = db.engine
    with engine.connect().execution_options(rw=True) as connection, connection.begin():
        engines[None] = connection
        db.session(join_transaction_mode="create_savepoint", info={PLANNED: []})
        try:
            yield
        finally:
            db.session.remove()
            engines[None] = engine


@contextmanager
def _database(settings: Settings, folder: Path, *, keep: bool) -> Iterator[Settings]:
    if keep:
        yield settings
    elif settings.database_url.startswith("sqlite"):
        yield replace(settings, database_url=f"sqlite:///{folder / 'replay.sqlite3'}")
    else:
        # a schema of its own on the same server: nothing outside of it is seen or touched
        schema = f"replay_{secrets.token_hex(6)}"
        engine = sa.create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            yield replace(settings, schema=schema)
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            engine.dispose()
