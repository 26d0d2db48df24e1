"""Posting to the book.

The statements are built once and run on the session's connection: a posting is the hottest write of
the site, and building a statement costs more than SQLite takes to run it.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, make_transient_to_detached
from sqlalchemy.orm.util import identity_key

from quartieri.db import Base, ReadOnlyError
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.ledger import queries, rules
from quartieri.ledger.models import LedgerAccount, LedgerEntry, LedgerPrivate, LedgerTransaction
from quartieri.ledger.queries import Row
from quartieri.ledger.rules import Account, BelowFloorError, PostingKind, Transfer

_account, _entry, _private, _transaction = (
    Base.metadata.tables[model.__tablename__]
    for model in (LedgerAccount, LedgerEntry, LedgerPrivate, LedgerTransaction)
)
_LOOK = sa.select(_account.c.id, _account.c.code, _account.c.book, _account.c.currency).where(
    _account.c.code.in_(sa.bindparam("codes", expanding=True))
)
_SHIFT = (
    sa.update(_account)
    .where(
        _account.c.id == sa.bindparam("account"),
        sa.or_(
            _account.c.floor_cents.is_(None),
            _account.c.balance_cents + sa.bindparam("delta") >= _account.c.floor_cents,
        ),
    )
    .values(balance_cents=_account.c.balance_cents + sa.bindparam("delta"))
    .returning(_account.c.balance_cents)
)
_UNSHIFT = (
    sa.update(_account)
    .where(_account.c.id == sa.bindparam("account"))
    .values(balance_cents=_account.c.balance_cents - sa.bindparam("delta"))
)
_FIND = sa.select(_transaction.c.id).where(_transaction.c.key == sa.bindparam("key"))
_ADD_ENTRY = sa.insert(_entry)
_ADD_PRIVATE = sa.insert(_private)
_OPEN = {
    "postgresql": postgresql.insert(_account).on_conflict_do_nothing(index_elements=["code"]),
    "sqlite": sqlite.insert(_account).on_conflict_do_nothing(index_elements=["code"]),
}
_ADD_TRANSACTION = {
    "postgresql": postgresql.insert(_transaction)
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(_transaction.c.id),
    "sqlite": sqlite.insert(_transaction)
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(_transaction.c.id),
}


@dataclass(frozen=True, slots=True)
class Posting:
    """What became of a post: the transaction, whether it is new, balances around it (cents)."""

    transaction: LedgerTransaction
    fresh: bool
    before: Mapping[str, int]
    after: Mapping[str, int]


def account(session: Session, wanted: Account) -> int:
    """Give the id of an account, opening it at zero if it is new."""
    return int(_open(_writing(session), [wanted])[wanted.code].id)


def lock_balance(session: Session, wanted: Account) -> int:
    """Give an account's balance in cents under its lock, for what moves all that is there."""
    locked = (
        sa.select(LedgerAccount.balance_cents)
        .where(LedgerAccount.code == wanted.code)
        .with_for_update()
    )
    return int(session.scalar(locked) or 0)


def post(
    session: Session,
    *,
    key: str,
    kind: PostingKind,
    entries: Iterable[Transfer],
    at: datetime,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> LedgerTransaction:
    """Post one balanced transaction and give it; the same ``key`` again gives the earlier one.

    ``public`` and ``private`` are JSON without floats; actor, provider's ids, pledges and free
    text belong in ``private``. Raises BelowFloorError (an InsufficientFundsError), with nothing
    left behind, when an account would be overdrawn, ConflictError when ``key`` was used for
    something else, ValueError for what :func:`rules.check_posting` refuses.
    """
    posting = post_once(
        session, key=key, kind=kind, entries=entries, at=at, public=public, private=private
    )
    return posting.transaction


def post_once(
    session: Session,
    *,
    key: str,
    kind: PostingKind,
    entries: Iterable[Transfer],
    at: datetime,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, Any] | None = None,
) -> Posting:
    """Post as :func:`post` does, and tell whether it was new and what the balances are.

    The accounts are locked by their own UPDATE, in the order of their ids, last in the lock order.
    """
    transfers = tuple(entries)
    rules.check_posting(kind, transfers)
    shown = dict(public or {})
    rules.canonical(shown)
    accounts = _accounts_of(transfers)
    hidden = _hidden(private, kind, accounts, key=key, at=at)
    salt = secrets.token_hex(16)
    values = {
        "key": key,
        "kind": kind.value,
        "day": in_rome(at).date(),
        "at": at,
        "public": shown,
        "private_digest": rules.private_digest(salt, hidden) if hidden else None,
    }
    connection = _writing(session)
    earlier = _earlier(session, connection, values, transfers)
    if earlier is not None:
        return Posting(earlier, fresh=False, before={}, after={})
    ids = {code: int(row.id) for code, row in _open(connection, accounts).items()}
    deltas = _deltas(transfers, ids)
    after = _shift(connection, deltas, {ids[a.code]: a for a in accounts})
    number = connection.scalar(_ADD_TRANSACTION[connection.dialect.name], values)
    if number is None:
        # another transaction posted this key between our look and our insert: give its result
        _unshift(connection, deltas)
        earlier = _earlier(session, connection, values, transfers)
        if earlier is None:
            msg = f"{key}: neither inserted nor found"
            raise RuntimeError(msg)
        return Posting(earlier, fresh=False, before={}, after={})
    connection.execute(
        _ADD_ENTRY,
        [
            {
                "transaction_id": number,
                "debit_account_id": ids[t.target.code],
                "credit_account_id": ids[t.source.code],
                "amount_cents": t.amount.cents,
            }
            for t in transfers
        ],
    )
    if hidden:
        connection.execute(
            _ADD_PRIVATE, {"transaction_id": number, "salt": salt, "content": hidden}
        )
    codes = {i: code for code, i in ids.items()}
    return Posting(
        _known(session, {"id": number, **values}),
        fresh=True,
        before={codes[i]: after[i] - deltas[i] for i in after},
        after={codes[i]: after[i] for i in after},
    )


