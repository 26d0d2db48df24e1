"""Whatever is asked in whatever order: floors hold, books add up, seals verify."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.kit.errors import DomainError
from quartieri.ledger import actions as ledger
from quartieri.ledger import queries as book
from quartieri.programmes import actions, queries
from tests.factories.ledger import make_charge
from tests.factories.programmes import AT, MANAGER, make_level, make_pool

VERBS = {
    "reserve": {},
    "release": {},
    "commit": {"act_id": 3},
    "decommit": {"act_id": 3},
    "disburse": {},
    "return_payment": {},
    "recover": {},
    "put_back": {"act_id": 3},
}
steps = st.tuples(
    st.sampled_from([*VERBS, "change", "unbind", "budget", "spend", "seal", "repeat"]),
    st.integers(min_value=1, max_value=150),
)


def take_step(session: Session, world: dict[str, Any], verb: str, cents: int) -> None:
    pool, line, root = world["pool"], world["line"], world["root"]
    by_act = {"act_id": 9, "actor": MANAGER, "at": AT}
    if verb in VERBS:
        world["last"] = (verb, cents, f"step:{world['count']}")
    if verb == "repeat" and "last" in world:
        verb, cents, key = world["last"]
    else:
        key = f"step:{world['count']}"
    if verb in VERBS:
        getattr(actions, verb)(
            session, pool.id, cents, key=key, about="x", actor=SYSTEM, at=AT, **VERBS[verb]
        )
    elif verb == "change":
        actions.change_endowment(session, pool, cents, **by_act)
    elif verb == "unbind" and cents > 140:
        actions.unbind_pool(session, pool, **by_act)
    elif verb == "budget":
        actions.set_budget(session, line if cents % 2 else root, cents * 2, **by_act)
    elif verb == "spend":
        actions.spend_directly(session, line, cents, about="x", **by_act)
    elif verb == "seal":
        ledger.seal(session, at=AT, limit=cents)


def check(session: Session, world: dict[str, Any]) -> None:
    money = queries.pool_balances(session, world["pool"].id)
    assert money.available_cents >= 0
    assert money.available_cents == (
        money.endowment_cents
        - money.reserved_cents
        - money.committed_cents
        - money.disbursed_cents
        + money.put_back_cents
    )
    assert money.endowment_cents == world["pool"].endowment_cents
    (root,) = queries.tree(session, world["root"].authority_id)
    for level in (root, root.children[0]):
        if level.planned_cents is not None:
            assert level.available_cents is not None
            assert level.available_cents >= 0
            assert level.available_cents == (
                level.planned_cents - level.allotted_cents - level.spent_cents
            )


@pytest.mark.soak
@given(taken=st.lists(steps, max_size=25))
def test_no_order_of_verbs_breaks_a_pool_a_level_or_a_seal(
    session: Session, taken: list[tuple[str, int]]
) -> None:
    with session.begin_nested() as example:
        root = make_level(session, budget_cents=250)
        line = make_level(session, parent=root)
        shares = {line.id: 70, root.id: 30}
        pool = make_pool(
            session, authority_id=root.authority_id, endowment_cents=100, shares=shares, bound=True
        )
        world: dict[str, Any] = {"root": root, "line": line, "pool": pool, "count": 0}
        for verb, cents in taken:
            world["count"] += 1
            with contextlib.suppress(DomainError):
                take_step(session, world, verb, cents)
            check(session, world)
        assert book.verify(session).faults == []
        example.rollback()


@pytest.mark.soak
@pytest.mark.parametrize("limit", [1, 3])
@given(posted=st.lists(st.integers(min_value=1, max_value=9), min_size=1, max_size=12))
def test_seals_are_gapless_however_they_are_taken(
    session: Session, limit: int, posted: list[int]
) -> None:
    with session.begin_nested() as example:
        for campaign in posted:
            make_charge(session, campaign)
            ledger.seal(session, at=AT, limit=limit)
        while ledger.seal(session, at=AT, limit=limit):
            pass
        report = book.verify(session)
        assert (report.faults, report.seals, report.unsealed) == ([], len(posted), 0)
        example.rollback()
