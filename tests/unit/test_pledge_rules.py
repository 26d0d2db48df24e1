"""What is added for fees, who is one person, what a backer is told."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.campaigns.rules import (
    CampaignState,
    Gift,
    Giver,
    Place,
    PledgeState,
    Prices,
    Team,
    Terms,
    checked_tax_code,
    facts,
    mailbox,
    plain,
    relief,
    still_given,
    suggested,
    tell,
)
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.people.rules import OrganisationKind
from tests.doubles import NOW

USUAL = Prices(Decimal("0.015"), 25)
PRICES = st.builds(
    Prices,
    st.decimals(min_value=0, max_value=Decimal("0.2"), places=4),
    st.integers(min_value=0, max_value=200),
)


@pytest.mark.parametrize(
    ("charged", "fee"), [(100_00, 1_75), (10_00, 40), (5_00, 33), (20_00, 55), (1, 25), (33, 25)]
)
def test_the_fee_is_a_share_rounded_half_up_and_cents(charged: int, fee: int) -> None:
    assert USUAL.fee(charged) == fee


@given(prices=PRICES, gift=st.integers(min_value=1, max_value=100_000_00))
def test_what_covers_the_fees_leaves_the_gift_whole_and_no_cent_more(
    prices: Prices, gift: int
) -> None:
    charged = gift + prices.cover(gift)
    assert charged >= gift
    assert charged - prices.fee(charged) >= gift
    less = charged - 1
    assert less - prices.fee(less) < gift


@pytest.mark.parametrize(
    ("typed", "box"),
    [
        ("Ada@Example.org ", "ada@example.org"),
        ("ada+orto@example.org", "ada@example.org"),
        ("ada+x+y@example.org", "ada@example.org"),
        ("", ""),
    ],
)
def test_one_mailbox_is_one_person(typed: str, box: str) -> None:
    assert mailbox(typed) == box


def test_codes_are_checked_and_kept_without_blanks() -> None:
    assert checked_tax_code("rssbea80a41f205r", company=False) == "RSSBEA80A41F205R"
    assert checked_tax_code(" 011 9925 0158 ", company=True) == "01199250158"
    assert checked_tax_code("IT01199250158", company=True) == "01199250158"
    assert checked_tax_code("DE136695976", company=True) == "DE136695976"
    assert checked_tax_code("  ", company=False) == ""
    for text, company in (("RSSBEA80A41F205Y", False), ("01199250158", False), ("1234", True)):
        with pytest.raises(InvalidError):
            checked_tax_code(text, company=company)


def test_the_team_is_known_by_account_mailbox_and_code_and_guessed_by_name() -> None:
    team = Team(7, "ada@example.org", {"01199250158"}, {plain("Ada  Rossi")})
    sure = [
        Giver(7, "x@example.org", "X"),
        Giver(None, "ADA+1@example.org", "X"),
        Giver(None, "x@example.org", "X", "01199250158"),
    ]
    assert [team.surely_holds(g) for g in sure] == [True] * 3
    namesake = Giver(8, "x@example.org", "ada rossi")
    assert (team.surely_holds(namesake), team.may_hold(namesake)) == (False, True)
    assert not team.may_hold(Giver(None, "bea@example.org", "Bea"))


def gift(**over: object) -> Gift:
    values: dict[str, object] = {
        "amount": Money(20_00),
        "cover": Money(0),
        "fee": Money(55),
        "bearer": "proposer",
        "recipient": "Orto",
        "kind": OrganisationKind.THIRD_SECTOR,
        "collector": "Comune",
        "when": lazy("Now."),
        "named": True,
    }
    return Gift(**(values | over))  # type: ignore[arg-type] # what a test overrides


@pytest.mark.parametrize("kind", [k for k in OrganisationKind if k != "third_sector"])
def test_a_gift_to_whoever_is_no_third_sector_body_is_never_deductible(
    kind: OrganisationKind,
) -> None:
    assert relief(gift(kind=kind))[0] is False


def test_relief_needs_a_code_and_traceable_money_and_counts_the_reward() -> None:
    assert relief(gift())[0] is True
    assert relief(gift(named=False))[0] is False
    assert relief(gift(traceable=False))[0] is False
    assert "30 %" in relief(gift())[1].source
    assert "35 %" in relief(gift(volunteer=True))[1].source
    assert relief(gift(volunteer=True, by_company=True)) == relief(gift(by_company=True))
    assert "beyond the value" in relief(gift(reward=True))[1].source
    before = relief(gift(named=False, to_come=True, companies=True))[1].source
    assert "30 %" in before
    assert "A company" in before
    assert before.endswith("write it above.")


@pytest.mark.parametrize(
    ("least", "most", "cap", "reward", "sums"),
    [
        (5, 1000, None, 0, [10, 20, 50, 100]),
        (5, 1000, 30, 0, [10, 20]),
        (5, 1000, None, 25, [25, 50, 100]),
        (150, 5000, None, 0, [150]),
        (5, 20, None, 25, []),
    ],
)
def test_what_is_suggested_can_be_given(
    least: int, most: int, cap: int | None, reward: int, sums: list[int]
) -> None:
    terms = Terms(least * 100, most * 100, timedelta(0), cap * 100 if cap else None)
    assert suggested(terms, reward * 100) == [Money(one * 100) for one in sums]


def test_every_fact_is_told_in_its_order_and_withdrawal_only_with_a_reward() -> None:
    questions = [q.source for q, _a in facts(gift(reward=True))]
    assert questions == [
        "Who receives the money",
        "When it is charged",
        "Fees",
        "If the project is cut or revoked",
        "Tax relief",
        "Right of withdrawal on the thank-you",
    ]
    assert [q.source for q, _a in facts(gift())] == questions[:-1]


@pytest.mark.parametrize("state", list(PledgeState))
def test_every_state_has_words_that_never_say_pending(state: PledgeState) -> None:
    more = ({}, {"at_once": True}, {"seen": True}, {"let_go": True, "why": lazy("Why.")})
    for campaign, over in itertools.product(CampaignState, more):
        told = tell(place(state=state, campaign=campaign, **over))
        text = f"{told.heading.source}. {told.text.source}"
        assert "pending" not in text.lower()
        assert len(told.text.source) > 20


def place(**over: object) -> Place:
    values: dict[str, object] = {
        "state": PledgeState.CONFIRMED,
        "campaign": CampaignState.LIVE,
        "when": lazy("You are charged only if enough is promised."),
        "once_paid": lazy("It is decided when every payment is in."),
        "ends_at": NOW,
        "last_at": NOW,
        "paid_at": NOW,
        "tried_at": NOW,
        "retry_at": NOW,
        "due_at": NOW,
    }
    return Place(**(values | over))  # type: ignore[arg-type] # what a test overrides


def test_a_promise_is_told_with_its_condition_until_the_campaign_is_decided() -> None:
    def text(campaign: CampaignState) -> str:
        return tell(place(campaign=campaign)).text.source

    assert "only if enough" in text(CampaignState.LIVE)
    assert "suspended" in text(CampaignState.SUSPENDED)
    assert "being counted" in text(CampaignState.ENDED)
    assert "2025-02-03" in text(CampaignState.COLLECTING)
    assert "nothing will be" in text(CampaignState.REFUNDING)


@given(
    state=st.sampled_from(PledgeState),
    paid=st.integers(min_value=1, max_value=10_000),
    moves=st.lists(st.integers(min_value=0, max_value=10_000), max_size=6),
)
def test_what_stands_receipted_is_never_more_than_was_paid_and_settles_at_once(
    state: PledgeState, paid: int, moves: list[int]
) -> None:
    standing = paid
    for returned in moves:
        here = paid - min(returned, paid)
        standing = still_given(PledgeState.PAID, here_cents=here, standing_cents=standing)
        assert standing == here
        once = still_given(state, here_cents=here, standing_cents=standing)
        assert 0 <= once <= paid
        assert still_given(state, here_cents=here, standing_cents=once) == once
