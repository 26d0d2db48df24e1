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
from quartieri.grants.models import Grant
from quartieri.grants.rules import DisbursementState, GrantState
from quartieri.kit.errors import (
    DomainError,
    IllegalMoveError,
    InsufficientFundsError,
    InvalidError,
    NotYoursError,
)
from quartieri.ledger import queries as ledger
from quartieri.programmes.rules import PoolBalances
from quartieri.proposals.rules import ProposalState
from tests.doubles import NOW
from tests.factories.acts import act_data
from tests.factories.calls import make_published_call
from tests.factories.grants import (
    BALANCE,
    IBAN,
    OTHER_IBAN,
    PERSON_CODE,
    SYSTEM,
    GrantScene,
    make_grant_scene,
)
from tests.factories.people import actor_of

ENDOWMENT = 100_000_00
GRANT = 10_000_00


@pytest.fixture
def scene(session: Session) -> GrantScene:
    return make_grant_scene(session)


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
    assert scene.sums() == (ENDOWMENT - GRANT, GRANT, 0, 0)


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
    assert scene.sums() == (ENDOWMENT - 4_000_00, 4_000_00, 0, 0)


def test_nothing_computed_proposes_an_act_for_nothing(session: Session) -> None:
    scene = make_grant_scene(session, proposed=False)
    for _again in range(2):
        actions.propose(session, scene.grant, computed_cents=0, actor=SYSTEM, at=NOW)
    assert (scene.grant.state, scene.grant.proposed_at) == (GrantState.RESERVED, NOW)
    assert scene.sums() == (ENDOWMENT, 0, 0, 0)


def test_releasing_twice_is_releasing_once(scene: GrantScene) -> None:
    for _ in range(2):
        actions.release(scene.session, scene.grant, reason="missed", actor=SYSTEM, at=NOW)
    assert scene.sums() == (ENDOWMENT, 0, 0, 0)


# -- the grant act -----------------------------------------------------------------------------


def test_a_conditional_grant_is_not_granted_before_success(session: Session) -> None:
    scene = make_grant_scene(session, proposed=False, campaigns=True)
    with pytest.raises(IllegalMoveError, match="once the campaign has succeeded"):
        scene.grant_act()
    assert scene.sums() == (ENDOWMENT - GRANT, GRANT, 0, 0)


def test_a_signed_grant_act_commits(scene: GrantScene) -> None:
    act = scene.grant_act()
    assert act.state is ActState.SIGNED
    assert (scene.grant.state, scene.grant.granted_cents) == (GrantState.GRANTED, GRANT)
    assert scene.proposal.state is ProposalState.AWARDED
    assert scene.sums() == (ENDOWMENT - GRANT, 0, GRANT, 0)
    assert scene.letters()[-1] == "grant-granted"


@pytest.mark.parametrize(
    "role", [Role.CALL_MANAGER, Role.TREASURER, Role.SIGNING_MANAGER, Role.AUDITOR, Role.SYSTEM]
)
def test_only_an_officer_commits(scene: GrantScene, role: Role) -> None:
    who = Actor(1, "x", frozenset({role}))
    with pytest.raises(NotYoursError):
        actions.record_grant_act(scene.session, scene.grant, act_data(), actor=who, at=NOW)
    assert scene.sums() == (ENDOWMENT - GRANT, GRANT, 0, 0)


def test_a_second_grant_act_is_refused(scene: GrantScene) -> None:
    scene.grant_act()
    with pytest.raises(IllegalMoveError):
        scene.grant_act()
    assert scene.sums() == (ENDOWMENT - GRANT, 0, GRANT, 0)


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
    assert scene.sums() == (ENDOWMENT - GRANT, GRANT, 0, 0)
    scene.move_to_body()
    scene.ready()
    scene.pay(1_000_00)
    assert scene.grant.recipient_name == "APS Via Padova"
    assert scene.sums() == (ENDOWMENT - GRANT, 0, GRANT - 1_000_00, 1_000_00)


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
    lost.recover(500_00, "CRO 9")
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
    before = scene.sums()
    attempts = (
        lambda: scene.request(1_00),
        scene.agree,
        lambda: scene.report(GRANT),
        scene.revoke,
        lambda: scene.grant_act(by=scene.manager),
        lambda: scene.recover(1, "x"),
    )
    for attempt in attempts:
        with pytest.raises(DomainError):
            attempt()
    assert scene.sums() == before
    assert actor_of(scene.officer).holds(Role.OFFICER)
