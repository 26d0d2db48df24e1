"""The tree's budgets, pools and the money in them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import SYSTEM
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import LabelEnum
from quartieri.ledger import queries as ledger
from quartieri.programmes import actions, queries
from quartieri.programmes.models import EndowmentPool, ProgrammeLevel
from quartieri.programmes.rules import LevelKind, LevelShortError, PoolBalances, PoolShortError
from tests.factories.programmes import (
    AT,
    MANAGER,
    make_area,
    make_authority,
    make_bound_pool,
    make_level,
    make_pool,
)


def about(key: str) -> dict[str, object]:
    return {"key": key, "about": "grant:1", "actor": SYSTEM, "at": AT}


def budgets(session: Session, level: ProgrammeLevel) -> dict[str, int]:
    return ledger.balances_of_holders(session, [f"level:{level.id}"])[f"level:{level.id}"]


# -- levels ------------------------------------------------------------------------------------


def test_a_level_stands_below_a_higher_one_of_the_same_authority(session: Session) -> None:
    root = make_level(session)
    line = make_level(session, parent=root)

    assert line.parent_id == root.id
    with pytest.raises(InvalidError):
        make_level(session, parent=line)
    with pytest.raises(InvalidError):
        make_level(session, parent=root, authority_id=make_authority(session).id)


@pytest.mark.parametrize("level", [LevelKind.PROGRAMME, LevelKind.LINE])
def test_the_database_itself_refuses_a_parent_of_the_wrong_kind(
    session: Session, level: LabelEnum
) -> None:
    line = make_level(session, parent=make_level(session))
    session.add(
        ProgrammeLevel(
            authority_id=line.authority_id,
            kind=level,
            parent_id=line.id,
            parent_kind="line",
            code="X",
            slug="x",
            title_it="X",
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_budget_can_be_lowered_only_to_what_is_allotted_and_spent(session: Session) -> None:
    root = make_level(session, budget_cents=100_00)
    make_bound_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=60_00,
        shares={root.id: 60_00},
    )
    actions.spend_directly(session, root, 10_00, about="Study", act_id=4, actor=MANAGER, at=AT)

    with pytest.raises(LevelShortError) as refused:
        actions.set_budget(session, root, 69_00, act_id=5, actor=MANAGER, at=AT)
    assert refused.value.missing_cents == 1_00
    actions.set_budget(session, root, 70_00, act_id=5, actor=MANAGER, at=AT)

    assert budgets(session, root) == {
        "opening": -70_00,
        "available": 0,
        "allotted": 60_00,
        "spent": 10_00,
    }


def test_a_first_figure_takes_up_what_was_bound_and_spent_before(session: Session) -> None:
    root = make_level(session)
    line = make_level(session, parent=root)
    make_bound_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=60_00,
        shares={line.id: 60_00},
    )
    actions.spend_directly(session, line, 5_00, about="Study", act_id=4, actor=MANAGER, at=AT)

    with pytest.raises(LevelShortError):
        actions.set_budget(session, root, 64_99, act_id=5, actor=MANAGER, at=AT)
    actions.set_budget(session, root, 100_00, act_id=5, actor=MANAGER, at=AT)

    assert budgets(session, root) == {
        "opening": -100_00,
        "available": 35_00,
        "allotted": 60_00,
        "spent": 5_00,
    }


# -- binding -----------------------------------------------------------------------------------


def test_binding_allots_at_every_level_above_that_has_a_figure(session: Session) -> None:
    root = make_level(session, budget_cents=1000_00)
    line = make_level(session, parent=root, budget_cents=300_00)
    action = make_level(session, parent=line, kind=LevelKind.ACTION)
    pool = make_bound_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=200_00,
        shares={action.id: 200_00},
    )

    assert budgets(session, root)["available"] == 800_00
    assert budgets(session, line)["available"] == 100_00
    assert budgets(session, action) == {}
    assert queries.pool_balances(session, pool.id) == PoolBalances(
        endowment_cents=200_00, available_cents=200_00
    )


def test_the_error_names_the_nearest_level_and_what_is_missing_there(session: Session) -> None:
    root = make_level(session, budget_cents=150_00)
    line = make_level(session, parent=root, budget_cents=120_00, title_it="Linea E")
    pool = make_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=200_00,
        shares={line.id: 200_00},
    )

    with pytest.raises(LevelShortError) as refused:
        actions.bind_pool(session, pool, act_id=2, actor=MANAGER, at=AT)

    assert (refused.value.level_id, refused.value.missing_cents) == (line.id, 80_00)
    assert "Linea E" in refused.value.message.source
    assert budgets(session, root)["available"] == 150_00


def test_two_lines_share_what_the_programme_has(session: Session) -> None:
    root = make_level(session, budget_cents=100_00)
    first, second = make_level(session, parent=root), make_level(session, parent=root)
    pool = make_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=110_00,
        shares={first.id: 60_00, second.id: 50_00},
    )

    with pytest.raises(LevelShortError) as refused:
        actions.bind_pool(session, pool, act_id=2, actor=MANAGER, at=AT)

    assert (refused.value.level_id, refused.value.missing_cents) == (root.id, 10_00)


def test_an_unknown_endowment_is_never_bound(session: Session) -> None:
    pool = make_pool(session, endowment_cents=None)

    with pytest.raises(InvalidError):
        actions.bind_pool(session, pool, act_id=2, actor=MANAGER, at=AT)


def test_shares_add_up_to_the_endowment(session: Session) -> None:
    root = make_level(session)

    with pytest.raises(InvalidError) as refused:
        make_pool(session, authority_id=root.authority_id, endowment_cents=10, shares={root.id: 9})
    assert refused.value.field == "shares"


def test_a_bound_endowment_is_bound_once_and_no_longer_planned(session: Session) -> None:
    pool = make_bound_pool(session)

    with pytest.raises(IllegalMoveError):
        actions.bind_pool(session, pool, act_id=2, actor=MANAGER, at=AT)
    with pytest.raises(IllegalMoveError):
        actions.set_endowment(session, pool, 5, shares={}, actor=MANAGER, at=AT)


def test_an_act_raises_and_lowers_an_endowment_but_never_below_what_is_taken(
    session: Session,
) -> None:
    root = make_level(session, budget_cents=300_00)
    pool = make_bound_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=200_00,
        shares={root.id: 200_00},
    )
    actions.change_endowment(session, pool, 250_00, act_id=6, actor=MANAGER, at=AT)
    assert budgets(session, root)["available"] == 50_00
    actions.reserve(session, pool.id, 100_00, **about("r"))

    with pytest.raises(PoolShortError) as refused:
        actions.change_endowment(session, pool, 99_00, act_id=7, actor=MANAGER, at=AT)
    assert refused.value.missing_cents == 1_00


def test_giving_back_leaves_allotted_only_what_was_taken(session: Session) -> None:
    root = make_level(session, budget_cents=300_00)
    pool = make_bound_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=200_00,
        shares={root.id: 200_00},
    )
    actions.reserve(session, pool.id, 80_00, **about("r"))

    assert actions.unbind_pool(session, pool, act_id=8, actor=MANAGER, at=AT) == 120_00
    assert budgets(session, root)["allotted"] == 80_00
    with pytest.raises(IllegalMoveError):
        actions.reserve(session, pool.id, 1, **about("late"))

    actions.release(session, pool.id, 80_00, **about("back"))
    assert actions.unbind_pool(session, pool, act_id=8, actor=MANAGER, at=AT) == 80_00
    assert budgets(session, root) == {"opening": -300_00, "available": 300_00, "allotted": 0}


# -- money in a pool ---------------------------------------------------------------------------


def test_money_goes_from_available_to_disbursed_and_comes_back_by_act(session: Session) -> None:
    pool = make_bound_pool(session, endowment_cents=100_00).id
    actions.reserve(session, pool, 60_00, **about("reserve"))
    actions.release(session, pool, 10_00, **about("release"))
    actions.commit(session, pool, 50_00, act_id=3, **about("commit"))
    actions.disburse(session, pool, 40_00, **about("pay"))
    actions.return_payment(session, pool, 5_00, **about("returned"))
    actions.decommit(session, pool, 15_00, act_id=4, **about("revoke"))
    actions.recover(session, pool, 30_00, interest_cents=1_00, **about("recover"))
    actions.put_back(session, pool, 20_00, act_id=5, **about("put back"))
    found = queries.pool_balances(session, pool)

    assert found == PoolBalances(
        endowment_cents=100_00,
        available_cents=85_00,
        reserved_cents=0,
        committed_cents=0,
        disbursed_cents=35_00,
        recovered_cents=30_00,
        to_put_back_cents=10_00,
        interest_cents=1_00,
    )
    assert found.available_cents == (
        found.endowment_cents
        - found.reserved_cents
        - found.committed_cents
        - found.disbursed_cents
        + found.put_back_cents
    )


@pytest.mark.parametrize(
    ("verb", "more"),
    [
        ("reserve", {}),
        ("release", {}),
        ("commit", {"act_id": 3}),
        ("decommit", {"act_id": 3}),
        ("disburse", {}),
        ("return_payment", {}),
        ("recover", {}),
        ("put_back", {"act_id": 3}),
    ],
)
def test_no_verb_takes_more_than_there_is(
    session: Session, verb: str, more: dict[str, int]
) -> None:
    pool = make_bound_pool(session, endowment_cents=100).id
    actions.reserve(session, pool, 80, **about("r"))
    actions.commit(session, pool, 60, act_id=3, **about("c"))
    actions.disburse(session, pool, 40, **about("d"))
    actions.recover(session, pool, 30, **about("b"))
    there = {
        "reserve": 20,
        "release": 20,
        "commit": 20,
        "decommit": 20,
        "disburse": 20,
        "return_payment": 10,
        "recover": 10,
        "put_back": 30,
    }[verb]

    with pytest.raises(PoolShortError) as refused:
        getattr(actions, verb)(session, pool, there + 7, **more, **about("too much"))
    assert refused.value.missing_cents == 7
    getattr(actions, verb)(session, pool, there, **more, **about("all"))


def test_a_movement_repeated_with_its_key_happens_once_and_is_audited_once(
    session: Session,
) -> None:
    pool = make_bound_pool(session, endowment_cents=100).id
    first = actions.reserve(session, pool, 80, **about("r"))
    second = actions.reserve(session, pool, 80, **about("r"))
    audited = session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "grant.reserved"))

    assert first.id == second.id
    assert [(e.before, e.after) for e in audited] == [
        (
            {f"pool:{pool}:available": 100, f"pool:{pool}:reserved": 0},
            {
                f"pool:{pool}:available": 20,
                f"pool:{pool}:reserved": 80,
                "about": "grant:1",
                "act": None,
            },
        )
    ]


def test_nothing_is_reserved_before_the_call_is_published(session: Session) -> None:
    pool = make_pool(session)

    with pytest.raises(IllegalMoveError):
        actions.reserve(session, pool.id, 1, **about("r"))


# -- queries -----------------------------------------------------------------------------------


def test_the_tree_shows_the_money_of_each_level_and_none_where_no_figure_is_published(
    session: Session,
) -> None:
    root = make_level(session, budget_cents=1000)
    line = make_level(session, parent=root)
    other = make_level(session, parent=root)
    pool = make_bound_pool(
        session,
        authority_id=root.authority_id,
        endowment_cents=300,
        shares={line.id: 100, other.id: 200},
    )
    make_pool(session, authority_id=root.authority_id, endowment_cents=5, shares={line.id: 5})
    actions.reserve(session, pool.id, 50, **about("r"))
    (found,) = queries.tree(session, root.authority_id)
    first, second = found.children

    assert (found.planned_cents, found.available_cents, found.allotted_cents) == (1000, 700, 300)
    assert (first.planned_cents, first.available_cents, first.allotted_cents) == (None, None, 100)
    assert (found.reserved_cents, first.reserved_cents, second.reserved_cents) == (50, 17, 33)


def test_areas_stand_in_the_order_of_their_numbers(session: Session) -> None:
    authority = make_authority(session)
    for code in ("10", "9", "B", "1"):
        make_area(session, authority, code=code)

    assert [a.code for a in queries.areas(session, authority.id)] == ["1", "9", "10", "B"]


def test_the_books_verify_after_all_this(session: Session) -> None:
    root = make_level(session, budget_cents=1000)
    pool = make_bound_pool(
        session, authority_id=root.authority_id, endowment_cents=300, shares={root.id: 300}
    )
    actions.reserve(session, pool.id, 50, **about("r"))

    assert ledger.verify(session).faults == []
    assert session.get_one(EndowmentPool, pool.id).is_bound
