"""Calls as one JSON document: out, in, and checked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import click
import sqlalchemy as sa
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.calls import actions, queries
from quartieri.calls.exchange import MOST_BYTES, CallDocument, Note, checked, lacks, written
from quartieri.calls.models import Call
from quartieri.cli.database import with_database
from quartieri.cli.install import UNNAMED
from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.people import actions as people
from quartieri.people.models import Authority
from quartieri.people.queries import authorities
from quartieri.rehearsal.replay import REPLAYED

BAD_INPUT = 2

group = AppGroup("calls", help="Calls as one JSON document.")
in_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON alone.")
of_authority = click.option("--authority", default="", help="Its slug; else the first installed.")


@group.command("export")
@click.argument("call")
@in_json
@with_database
def export(call: str, *, as_json: bool) -> None:  # noqa: ARG001 -- the document is JSON either way
    """Print CALL, its slug or its id, as one document. Exits 2 when there is no such call."""
    session = db.session()
    found = queries.call_by_slug(session, call)
    if found is None and call.isascii() and call.isdecimal() and len(call) < len(str(2**63)):
        found = session.get(Call, int(call))
    if found is None:
        click.echo(f"There is no call {call}.", err=True)
        sys.exit(BAD_INPUT)
    click.echo(written(queries.document_of(session, found).to_json()), nl=False)


@group.command("validate")
@click.argument("file", type=click.File("rb"))
@of_authority
@in_json
@with_database
def validate(file: BinaryIO, authority: str, *, as_json: bool) -> None:
    """Check FILE (- reads standard input) and store nothing.

    Any fault of shape or reference exits 2; what publication still lacks is a warning and exits 0.
    """
    document, found, warnings = _read(file, authority)
    if document is None:
        _refuse(found, as_json=as_json)
    elif as_json:
        click.echo(_result(warnings))
    else:
        _warn(warnings)
        click.echo(f"The document is right; {len(warnings)} warnings.")


@group.command("import")
@click.argument("file", type=click.File("rb"))
@of_authority
@in_json
@with_database
def import_(file: BinaryIO, authority: str, *, as_json: bool) -> None:
    """Start a draft from FILE (- reads standard input); any fault exits 2 and stores nothing."""
    document, found, warnings = _read(file, authority)
    if document is None:
        _refuse(found, as_json=as_json)
        return
    db.session.rollback()
    now = services().clock.now()
    with unit_of_work() as session:
        city = _authority(session, authority) or people.add_authority(
            session, slug=UNNAMED, name="Imported calls", city="–", language="it", at=now
        )
        call = actions.import_document(session, city, document, actor=SYSTEM, at=now)
        said = {"id": call.id, "slug": call.slug, "authority": city.slug}
    if as_json:
        click.echo(_result(warnings, said))
    else:
        _warn(warnings)
        click.echo(f"Draft {said['id']} ({said['slug']}) of {said['authority']}.")


def _read(file: BinaryIO, slug: str) -> tuple[CallDocument | None, list[Note], list[Note]]:
    """Give the document with its warnings, or None with its faults."""
    document, found = checked(file.read(MOST_BYTES + 1))
    if document is None:
        return None, found, []
    session = db.session()
    authority = _authority(session, slug)
    if slug and authority is None:
        click.echo(f"There is no authority {slug}.", err=True)
        sys.exit(BAD_INPUT)
    city, warnings = None, list[Note]()
    if authority is not None:
        city = queries.city_of(session, authority.id)
        found, warnings = queries.against_city(session, authority.id, document)
    if found:
        return None, found, []
    warnings += lacks(document, now=services().clock.now(), city=city)
    return document, [], warnings


def _authority(session: Session, slug: str) -> Authority | None:
    if slug:
        return session.scalars(sa.select(Authority).where(Authority.slug == slug)).one_or_none()
    return next((a for a in authorities(session) if not a.slug.startswith(REPLAYED)), None)


def _refuse(found: Sequence[Note], *, as_json: bool) -> None:
    if as_json:
        errors = [note.as_json() for note in found]
        click.echo(json.dumps({"ok": False, "errors": errors, "warnings": []}, indent=2))
    else:
        for note in found:
            click.echo(f"{note.pointer or '/'}: {note.message.source}", err=True)
    sys.exit(BAD_INPUT)


def _result(warnings: Sequence[Note], call: Mapping[str, object] | None = None) -> str:
    result: dict[str, object] = {"ok": True, "errors": []}
    result["warnings"] = [note.as_json() for note in warnings]
    if call is not None:
        result["call"] = call
    return json.dumps(result, ensure_ascii=False, indent=2)


def _warn(warnings: Sequence[Note]) -> None:
    for note in warnings:
        click.echo(f"warning: {note.pointer or '/'}: {note.message.source}", err=True)


commands = (group,)
