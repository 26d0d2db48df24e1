"""The database: base model, column types, and the unit of work.

Reading is the default. Whoever writes says so first (`writes`, `unit_of_work`): on SQLite the
transaction then begins with the write lock (BEGIN IMMEDIATE), which makes read-then-write safe and
never ends in "database is locked" half-way. A session that did not say so refuses to write.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, wraps
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, Response, make_response
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    make_transient_to_detached,
    mapped_column,
)
from sqlalchemy.types import TypeDecorator

from quartieri.config import ROOT
from quartieri.kit.errors import ConflictError, NotFoundError
from quartieri.kit.labels import LabelEnum, lazy

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table's base; constraints get names by convention."""

    metadata = sa.MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database, microseconds kept.

    SQLite keeps it as text, which is written and read here in one step.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Give what writes a value."""
        return _utc_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Give what reads a value."""
        if dialect.name == "sqlite":
            return _of_utc_text
        return super().result_processor(dialect, coltype)

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Store UTC; a naive time is a programming error."""
        return None if value is None else _utc(value)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give aware UTC."""
        return None if value is None else value.astimezone(UTC)


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        msg = "an instant needs a time zone"
        raise ValueError(msg)
    return value.astimezone(UTC)


def _utc_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    return _utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


def _of_utc_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class Exact(TypeDecorator[Decimal]):
    """An exact decimal (points, weights, shares), kept as text: never a float on the way."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, _dialect: Dialect) -> str | None:
        """Store the plain digits."""
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, _dialect: Dialect) -> Decimal | None:
        """Give the decimal."""
        return None if value is None else Decimal(value)


Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def code_of(enum: type[LabelEnum]) -> sa.Enum:
    """Give the column type of a LabelEnum: its code as text with a CHECK."""
    return sa.Enum(
        enum,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=enum.__name__.lower(),
        values_callable=lambda members: [m.value for m in members],
    )


def cents(**kwargs: Any) -> Any:
    """Give a column of whole cents (64 bits)."""
    return mapped_column(sa.BigInteger, **kwargs)


db = SQLAlchemy(metadata=Base.metadata)


# -- the version of what everybody sees --------------------------------------------------------


class PageVersion(Base):
    """Changes in every transaction that writes anything a public page may show; one row.

    A mark drawn by chance, never a count: it does not come back after a restore or a rollback.
    """

    __tablename__ = "page_version"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(32), default="")


UNSEEN = frozenset(
    {
        *("audit_entry", "heartbeat", "job", "letter", "page_version", "provider_message"),
        *("admissibility_check", "assignment", "conflict", "proposal_scorer", "score"),
        *("api_token", "payment_charge", "payment_mark", "payment_refund", "payment_setup"),
    }
)
"""Tables that no kept page reads; a test looks."""
WROTE = "wrote what is seen"
WRITING = {"INSERT": 2, "UPDATE": 1, "DELETE": 2}
"""Where a statement that begins so names its table."""


def watch_writes(engine: Engine) -> None:
    """Note on each connection of an engine whether it wrote what is seen."""
    event.listen(engine, "before_cursor_execute", _note_write)


def _note_write(connection: Connection, _cursor: object, statement: str, *_rest: object) -> None:
    place = WRITING.get(statement[:6])
    if place and statement.split(None, place + 1)[place].strip('"') not in UNSEEN:
        connection.info[WROTE] = True


@event.listens_for(Session, "before_commit")
def _mark_pages(session: Session) -> None:
    """Renew the mark last in the transaction, so that its row is held for the commit alone.

    A savepoint inside it is not its end: held from there on, the row would come before the locks
    that are still to be taken.
    """
    if not session.info.get("writing") or session.in_nested_transaction():
        return
    session.flush()
    connection = session.connection()
    if connection.info.pop(WROTE, False):
        connection.execute(_RENEW, {"drawn": secrets.token_hex(16)})


_RENEW = sa.update(PageVersion).values(mark=sa.bindparam("drawn"))

# -- unit of work ------------------------------------------------------------------------------


class ReadOnlyError(RuntimeError):
    """Something tried to write outside a unit of work: a programming error."""


@event.listens_for(Session, "before_flush")
def _refuse_flush(session: Session, _context: object, _instances: object) -> None:
    _refuse_reading(session)


def _refuse_reading(session: Session) -> None:
    if not session.info.get("writing"):
        msg = "this session only reads: open a unit of work"
        raise ReadOnlyError(msg)


@event.listens_for(Session, "do_orm_execute")
def _refuse_execute(state: Any) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _refuse_reading(state.session)


def begin_writing(session: Session) -> None:
    """Turn a session to writing: end what it was reading and take the write lock first."""
    if session.in_transaction():
        session.rollback()
    session.info["writing"] = True
    session.connection(execution_options={"rw": True})


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open one transaction on the application's session: commit at the end, roll back on error."""
    session = db.session()
    begin_writing(session)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


