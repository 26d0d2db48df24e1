"""Assignments keep their declarations and scores when their table is written anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from quartieri.config import ROOT
from quartieri.db import db, unit_of_work
from quartieri.reviews.models import Assignment
from tests.databases import Database
from tests.doubles import build_app
from tests.factories.reviews import make_scene

FOLDER = ROOT / "migrations"


@pytest.fixture
def bare_app(empty_database: Database, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database without any table."""
    app = build_app(empty_database.url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def counts() -> list[int]:
    return [
        db.session.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()
        for table in ("assignment", "conflict", "score")
    ]


def test_old_rows_survive_both_ways(bare_app: Flask) -> None:
    upgrade(directory=str(FOLDER))
    with unit_of_work() as session:
        scene = make_scene(session)
        scene.score(scene.apply(), 14, 12)
    before = counts()
    assert before == [2, 2, 4]
    db.session.remove()
    downgrade(directory=str(FOLDER), revision="0017")
    db.session.remove()
    assert counts() == before
    db.session.remove()
    upgrade(directory=str(FOLDER))
    assert counts() == before
    kept = db.session.scalars(sa.select(Assignment).order_by(Assignment.id)).all()
    assert [(a.stage, a.agreed, len(a.scores), a.conflict.state) for a in kept] == [
        (1, False, 2, "none"),
        (1, False, 2, "none"),
    ]
