"""The database itself keeps the book: nothing is updated, deleted, replaced or truncated."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM
from quartieri.ledger import actions, triggers
from tests.factories.ledger import AT, make_charge, make_posting

GUARDED = (*triggers.APPEND_ONLY, "audit_entry")
KEYS = {"ledger_seal": "number", "ledger_seal_batch": "number"}


@pytest.fixture
def book(session: Session) -> Session:
    """Give a session on a guarded book that holds a sealed transaction and an audit entry."""
    triggers.install(session.connection(), "audit_entry")
    make_posting(session)
    make_charge(session)
    actions.seal(session, at=AT)
    record(session, "try", "test", 1, actor=SYSTEM, at=AT)
    session.flush()
    return session


def refused(session: Session, statement: str) -> bool:
    """Tell whether the database refused a statement, which is undone either way."""
    with session.begin_nested() as savepoint:
        try:
            with session.begin_nested():
                session.connection().exec_driver_sql(statement)
        except DBAPIError as error:
            return any(
                words in str(error)
                for words in ("append-only", "stays", "changed", "changes", "mix")
            )
        savepoint.rollback()
    return False


def is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_is_updated(book: Session, table: str) -> None:
    key = KEYS.get(table, "id")

    assert refused(book, f"UPDATE {table} SET {key} = {key} + 1000")
    assert refused(book, f"UPDATE {table} SET {key} = {key}")


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_is_deleted(book: Session, table: str) -> None:
    assert refused(book, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", GUARDED)
def test_no_row_is_replaced(book: Session, table: str) -> None:
    columns = [c["name"] for c in sa.inspect(book.connection()).get_columns(table)]
    names = ", ".join(columns)
    if is_sqlite(book):
        statement = f"REPLACE INTO {table} ({names}) SELECT {names} FROM {table}"
    else:
        key = KEYS.get(table, "id")
        statement = (
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {table}"
            f" ON CONFLICT ({key}) DO UPDATE SET {key} = EXCLUDED.{key}"
        )

    assert refused(book, statement)


@pytest.mark.parametrize("table", [*GUARDED, "ledger_account", "ledger_private"])
def test_no_table_is_truncated(book: Session, table: str) -> None:
    if is_sqlite(book):
        # SQLite has no TRUNCATE: a DELETE without WHERE is its fast way, and passes the trigger
        assert table == "ledger_private" or refused(book, f"DELETE FROM {table}")
    else:
        assert refused(book, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("column", triggers.FIXED_ACCOUNT_COLUMNS)
def test_of_an_account_only_the_balance_changes(book: Session, column: str) -> None:
    value = {"id": "id + 1000", "floor_cents": "-5"}.get(column, "'x'")

    assert refused(book, f"UPDATE ledger_account SET {column} = {value}")
    assert not refused(book, "UPDATE ledger_account SET balance_cents = balance_cents + 1")


def test_an_account_is_never_deleted(book: Session) -> None:
    assert refused(book, "DELETE FROM ledger_account WHERE code = 'pool:3:available'")


def test_a_private_part_is_erased_but_never_changed(book: Session) -> None:
    assert refused(book, "UPDATE ledger_private SET salt = 'x'")
    if is_sqlite(book):
        assert refused(
            book,
            "REPLACE INTO ledger_private SELECT transaction_id, 'x', content FROM ledger_private",
        )
    assert not refused(book, "DELETE FROM ledger_private")


def test_the_database_keeps_crowd_money_out_of_the_citys_accounts(book: Session) -> None:
    statement = (
        "INSERT INTO ledger_entry"
        " (transaction_id, debit_account_id, credit_account_id, amount_cents)"
        " SELECT (SELECT min(id) FROM ledger_transaction), a.id, b.id, 5"
        " FROM ledger_account a, ledger_account b"
        " WHERE a.code = 'pool:3:available' AND b.code = 'campaign:12:collected'"
    )

    assert refused(book, statement)


def test_guards_can_be_set_twice_and_taken_away_for_a_migration(book: Session) -> None:
    triggers.install(book.connection(), "audit_entry")
    triggers.remove(book.connection(), "audit_entry")

    assert not refused(book, "UPDATE audit_entry SET verb = 'x'")
    assert not refused(book, "UPDATE ledger_private SET salt = 'x'")