View = TypeVar("View", bound=Callable[..., Any])


def writes(view: View) -> View:
    """Make a route one unit of work: commit on 2xx and 3xx, roll back otherwise."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        session = db.session()
        begin_writing(session)
        try:
            response = make_response(view(*args, **kwargs))
            if response.status_code < 400:  # noqa: PLR2004 -- HTTP's own boundary
                session.commit()
            else:
                session.rollback()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info["writing"] = False
        return response

    wrapped.writes = "one"  # type: ignore[attr-defined]
    return wrapped  # type: ignore[return-value]


def writes_in_steps(view: View) -> View:
    """Mark a route that opens its own units of work, because it calls the outside between them."""
    view.writes = "steps"  # type: ignore[attr-defined]
    return view


# -- rows --------------------------------------------------------------------------------------

Row = TypeVar("Row", bound=Base)


def get(session: Session, model: type[Row], key: object) -> Row:
    """Give a row by its key; raise NotFoundError."""
    row = session.get(model, key)
    if row is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return row


def lock(session: Session, model: type[Row], key: object) -> Row:
    """Give a row freshly read under its lock (FOR UPDATE; on SQLite the writer holds the file).

    Lock order, everywhere: tree levels from the root, pool, window, proposal, grant, campaign,
    reward, pledge, account rows by id, register.
    """
    row: Row | None = session.scalars(_locking(model), {"key": key}).first()
    if row is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return row


@cache
def _locking(model: type[Base]) -> sa.Select[Any]:
    """Build the statement that locks a row; once, as this takes longer than the asking."""
    own = sa.inspect(model).primary_key[0] == sa.bindparam("key")
    found = sa.select(model).where(own).with_for_update()
    return found.execution_options(populate_existing=True)


def insert(session: Session, row: Row) -> Row:
    """Write a new row now by one plain statement, and hold it; what is pending stays so.

    A flush weighs each row against all others and costs five times as much: this is for rows that
    are written with every pledge. IntegrityError leaves the transaction to be rolled back.
    """
    model = type(row)
    values = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    done = connection_to_write(session).execute(_inserting(model), values)
    keys = cast(sa.Row[Any], done.inserted_primary_key)
    for column, value in zip(table_of(model).primary_key, keys, strict=True):
        setattr(row, column.key, value)
    make_transient_to_detached(row)
    session.add(row)
    return row


def connection_to_write(session: Session) -> Connection:
    """Give the connection for plain statements that write, of a session that said it does."""
    _refuse_reading(session)
    return session.connection()


@cache
def _inserting(model: type[Base]) -> sa.Insert:
    return sa.insert(table_of(model))


def insertion(session: Session, model: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that may say ON CONFLICT, in the words of the session's database."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)


def table_of(model: type[Base]) -> sa.Table:
    """Give a model's table, for statements that need nothing of the mapper."""
    return cast(sa.Table, model.__table__)


def check_version(found: int, expected: int) -> None:
    """Refuse a form that was opened on an older version of a row (ConflictError)."""
    if found != expected:
        raise ConflictError(
            lazy(
                "Somebody else saved this meanwhile. Your words are kept below: "
                "compare them with the saved ones and save again."
            )
        )


# -- migrations --------------------------------------------------------------------------------


class Migrations:
    """Stands for Flask-Migrate until a command asks for it: a worker never does, and it is heavy.

    Commands and ``migrations/env.py`` find the real one in its place (``app.extensions``).
    """

    def __init__(self, app: Flask) -> None:
        """Keep the application whose database is migrated."""
        self._app = app
        app.extensions["migrate"] = self

    def __getattr__(self, name: str) -> Any:
        """Put the real one in place and ask it."""
        if name.startswith("_"):
            raise AttributeError(name)
        from flask_migrate import Migrate  # noqa: PLC0415 -- loaded late, see above

        Migrate().init_app(self._app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
        return getattr(self._app.extensions["migrate"], name)


def upgrade_database() -> None:
    """Bring the database of the running application up to date."""
    from flask_migrate import upgrade  # noqa: PLC0415 -- loaded late, see ``Migrations``

    upgrade()
