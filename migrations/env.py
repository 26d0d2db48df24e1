"""How Alembic meets the application: its engine, its models, SQLite's batch mode."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlalchemy.types import TypeEngine

from quartieri.db import Base, Exact, Instant, db

LOCK_TIMEOUT = "10s"


def render_item(kind: str, item: Any, _autogen: Any) -> str | bool:
    """Write our column types as plain ones: a migration must not change when they do."""
    if kind != "type" or not isinstance(item, TypeEngine):
        return False
    if isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Exact):
        return "sa.String(length=32)"
    if isinstance(item, sa.JSON):
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def run() -> None:
    """Run the migrations in one transaction on the application's database.

    On SQLite it begins with the write lock, and tables are rebuilt in batches. The guards of
    append-only tables are dropped and set again by the migration that rebuilds such a table.
    """
    with db.engine.connect().execution_options(rw=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    msg = "migrations run against a database: there is no offline mode"
    raise SystemExit(msg)
run()
