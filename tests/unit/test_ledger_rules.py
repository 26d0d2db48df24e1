"""The chart of accounts and what may be posted."""

from __future__ import annotations

import pytest

from quartieri.kit.labels import LabelEnum
from quartieri.kit.money import Money
from quartieri.ledger import rules
from quartieri.ledger.rules import (
    CampaignAccount,
    CustodyAccount,
    GrantAccount,
    LevelAccount,
    PoolAccount,
    PostingKind,
    Transfer,
)


def pool(name: PoolAccount) -> rules.Account:
    return rules.pool_account(3, name, authority_id=1)


def test_accounts_are_named_by_holder_and_kind_in_their_owners_book() -> None:
    assert pool(PoolAccount.AVAILABLE).code == "pool:3:available"
    assert pool(PoolAccount.AVAILABLE).book == "authority:1"
    assert rules.campaign_account(12, CampaignAccount.COLLECTED).book == "crowd:12"


@pytest.mark.parametrize(
    ("accounts", "without_floor"),
    [
        (LevelAccount, {"opening"}),
        (PoolAccount, {"endowment", "payments", "accrued", "matching"}),
        (GrantAccount, set()),
        (
            CampaignAccount,
            {"clearing", "outside", "fees_due", "disputes_due", "loss", "authority", "proposer"},
        ),
        (CustodyAccount, {"bank"}),
    ],
)
def test_only_accounts_that_show_where_money_came_from_have_no_floor(
    accounts: type[LabelEnum], without_floor: set[str]
) -> None:
    build = {
        LevelAccount: lambda n: rules.level_account(1, n, authority_id=1),
        PoolAccount: lambda n: rules.pool_account(1, n, authority_id=1),
        GrantAccount: lambda n: rules.grant_account(1, n, authority_id=1),
        CampaignAccount: lambda n: rules.campaign_account(1, n),
        CustodyAccount: lambda n: rules.custody_account(1, n),
    }[accounts]

    assert {str(n) for n in accounts if build(n).floor_cents is None} == without_floor


@pytest.mark.parametrize("cents", [0, -1])
def test_an_amount_that_moves_is_positive(cents: int) -> None:
    moved = Transfer(pool(PoolAccount.ENDOWMENT), pool(PoolAccount.AVAILABLE), Money(cents))

    with pytest.raises(ValueError, match="positive"):
        rules.check_posting(PostingKind.POOL_BOUND, [moved])


def test_a_transaction_that_moves_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="moves something"):
        rules.check_posting(PostingKind.POOL_BOUND, [])


def test_an_account_cannot_pay_itself() -> None:
    same = pool(PoolAccount.AVAILABLE)

    with pytest.raises(ValueError, match="itself"):
        rules.check_posting(PostingKind.POOL_BOUND, [Transfer(same, same, Money(1))])


def test_currencies_do_not_mix() -> None:
    moved = Transfer(
        pool(PoolAccount.ENDOWMENT), pool(PoolAccount.AVAILABLE), Money(1, currency="CHF")
    )

    with pytest.raises(ValueError, match="currencies"):
        rules.check_posting(PostingKind.POOL_BOUND, [moved])


@pytest.mark.parametrize("kind", list(PostingKind))
def test_no_kind_lets_crowd_money_into_the_citys_book(kind: PostingKind) -> None:
    crowd, city = rules.campaign_account(1, CampaignAccount.PAYABLE), pool(PoolAccount.AVAILABLE)

    for moved in (Transfer(crowd, city, Money(1)), Transfer(city, crowd, Money(1))):
        with pytest.raises(ValueError, match="may not join"):
            rules.check_posting(kind, [moved])


def test_two_campaigns_never_share_money() -> None:
    moved = Transfer(
        rules.campaign_account(1, CampaignAccount.COLLECTED),
        rules.campaign_account(2, CampaignAccount.COLLECTED),
        Money(1),
    )

    with pytest.raises(ValueError, match="may not join"):
        rules.check_posting(PostingKind.CHARGED, [moved])


def test_the_fee_of_a_charge_never_lessens_what_was_collected() -> None:
    [gross], [fee] = rules.charge(12, Money(25_00)), rules.note_fee(12, Money(60))

    assert (gross.target.kind, gross.amount) == ("collected", Money(25_00))
    assert (fee.source.kind, fee.target.kind, fee.amount) == ("fees_due", "fees", Money(60))


def test_every_movement_of_crowd_money_may_be_posted() -> None:
    amount, fees, payable = Money(10), CampaignAccount.FEES_DUE, CampaignAccount.PAYABLE
    for kind, transfers in (
        (PostingKind.CHARGED, rules.charge(1, amount)),
        (PostingKind.OFFLINE, rules.offline(1, amount)),
        (PostingKind.OWED, rules.owe(1, amount)),
        (PostingKind.FEE_NOTED, rules.note_fee(1, amount)),
        (PostingKind.COSTS_COVERED, rules.bear(1, amount, cost=fees, by=payable)),
        (PostingKind.PAID_OUT, rules.pay_out(1, amount)),
        (PostingKind.REFUNDED, rules.refund(1, amount)),
        (PostingKind.REFUND_BOUNCED, rules.refund_bounced(1, amount)),
        (PostingKind.DISPUTED, rules.dispute(1, amount)),
        (PostingKind.DISPUTE_WON, rules.dispute_won(1, amount)),
        (PostingKind.CHARGED_BACK, rules.charge_back(1, amount)),
        (PostingKind.TRANSFER_RECEIVED, rules.receive_transfer(1, amount)),
        (PostingKind.TRANSFER_MATCHED, rules.match_transfer(1, 2, amount)),
        (PostingKind.REVERSED, rules.reverse(rules.match_transfer(1, 2, amount))),
    ):
        rules.check_posting(kind, transfers)
