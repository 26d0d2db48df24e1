"""Posting: balanced, once, never below a floor."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.kit.errors import ConflictError, InsufficientFundsError
from quartieri.kit.money import Money
from quartieri.ledger import actions, queries, rules
from quartieri.ledger.models import LedgerEntry, LedgerPrivate, LedgerTransaction
from quartieri.ledger.rules import BelowFloorError, PostingKind, Transfer
from tests.factories.ledger import AT, level, make_charge, make_posting, pool


def count(session: Session, model: type) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)


def test_a_posting_moves_an_amount_from_one_account_to_another(session: Session) -> None:
    make_posting(session, cents=100_00)

    assert queries.balances(session, ["pool:3:endowment", "pool:3:available"]) == {
        "pool:3:endowment": -100_00,
        "pool:3:available": 100_00,
    }


def test_a_posting_carries_the_day_in_rome(session: Session) -> None:
    assert make_posting(session).day == date(2025, 2, 1)


def test_the_same_key_again_gives_the_earlier_transaction_and_moves_nothing(
    session: Session,
) -> None:
    first = make_posting(session, key="once")
    second = make_posting(session, key="once")

    assert second.id == first.id
    assert queries.balance(session, "pool:3:available") == 100_00


def test_the_same_key_is_answered_even_when_the_money_is_gone_meanwhile(session: Session) -> None:
    make_posting(session, cents=100)
    spend = {
        "key": "spend",
        "kind": PostingKind.RESERVED,
        "source": pool("available"),
        "target": pool("reserved"),
        "cents": 100,
    }
    first = make_posting(session, **spend)

    assert make_posting(session, **spend).id == first.id


@pytest.mark.parametrize(
    "change",
    [
        {"cents": 101},
        {"kind": PostingKind.POOL_CHANGED},
        {"target": pool("reserved")},
    ],
)
def test_the_same_key_for_something_else_is_refused(
    session: Session, change: dict[str, object]
) -> None:
    make_posting(session, key="once", cents=100)

    with pytest.raises(ConflictError):
        make_posting(session, key="once", **({"cents": 100} | change))


def test_an_account_never_falls_below_its_floor_and_the_error_says_what_is_missing(
    session: Session,
) -> None:
    make_posting(session, cents=100)

    with pytest.raises(InsufficientFundsError) as refused:
        make_posting(
            session,
            kind=PostingKind.RESERVED,
            source=pool("available"),
            target=pool("reserved"),
            cents=130,
        )

    assert refused.value.missing_cents == 30
    assert isinstance(refused.value, BelowFloorError)
    assert refused.value.code == "pool:3:available"


def test_a_refusal_leaves_nothing_behind_even_when_the_caller_goes_on(session: Session) -> None:
    make_posting(session, cents=100)
    make_posting(session, source=level("opening"), target=level("available"), cents=500)
    before = count(session, LedgerTransaction)

    with pytest.raises(BelowFloorError):
        actions.post(
            session,
            key="half",
            kind=PostingKind.POOL_BOUND,
            entries=[
                Transfer(level("available"), level("allotted"), Money(400)),
                Transfer(pool("available"), pool("reserved"), Money(101)),
            ],
            at=AT,
        )

    assert count(session, LedgerTransaction) == before
    assert queries.balances_of_book(session, "authority:1") == {
        "level:7": {"allotted": 0, "available": 500, "opening": -500},
        "pool:3": {"available": 100, "endowment": -100, "reserved": 0},
    }
    assert queries.verify(session).faults == []


def test_posting_goes_on_after_a_step_was_rolled_back(session: Session) -> None:
    with session.begin_nested() as step:
        undone = make_posting(session, key="undone", cents=1)
        step.rollback()
    posted = make_posting(session, key="kept", cents=2)
    session.expire_all()

    assert undone is not posted
    assert (posted.key, posted.kind) == ("kept", "pool.bound")
    assert queries.balance(session, "pool:3:available") == 2


def test_one_transaction_may_pass_money_through_an_account(session: Session) -> None:
    actions.post(
        session,
        key="through",
        kind=PostingKind.BUDGET_SET,
        entries=[
            Transfer(level("opening"), level("available"), Money(500)),
            Transfer(level("available"), level("allotted"), Money(500)),
        ],
        at=AT,
    )

    assert queries.balances_of_holders(session, ["level:7"]) == {
        "level:7": {"allotted": 500, "available": 0, "opening": -500}
    }


def test_crowd_money_never_meets_the_citys_accounts(session: Session) -> None:
    collected = rules.campaign_account(12, rules.CampaignAccount.COLLECTED)
    for kind in PostingKind:
        with pytest.raises(ValueError, match="may not join two books"):
            make_posting(session, kind=kind, source=collected, target=pool("available"))


def test_an_account_is_found_in_the_book_that_it_was_opened_in(session: Session) -> None:
    make_posting(session)
    stranger = rules.pool_account(3, rules.PoolAccount.AVAILABLE, authority_id=2)

    with pytest.raises(ValueError, match="lies in authority:1"):
        actions.account(session, stranger)


def test_a_charged_pledge_is_collected_in_gross_and_its_fee_noted_apart(session: Session) -> None:
    make_charge(session, cents=25_00)

    assert queries.balances_of_holders(session, ["campaign:12"]) == {
        "campaign:12": {"clearing": -25_00, "collected": 25_00, "fees": 60, "fees_due": -60}
    }


def test_crowd_money_shows_the_day_alone_and_keeps_the_rest_private(session: Session) -> None:
    posted = make_charge(session, key="charge:pledge-45")
    row = queries.unsealed_transactions(session, limit=1)[0]
    shown = queries.shown(row, queries.movements_of(session, [posted.id])[posted.id])
    private = session.get_one(LedgerPrivate, posted.id)

    assert shown == {
        "kind": "crowd.charged",
        "day": "2025-02-01",
        "public": {},
        "movements": [
            {
                "from": "campaign:12:clearing",
                "to": "campaign:12:collected",
                "cents": 25_00,
                "currency": "EUR",
            },
            {
                "from": "campaign:12:fees_due",
                "to": "campaign:12:fees",
                "cents": 60,
                "currency": "EUR",
            },
        ],
    }
    assert private.content == {
        "pledge": 45,
        "provider": "pi_123",
        "key": "charge:pledge-45",
        "at": "2025-01-31T23:30:00.000000+00:00",
    }


def test_a_matched_bank_transfer_is_the_one_step_between_two_books(session: Session) -> None:
    actions.post(
        session,
        key="in",
        kind=PostingKind.TRANSFER_RECEIVED,
        entries=rules.receive_transfer(1, Money(50_00)),
        at=AT,
    )
    actions.post(
        session,
        key="matched",
        kind=PostingKind.TRANSFER_MATCHED,
        entries=rules.match_transfer(1, 12, Money(50_00)),
        at=AT,
    )

    assert queries.balances(session, ["custody:1:suspense", "campaign:12:collected"]) == {
        "custody:1:suspense": 0,
        "campaign:12:collected": 50_00,
    }


def test_a_statement_lists_the_newest_first_with_the_balance_after_each(session: Session) -> None:
    make_posting(session, cents=100)
    make_posting(
        session,
        kind=PostingKind.RESERVED,
        source=pool("available"),
        target=pool("reserved"),
        cents=30,
    )
    make_posting(session, source=pool("endowment"), target=pool("available"), cents=5)
    lines = queries.statement(session, "pool:3:available", size=2)

    assert [(x.counterpart, x.amount, x.balance) for x in lines] == [
        ("pool:3:endowment", Money(5), Money(75)),
        ("pool:3:reserved", Money(-30), Money(70)),
    ]
    assert [x.balance for x in queries.statement(session, "pool:3:available", page=2, size=2)] == [
        Money(100)
    ]


def test_pools_are_added_up_by_account(session: Session) -> None:
    make_posting(session, cents=100)
    make_posting(session, source=pool("endowment", 4), target=pool("available", 4), cents=7)

    assert queries.totals(session, ["pool:3", "pool:4"]) == {"available": 107, "endowment": -107}


def test_an_erased_private_part_is_gone_and_the_book_still_verifies(session: Session) -> None:
    posted = make_charge(session)
    actions.seal(session, at=AT)

    erased = actions.erase_private(session, [posted.id], actor=SYSTEM, at=AT, reason="Art. 17")
    report = queries.verify(session)

    assert erased == 1
    assert count(session, LedgerPrivate) == 0
    assert (report.ok, report.erased) == (True, 1)


def test_every_entry_belongs_to_its_transaction(session: Session) -> None:
    posted = make_charge(session)

    assert list(session.scalars(sa.select(LedgerEntry.transaction_id))) == [posted.id, posted.id]
