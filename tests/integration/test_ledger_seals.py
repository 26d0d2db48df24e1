"""Seals: gapless, verifiable, and telling where the first fault is."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.ledger import actions, queries, rules, triggers
from quartieri.ledger.models import LedgerSeal, LedgerSealBatch
from tests.factories.ledger import AT, make_charge, make_posting


@pytest.fixture
def unguarded(session: Session) -> Session:
    """Give a session in whose database somebody took the triggers away."""
    triggers.remove(session.connection())
    return session


def seal_three(session: Session) -> list[int]:
    """Seal one transaction, then two more; give their ids."""
    first = make_posting(session).id
    actions.seal(session, at=AT)
    ids = [first, make_charge(session).id, make_posting(session).id]
    actions.seal(session, at=AT)
    return ids


def first_fault(session: Session) -> tuple[str, str]:
    fault = queries.verify(session).faults[0]
    return fault.place, fault.problem


def change(session: Session, statement: str, **values: object) -> None:
    session.execute(sa.text(statement), values)


def test_numbers_are_gapless_and_batches_are_chained(session: Session) -> None:
    ids = seal_three(session)
    seals = session.execute(
        sa.select(LedgerSeal.number, LedgerSeal.transaction_id, LedgerSeal.batch_number).order_by(
            LedgerSeal.number
        )
    ).all()
    first, second = session.scalars(sa.select(LedgerSealBatch).order_by(LedgerSealBatch.number))

    assert [tuple(s) for s in seals] == [(1, ids[0], 1), (2, ids[1], 2), (3, ids[2], 2)]
    assert first.previous_hash == rules.GENESIS
    assert second.previous_hash == first.chain_hash


def test_what_is_not_sealed_yet_is_named_and_is_no_fault(session: Session) -> None:
    seal_three(session)
    waiting = make_posting(session).id
    report = queries.verify(session)

    assert (report.ok, report.seals, report.unsealed, report.unsealed_ids) == (
        True,
        3,
        1,
        [waiting],
    )


def test_a_transaction_far_below_the_newest_is_sealed_by_the_sweep(session: Session) -> None:
    ids = [make_posting(session).id for _ in range(3)]
    high = queries.unsealed_transactions(session, limit=10)
    assert [row.id for row in high] == ids
    actions.seal(session, at=AT, limit=2)
    late = make_posting(session).id

    assert actions.seal(session, at=AT, lookback=None) == 2
    assert queries.count_unsealed(session) == 0
    assert late == ids[-1] + 1


def test_nothing_to_seal_makes_no_batch(session: Session) -> None:
    assert actions.seal(session, at=AT) == 0
    assert session.scalars(sa.select(LedgerSealBatch)).all() == []


@pytest.mark.parametrize(
    ("statement", "place", "problem"),
    [
        (
            "UPDATE ledger_account SET balance_cents = 20001 WHERE code = 'pool:3:available'",
            "account pool:3:available",
            "stored balance 20001, entries add up to 20000",
        ),
        (
            "UPDATE ledger_transaction SET kind = 'pool.changed' WHERE id = :first",
            "seal 1 (transaction {first})",
            "the transaction is not what was sealed",
        ),
        (
            "UPDATE ledger_transaction SET key = 'another' WHERE id = :second",
            "seal 2 (transaction {second})",
            "the key or the instant is not what was sealed",
        ),
        (
            "UPDATE ledger_private SET salt = 'f' WHERE transaction_id = :third",
            "seal 3 (transaction {third})",
            "the private part is not what was sealed",
        ),
        (
            "DELETE FROM ledger_seal WHERE number = 2",
            "seal 3 (transaction {third})",
            "number 2 is missing",
        ),
        (
            "DELETE FROM ledger_seal WHERE number = 1",
            "seal 2 (transaction {second})",
            "number 1 is missing",
        ),
        (
            "UPDATE ledger_seal SET leaf_hash = :zeros WHERE number = 3",
            "seal 3 (transaction {third})",
            "the transaction is not what was sealed",
        ),
        (
            "UPDATE ledger_seal_batch SET merkle_root = :zeros WHERE number = 1",
            "batch 1",
            "the Merkle root is not that of its seals",
        ),
        (
            "UPDATE ledger_seal_batch SET previous_hash = :zeros WHERE number = 2",
            "batch 2",
            "does not name the batch before it",
        ),
        (
            "UPDATE ledger_seal_batch SET chain_hash = :zeros WHERE number = 2",
            "batch 2",
            "the chain is broken",
        ),
    ],
)
def test_a_fault_is_named_by_its_place(
    unguarded: Session, statement: str, place: str, problem: str
) -> None:
    names = ("first", "second", "third")
    ids = dict(zip(names, seal_three(unguarded), strict=True))
    used = {k: v for k, v in {**ids, "zeros": "0" * 64}.items() if f":{k}" in statement}
    change(unguarded, statement, **used)

    assert first_fault(unguarded) == (place.format(**ids), problem)


def test_an_entry_changed_with_both_balances_still_breaks_its_seal(unguarded: Session) -> None:
    first = seal_three(unguarded)[0]
    change(
        unguarded,
        "UPDATE ledger_entry SET amount_cents = amount_cents + 5 WHERE transaction_id = :id",
        id=first,
    )
    for code, cents in (("pool:3:available", 5), ("pool:3:endowment", -5)):
        change(
            unguarded,
            "UPDATE ledger_account SET balance_cents = balance_cents + :cents WHERE code = :code",
            cents=cents,
            code=code,
        )

    assert first_fault(unguarded) == (
        f"seal 1 (transaction {first})",
        "the transaction is not what was sealed",
    )


def test_a_transaction_without_entries_is_a_fault(session: Session) -> None:
    change(
        session,
        "INSERT INTO ledger_transaction (key, kind, day, at, public)"
        " VALUES ('empty', 'reversed', '2025-01-01', '2025-01-01 00:00:00.000000', '{}')",
    )

    assert first_fault(session)[1] == "has no entries"


def test_the_command_says_that_all_is_right(app: Flask, session: Session) -> None:
    seal_three(session)
    session.commit()
    answer = app.test_cli_runner().invoke(args=["ledger", "verify"])

    assert answer.exit_code == 0
    assert "3 seals in 2 batches" in answer.output
    assert "The book is right." in answer.output


def test_the_command_fails_with_the_place_of_the_first_fault(
    app: Flask, unguarded: Session
) -> None:
    first = seal_three(unguarded)[0]
    change(unguarded, "UPDATE ledger_transaction SET kind = 'reversed' WHERE id = :id", id=first)
    unguarded.commit()
    answer = app.test_cli_runner().invoke(args=["ledger", "verify", "--json"])

    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["first_fault"] == {
        "place": f"seal 1 (transaction {first})",
        "problem": "the transaction is not what was sealed",
    }
