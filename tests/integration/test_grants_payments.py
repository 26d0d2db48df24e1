"""Payments of a grant: three people, amounts, what comes back, what is taken back."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.grants import actions
from quartieri.grants.rules import DisbursementState, GrantState
from quartieri.kit.errors import (
    ConflictError,
    IllegalMoveError,
    InvalidError,
    NotYoursError,
)
from quartieri.programmes.rules import PoolBalances
from quartieri.proposals.rules import ProposalState
from tests.doubles import NOW
from tests.factories.acts import act_data
from tests.factories.grants import (
    ADVANCE,
    BALANCE,
    OTHER_IBAN,
    GrantScene,
    make_grant_scene,
)

ENDOWMENT = 100_000_00
GRANT = 10_000_00


@pytest.fixture
def scene(session: Session) -> GrantScene:
    return make_grant_scene(session)


# -- three people ------------------------------------------------------------------------------


def test_requested_approved_ordered_and_paid_by_three_people(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.pay(4_000_00)
    assert payment.state is DisbursementState.PAID
    assert (scene.grant.state, scene.grant.paid_cents) == (GrantState.ACTIVE, 4_000_00)
    assert scene.sums() == (ENDOWMENT - GRANT, 0, GRANT - 4_000_00, 4_000_00)
    assert scene.letters()[-1] == "grant-paid"


@pytest.mark.parametrize("first, then", [("request", "approve"), ("request", "order")])
def test_who_requested_does_nothing_more(scene: GrantScene, first: str, then: str) -> None:
    scene.ready()
    everything = scene.official(Role.OFFICER, Role.CALL_MANAGER, Role.TREASURER)
    payment = scene.request(1_00, by=everything)
    if then == "order":
        scene.approve(payment)
    with pytest.raises(NotYoursError, match="another person"):
        (scene.approve if then == "approve" else scene.order)(payment, by=everything)


def test_who_approved_neither_orders_nor_pays(scene: GrantScene) -> None:
    scene.ready()
    both = scene.official(Role.CALL_MANAGER, Role.TREASURER)
    payment = scene.request(1_00)
    scene.approve(payment, by=both)
    with pytest.raises(NotYoursError, match="another person"):
        scene.order(payment, by=both)
    scene.order(payment)
    with pytest.raises(NotYoursError, match="another person"):
        scene.settle(payment, by=both)


def test_who_requested_does_not_pay(scene: GrantScene) -> None:
    scene.ready()
    both = scene.official(Role.OFFICER, Role.TREASURER)
    payment = scene.request(1_00, by=both)
    scene.approve(payment)
    scene.order(payment)
    with pytest.raises(NotYoursError, match="another person"):
        scene.settle(payment, by=both)


def test_each_step_asks_for_its_role(scene: GrantScene) -> None:
    scene.ready()
    for user in (scene.manager, scene.treasurer, scene.auditor):
        with pytest.raises(NotYoursError):
            scene.request(1_00, by=user)
    payment = scene.request(1_00)
    for user in (scene.treasurer, scene.auditor):
        with pytest.raises(NotYoursError):
            scene.approve(payment, by=user)
    scene.approve(payment)
    for user in (scene.officer, scene.manager, scene.auditor):
        with pytest.raises(NotYoursError):
            scene.order(payment, by=user)
    scene.order(payment)
    with pytest.raises(NotYoursError):
        scene.settle(payment, by=scene.auditor)


# -- amounts -----------------------------------------------------------------------------------


def test_advances_stop_at_the_calls_share(scene: GrantScene) -> None:
    scene.ready()
    scene.request(3_000_00)
    with pytest.raises(InvalidError) as refused:
        scene.request(2_000_01)
    assert refused.value.field == "amount"
    assert "2000.00 EUR" in str(refused.value)
    scene.request(2_000_00)


def test_a_refused_advance_counts_no_more(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.request(5_000_00)
    who = scene.actor(scene.manager)
    actions.refuse_disbursement(scene.session, payment, reason="no", actor=who, at=NOW)
    assert scene.request(5_000_00).amount_cents == 5_000_00


def test_the_balance_waits_for_the_report(scene: GrantScene) -> None:
    scene.ready()
    scene.pay(5_000_00)
    with pytest.raises(IllegalMoveError, match="waits for the approved report"):
        scene.request(1_00, BALANCE)
    scene.report(GRANT)
    with pytest.raises(IllegalMoveError, match="advance is not possible"):
        scene.request(1_00, ADVANCE)
    with pytest.raises(InvalidError, match="left to request"):
        scene.request(5_000_01, BALANCE)
    scene.pay(5_000_00, BALANCE)
    assert scene.grant.state is GrantState.SETTLED
    assert scene.proposal.state is ProposalState.COMPLETED
    assert scene.sums() == (ENDOWMENT - GRANT, 0, 0, GRANT)


def test_a_reduction_needs_an_act_and_frees_the_rest(scene: GrantScene) -> None:
    scene.ready()
    scene.pay(5_000_00)
    with pytest.raises(InvalidError, match="needs an act"):
        scene.report(7_000_00)
    with pytest.raises(InvalidError, match="paid already"):
        scene.report(4_999_99)
    with pytest.raises(InvalidError, match="more than the grant"):
        scene.report(GRANT + 1)
    assert scene.grant.state is GrantState.ACTIVE
    scene.report(7_000_00, act=True)
    assert scene.sums() == (ENDOWMENT - 7_000_00, 0, 2_000_00, 5_000_00)
    scene.pay(2_000_00, BALANCE)
    assert scene.grant.state is GrantState.SETTLED
    assert "grant-report" in scene.letters()


def test_a_report_does_not_cut_a_payment_on_its_way(scene: GrantScene) -> None:
    scene.ready()
    scene.approve(scene.request(5_000_00))
    with pytest.raises(InvalidError, match="requested"):
        scene.report(4_000_00, act=True)


def test_a_report_for_what_is_paid_settles(scene: GrantScene) -> None:
    scene.ready()
    scene.pay(5_000_00)
    scene.report(5_000_00, act=True)
    assert scene.grant.state is GrantState.SETTLED
    assert scene.proposal.state is ProposalState.COMPLETED


def test_two_clicks_make_one_request_and_one_payment(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.request(1_000_00, token="drawn-with-the-form")
    assert scene.request(1_000_00, token="drawn-with-the-form") is payment
    scene.approve(payment)
    scene.order(payment)
    scene.settle(payment)
    for step in (scene.approve, scene.order, scene.settle):
        with pytest.raises(IllegalMoveError):
            step(payment)
    assert scene.grant.paid_cents == 1_000_00
    assert scene.sums()[3] == 1_000_00


# -- payments that come back -------------------------------------------------------------------


def test_a_returned_payment_is_committed_again_and_leaves_again(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.pay(5_000_00)
    for times in (1, 2):
        # the same instant on purpose: each try is a movement of its own
        scene.give_back(payment)
        assert (scene.grant.paid_cents, payment.returns) == (0, times)
        assert scene.sums() == (ENDOWMENT - GRANT, 0, GRANT, 0)
        scene.order(payment)
        scene.settle(payment)
        assert scene.sums() == (ENDOWMENT - GRANT, 0, GRANT - 5_000_00, 5_000_00)
    assert scene.letters().count("grant-returned") == 2
    assert scene.letters().count("grant-paid") == 3


def test_an_ordered_payment_that_comes_back_moves_no_money(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.request(5_000_00)
    scene.approve(payment)
    scene.order(payment)
    before = scene.sums()
    scene.give_back(payment)
    assert (payment.state, scene.sums()) == (DisbursementState.RETURNED, before)


def test_a_balance_that_came_back_can_be_given_up_and_asked_anew(scene: GrantScene) -> None:
    scene.ready()
    scene.report(GRANT)
    payment = scene.pay(GRANT, BALANCE)
    scene.give_back(payment)
    who = scene.actor(scene.officer)
    actions.cancel_disbursement(scene.session, payment, reason="IBAN", actor=who, at=NOW)
    actions.change_iban(scene.session, scene.grant, iban=OTHER_IBAN, actor=who, at=NOW)
    scene.pay(GRANT, BALANCE)
    assert scene.grant.paid_cents == GRANT


# -- taking back -------------------------------------------------------------------------------


def test_revocation_frees_the_unpaid_and_recovers_the_paid(scene: GrantScene) -> None:
    scene.ready()
    scene.pay(4_000_00)
    waiting = scene.request(1_000_00)
    scene.approve(waiting)
    scene.revoke()
    assert scene.grant.state is GrantState.RECOVERING
    assert waiting.state is DisbursementState.CANCELLED
    assert scene.proposal.state is ProposalState.REVOKED
    assert scene.sums() == (ENDOWMENT - 4_000_00, 0, 0, 4_000_00)
    assert scene.letters()[-1] == "grant-taken-back"


def test_nothing_is_paid_after_a_revocation(scene: GrantScene) -> None:
    scene.ready()
    paid = scene.pay(4_000_00)
    scene.revoke()
    with pytest.raises(IllegalMoveError, match="revoked or renounced"):
        scene.request(1_00)
    with pytest.raises(IllegalMoveError, match="as a recovery"):
        scene.give_back(paid)


def test_a_revocation_waits_for_the_bank(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.request(1_000_00)
    scene.approve(payment)
    scene.order(payment)
    with pytest.raises(IllegalMoveError, match="ordered at the bank"):
        scene.revoke()


def test_a_grant_without_payments_is_closed_when_renounced(scene: GrantScene) -> None:
    scene.ready()
    who = scene.actor(scene.officer)
    actions.renounce(scene.session, scene.grant, act_data(), actor=who, at=NOW)
    assert scene.grant.state is GrantState.CLOSED
    assert scene.sums() == (ENDOWMENT, 0, 0, 0)


def test_recovered_money_is_booked_once_and_not_available(scene: GrantScene) -> None:
    scene.ready()
    scene.pay(4_000_00)
    scene.revoke()
    with pytest.raises(NotYoursError):
        scene.recover(1_000_00, "CRO 1", by=scene.officer)
    scene.recover(1_000_00, "CRO 1")
    with pytest.raises(ConflictError, match="booked already"):
        scene.recover(1_000_00, "CRO 1")
    with pytest.raises(InvalidError) as refused:
        scene.recover(3_000_01, "CRO 2")
    assert refused.value.field == "amount"
    assert scene.money().recovered_cents == 1_000_00
    scene.recover(3_000_00, "CRO 2")
    assert scene.grant.state is GrantState.RECOVERED
    assert scene.sums() == (ENDOWMENT - 4_000_00, 0, 0, 4_000_00)
    assert scene.money() == PoolBalances(
        endowment_cents=ENDOWMENT,
        available_cents=ENDOWMENT - 4_000_00,
        disbursed_cents=4_000_00,
        recovered_cents=4_000_00,
        to_put_back_cents=4_000_00,
    )
