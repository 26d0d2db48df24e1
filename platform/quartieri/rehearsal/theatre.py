"""Where a replay plays: a database that is thrown away, a set clock, a provider in process."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from quartieri.config import ROOT, Settings
from quartieri.db import db
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.gateways.storage import FolderStorage
from quartieri.kit.clock import SetClock

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
Build = Callable[..., Flask]
"""``wiring.create_app``, handed in: what is below does not import what is above."""


class NoEmail:
    """A mail service that sends nothing: a replay writes to nobody."""

    def send(self, name: str, *, to: str, subject: str, text: str) -> None:
        """Let the letter fall."""


@contextmanager
def stage_app(
    build: Build, settings: Settings, *, keep: bool, sandbox: Path | None = None
) -> Iterator[tuple[Flask, SetClock]]:
    """Give an application with a set clock, inside its context.

    Its database is a new one of the same kind, dropped at the end; with ``keep`` it is the
    installation's own. ``sandbox`` is the file of the payment sandbox; None keeps it in memory.
    """
    clock = SetClock(LONG_AGO)
    with (
        tempfile.TemporaryDirectory(prefix="quartieri-replay-") as folder,
        _database(settings, Path(folder), keep=keep) as own,
    ):
        app = build(
            replace(own, demo=False, var=Path(folder) if not keep else own.var, rate_limits=False),
            clock=clock,
            payments=SandboxProvider(Sandbox(sandbox, now=clock.now)),
            email=NoEmail(),
            storage=FolderStorage((own.var if keep else Path(folder)) / "files"),
        )
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
            try:
                yield app, clock
            finally:
                db.session.remove()
                db.engine.dispose()


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
