"""Real processes against one pool: never over, nothing lost, nobody turned away by a lock."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from quartieri.config import ROOT
from quartieri.db import db, unit_of_work
from quartieri.ledger import queries as book
from quartieri.ledger.models import LedgerSeal, LedgerTransaction
from quartieri.programmes import queries
from tests.databases import Database
from tests.factories.programmes import make_bound_pool

PROCESSES = 8
ATTEMPTS = 40
CENTS = 400_00

WRITER = """
import json, sys
from pathlib import Path
from quartieri.db import unit_of_work
from quartieri.audit.rules import SYSTEM
from quartieri.kit.errors import InsufficientFundsError
from quartieri.ledger import actions as ledger
from quartieri.programmes import actions
from tests.doubles import build_app
from tests.factories.programmes import AT

url, folder, pool, name, attempts, cents = sys.argv[1:]
app = build_app(url, Path(folder))
told = {"reserved": 0, "refused": 0, "errors": []}
print("ready", flush=True)
sys.stdin.readline()
with app.app_context():
    for i in range(int(attempts)):
        try:
            with unit_of_work() as session:
                told_as = {"key": f"{name}:{i}", "about": "x", "actor": SYSTEM, "at": AT}
                actions.reserve(session, int(pool), int(cents), **told_as)
            told["reserved"] += 1
        except InsufficientFundsError:
            told["refused"] += 1
        except Exception as error:
            told["errors"].append(repr(error))
        if i % 10 == 0:
            with unit_of_work() as session:
                ledger.seal(session, at=AT, limit=7)
print(json.dumps(told), flush=True)
"""


def run_writers(url: str, folder: str, pool_id: int) -> list[dict[str, Any]]:
    """Start the processes, let them go at once, and give what each told."""
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                WRITER,
                url,
                folder,
                str(pool_id),
                f"p{i}",
                str(ATTEMPTS),
                str(CENTS),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin"},
        )
        for i in range(PROCESSES)
    ]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=120)[0]) for process in started]


@pytest.fixture
def told(fresh_app: Flask, fresh_database: Database, tmp_path: Any) -> list[dict[str, Any]]:
    """Let eight processes ask for 128,000 € of a pool of 100,000 €."""
    with fresh_app.app_context():
        with unit_of_work() as session:
            pool_id = make_bound_pool(session).id
        found = run_writers(fresh_database.url, str(tmp_path), pool_id)
        db.session.remove()
    return found


def test_eight_processes_never_reserve_more_than_the_pool_holds(
    told: list[dict[str, Any]], fresh_app: Flask
) -> None:
    assert [t["errors"] for t in told] == [[]] * PROCESSES
    assert sum(t["reserved"] for t in told) == 100_000_00 // CENTS
    assert sum(t["reserved"] + t["refused"] for t in told) == PROCESSES * ATTEMPTS
    with fresh_app.app_context():
        session = db.session()
        (pool_id,) = session.scalars(sa.text("SELECT id FROM endowment_pool"))
        money = queries.pool_balances(session, pool_id)
        report = book.verify(session)
        sealed = session.scalars(sa.select(LedgerSeal.number).order_by(LedgerSeal.number)).all()
        posted = session.scalar(sa.select(sa.func.count()).select_from(LedgerTransaction))

        assert (money.available_cents, money.reserved_cents) == (0, 100_000_00)
        assert report.faults == []
        assert list(sealed) == list(range(1, len(sealed) + 1))
        assert posted == 1 + 100_000_00 // CENTS
        assert report.unsealed == posted - len(sealed)
