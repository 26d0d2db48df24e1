"""A grant from reservation to the last euro, and back: what each verb does and refuses."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.rules import ActState
from quartieri.audit.models import AuditEntry
from quartieri.audit.rules import Actor, Role
from quartieri.grants import actions
from quartieri.grants.models import Disbursement, Grant
from quartieri.grants.rules import DisbursementState, GrantState
from quartieri.kit.errors import (
    ConflictError,
    DomainError,
    IllegalMoveError,
    InsufficientFundsError,
    InvalidError,
    NotYoursError,
)
from quartieri.ledger import queries as ledger
from quartieri.mail.models import Letter
from quartieri.people.models import RoleGrant, User
from quartieri.programmes.rules import PoolBalances
from quartieri.proposals.rules import ProposalState
from tests.doubles import NOW
from tests.factories.acts import act_data
from tests.factories.calls import make_published_call
from tests.factories.grants import (
    ADVANCE,
    BALANCE,
    IBAN,
    OTHER_IBAN,
    PERSON_CODE,
    SYSTEM,
    GrantScene,
    make_grant_scene,
)
from tests.factories.people import actor_of, make_official

ENDOWMENT = 100_000_00
GRANT = 10_000_00


@pytest.fixture
def scene(session: Session) -> GrantScene:
    return make_grant_scene(session)


def money(scene: GrantScene) -> tuple[int, int, int, int]:
    found = scene.money()
    return (
        found.available_cents,
        found.reserved_cents,
        found.committed_cents,
        found.disbursed_cents,
    )


def letters(scene: GrantScene) -> list[str]:
    rows = scene.session.scalars(sa.select(Letter).order_by(Letter.id))
    return [letter.key.split(":")[0] for letter in rows if letter.to == scene.proposal.owner.email]


# -- reserving ---------------------------------------------------------------------------------


def test_reserving_twice_is_one_grant(scene: GrantScene) -> None:
    again = actions.reserve(
        scene.session,
        scene.proposal,
        pool_id=scene.pool_id,
        cents=GRANT,
        key="another",
        actor=SYSTEM,
        at=NOW,
    )
    assert again is scene.grant
    assert money(scene) == (ENDOWMENT - GRANT, GRANT, 0, 0)


def test_no_more_than_the_endowment_is_reserved(session: Session) -> None:
    scene = make_grant_scene(session, cents=60_000_00)
    with pytest.raises(InsufficientFundsError) as refused:
        make_grant_scene(session, call=scene.call, cents=60_000_00)
    assert refused.value.missing_cents == 20_000_00


def test_proposing_releases_the_excess_once(session: Session) -> None:
    scene = make_grant_scene(session, proposed=False)
    for _ in range(2):
        actions.propose(session, scene.grant, computed_cents=4_000_00, actor=SYSTEM, at=NOW)
    assert scene.grant.reserved_cents == 4_000_00
    assert money(scene) == (ENDOWMENT - 4_000_00, 4_000_00, 0, 0)


def test_nothing_computed_releases_all(session: Session) -> None:
    scene = make_grant_scene(session, proposed=False)
    actions.propose(session, scene.grant, computed_cents=0, actor=SYSTEM, at=NOW)
    assert scene.grant.state is GrantState.RELEASED
    assert money(scene) == (ENDOWMENT, 0, 0, 0)


def test_releasing_twice_is_releasing_once(scene: GrantScene) -> None:
    for _ in range(2):
        actions.release(scene.session, scene.grant, reason="missed", actor=SYSTEM, at=NOW)
    assert money(scene) == (ENDOWMENT, 0, 0, 0)


# -- the grant act -----------------------------------------------------------------------------


def test_a_conditional_grant_is_not_granted_before_success(session: Session) -> None:
    scene = make_grant_scene(session, proposed=False, campaigns=True)
    with pytest.raises(IllegalMoveError, match="once the campaign has succeeded"):
        scene.grant_act()
    assert money(scene) == (ENDOWMENT - GRANT, GRANT, 0, 0)


def test_a_signed_grant_act_commits(scene: GrantScene) -> None:
    act = scene.grant_act()
    assert act.state is ActState.SIGNED
    assert (scene.grant.state, scene.grant.granted_cents) == (GrantState.GRANTED, GRANT)
    assert scene.proposal.state is ProposalState.AWARDED
    assert money(scene) == (ENDOWMENT - GRANT, 0, GRANT, 0)
    assert letters(scene)[-1] == "grant-granted"


@pytest.mark.parametrize(
    "role", [Role.CALL_MANAGER, Role.TREASURER, Role.SIGNING_MANAGER, Role.AUDITOR, Role.SYSTEM]
)
def test_only_an_officer_commits(scene: GrantScene, role: Role) -> None:
    who = Actor(1, "x", frozenset({role}))
    with pytest.raises(NotYoursError):
        actions.record_grant_act(scene.session, scene.grant, act_data(), actor=who, at=NOW)
    assert money(scene) == (ENDOWMENT - GRANT, GRANT, 0, 0)


def test_a_second_grant_act_is_refused(scene: GrantScene) -> None:
    scene.grant_act()
    with pytest.raises(IllegalMoveError):
        scene.grant_act()
    assert money(scene) == (ENDOWMENT - GRANT, 0, GRANT, 0)


def test_a_granted_sum_is_not_released(scene: GrantScene) -> None:
    scene.grant_act()
    with pytest.raises(IllegalMoveError, match="renounced or revoked"):
        actions.release(scene.session, scene.grant, reason="x", actor=SYSTEM, at=NOW)


# -- what payment waits for --------------------------------------------------------------------


def test_payment_waits_for_publication_and_agreement(scene: GrantScene) -> None:
    with pytest.raises(IllegalMoveError, match="not published"):
        scene.request(1_00)
    scene.grant_act()
    with pytest.raises(IllegalMoveError, match="not published"):
        scene.request(1_00)
    with pytest.raises(IllegalMoveError, match="publish it first"):
        scene.agree()
    scene.publish()
    with pytest.raises(IllegalMoveError, match="agreement is not signed"):
        scene.request(1_00)
    scene.agree()
    assert scene.request(1_00).state is DisbursementState.REQUESTED


def test_the_agreement_needs_an_account_and_a_lawful_day(scene: GrantScene) -> None:
    scene.grant_act()
    scene.publish()
    with pytest.raises(InvalidError, match="IBAN"):
        scene.agree(iban="")
    with pytest.raises(InvalidError, match="IBAN"):
        scene.agree(iban=IBAN[:-1] + "7")
    with pytest.raises(InvalidError, match="older"):
        scene.agree(signed_on=date(2025, 2, 9))
    with pytest.raises(InvalidError, match="not come yet"):
        scene.agree(signed_on=date(2025, 2, 11))
    assert scene.grant.state is GrantState.GRANTED


def test_the_iban_is_not_changed_under_a_payment(scene: GrantScene) -> None:
    scene.ready()
    who = scene.actor(scene.officer)
    payment = scene.request(1_000_00)
    with pytest.raises(IllegalMoveError, match="on its way"):
        actions.change_iban(scene.session, scene.grant, iban=OTHER_IBAN, actor=who, at=NOW)
    actions.cancel_disbursement(scene.session, payment, reason="wrong", actor=who, at=NOW)
    actions.change_iban(scene.session, scene.grant, iban=OTHER_IBAN, actor=who, at=NOW)
    assert scene.grant.recipient_iban == OTHER_IBAN
    kept = scene.session.scalars(sa.select(AuditEntry).where(AuditEntry.verb == "change_iban"))
    assert [(e.before, e.after) for e in kept] == [({"iban": IBAN[-4:]}, {"iban": "3000"})]


# -- informal groups ---------------------------------------------------------------------------


def test_an_informal_groups_grant_stays_reserved_until_the_body_is_recorded(
    session: Session,
) -> None:
    scene = make_grant_scene(session, informal=True)
    with pytest.raises(IllegalMoveError, match="not a legal entity yet"):
        scene.grant_act()
    with pytest.raises(IllegalMoveError, match="not a legal entity yet"):
        scene.request(1_00)
    assert scene.grant.state is GrantState.RESERVED
    assert money(scene) == (ENDOWMENT - GRANT, GRANT, 0, 0)
    scene.move_to_body()
    scene.ready()
    scene.pay(1_000_00)
    assert scene.grant.recipient_name == "APS Via Padova"
    assert money(scene) == (ENDOWMENT - GRANT, 0, GRANT - 1_000_00, 1_000_00)


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"tax_code": "97103880584"}, "tax_code"),
        ({"tax_code": PERSON_CODE}, "tax_code"),
        ({"iban": IBAN[:-1] + "7"}, "iban"),
        ({"name": "  "}, "name"),
    ],
)
def test_the_new_body_is_checked(session: Session, over: dict[str, str], field: str) -> None:
    scene = make_grant_scene(session, informal=True)
    with pytest.raises(InvalidError) as refused:
        scene.move_to_body(**over)
    assert refused.value.field == field
    assert scene.grant.recipient_act_id is None


def test_a_body_does_not_move_to_another_body(scene: GrantScene) -> None:
    with pytest.raises(IllegalMoveError, match="legal entity already"):
        scene.move_to_body()


# -- three people ------------------------------------------------------------------------------


def test_requested_approved_ordered_and_paid_by_three_people(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.pay(4_000_00)
    assert payment.state is DisbursementState.PAID
    assert (scene.grant.state, scene.grant.paid_cents) == (GrantState.ACTIVE, 4_000_00)
    assert money(scene) == (ENDOWMENT - GRANT, 0, GRANT - 4_000_00, 4_000_00)
    assert letters(scene)[-1] == "grant-paid"


@pytest.mark.parametrize("first, then", [("request", "approve"), ("request", "order")])
def test_who_requested_does_nothing_more(scene: GrantScene, first: str, then: str) -> None:
    scene.ready()
    everything = with_roles(scene, Role.OFFICER, Role.CALL_MANAGER, Role.TREASURER)
    payment = scene.request(1_00, by=everything)
    if then == "order":
        scene.approve(payment)
    with pytest.raises(NotYoursError, match="another person"):
        (scene.approve if then == "approve" else scene.order)(payment, by=everything)


def test_who_approved_neither_orders_nor_pays(scene: GrantScene) -> None:
    scene.ready()
    both = with_roles(scene, Role.CALL_MANAGER, Role.TREASURER)
    payment = scene.request(1_00)
    scene.approve(payment, by=both)
    with pytest.raises(NotYoursError, match="another person"):
        scene.order(payment, by=both)
    scene.order(payment)
    with pytest.raises(NotYoursError, match="another person"):
        scene.settle(payment, by=both)


def test_who_requested_does_not_pay(scene: GrantScene) -> None:
    scene.ready()
    both = with_roles(scene, Role.OFFICER, Role.TREASURER)
    payment = scene.request(1_00, by=both)
    scene.approve(payment)
    scene.order(payment)
    with pytest.raises(NotYoursError, match="another person"):
        scene.settle(payment, by=both)


def with_roles(scene: GrantScene, *roles: Role) -> User:
    user = make_official(scene.session, roles[0], scene.call.scope)
    for role in roles[1:]:
        scene.session.add(
            RoleGrant(
                user_id=user.id,
                role=role,
                authority_id=scene.call.authority_id,
                call_id=scene.call.id,
                since=NOW,
            )
        )
    scene.session.flush()
    scene.session.refresh(user)
    return user


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
    assert money(scene) == (ENDOWMENT - GRANT, 0, 0, GRANT)


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
    assert money(scene) == (ENDOWMENT - 7_000_00, 0, 2_000_00, 5_000_00)
    scene.pay(2_000_00, BALANCE)
    assert scene.grant.state is GrantState.SETTLED
    assert "grant-report" in letters(scene)


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
    assert money(scene)[3] == 1_000_00


# -- payments that come back -------------------------------------------------------------------


def back(scene: GrantScene, payment: Disbursement, reason: str = "Conto chiuso") -> None:
    who = scene.actor(scene.treasurer)
    actions.return_disbursement(scene.session, payment, reason=reason, actor=who, at=scene.at)


def test_a_returned_payment_is_committed_again_and_leaves_again(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.pay(5_000_00)
    for times in (1, 2):
        # the same instant on purpose: each try is a movement of its own
        back(scene, payment)
        assert (scene.grant.paid_cents, payment.returns) == (0, times)
        assert money(scene) == (ENDOWMENT - GRANT, 0, GRANT, 0)
        scene.order(payment)
        scene.settle(payment)
        assert money(scene) == (ENDOWMENT - GRANT, 0, GRANT - 5_000_00, 5_000_00)
    assert letters(scene).count("grant-returned") == 2
    assert letters(scene).count("grant-paid") == 3


def test_an_ordered_payment_that_comes_back_moves_no_money(scene: GrantScene) -> None:
    scene.ready()
    payment = scene.request(5_000_00)
    scene.approve(payment)
    scene.order(payment)
    before = money(scene)
    back(scene, payment)
    assert (payment.state, money(scene)) == (DisbursementState.RETURNED, before)


def test_a_balance_that_came_back_can_be_given_up_and_asked_anew(scene: GrantScene) -> None:
    scene.ready()
    scene.report(GRANT)
    payment = scene.pay(GRANT, BALANCE)
    back(scene, payment)
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
    assert money(scene) == (ENDOWMENT - 4_000_00, 0, 0, 4_000_00)
    assert letters(scene)[-1] == "grant-taken-back"


def test_nothing_is_paid_after_a_revocation(scene: GrantScene) -> None:
    scene.ready()
    paid = scene.pay(4_000_00)
    scene.revoke()
    with pytest.raises(IllegalMoveError, match="revoked or renounced"):
        scene.request(1_00)
    with pytest.raises(IllegalMoveError, match="as a recovery"):
        back(scene, paid)


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
    assert money(scene) == (ENDOWMENT, 0, 0, 0)


def recover(scene: GrantScene, cents: int, reference: str, role: str = "treasurer") -> None:
    who = scene.actor(getattr(scene, role))
    actions.record_recovery(
        scene.session, scene.grant, cents=cents, reference=reference, actor=who, at=NOW
    )


def test_recovered_money_is_booked_once_and_not_available(scene: GrantScene) -> None:
    scene.ready()
    scene.pay(4_000_00)
    scene.revoke()
    with pytest.raises(NotYoursError):
        recover(scene, 1_000_00, "CRO 1", "officer")
    recover(scene, 1_000_00, "CRO 1")
    with pytest.raises(ConflictError, match="booked already"):
        recover(scene, 1_000_00, "CRO 1")
    with pytest.raises(InvalidError) as refused:
        recover(scene, 3_000_01, "CRO 2")
    assert refused.value.field == "amount"
    assert scene.money().recovered_cents == 1_000_00
    recover(scene, 3_000_00, "CRO 2")
    assert scene.grant.state is GrantState.RECOVERED
    assert money(scene) == (ENDOWMENT - 4_000_00, 0, 0, 4_000_00)
    assert scene.money() == PoolBalances(
        endowment_cents=ENDOWMENT,
        available_cents=ENDOWMENT - 4_000_00,
        disbursed_cents=4_000_00,
        recovered_cents=4_000_00,
        to_put_back_cents=4_000_00,
    )


# -- the book ----------------------------------------------------------------------------------


def test_the_book_verifies_at_the_end_of_it_all(session: Session) -> None:
    call = make_published_call(session, campaigns=False)
    whole = make_grant_scene(session, call=call).ready()
    whole.pay(5_000_00)
    whole.report(8_000_00, act=True)
    whole.pay(3_000_00, BALANCE)
    lost = make_grant_scene(session, call=call, cents=7_000_00).ready()
    lost.pay(2_000_00)
    lost.revoke()
    recover(lost, 500_00, "CRO 9")
    group = make_grant_scene(session, call=call, cents=6_000_00, informal=True)
    assert ledger.verify(session).faults == []
    assert group.money() == PoolBalances(
        endowment_cents=ENDOWMENT,
        available_cents=ENDOWMENT - 8_000_00 - 2_000_00 - 6_000_00,
        reserved_cents=6_000_00,
        disbursed_cents=10_000_00,
        recovered_cents=500_00,
        to_put_back_cents=500_00,
    )
    sums = session.execute(
        sa.select(
            sa.func.sum(Grant.reserved_cents),
            sa.func.sum(Grant.paid_cents),
            sa.func.sum(Grant.recovered_cents),
        ).where(Grant.pool_id == call.pool_id)
    ).one()
    assert tuple(map(int, sums)) == (6_000_00, 10_000_00, 500_00)


def test_every_refusal_left_the_money_alone(scene: GrantScene) -> None:
    before = money(scene)
    attempts = (
        lambda: scene.request(1_00),
        scene.agree,
        lambda: scene.report(GRANT),
        scene.revoke,
        lambda: scene.grant_act(by=scene.manager),
        lambda: recover(scene, 1, "x"),
    )
    for attempt in attempts:
        with pytest.raises(DomainError):
            attempt()
    assert money(scene) == before
    assert actor_of(scene.officer).holds(Role.OFFICER)
