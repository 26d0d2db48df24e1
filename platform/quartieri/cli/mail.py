"""Mail: what came back."""

from __future__ import annotations

import json
from typing import BinaryIO

import click
from flask.cli import AppGroup

from quartieri.cli.database import with_database
from quartieri.db import unit_of_work
from quartieri.extensions import services
from quartieri.mail.actions import came_back
from quartieri.mail.bounces import read_report

mail = AppGroup("mail", help="Letters that were sent.")


@mail.command("bounced")
@click.argument("report", type=click.File("rb"), default="-")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@with_database
def bounced(report: BinaryIO, *, as_json: bool) -> None:
    """Read a report of non-delivery (RFC 3464) and mark the letter that it is about.

    For the mail server: an alias of MAIL_FROM pipes what comes back into this command. Anything
    else that arrives there is ignored.
    """
    bounce = read_report(report.read())
    letter_id = None
    if bounce is not None:
        with unit_of_work() as session:
            found = came_back(
                session,
                bounce,
                sender=services().settings.mail_from,
                at=services().clock.now(),
            )
            letter_id = found.id if found is not None else None
    if as_json:
        click.echo(json.dumps({"letter": letter_id, "reason": bounce.reason if bounce else ""}))
    elif letter_id is None:
        click.echo("No letter of ours is reported lost.")
    else:
        click.echo(f"Letter {letter_id} did not arrive.")


commands = (mail,)
