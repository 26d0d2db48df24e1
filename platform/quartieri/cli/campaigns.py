"""Closing campaigns by hand: what is due now, or what would be done."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from quartieri.campaigns import jobs, queries
from quartieri.cli.database import with_database
from quartieri.db import db
from quartieri.extensions import services

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
            f"{one.charges} cards to charge ({one.charges_cents} cents, "
            f"from {words['charge_at'] or '–'}), {one.unfinished} unfinished"
        )
    click.echo(f"{len(found)} campaigns {'would be' if dry_run else 'were'} taken on")


commands = (group,)
"""Commands of `flask --app app`; each calls one function."""
