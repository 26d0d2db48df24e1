"""Databases for the tests: migrated once, then copied, so that a clean one costs milliseconds.

Several processes of one run (pytest-xdist) share the server and the templates through a folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import postgres

KINDS = ("sqlite", "postgresql")
TEMPLATE = "template_quartieri"
TRIES = 100
"""Each opens a connection of its own, some ten milliseconds."""


@dataclass(frozen=True, slots=True)
class Database:
    """One database: ``kind`` is sqlite or postgresql."""

    kind: str
    url: str


class Databases:
    """Makes databases for one process of the run; ``migrate`` brings an empty one to the head."""

    def __init__(
        self, folder: Path, worker: str, server: Path | None, migrate: Callable[[str], None]
    ) -> None:
        """Keep where the run's files are, this process's name and the server's folder, if any."""
        self._folder = folder
        self._worker = worker
        self._server = server
        self._migrate = migrate
        self._numbers = itertools.count(1)
        self._shared: dict[str, Database] = {}

    def shared(self, kind: str) -> Database:
        """Give this process's one migrated database, for tests that roll back."""
        if kind not in KINDS:
            message = f"{kind!r} is no database: does a test call another parameter 'kind'?"
            raise ValueError(message)
        if kind not in self._shared:
            self._shared[kind] = self.fresh(kind)
        return self._shared[kind]

    def fresh(self, kind: str) -> Database:
        """Give a migrated, empty database of its own, for tests that commit."""
        name = f"q_{self._worker}_{next(self._numbers)}"
        with self._locked(kind):
            template = self._template(kind)
            if kind == "sqlite":
                path = self._folder / f"{name}.sqlite3"
                shutil.copyfile(template, path)
                return Database(kind, f"sqlite:///{path}")
            self._copy(name)
        return Database(kind, postgres.url(self._needed_server(), name))

    def _copy(self, name: str) -> None:
        """Copy the template; while another process drops a database the server may not see it."""
        for _again in range(TRIES):
            with contextlib.suppress(psycopg.errors.InvalidCatalogName):
                return self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self._execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")

    def empty(self, kind: str) -> Database:
        """Give a database without any table, for tests of the migrations."""
        name = f"q_{self._worker}_{next(self._numbers)}"
        if kind == "sqlite":
            return Database(kind, f"sqlite:///{self._folder / name}.sqlite3")
        self._execute(f"CREATE DATABASE {name}")
        return Database(kind, postgres.url(self._needed_server(), name))

    def drop(self, database: Database) -> None:
        """Remove a database; whoever is still connected is cut off."""
        if database.kind == "sqlite":
            path = Path(database.url.removeprefix("sqlite:///"))
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            return
        name = database.url.split("@/")[1].split("?")[0]
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        postgres.execute(self._needed_server(), statement)

    def _needed_server(self) -> Path:
        if self._server is None:
            raise postgres.MissingError(postgres.HOW_TO_GET_IT)
        return self._server

    def _template(self, kind: str) -> Path:
        """Migrate the template if this is the first process to ask for it."""
        path = self._folder / f"{TEMPLATE}.{kind}"
        if path.exists():
            return path
        if kind == "sqlite":
            scratch = path.with_suffix(".new")
            self._migrate(f"sqlite:///{scratch}")
            scratch.rename(path)
        else:
            self._execute(f"DROP DATABASE IF EXISTS {TEMPLATE}")
            self._execute(f"CREATE DATABASE {TEMPLATE}")
            self._migrate(postgres.url(self._needed_server(), TEMPLATE))
            path.touch()
        return path

    @contextlib.contextmanager
    def _locked(self, kind: str) -> Iterator[None]:
        with (self._folder / f"{kind}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
