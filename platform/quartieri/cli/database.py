"""The commands of migrations; other commands that need the database find it migrated."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from quartieri.db import db, upgrade_database
from quartieri.extensions import services

Command = TypeVar("Command", bound=Callable[..., Any])


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
            upgrade_database()
        return command(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


class Database(click.Group):
    """Flask-Migrate's own commands, loaded when one is asked for (see ``db.Migrations``)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List them."""
        return self._real().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Give one."""
        return self._real().get_command(ctx, cmd_name)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Read the words with its own options."""
        return self._real().make_context(info_name, args, parent, **extra)

    def _real(self) -> click.Group:
        from flask_migrate.cli import db as group  # noqa: PLC0415 -- loaded late, see above

        found: click.Group = group
        return found


commands: tuple[click.Command, ...] = (Database("db", help="Perform database migrations."),)
