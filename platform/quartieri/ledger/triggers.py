"""The triggers that keep the book, and any other append-only table, from being changed.

Migrations call :func:`install` after creating the tables. A batch migration on SQLite rebuilds its
table and so drops its triggers: call :func:`install` (or ``append_only``) again at its end.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

APPEND_ONLY = ("ledger_transaction", "ledger_entry", "ledger_seal_batch", "ledger_seal")
FIXED_ACCOUNT_COLUMNS = ("id", "code", "holder", "kind", "book", "currency", "floor_cents")


def append_only(dialect: str, tables: Iterable[str]) -> list[str]:
    """Give the statements that refuse UPDATE, DELETE, REPLACE and TRUNCATE on ``tables``.

    On SQLite REPLACE deletes through the delete trigger, since every connection of ours sets
    ``recursive_triggers``. ``dialect`` is "sqlite" or "postgresql".
    """
    if dialect == "sqlite":
        return [
            _sqlite_refusal(table, verb, f"{table} is append-only")
            for table in tables
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        _POSTGRESQL_REFUSE,
        *(
            statement
            for table in tables
            for statement in (
                _postgresql_refusal(table, "row", "UPDATE OR DELETE"),
                _postgresql_refusal(table, "truncate", "TRUNCATE"),
            )
        ),
    ]


def drop_append_only(dialect: str, tables: Iterable[str]) -> list[str]:
    """Give the statements that take the triggers of :func:`append_only` away again."""
    if dialect == "sqlite":
        return [
            f"DROP TRIGGER IF EXISTS {table}_no_{verb}"
            for table in tables
            for verb in ("update", "delete")
        ]
    return [
        f"DROP TRIGGER IF EXISTS {table}_no_{verb} ON {table}"
        for table in tables
        for verb in ("row", "truncate")
    ]


def ledger(dialect: str) -> list[str]:
    """Give all statements that guard the book's own tables."""
    guards = _SQLITE_GUARDS if dialect == "sqlite" else _POSTGRESQL_GUARDS
    return [*append_only(dialect, APPEND_ONLY), *guards]


def install(connection: Connection, *tables: str) -> None:
    """Guard the book, and the further append-only ``tables``, in the given database."""
    dialect = connection.dialect.name
    for statement in [*ledger(dialect), *append_only(dialect, tables)]:
        connection.exec_driver_sql(statement)


def remove(connection: Connection, *tables: str) -> None:
    """Take every guard away, before a migration drops or rebuilds the tables."""
    dialect = connection.dialect.name
    for statement in drop_append_only(dialect, [*APPEND_ONLY, *tables]):
        connection.exec_driver_sql(statement)
    for name, table in _GUARDS:
        on = "" if dialect == "sqlite" else f" ON {table}"
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")


_GUARDS = (
    ("ledger_account_fixed", "ledger_account"),
    ("ledger_account_no_delete", "ledger_account"),
    ("ledger_account_no_truncate", "ledger_account"),
    ("ledger_private_no_update", "ledger_private"),
    ("ledger_private_no_truncate", "ledger_private"),
    ("ledger_private_once", "ledger_private"),
    ("ledger_entry_books", "ledger_entry"),
)


# -- SQLite ------------------------------------------------------------------------------------


def _sqlite_refusal(table: str, verb: str, message: str) -> str:
    return (
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


_CHANGED = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in FIXED_ACCOUNT_COLUMNS)

_MIXED = """
    SELECT 1 FROM ledger_account a, ledger_account b
    WHERE a.id = NEW.debit_account_id AND b.id = NEW.credit_account_id
    AND (a.currency <> b.currency
        OR (substr(a.book, 1, 6) = 'crowd:' AND substr(b.book, 1, 10) = 'authority:')
        OR (substr(b.book, 1, 6) = 'crowd:' AND substr(a.book, 1, 10) = 'authority:'))
"""

_SQLITE_GUARDS = (
    f"""
CREATE TRIGGER IF NOT EXISTS ledger_account_fixed BEFORE UPDATE ON ledger_account
WHEN {_CHANGED}
BEGIN SELECT RAISE(ABORT, 'only the balance of a ledger account changes'); END
""",
    _sqlite_refusal("ledger_account", "DELETE", "a ledger account stays"),
    _sqlite_refusal("ledger_private", "UPDATE", "a private part is erased, never changed"),
    # REPLACE would pass as an erasure and an insertion: refuse to insert over a row
    """
CREATE TRIGGER IF NOT EXISTS ledger_private_once BEFORE INSERT ON ledger_private
WHEN EXISTS (SELECT 1 FROM ledger_private WHERE transaction_id = NEW.transaction_id)
BEGIN SELECT RAISE(ABORT, 'a private part is erased, never changed'); END
""",
    f"""
CREATE TRIGGER IF NOT EXISTS ledger_entry_books BEFORE INSERT ON ledger_entry
WHEN EXISTS ({_MIXED})
BEGIN SELECT RAISE(ABORT, 'the money of these ledger accounts does not mix'); END
""",
)


# -- PostgreSQL --------------------------------------------------------------------------------

_POSTGRESQL_REFUSE = """
CREATE OR REPLACE FUNCTION quartieri_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE integrity_constraint_violation
        USING MESSAGE = TG_OP || ' is refused: ' || TG_TABLE_NAME || ' is append-only';
END $$
"""


def _postgresql_refusal(table: str, name: str, verbs: str) -> str:
    level = "STATEMENT" if verbs == "TRUNCATE" else "ROW"
    return (
        f"CREATE OR REPLACE TRIGGER {table}_no_{name} BEFORE {verbs} ON {table} "
        f"FOR EACH {level} EXECUTE FUNCTION quartieri_refuse()"
    )


_DISTINCT = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in FIXED_ACCOUNT_COLUMNS)

_POSTGRESQL_GUARDS = (
    f"""
CREATE OR REPLACE TRIGGER ledger_account_fixed BEFORE UPDATE ON ledger_account
FOR EACH ROW WHEN ({_DISTINCT}) EXECUTE FUNCTION quartieri_refuse()
""",
    _postgresql_refusal("ledger_account", "delete", "DELETE"),
    _postgresql_refusal("ledger_account", "truncate", "TRUNCATE"),
    _postgresql_refusal("ledger_private", "update", "UPDATE"),
    _postgresql_refusal("ledger_private", "truncate", "TRUNCATE"),
    f"""
CREATE OR REPLACE FUNCTION quartieri_ledger_entry_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS ({_MIXED}) THEN
        RAISE integrity_constraint_violation
            USING MESSAGE = 'the money of these ledger accounts does not mix';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE OR REPLACE TRIGGER ledger_entry_books BEFORE INSERT ON ledger_entry
FOR EACH ROW EXECUTE FUNCTION quartieri_ledger_entry_books()
""",
)
