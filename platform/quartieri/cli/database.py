"""Commands that need the database find it migrated."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from flask_migrate import upgrade

from quartieri.config import ROOT
from quartieri.db import db
from quartieri.extensions import services

Command = TypeVar("Command", bound=Callable[..., Any])
MIGRATIONS = str(ROOT / "migrations")


def with_database(command: Command) -> Command:
    """Run a command in the application's context, on a migrated database.

    Locally an empty database is brought up to date; in production that is left to whoever runs it.
    """

    @with_appcontext
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not sa.inspect(db.engine).has_table("alembic_version"):
            if services().settings.production:
                message = "The database is empty: run flask --app app db upgrade first."
                raise click.ClickException(message)
            upgrade(directory=MIGRATIONS)
        return command(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


commands: tuple[click.Command, ...] = ()
