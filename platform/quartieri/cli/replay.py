"""Replaying past editions."""

from __future__ import annotations

import json
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from quartieri.extensions import services
from quartieri.rehearsal.document import NO_ROWS, ReplayInputError, as_lines, load, report
from quartieri.rehearsal.replay import INVENTED, replay
from quartieri.rehearsal.theatre import stage_app

BAD_INPUT = 2


@click.command("replay")
@click.argument("edition")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON, alone.")
@click.option("--keep", is_flag=True, help="Write to DATABASE_URL instead of a throw-away one.")
@with_appcontext
def replay_command(edition: str, *, as_json: bool, keep: bool) -> None:
    """Drive EDITION (the id of a shipped call, or a JSON file) through the domain's verbs."""
    try:
        parsed = load(edition)
    except ReplayInputError as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)
    results = {}
    if parsed.rows:
        build = current_app.extensions["build"]
        with stage_app(build, services().settings, keep=keep) as (_app, clock):
            results = replay(parsed, clock)
    document = report(parsed, results, INVENTED if results else ())
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        if not parsed.rows:
            click.echo(NO_ROWS, err=True)
    else:
        click.echo("\n".join(as_lines(document)))


commands = (replay_command,)
