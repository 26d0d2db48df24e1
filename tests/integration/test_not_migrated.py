"""A database that waits for its migrations: monitors, people and programs hear what is wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri import logs
from quartieri.web.migrated import UPGRADE, is_behind, newest
from tests.databases import Database
from tests.doubles import build_app, close_database


@pytest.fixture
def bare_app(empty_database: Database, tmp_path: Path) -> Iterator[Flask]:
    app = build_app(empty_database.url, tmp_path)
    before = logging.getLogger().handlers
    yield app
    logging.getLogger().handlers = before
    close_database(app)


def test_a_database_without_tables_is_told_from_one_that_is_busy(
    bare_app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    client = bare_app.test_client()
    health = client.get("/health")
    assert (health.status_code, health.get_json()["run"]) == (503, UPGRADE)
    page = client.get("/calls")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert "The site is being updated" in page.text
    assert "Il sito viene aggiornato" in page.text
    answer = client.get("/calls", headers={"Accept": "application/json"})
    assert answer.get_json()["detail"] == "The database waits for its migrations."
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    told = [line for line in lines if line["event"] == "database.not_migrated"]
    assert told
    assert told[0]["run"] == UPGRADE


def test_one_migration_less_is_behind_and_one_more_is_not(session: Session) -> None:
    assert not is_behind(session)
    for number, behind in [("0001", True), (f"{int(newest()) + 1:04}", False)]:
        session.execute(sa.text("UPDATE alembic_version SET version_num = :n"), {"n": number})
        assert is_behind(session) is behind
