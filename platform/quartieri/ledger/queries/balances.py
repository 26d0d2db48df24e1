"""Balances and statements. An account that nobody opened yet has a balance of zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quartieri.kit.money import Money
from quartieri.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an account's statement; ``amount`` is signed, ``balance`` what it left."""

    transaction_id: int
    day: date
    kind: str
    counterpart: str
    amount: Money
    balance: Money


def balance(session: Session, code: str) -> int:
    """Give one account's balance in cents."""
    return balances(session, [code])[code]


def balances(session: Session, codes: Iterable[str]) -> dict[str, int]:
    """Give balances in cents by code, in one query."""
    wanted = sorted(set(codes))
    rows = session.execute(
        sa.select(LedgerAccount.code, LedgerAccount.balance_cents).where(
            LedgerAccount.code.in_(wanted)
        )
    )
    found = {row.code: int(row.balance_cents) for row in rows}
    return {code: found.get(code, 0) for code in wanted}


def balances_of_holders(session: Session, holders: Iterable[str]) -> dict[str, dict[str, int]]:
    """Give ``{holder: {kind: cents}}`` for "pool:3" and the like, in one query."""
    wanted = sorted(set(holders))
    rows = session.execute(
        sa.select(LedgerAccount.holder, LedgerAccount.kind, LedgerAccount.balance_cents)
        .where(LedgerAccount.holder.in_(wanted))
        .order_by(LedgerAccount.holder, LedgerAccount.kind)
    )
    result: dict[str, dict[str, int]] = {holder: {} for holder in wanted}
    for row in rows:
        result[row.holder][row.kind] = int(row.balance_cents)
    return result


def balances_of_book(session: Session, book: str) -> dict[str, dict[str, int]]:
    """Give ``{holder: {kind: cents}}`` for every account of a book, in one query."""
    rows = session.execute(
        sa.select(LedgerAccount.holder, LedgerAccount.kind, LedgerAccount.balance_cents)
        .where(LedgerAccount.book == book)
        .order_by(LedgerAccount.holder, LedgerAccount.kind)
    )
    result: dict[str, dict[str, int]] = {}
    for row in rows:
        result.setdefault(row.holder, {})[row.kind] = int(row.balance_cents)
    return result


def totals(session: Session, holders: Iterable[str]) -> dict[str, int]:
    """Add the accounts of several holders by kind: ``{kind: cents}``, in one grouped query."""
    rows = session.execute(
        sa.select(LedgerAccount.kind, sa.func.sum(LedgerAccount.balance_cents).label("cents"))
        .where(LedgerAccount.holder.in_(sorted(set(holders))))
        .group_by(LedgerAccount.kind)
        .order_by(LedgerAccount.kind)
    )
    return {row.kind: int(row.cents) for row in rows}


def statement(session: Session, code: str, *, page: int = 1, size: int = PAGE) -> list[Line]:
    """List an account's entries, newest first, with the balance after each; pages from 1."""
    own, other = aliased(LedgerAccount), aliased(LedgerAccount)
    is_in = LedgerEntry.debit_account_id == own.id
    signed = sa.case((is_in, LedgerEntry.amount_cents), else_=-LedgerEntry.amount_cents)
    lines = (
        sa.select(
            LedgerEntry.id.label("entry_id"),
            LedgerTransaction.id.label("transaction_id"),
            LedgerTransaction.day,
            LedgerTransaction.kind,
            other.code.label("counterpart"),
            own.currency,
            signed.label("cents"),
            sa.func.sum(signed).over(order_by=LedgerEntry.id).label("after"),
        )
        .join(own, sa.or_(is_in, LedgerEntry.credit_account_id == own.id))
        .join(
            other,
            other.id
            == sa.case((is_in, LedgerEntry.credit_account_id), else_=LedgerEntry.debit_account_id),
        )
        .join(LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id)
        .where(own.code == code)
        .subquery()
    )
    rows = session.execute(
        sa.select(lines)
        .order_by(lines.c.entry_id.desc())
        .limit(size)
        .offset(max(page - 1, 0) * size)
    )
    return [
        Line(
            row.transaction_id,
            row.day,
            row.kind,
            row.counterpart,
            Money(int(row.cents), row.currency),
            Money(int(row.after), row.currency),
        )
        for row in rows
    ]
