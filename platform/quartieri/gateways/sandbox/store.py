"""What the sandbox knows, in SQLite of its own: atomic, shared by processes, safe when killed."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]
"""One object in the provider's own JSON shape."""

TABLES = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    parent TEXT NOT NULL DEFAULT '', created INTEGER NOT NULL, due INTEGER, doc TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, created);
CREATE INDEX IF NOT EXISTS object_parent ON object (parent, kind) WHERE parent <> '';
CREATE INDEX IF NOT EXISTS object_due ON object (due) WHERE due IS NOT NULL;
CREATE TABLE IF NOT EXISTS answer (
    key TEXT PRIMARY KEY, endpoint TEXT NOT NULL, words TEXT NOT NULL,
    status INTEGER NOT NULL, body TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY, event TEXT NOT NULL, due INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (due) WHERE done = 0;
"""

WAIT_MS = 10_000


class Store:
    """Objects, kept answers and waiting deliveries. Everything happens inside ``unit()``."""

    def __init__(self, path: Path | None = None) -> None:
        """Keep everything in ``path``, or in memory for this object's life."""
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._pid = 0
        self._connection: sqlite3.Connection | None = None

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Open one transaction that holds the write lock: all of it or nothing is kept."""
        with self._lock:
            connection = self._connect()
            if self._depth:
                yield
                return
            connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            else:
                connection.execute("COMMIT")
            finally:
                self._depth = 0

    def _connect(self) -> sqlite3.Connection:
        """Open late and once a process: a connection must not cross a fork."""
        if self._connection is None or (self._path is not None and self._pid != os.getpid()):
            if self._path is not None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self._path or ":memory:", check_same_thread=False, isolation_level=None
            )
            connection.execute(f"PRAGMA busy_timeout={WAIT_MS}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(TABLES)
            self._connection, self._pid = connection, os.getpid()
        return self._connection

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        if not self._depth:
            msg = "the store is used outside of a unit"
            raise RuntimeError(msg)
        return self._connect().execute(statement, values)

    # -- objects -------------------------------------------------------------------------------

    def add(self, prefix: str, doc: Doc, *, created: int, parent: str = "") -> Doc:
        """Keep a new object under a fresh id; ``parent`` is what it is listed under."""
        doc = {"id": f"{prefix}_sandbox_{secrets.token_hex(10)}", "created": created} | doc
        self._run(
            "INSERT INTO object (id, kind, parent, created, doc) VALUES (?, ?, ?, ?, ?)",
            doc["id"],
            doc["object"],
            parent,
            created,
            json.dumps(doc),
        )
        return doc

    def get(self, kind: str, key: str) -> Doc | None:
        """Give an object of a kind by id."""
        row = self._run("SELECT doc FROM object WHERE id = ? AND kind = ?", key, kind).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, doc: Doc) -> None:
        """Keep an object's new state."""
        self._run("UPDATE object SET doc = ? WHERE id = ?", json.dumps(doc), doc["id"])

    def children(self, kind: str, parent: str) -> list[Doc]:
        """List the objects of a kind under a parent, oldest first."""
        rows = self._run(
            "SELECT doc FROM object WHERE parent = ? AND kind = ? ORDER BY seq", parent, kind
        )
        return [json.loads(row[0]) for row in rows]

    def newest(self, kind: str, *, since: int, before: str, most: int) -> list[Doc]:
        """List objects created at or after ``since``, newest first, older than id ``before``."""
        rows = self._run(
            "SELECT doc FROM object WHERE kind = ?1 AND created >= ?2 AND (?3 = '' OR seq <"
            " (SELECT seq FROM object WHERE id = ?3)) ORDER BY seq DESC LIMIT ?4",
            kind,
            since,
            before,
            most,
        )
        return [json.loads(row[0]) for row in rows]

    def remind(self, key: str, *, due: int) -> None:
        """Give an object back from ``take_due`` once its time has come."""
        self._run("UPDATE object SET due = ? WHERE id = ?", due, key)

    def take_due(self, *, now: int) -> list[Doc]:
        """List the objects whose time has come, each once, in the order of being due."""
        rows = self._run("SELECT id, doc FROM object WHERE due <= ? ORDER BY due, seq", now)
        found = [json.loads(row[1]) for row in rows]
        if found:
            self._run("UPDATE object SET due = NULL WHERE due <= ?", now)
        return found

    # -- kept answers --------------------------------------------------------------------------

    def answer(self, key: str, *, since: int) -> tuple[str, str, int, str] | None:
        """Give (endpoint, words, status, body) of a key not older than ``since``."""
        row = self._run(
            "SELECT endpoint, words, status, body FROM answer WHERE key = ? AND created >= ?",
            key,
            since,
        ).fetchone()
        return tuple(row) if row else None

    def keep_answer(
        self, key: str, endpoint: str, words: str, status: int, body: str, *, created: int
    ) -> None:
        """Remember what was answered to a key."""
        self._run(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)",
            key,
            endpoint,
            words,
            status,
            body,
            created,
        )

    # -- deliveries ----------------------------------------------------------------------------

    def plan_delivery(self, event: str, *, due: int) -> None:
        """Plan to send an event."""
        self._run("INSERT INTO delivery (event, due) VALUES (?, ?)", event, due)

    def due_deliveries(self, *, now: int) -> list[tuple[int, Doc, int]]:
        """List (number, event, tries) of what is to be sent now, in the order of being due."""
        rows = self._run(
            "SELECT d.seq, o.doc, d.tries FROM delivery d JOIN object o ON o.id = d.event"
            " WHERE d.done = 0 AND d.due <= ? ORDER BY d.due, d.seq",
            now,
        )
        return [(row[0], json.loads(row[1]), row[2]) for row in rows]

    def waiting_deliveries(self) -> list[int]:
        """List the numbers of all deliveries that wait, oldest first."""
        return [row[0] for row in self._run("SELECT seq FROM delivery WHERE done = 0 ORDER BY seq")]

    def next_due(self) -> int | None:
        """Give when the next waiting delivery is due."""
        row = self._run("SELECT min(due) FROM delivery WHERE done = 0").fetchone()
        return None if row[0] is None else int(row[0])

    def delivered(self, number: int) -> None:
        """Note that a delivery was taken."""
        self._run("UPDATE delivery SET done = 1, tries = tries + 1 WHERE seq = ?", number)

    def deliver_later(self, number: int, *, due: int) -> None:
        """Try a delivery again later."""
        self._run("UPDATE delivery SET tries = tries + 1, due = ? WHERE seq = ?", due, number)
