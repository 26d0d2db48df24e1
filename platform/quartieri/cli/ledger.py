"""The book: verify it, seal what waits."""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from quartieri.cli.database import with_database
from quartieri.db import db
from quartieri.ledger import jobs, queries

group = AppGroup("ledger", help="The double-entry book and its seals.")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON alone.")
@with_database
def verify(*, as_json: bool) -> None:
    """Re-add every account and re-walk the seals; exit 1 with the place of the first fault."""
    report = queries.verify(db.session())
    if as_json:
        click.echo(json.dumps(report.as_json(), indent=2))
    else:
        click.echo(
            f"{report.accounts} accounts, {report.transactions} transactions, "
            f"{report.entries} entries re-added"
        )
        click.echo(
            f"{report.seals} seals in {report.batches} batches re-walked; head {report.head}"
        )
        if report.erased:
            click.echo(f"{report.erased} private parts were erased; their digests are sealed")
        if report.unsealed:
            named = ", ".join(str(i) for i in report.unsealed_ids)
            more = ", …" if report.unsealed > len(report.unsealed_ids) else ""
            click.echo(f"not sealed yet, {report.unsealed}: transactions {named}{more}")
        for fault in report.faults:
            click.echo(f"{fault.place}: {fault.problem}", err=True)
        click.echo("The book is right." if report.ok else "The book is WRONG.", err=not report.ok)
    if not report.ok:
        raise SystemExit(1)


@group.command("seal")
@with_database
def seal() -> None:
    """Seal every transaction that has no seal yet, without waiting for the worker."""
    jobs.sweep()
    click.echo(f"sealed; {queries.count_unsealed(db.session())} not sealed")


commands = (group,)