def _writing(session: Session) -> Connection:
    if not session.info.get("writing"):
        msg = "this session only reads: open a unit of work"
        raise ReadOnlyError(msg)
    session.flush()
    return session.connection()


def _accounts_of(transfers: Sequence[Transfer]) -> list[Account]:
    found = {a.code: a for t in transfers for a in (t.source, t.target)}
    return [found[code] for code in sorted(found)]


def _hidden(
    private: Mapping[str, Any] | None,
    kind: PostingKind,
    accounts: Sequence[Account],
    *,
    key: str,
    at: datetime,
) -> dict[str, Any]:
    hidden = dict(private or {})
    if rules.is_personal(kind, (a.book for a in accounts)):
        # the public projection is silent about these, so the digest covers them
        hidden |= {"key": key, "at": rules.instant_text(at)}
    return hidden


def _open(connection: Connection, wanted: Sequence[Account]) -> dict[str, Row]:
    codes = [a.code for a in wanted]
    rows: dict[str, Row] = {r.code: r for r in connection.execute(_LOOK, {"codes": codes})}
    missing = [a for a in wanted if a.code not in rows]
    if missing:
        connection.execute(
            _OPEN[connection.dialect.name],
            [
                {
                    "code": a.code,
                    "holder": a.holder,
                    "kind": a.kind,
                    "book": a.book,
                    "currency": a.currency,
                    "balance_cents": 0,
                    "floor_cents": a.floor_cents,
                }
                for a in missing
            ],
        )
        rows = {r.code: r for r in connection.execute(_LOOK, {"codes": codes})}
    for a in wanted:
        row = rows[a.code]
        if row.book != a.book or row.currency != a.currency:
            msg = f"{a.code} lies in {row.book} in {row.currency}"
            raise ValueError(msg)
    return rows


def _deltas(transfers: Sequence[Transfer], ids: Mapping[str, int]) -> dict[int, int]:
    deltas: dict[int, int] = defaultdict(int)
    for t in transfers:
        deltas[ids[t.source.code]] -= t.amount.cents
        deltas[ids[t.target.code]] += t.amount.cents
    return {i: deltas[i] for i in sorted(deltas) if deltas[i]}


def _shift(
    connection: Connection, deltas: Mapping[int, int], accounts: Mapping[int, Account]
) -> dict[int, int]:
    after: dict[int, int] = {}
    for i, delta in deltas.items():
        moved = connection.scalar(_SHIFT, {"account": i, "delta": delta})
        if moved is None:
            _unshift(connection, {j: deltas[j] for j in after})
            raise _below_floor(connection, i, delta, accounts[i])
        after[i] = int(moved)
    return after


def _unshift(connection: Connection, deltas: Mapping[int, int]) -> None:
    # the rows are ours until the transaction ends, so taking back is exact
    for i, delta in deltas.items():
        connection.execute(_UNSHIFT, {"account": i, "delta": delta})


def _below_floor(connection: Connection, i: int, delta: int, overdrawn: Account) -> BelowFloorError:
    row = connection.execute(
        sa.select(_account.c.balance_cents, _account.c.floor_cents).where(_account.c.id == i)
    ).one()
    missing = int(row.floor_cents or 0) - int(row.balance_cents) - delta
    return BelowFloorError(overdrawn.code, Money(missing, overdrawn.currency))


def _earlier(
    session: Session,
    connection: Connection,
    values: Mapping[str, Any],
    transfers: Sequence[Transfer],
) -> LedgerTransaction | None:
    number = connection.scalar(_FIND, {"key": values["key"]})
    if number is None:
        return None
    found = session.get_one(LedgerTransaction, number)
    wanted = sorted((t.source.code, t.target.code, t.amount.cents) for t in transfers)
    posted = sorted(m[:3] for m in queries.movements_of(session, [number])[number])
    if (found.kind, found.public, posted) != (values["kind"], values["public"], wanted):
        raise ConflictError(
            lazy(
                "This movement of money was already posted with other content (%(key)s).",
                key=found.key,
            )
        )
    return found


def _known(session: Session, values: Mapping[str, Any]) -> LedgerTransaction:
    """Give the row just inserted as the session's own object, without reading it again."""
    stale = session.identity_map.get(identity_key(LedgerTransaction, values["id"]))
    if stale is not None:
        # SQLite gives the number of a row that was rolled back again
        session.expunge(stale)
    row = LedgerTransaction(**values)
    make_transient_to_detached(row)
    session.add(row)
    return row
