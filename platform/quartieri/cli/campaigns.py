"""Campaigns by hand: closing what is due now, and the totals of another platform."""

from __future__ import annotations

import json
import sys
from typing import BinaryIO

import click
from flask.cli import AppGroup

from quartieri.audit.rules import SYSTEM
from quartieri.calls.queries import call_by_slug
from quartieri.campaigns import jobs, queries
from quartieri.campaigns.importing.table import text_of
from quartieri.campaigns.importing.totals import import_totals, read_totals
from quartieri.cli.database import with_database
from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.kit.errors import DomainError

BAD_INPUT = 2

group = AppGroup("campaigns", help="Campaigns and their closing.")


@group.command("close")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--json", "as_json", is_flag=True, help="Print the forecast as JSON alone.")
@with_database
def close(*, dry_run: bool, as_json: bool) -> None:
    """Do the steps that are due now, as the worker would; its crew then makes the charges."""
    now = services().clock.now()
    found = queries.forecast(db.session(), now=now)
    if not dry_run:
        db.session.rollback()
        jobs.tick()
    if as_json:
        done = {"done": not dry_run, "campaigns": [one.as_json() for one in found]}
        click.echo(json.dumps(done, indent=2))
        return
    for one in found:
        words = one.as_json()
        click.echo(
            f"{one.slug}: {' → '.join(words['steps'])}; "
            f"promised {one.promised_cents} of {one.target_cents} cents, "
            f"{one.let_go} let go first ({one.let_go_cents} cents), "
            f"{one.charges} cards to charge ({one.charges_cents} cents, "
            f"from {words['charge_at'] or '–'}), {one.awaited} awaited, "
            f"{one.unfinished} unfinished"
        )
    click.echo(f"{len(found)} campaigns {'would be' if dry_run else 'were'} taken on")


@group.command("import-totals")
@click.argument("call")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Check the table and store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON alone.")
@with_database
def import_command(call: str, file: BinaryIO, *, dry_run: bool, as_json: bool) -> None:
    """Take over the totals of CALL (its slug) from FILE, a CSV table (- reads standard input).

    All of it is stored, or nothing. Exits 2 for a call that does not exist or a table with faults.
    """
    at = services().clock.now()
    source = getattr(file, "name", "") or "CSV"
    try:
        text = text_of(file.read())
        with unit_of_work() as session:
            found = call_by_slug(session, call)
            if found is None:
                click.echo(f"There is no call {call}.", err=True)
                sys.exit(BAD_INPUT)
            done = read_totals(session, found.id, text, source=source, at=at)
            if not dry_run and not done.faults:
                import_totals(session, found.id, text, source=source, actor=SYSTEM, at=at)
            new = [
                {
                    "project": row.campaign.slug,
                    "raised_cents": row.total.raised_cents,
                    "backers": row.total.backers,
                    "as_of": row.total.as_of.isoformat(),
                }
                for row in done.new
            ]
    except DomainError as error:
        click.echo(error.message.source, err=True)
        sys.exit(BAD_INPUT)
    faults = [{"line": one.line, "why": one.why.source} for one in done.faults]
    stored = not dry_run and not faults
    if as_json:
        click.echo(
            json.dumps({"stored": stored, "new": new, "known": done.known, "faults": faults})
        )
    else:
        for fault in faults:
            click.echo(f"line {fault['line']}: {fault['why']}", err=True)
        said = "stored" if stored else "checked, nothing stored"
        click.echo(f"{len(new)} new, {done.known} known, {len(faults)} wrong: {said}.")
    sys.exit(BAD_INPUT if faults else 0)


commands = (group,)
