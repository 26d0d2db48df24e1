"""Running the site: the worker, and preparing a database."""

from __future__ import annotations

import signal
from types import FrameType

import click
from flask.cli import with_appcontext

from quartieri.cli.database import with_database
from quartieri.cli.install import install, keep_demo_out
from quartieri.db import upgrade_database
from quartieri.extensions import services
from quartieri.jobs import worker as work
from quartieri.rehearsal import demo as city


@click.command("worker")
@with_database
def worker() -> None:
    """Do timed work (closings, charges, letters, seals) until stopped."""
    stopped = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    work.loop(stop=lambda: stopped)


@click.command("prepare")
@click.option("--demo/--no-demo", default=True, help="Load the demo city, or install anew.")
@with_appcontext
def prepare(*, demo: bool) -> None:
    """Migrate the database; load the demo city once, or ask for the first settings."""
    upgrade_database()
    if demo and services().settings.demo:
        keep_demo_out()
        city.load()
        click.echo(city.accounts_text())
    else:
        install()


commands = (worker, prepare)
