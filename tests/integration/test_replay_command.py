"""The command: what it prints, what it leaves behind, and how it says no."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from quartieri.calls.models import Call
from quartieri.db import db
from quartieri.jobs.models import Job, JobState
from quartieri.people.models import Authority
from quartieri.rehearsal import replay as told
from quartieri.rehearsal.document import ReplayInputError, edition_ids, parse_document
from tests.integration.test_replay import CALL

ROW = {"project": "A", "total_cost_eur": 1000, "raised_eur": "500.01", "backers": 2}


def command(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["replay", *words])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "edition.json"
    path.write_text(json.dumps({"call": CALL, "projects": [ROW]}))
    return path


def rows(app: Flask) -> dict[str, int]:
    """Count what a replay writes to, in the application's own database."""
    with app.app_context():
        found = {
            model.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Authority, Call, Job)
        }
        db.session.remove()
    return {name: count or 0 for name, count in found.items()}


def schemas(app: Flask) -> list[str]:
    with app.app_context():
        return [name for name in sa.inspect(db.engine).get_schema_names() if "replay" in name]


def test_json_stands_alone_and_nothing_remains(
    fresh_app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    before = rows(fresh_app)
    done = command(fresh_app, str(file), "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["call"] == {
        "id": "test",
        "endowment_cents": 100_000_00,
        "granted_cents": 500_00,
        "available_cents": 99_500_00,
    }
    assert document["projects"][0]["backers"] == 2
    assert rows(fresh_app) == before
    assert schemas(fresh_app) == []
    assert list(scratch.iterdir()) == []


def test_kept_twice_it_stands_twice_and_leaves_no_work_behind(fresh_app: Flask, file: Path) -> None:
    first = command(fresh_app, str(file), "--json", "--keep")
    second = command(fresh_app, str(file), "--json", "--keep")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert first.stdout == second.stdout
    with fresh_app.app_context():
        session = db.session()
        slugs = session.scalars(sa.select(Call.slug).order_by(Call.id)).all()
        assert list(slugs) == ["replay-test", "replay-test-2"]
        waiting = sa.select(Job.kind).where(Job.state == JobState.WAITING)
        assert session.scalars(waiting).all() == []
    assert schemas(fresh_app) == []


@pytest.mark.parametrize("keep", [True, False])
def test_a_replay_that_breaks_stores_nothing(
    fresh_app: Flask, file: Path, monkeypatch: pytest.MonkeyPatch, *, keep: bool
) -> None:
    def broken(*_: Any) -> None:
        message = "the lights went out"
        raise RuntimeError(message)

    monkeypatch.setattr(told, "_grant", broken)
    before = rows(fresh_app)
    done = command(fresh_app, str(file), *(["--keep"] if keep else []))
    assert isinstance(done.exception, RuntimeError)
    assert rows(fresh_app) == before
    assert schemas(fresh_app) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"call": {**CALL, "rule": "lottery"}}, "call, column rule"),
        ({"call": {**CALL, "colour": "red"}}, "call, column colour"),
        ({"call": {**CALL, "application_windows": []}}, "column application_windows"),
        ({"projects": [{**ROW, "outcome": "won"}]}, "row 1 (A), column outcome"),
        ({"projects": [ROW, {**ROW, "target_eur": 499}]}, "row 2 (A), column target_eur"),
        ({"projects": [{**ROW, "raised_eur": -1}]}, "row 1 (A), column raised_eur"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_stores_nothing(
    app: Flask, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    path = tmp_path / "edition.json"
    path.write_text(json.dumps({"call": CALL, "projects": [ROW]} | change))
    before = rows(app)
    done = command(app, str(path), "--json", "--keep")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert says in done.stderr
    assert rows(app) == before


def test_an_edition_without_rows_says_so_beside_an_empty_list(app: Flask) -> None:
    with_rows = {"milano-cfc-2015", "milano-cfc-2020", "milano-cfc-2022", "milano-cfc-2024"}
    for name in set(edition_ids()) - with_rows:
        done = command(app, name, "--json")
        assert done.exit_code == 0
        assert json.loads(done.stdout)["projects"] == []
        assert "no rows" in done.stderr


def test_there_are_fifteen_editions() -> None:
    assert len(edition_ids()) == 15


def test_a_name_that_is_neither_is_refused(app: Flask) -> None:
    done = command(app, "milano-cfc-1999")
    assert done.exit_code == 2
    assert "milano-cfc-2024" in done.stderr


def test_a_document_of_the_commands_test_is_sound(file: Path) -> None:
    try:
        parse_document(file.read_bytes())
    except ReplayInputError as error:
        pytest.fail(str(error))
