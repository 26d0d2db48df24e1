"""Payments: our books against the provider's."""

from __future__ import annotations

import json
from datetime import datetime

import click
from flask.cli import AppGroup

from quartieri.cli.database import with_database
from quartieri.db import db
from quartieri.kit.clock import rome
from quartieri.kit.errors import DomainError
from quartieri.payments import differences, jobs
from quartieri.payments.rules import CaseState

group = AppGroup("payments", help="What the payment provider has done.")


@group.command("reconcile")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day, in Rome.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON alone.")
@with_database
def reconcile(since: datetime | None, *, as_json: bool) -> None:
    """Walk the provider's events and balance; repair what is late, list what differs."""
    try:
        counts = jobs.run_reconciliation(since=None if since is None else rome(since.date()))
    except DomainError as error:
        raise click.ClickException(error.message.source) from error
    waiting = differences.count_cases(db.session(), CaseState.OPEN)
    if as_json:
        click.echo(json.dumps(counts | {"waiting": waiting}, indent=2, sort_keys=True))
        return
    for name, count in sorted(counts.items()):
        click.echo(f"{name}: {count}")
    click.echo(f"differences that wait for a decision: {waiting}")


commands = (group,)
"""Commands of `flask --app app`; each calls one function."""
