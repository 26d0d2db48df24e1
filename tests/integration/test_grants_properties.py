"""Whatever officials do in whatever order: amounts stay lawful and the book verifies."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from quartieri.grants import actions
from quartieri.grants.models import Disbursement
from quartieri.grants.queries import asked_cents
from quartieri.grants.rules import NOT_GRANTED, TAKEN_BACK, UNDER_WAY, DisbursementState
from quartieri.kit.errors import DomainError
from quartieri.ledger import queries as ledger
from tests.factories.acts import act_data
from tests.factories.grants import ADVANCE, BALANCE, GrantScene, make_grant_scene

GRANT = 100
ENDOWMENT = 100_000_00

Verb = Callable[[GrantScene, int], object]


def nth(scene: GrantScene, number: int) -> Disbursement | None:
    rows = scene.grant.disbursements
    return rows[number % len(rows)] if rows else None


def on_payment(act: Callable[..., object]) -> Verb:
    def verb(scene: GrantScene, number: int) -> object:
        scene.session.refresh(scene.grant, ["disbursements"])
        payment = nth(scene, number)
        return act(scene, payment) if payment is not None else None

    return verb


def refuse(scene: GrantScene, payment: Disbursement) -> None:
    who = scene.actor(scene.manager)
    actions.refuse_disbursement(scene.session, payment, reason="x", actor=who, at=scene.at)


def cancel(scene: GrantScene, payment: Disbursement) -> None:
    who = scene.actor(scene.officer)
    actions.cancel_disbursement(scene.session, payment, reason="x", actor=who, at=scene.at)


def renounce(scene: GrantScene, _number: int) -> None:
    who = scene.actor(scene.officer)
    actions.renounce(scene.session, scene.grant, act_data(), actor=who, at=scene.at)


VERBS: dict[str, Verb] = {
    "ready": lambda scene, _n: scene.ready(),
    "advance": lambda scene, n: scene.request(n, ADVANCE),
    "balance": lambda scene, n: scene.request(n, BALANCE),
    "same click": lambda scene, n: scene.request(n, token="click"),
    "approve": on_payment(GrantScene.approve),
    "order": on_payment(GrantScene.order),
    "settle": on_payment(GrantScene.settle),
    "back": on_payment(GrantScene.give_back),
    "refuse": on_payment(refuse),
    "cancel": on_payment(cancel),
    "whole advance": lambda scene, n: scene.pay(n, ADVANCE),
    "whole balance": lambda scene, n: scene.pay(n, BALANCE),
    "report": lambda scene, n: scene.report(n, act=True),
    "revoke": lambda scene, _n: scene.revoke(),
    "renounce": renounce,
    "recover": lambda scene, n: scene.recover(n, f"CRO {n % 5}"),
}
steps = st.tuples(st.sampled_from(sorted(VERBS)), st.integers(min_value=0, max_value=GRANT + 1))


def check(scene: GrantScene) -> None:
    grant, money = scene.grant, scene.money()
    scene.session.refresh(grant)
    asked = asked_cents(scene.session, grant.id)
    paid = [d.amount_cents for d in grant.disbursements if d.state is DisbursementState.PAID]
    assert 0 <= grant.recovered_cents <= grant.paid_cents == sum(paid)
    assert grant.paid_cents <= grant.granted_cents <= GRANT
    assert asked <= grant.granted_cents
    assert money.disbursed_cents == grant.paid_cents
    assert money.recovered_cents == grant.recovered_cents
    live = grant.state not in NOT_GRANTED | TAKEN_BACK
    assert money.committed_cents == (grant.granted_cents - grant.paid_cents if live else 0)
    assert money.reserved_cents == grant.reserved_cents
    assert money.available_cents == ENDOWMENT - (
        money.reserved_cents + money.committed_cents + money.disbursed_cents
    )
    if grant.state in TAKEN_BACK:
        assert [d for d in grant.disbursements if d.state in UNDER_WAY] == []


@pytest.fixture
def scene(session: Session) -> GrantScene:
    return make_grant_scene(session, cents=GRANT)


@pytest.mark.soak
@given(taken=st.lists(steps, max_size=14))
def test_no_order_of_steps_pays_a_cent_too_much(
    session: Session, scene: GrantScene, taken: list[tuple[str, int]]
) -> None:
    with session.begin_nested() as example:
        if taken:
            scene.ready()
        for verb, number in taken:
            # a refused step leaves nothing behind, as a refused request does
            with contextlib.suppress(DomainError), session.begin_nested():
                VERBS[verb](scene, number)
            check(scene)
        assert ledger.verify(session).faults == []
        example.rollback()
    session.expire_all()
