"""Figures as they are shown: the crowd's accounts, the flow picture, open data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.grants.rules import (
    GrantState,
    check_tax_code,
    public_tax_code,
    what_next,
)
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.kit.tables import csv_text
from quartieri.ledger.rules import (
    CampaignAccount,
    Transfer,
    bear,
    charge,
    charge_back,
    dispute,
    note_fee,
    offline,
    owe,
    pay_out,
    refund,
)
from quartieri.programmes.rules import LevelFigures, LevelKind
from quartieri.transparency.rules import CrowdMoney, Part, Stage, stage, topmost, walk


def level(number: int, planned: int | None, *children: LevelFigures) -> LevelFigures:
    return LevelFigures(
        id=number,
        parent_id=None,
        kind=LevelKind.LINE,
        code=str(number),
        slug=str(number),
        title_it=str(number),
        title_en="",
        planned_cents=planned,
        available_cents=planned,
        children=list(children),
    )


def accounts(*movements: list[Transfer]) -> dict[str, int]:
    found: dict[str, int] = {}
    for transfer in (t for movement in movements for t in movement):
        found[transfer.source.kind] = found.get(transfer.source.kind, 0) - transfer.amount.cents
        found[transfer.target.kind] = found.get(transfer.target.kind, 0) + transfer.amount.cents
    return found


def test_crowd_money_is_what_came_in_whatever_became_of_it() -> None:
    found = CrowdMoney.of(
        accounts(
            charge(1, Money(100_00)),
            note_fee(1, Money(3_00)),
            charge(1, Money(50_00)),
            offline(1, Money(20_00)),
            refund(1, Money(10_00)),
            owe(1, Money(120_00)),
            bear(1, Money(3_00), cost=CampaignAccount.FEES_DUE, by=CampaignAccount.PAYABLE),
            pay_out(1, Money(60_00)),
            dispute(1, Money(5_00)),
            charge_back(1, Money(5_00)),
        ),
        200_00,
    )
    assert found == CrowdMoney(
        promised_cents=200_00,
        collected_cents=170_00,
        held_cents=20_00,
        owed_cents=57_00,
        paid_out_cents=60_00,
        refunded_cents=15_00,
        fees_cents=3_00,
        covered_cents=3_00,
    )
    assert found.waiting_cents == 15_00


def test_a_dispute_lost_after_the_payout_was_still_collected_once() -> None:
    lost = dispute(1, Money(40_00), out_of=CampaignAccount.LOSS)
    found = CrowdMoney.of(
        accounts(
            charge(1, Money(40_00)),
            note_fee(1, Money(1_00)),
            owe(1, Money(40_00)),
            pay_out(1, Money(40_00)),
            lost,
            charge_back(1, Money(40_00)),
        ),
        40_00,
    )
    assert (found.collected_cents, found.fees_cents, found.covered_cents) == (40_00, 1_00, 0)


def test_only_the_topmost_figures_are_added() -> None:
    tree = [level(1, None, level(2, 10, level(3, 10)), level(4, None, level(5, 7))), level(6, 5)]
    assert [one.id for one in topmost(tree)] == [2, 5, 6]
    assert [(depth, one.id) for depth, one in walk(tree)] == [
        (0, 1),
        (1, 2),
        (2, 3),
        (1, 4),
        (2, 5),
        (0, 6),
    ]


def part(cents: int) -> Part:
    return Part(lazy("x"), cents, "paid")


def test_a_stage_without_money_is_not_drawn() -> None:
    assert stage(lazy("x"), (part(0), part(0))) is None


@given(st.lists(st.integers(min_value=0, max_value=10**12), min_size=1, max_size=6))
def test_parts_of_a_bar_stand_beside_each_other_and_add_up(amounts: list[int]) -> None:
    drawn = stage(lazy("x"), [part(a) for a in amounts])
    if drawn is None:
        assert sum(amounts) == 0
        return
    assert drawn.cents == sum(s.part.cents for s in drawn.slices) == sum(amounts)
    starts = [float(s.x.removesuffix("%")) for s in drawn.slices]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert all(float(s.width.removesuffix("%")) > 0 for s in drawn.slices)


def test_a_ribbon_leads_from_its_part_to_the_whole_bar_beneath() -> None:
    above = stage(lazy("a"), (part(25), part(75)))
    assert isinstance(above, Stage)
    assert above.ribbon == ""
    beneath = stage(lazy("b"), (part(3),), above=above)
    assert beneath is not None
    assert (beneath.fed, beneath.ribbon) == ((0, 250), "0,0 250,0 1000,100 0,100")


def test_csv_says_nothing_for_unknown_and_runs_no_formula() -> None:
    assert csv_text(("a", "b", "c"), [(None, "=1+1", 'x "y", z'), (0, "-", "è")]) == (
        'a,b,c\r\n,\'=1+1,"x ""y"", z"\r\n0,\'-,è\r\n'
    )


@pytest.mark.parametrize(
    ("code", "shown"),
    [("97103880585", "97103880585"), ("RSSMRA85T10A562S", ""), ("", ""), ("9710388058", "")],
)
def test_the_tax_code_of_a_person_is_never_published(code: str, shown: str) -> None:
    assert public_tax_code(code) == shown


def test_a_body_has_eleven_digits() -> None:
    assert check_tax_code(" 971 0388 0585 ") == "97103880585"
    for wrong in ("97103880584", "RSSMRA85T10A562S", "RSSMRA85T10A562X", ""):
        with pytest.raises(InvalidError):
            check_tax_code(wrong)


def test_every_grant_says_what_it_waits_for() -> None:
    sentences = {
        what_next(state, proposed=True, waits_for_body=False, act_published=False).source
        for state in GrantState
    }
    assert len(sentences) == len(GrantState) - 1  # renounced and revoked wait for the same
