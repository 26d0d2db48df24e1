"""Calls out as one document, in again, and copied; the commands that do it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.calls import actions, queries
from quartieri.calls.exchange import CallDocument, LevelShare, checked, written
from quartieri.calls.models import Call, CallFile
from quartieri.calls.rules import CallFileKind
from quartieri.calls.shipped import FOLDER
from quartieri.db import db, unit_of_work
from quartieri.files.models import StoredFile
from quartieri.kit.errors import NotYoursError
from quartieri.people.models import Authority
from quartieri.programmes.rules import LevelKind
from tests.factories.calls import AT, MANAGER, make_call, ready_design
from tests.factories.programmes import make_authority, make_level
from tests.unit.test_calls_exchange import EXPECTED, HOSTILE, TERM


def exported(session: Session, call: Call) -> str:
    return written(queries.document_of(session, call).to_json())


def with_programme(session: Session) -> tuple[Authority, dict[int, int]]:
    """Give an authority with two levels "1", in different lines, that pay for a call."""
    authority = make_authority(session)
    root = make_level(session, authority, code="PT", budget_cents=1_000_000_00)
    shares = {}
    for line in ("E", "F"):
        above = make_level(session, authority, kind=LevelKind.LINE, parent=root, code=line)
        level = make_level(session, authority, kind=LevelKind.ACTION, parent=above, code="1")
        shares[level.id] = 50_000_00
    return authority, shares


def test_export_import_export_is_identical(session: Session) -> None:
    authority, shares = with_programme(session)
    call = make_call(session, authority=authority, shares=shares)
    first = exported(session, call)
    document, found = checked(first.encode())
    assert document is not None, found
    assert document.shares == (LevelShare("PT/E/1", 50_000_00), LevelShare("PT/F/1", 50_000_00))
    again = actions.import_document(session, authority, document, actor=MANAGER, at=AT)
    assert again.id != call.id
    assert again.slug != call.slug
    assert exported(session, again) == first
    assert queries.gaps(session, again, now=AT) == queries.gaps(session, call, now=AT)


def test_a_level_that_the_programme_does_not_have_is_refused(session: Session) -> None:
    authority, _shares = with_programme(session)
    document = CallDocument(endowment_cents=10, shares=(LevelShare("1", 10),))
    with pytest.raises(actions.DocumentError) as refused:
        actions.import_document(session, authority, document, actor=MANAGER, at=AT)
    assert [n.pointer for n in refused.value.notes] == ["/shares/0/level"]
    assert session.scalar(sa.select(sa.func.count(Call.id))) == 0


def test_without_a_programme_the_shares_are_left_out_with_a_warning(session: Session) -> None:
    authority = make_authority(session)
    document = CallDocument(endowment_cents=10, shares=(LevelShare("E/1", 10),))
    _faults, warnings = queries.against_city(session, authority.id, document)
    assert [n.pointer for n in warnings] == ["/shares"]
    call = actions.import_document(session, authority, document, actor=MANAGER, at=AT)
    assert queries.document_of(session, call) == CallDocument(endowment_cents=10)


def test_files_of_the_authority_come_along_and_others_do_not(session: Session) -> None:
    call = make_call(session)
    kept = StoredFile(
        name="a.pdf", media_type="application/pdf", size=3, sha256="a" * 64, uploaded_at=AT
    )
    hidden = StoredFile(
        name="b.pdf", media_type="application/pdf", size=3, sha256="b" * 64, uploaded_at=AT
    )
    session.add_all([kept, hidden])
    session.flush()
    notice = CallFile(
        call_id=call.id,
        kind=CallFileKind.DOCUMENT,
        file_id=kept.id,
        title_it="Il bando",
        added_at=AT,
    )
    session.add(notice)
    session.flush()
    first = exported(session, call)
    copy = actions.duplicate(session, call, actor=MANAGER, at=AT)
    assert exported(session, copy) == first
    document, _found = checked(first.replace("a" * 64, "b" * 64).encode())
    assert document is not None
    _faults, warnings = queries.against_city(session, call.authority_id, document)
    assert [n.pointer for n in warnings] == ["/documents/0"]
    other = actions.import_document(session, call.authority, document, actor=MANAGER, at=AT)
    assert queries.document_of(session, other).documents == ()


def test_a_copy_says_the_same_under_another_address(session: Session) -> None:
    call = make_call(session)
    copy = actions.duplicate(session, call, actor=MANAGER, at=AT)
    assert exported(session, copy) == exported(session, call)
    assert copy.slug != call.slug


def test_only_a_call_manager_brings_a_call_in(session: Session) -> None:
    authority = make_authority(session)
    with pytest.raises(NotYoursError):
        actions.import_document(
            session, authority, CallDocument(), actor=Actor(1, "A", frozenset()), at=AT
        )


def test_html_in_a_document_does_no_harm(session: Session) -> None:
    document, _found = checked((HOSTILE / "html.json").read_bytes())
    assert document is not None
    call = actions.import_document(session, make_authority(session), document, actor=MANAGER, at=AT)
    for bad in ("<script", 'href="javascript', "<svg", "<img"):
        assert bad not in call.text_html_it


# -- the commands ------------------------------------------------------------------------------


@pytest.fixture
def empty(fresh_app: Flask) -> Iterator[Flask]:
    yield fresh_app
    with fresh_app.app_context():
        db.session.remove()
        db.engine.dispose()


def command(app: Flask, *words: str, given: str | bytes | None = None) -> Result:
    return app.test_cli_runner().invoke(args=["calls", *words], input=given)


def kept(app: Flask) -> dict[str, int]:
    """Count what an import writes."""
    with app.app_context():
        found = {
            model.__tablename__: db.session.scalar(sa.select(sa.func.count()).select_from(model))
            for model in (Authority, Call)
        }
        db.session.remove()
    return {name: count or 0 for name, count in found.items()}


def result(done: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_commands_work_before_anything_is_installed(empty: Flask) -> None:
    path = str(FOLDER / "alleanze-2024.json")
    said = result(command(empty, "validate", path, "--json"))
    assert (said["ok"], said["errors"]) == (True, [])
    assert kept(empty) == {"authority": 0, "call": 0}
    done = command(empty, "import", path, "--json")
    assert done.exit_code == 0, done.output
    assert result(done)["warnings"] == said["warnings"] != []
    first = command(empty, "export", str(result(done)["call"]["id"]), "--json")
    assert first.exit_code == 0, first.output
    again = command(empty, "import", "-", "--json", given=first.stdout)
    assert again.exit_code == 0, again.output
    second = command(empty, "export", result(again)["call"]["slug"])
    assert second.stdout == first.stdout
    assert kept(empty) == {"authority": 1, "call": 2}


@pytest.mark.parametrize("name", ["three-faults.json", "latin1.json", "circle-of-conditions.json"])
def test_a_document_with_faults_exits_2_and_stores_nothing(empty: Flask, name: str) -> None:
    path = str(HOSTILE / name)
    for verb in ("validate", "import"):
        done = command(empty, verb, path, "--json")
        assert done.exit_code == 2
        said = result(done)
        assert said["ok"] is False
        assert [e["pointer"] for e in said["errors"]] == EXPECTED[name]["pointers"]
        plain = command(empty, verb, path)
        assert plain.exit_code == 2
        assert plain.stdout == ""
        assert len(plain.stderr.splitlines()) == len(said["errors"])
    assert kept(empty) == {"authority": 0, "call": 0}


def test_what_a_command_cannot_find_exits_2(empty: Flask, tmp_path: Path) -> None:
    for words in (
        ("export", "nowhere"),
        ("export", "9" * 40),
        ("import", str(tmp_path / "none.json")),
        ("validate", str(FOLDER / "alleanze-2024.json"), "--authority", "nowhere"),
    ):
        assert command(empty, *words).exit_code == 2, words


def test_an_import_goes_to_the_named_authority_or_to_the_first(empty: Flask) -> None:
    with empty.app_context():
        with unit_of_work() as session:
            make_authority(session, slug="prima")
            make_authority(session, slug="seconda")
        db.session.remove()
    path = str(FOLDER / "scuola-quartieri-2024.json")
    first = result(command(empty, "import", path, "--json"))
    second = result(command(empty, "import", path, "--json", "--authority", "seconda"))
    assert [first["call"]["authority"], second["call"]["authority"]] == ["prima", "seconda"]


def test_a_ready_call_is_validated_with_nothing_to_add(empty: Flask, tmp_path: Path) -> None:
    path = tmp_path / "call.json"
    document = CallDocument(design=ready_design(sessions=TERM), endowment_cents=100_000_00)
    path.write_text(written(document.to_json()))
    done = command(empty, "validate", str(path), "--json")
    assert done.exit_code == 0
    assert [w["pointer"] for w in result(done)["warnings"]] == ["/windows"]
