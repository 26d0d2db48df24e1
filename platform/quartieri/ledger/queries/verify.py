"""The walk through the whole book that proves it, or names the place of the first fault."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quartieri.ledger import rules
from quartieri.ledger.models import (
    LedgerAccount,
    LedgerEntry,
    LedgerPrivate,
    LedgerSeal,
    LedgerSealBatch,
    LedgerTransaction,
)
from quartieri.ledger.queries.movements import (
    Movement,
    Row,
    Select,
    count_unsealed,
    group_movements,
    leaf,
    select_movements,
    unsealed_transactions,
)

PAGE = 2000
MOST_FAULTS = 20
MOST_UNSEALED = 100


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the book is wrong ("account pool:3:available") and what is wrong there."""

    place: str
    problem: str


@dataclass(slots=True)
class Report:
    """What the walk found. ``unsealed_ids`` names the first hundred not yet protected."""

    accounts: int = 0
    transactions: int = 0
    entries: int = 0
    seals: int = 0
    batches: int = 0
    erased: int = 0
    unsealed: int = 0
    unsealed_ids: list[int] = field(default_factory=list)
    head: str = rules.GENESIS
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing is wrong; what is not sealed yet is no fault."""
        return not self.faults

    @property
    def full(self) -> bool:
        """True when so much is wrong that the walk may stop."""
        return len(self.faults) >= MOST_FAULTS

    def blame(self, place: str, problem: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(place, problem))

    def as_json(self) -> dict[str, Any]:
        """Give the report as plain data for ``--json``."""
        first = self.faults[0] if self.faults else None
        return {
            "ok": self.ok,
            "accounts": self.accounts,
            "transactions": self.transactions,
            "entries": self.entries,
            "seals": self.seals,
            "batches": self.batches,
            "erased": self.erased,
            "unsealed": self.unsealed,
            "unsealed_ids": self.unsealed_ids,
            "head": self.head,
            "first_fault": {"place": first.place, "problem": first.problem} if first else None,
            "faults": [{"place": f.place, "problem": f.problem} for f in self.faults],
        }


def verify(session: Session) -> Report:
    """Re-add every account, re-walk every seal; reads only, in pages, so any size of book will do.

    Checked: each balance equals the sum of its entries and its floor; each entry joins accounts of
    one currency and never the crowd's with the city's; each transaction has entries; seals are
    gapless and each leaf, Merkle root and link of the chain is recomputed; a private part that
    still exists matches its digest (and, for crowd money, the key and instant in it).
    """
    report = Report()
    _count(session, report)
    _add_accounts(session, report)
    _check_entries(session, report)
    _Walk(session, report).run()
    report.unsealed = count_unsealed(session)
    report.unsealed_ids = [row.id for row in unsealed_transactions(session, limit=MOST_UNSEALED)]
    return report


def _count(session: Session, report: Report) -> None:
    report.accounts, report.transactions, report.entries = (
        int(session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)
        for model in (LedgerAccount, LedgerTransaction, LedgerEntry)
    )


def _add_accounts(session: Session, report: Report) -> None:
    # one statement, so that it sees one moment even while others post
    debits = sa.select(
        LedgerEntry.debit_account_id.label("account_id"),
        sa.func.sum(LedgerEntry.amount_cents).label("cents"),
    ).group_by(LedgerEntry.debit_account_id)
    credits_ = sa.select(
        LedgerEntry.credit_account_id, -sa.func.sum(LedgerEntry.amount_cents)
    ).group_by(LedgerEntry.credit_account_id)
    sides = sa.union_all(debits, credits_).subquery()
    sums = (
        sa.select(sides.c.account_id, sa.func.sum(sides.c.cents).label("cents"))
        .group_by(sides.c.account_id)
        .subquery()
    )
    added = sa.func.coalesce(sums.c.cents, 0)
    wrong = session.execute(
        sa.select(
            LedgerAccount.code,
            LedgerAccount.balance_cents,
            LedgerAccount.floor_cents,
            added.label("added"),
        )
        .outerjoin(sums, sums.c.account_id == LedgerAccount.id)
        .where(
            sa.or_(
                LedgerAccount.balance_cents != added,
                LedgerAccount.balance_cents < LedgerAccount.floor_cents,
            )
        )
        .order_by(LedgerAccount.id)
        .limit(MOST_FAULTS)
    )
    for row in wrong:
        if row.balance_cents != row.added:
            problem = f"stored balance {row.balance_cents}, entries add up to {int(row.added)}"
        else:
            problem = f"balance {row.balance_cents} below the floor {row.floor_cents}"
        report.blame(f"account {row.code}", problem)


def _check_entries(session: Session, report: Report) -> None:
    source, target = aliased(LedgerAccount), aliased(LedgerAccount)
    source_kind = sa.func.substr(source.book, 1, 5)
    target_kind = sa.func.substr(target.book, 1, 5)
    mixed = session.execute(
        sa.select(LedgerEntry.id, LedgerEntry.transaction_id, source.code, target.code)
        .join(source, source.id == LedgerEntry.credit_account_id)
        .join(target, target.id == LedgerEntry.debit_account_id)
        .where(
            sa.or_(
                source.currency != target.currency,
                sa.and_(source_kind == "crowd", target_kind == "autho"),
                sa.and_(source_kind == "autho", target_kind == "crowd"),
            )
        )
        .order_by(LedgerEntry.id)
        .limit(MOST_FAULTS)
    )
    for entry_id, transaction_id, from_code, to_code in mixed:
        report.blame(
            f"entry {entry_id} of transaction {transaction_id}",
            f"joins {from_code} and {to_code}, whose money does not mix",
        )
    empty = session.scalars(
        sa.select(LedgerTransaction.id)
        .where(
            ~sa.select(LedgerEntry.id)
            .where(LedgerEntry.transaction_id == LedgerTransaction.id)
            .exists()
        )
        .order_by(LedgerTransaction.id)
        .limit(MOST_FAULTS)
    )
    for transaction_id in empty:
        report.blame(f"transaction {transaction_id}", "has no entries")


class _Walk:
    """Follows the seals in their order, a page at a time, and closes each batch as it ends."""

    def __init__(self, session: Session, report: Report) -> None:
        self.session = session
        self.report = report
        self.previous = rules.GENESIS
        self.batch: Row | None = None
        self.leaves: list[str] = []
        self.numbers: list[int] = []

    def run(self) -> None:
        for seals, batches, movements in self._pages():
            for seal in seals:
                self._seal(seal, batches, movements)
                if self.report.full:
                    return
        self._close()
        self.report.head = self.previous
        stored = self.session.scalar(sa.select(sa.func.count()).select_from(LedgerSealBatch)) or 0
        if stored != self.report.batches:
            self.report.blame("batches", f"{stored} stored, {self.report.batches} have seals")

    def _pages(
        self,
    ) -> Iterator[tuple[Sequence[Row], dict[int, Row], dict[int, list[Movement]]]]:
        last = 0
        while True:
            seals = self.session.execute(_seals_after(last)).all()
            if not seals:
                return
            batches = self.session.execute(
                sa.select(LedgerSealBatch.__table__).where(
                    LedgerSealBatch.number.between(
                        min(s.batch_number for s in seals), max(s.batch_number for s in seals)
                    )
                )
            )
            movements = self.session.execute(
                select_movements()
                .join(LedgerSeal, LedgerSeal.transaction_id == LedgerEntry.transaction_id)
                .where(LedgerSeal.number.between(seals[0].number, seals[-1].number))
            )
            yield seals, {b.number: b for b in batches}, group_movements(movements)
            last = seals[-1].number

    def _seal(
        self,
        seal: Row,
        batches: dict[int, Row],
        movements: dict[int, list[Movement]],
    ) -> None:
        report, place = self.report, f"seal {seal.number} (transaction {seal.transaction_id})"
        report.seals += 1
        if seal.number != report.seals:
            report.blame(place, f"number {report.seals} is missing")
            report.seals = seal.number
        if seal.id is None:
            report.blame(place, "its transaction is gone")
        elif not hmac.compare_digest(
            leaf(seal, movements.get(seal.transaction_id, [])), seal.leaf_hash
        ):
            report.blame(place, "the transaction is not what was sealed")
        else:
            self._private(seal, place)
        if self.batch is None or seal.batch_number != self.batch.number:
            self._close()
            self.batch = batches.get(seal.batch_number)
            if self.batch is None:
                report.blame(place, f"its batch {seal.batch_number} is gone")
        self.leaves.append(seal.leaf_hash)
        self.numbers.append(seal.number)

    def _private(self, seal: Row, place: str) -> None:
        if seal.private_digest is None:
            if seal.salt is not None:
                self.report.blame(place, "has a private part that was never sealed")
            return
        if seal.salt is None:
            self.report.erased += 1
            return
        if rules.private_digest(seal.salt, seal.content) != seal.private_digest:
            self.report.blame(place, "the private part is not what was sealed")
        elif seal.content.get("key", seal.key) != seal.key or (
            "key" in seal.content and seal.content.get("at") != rules.instant_text(seal.at)
        ):
            self.report.blame(place, "the key or the instant is not what was sealed")

    def _close(self) -> None:
        batch, leaves, numbers = self.batch, self.leaves, self.numbers
        self.batch, self.leaves, self.numbers = None, [], []
        if batch is None:
            return
        report, place = self.report, f"batch {batch.number}"
        report.batches += 1
        if batch.number != report.batches:
            report.blame(place, f"number {report.batches} is missing")
            report.batches = batch.number
        if (batch.first, batch.last) != (numbers[0], numbers[-1]):
            report.blame(place, f"says seals {batch.first} to {batch.last}")
        if batch.merkle_root != rules.merkle_root(leaves):
            report.blame(place, "the Merkle root is not that of its seals")
        if batch.previous_hash != self.previous:
            report.blame(place, "does not name the batch before it")
        chained = rules.chain_hash(
            previous=batch.previous_hash,
            root=batch.merkle_root,
            number=batch.number,
            first=batch.first,
            last=batch.last,
        )
        if chained != batch.chain_hash:
            report.blame(place, "the chain is broken")
        self.previous = batch.chain_hash


def _seals_after(number: int) -> Select:
    return (
        sa.select(
            LedgerSeal.number,
            LedgerSeal.transaction_id,
            LedgerSeal.leaf_hash,
            LedgerSeal.batch_number,
            LedgerTransaction.id,
            LedgerTransaction.key,
            LedgerTransaction.kind,
            LedgerTransaction.day,
            LedgerTransaction.at,
            LedgerTransaction.public,
            LedgerTransaction.private_digest,
            LedgerPrivate.salt,
            LedgerPrivate.content,
        )
        .outerjoin(LedgerTransaction, LedgerTransaction.id == LedgerSeal.transaction_id)
        .outerjoin(LedgerPrivate, LedgerPrivate.transaction_id == LedgerSeal.transaction_id)
        .where(LedgerSeal.number > number)
        .order_by(LedgerSeal.number)
        .limit(PAGE)
    )
