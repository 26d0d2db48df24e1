"""Checking published rankings by recomputing them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from quartieri.cli.database import with_database
from quartieri.db import db
from quartieri.reviews.verification import all_agree, verify


@click.group("rankings")
def group() -> None:
    """Work with published rankings."""


@group.command("verify")
@click.argument("ranking", required=False, type=int)
@click.option("--all", "every", is_flag=True, help="Every published ranking (the default).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON alone.")
@with_database
def verify_command(ranking: int | None, *, every: bool, as_json: bool) -> None:
    """Recompute RANKING (its id), or every published one, from its stored inputs and compare.

    Exits 1 when one differs, 2 when there is no such ranking.
    """
    verdicts = verify(db.session(), None if every else ranking)
    if ranking is not None and not every and not verdicts:
        click.echo(f"There is no ranking {ranking}.", err=True)
        sys.exit(2)
    agree = all_agree(verdicts)
    if as_json:
        rows = [{**asdict(v), "agrees": v.agrees} for v in verdicts]
        click.echo(json.dumps({"agree": agree, "rankings": rows}))
    else:
        for v in verdicts:
            said = "agrees" if v.agrees else v.fault
            click.echo(f"{v.ranking_id}: {v.call} window {v.window} no. {v.number}: {said}")
        click.echo(f"{len(verdicts)} rankings recomputed: {'all agree' if agree else 'FAULTS'}")
    sys.exit(0 if agree else 1)


commands = (group,)
