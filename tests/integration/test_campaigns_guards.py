"""What guards crowd money: payouts beside refunds, hand refunds, who may start and withdraw."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import actions
from quartieri.campaigns.actions import books
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import CampaignState, PledgeState
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.ledger.rules import CampaignAccount
from quartieri.proposals.rules import ProposalState
from tests.doubles import NOW
from tests.factories.campaigns import (
    STARTS,
    Scene,
    begin_charge,
    make_confirmed,
    make_live,
    make_scene,
)

TICK = timedelta(microseconds=1)


@pytest.fixture
def won(session: Session) -> tuple[Scene, list[Pledge]]:
    """Add a succeeded campaign of two pledges of 5,000 €, without fees, ready for its payout."""
    scene = make_live(session)
    pledges = [make_confirmed(session, scene.campaign, 5_000_00) for _ in range(2)]
    assert scene.campaign.ends_at is not None
    at = scene.campaign.ends_at + TICK
    for _ in range(2):
        actions.advance(session, scene.campaign.id, at=at)
    for pledge in pledges:
        begin_charge(session, pledge, at=at)
        actions.record_paid(session, pledge, fee_cents=None, actor=SYSTEM, at=at)
    while actions.advance(session, scene.campaign.id, at=at):
        pass
    assert scene.campaign.state is CampaignState.PAYING_OUT
    return scene, pledges


def pay_out(session: Session, scene: Scene, cents: int, reference: str) -> None:
    actions.record_payout(
        session,
        scene.campaign,
        amount_cents=cents,
        reference=reference,
        actor=scene.by(scene.treasurer),
        at=NOW,
    )


def refund(session: Session, scene: Scene, pledge: Pledge) -> None:
    actions.refund_paid(
        session, pledge, reason="a mistake", actor=scene.by(scene.treasurer), at=NOW
    )


def test_what_goes_back_to_a_backer_is_not_paid_out_as_well(
    session: Session, won: tuple[Scene, list[Pledge]]
) -> None:
    scene, pledges = won
    refund(session, scene, pledges[0])
    with pytest.raises(InvalidError):
        pay_out(session, scene, 10_000_00, "all")
    pay_out(session, scene, 5_000_00, "the rest")
    actions.record_returned(session, pledges[0].id, 5_000_00, actor=SYSTEM, at=NOW)
    assert pledges[0].state is PledgeState.REFUNDED
    assert books.balance(session, scene.campaign, CampaignAccount.LOSS) == 0
    assert books.balance(session, scene.campaign, CampaignAccount.PAYABLE) == 0


def test_the_same_money_is_not_promised_back_to_two_backers(
    session: Session, won: tuple[Scene, list[Pledge]]
) -> None:
    scene, pledges = won
    pay_out(session, scene, 5_000_00, "half")
    refund(session, scene, pledges[0])
    with pytest.raises(IllegalMoveError):
        refund(session, scene, pledges[1])
    assert pledges[1].state is PledgeState.PAID


def test_a_second_hand_refund_adds_to_the_first(
    session: Session, won: tuple[Scene, list[Pledge]]
) -> None:
    scene, (pledge, _other) = won
    by = scene.by(scene.treasurer)
    refund(session, scene, pledge)
    actions.record_returned(session, pledge.id, 2_000_00, actor=SYSTEM, at=NOW)
    actions.record_refund_stuck(session, pledge.id, reason="closed", actor=SYSTEM, at=NOW)
    actions.refund_by_hand(session, pledge, evidence="by transfer", actor=by, at=NOW)
    assert pledge.hand_cents == 3_000_00
    actions.record_returned(session, pledge.id, 0, actor=SYSTEM, at=NOW)
    assert (pledge.state, pledge.refunded_cents) == (PledgeState.REFUND_STUCK, 3_000_00)
    actions.refund_by_hand(session, pledge, evidence="by transfer", actor=by, at=NOW)
    actions.record_returned(session, pledge.id, 0, actor=SYSTEM, at=NOW)
    assert (pledge.state, pledge.refunded_cents) == (PledgeState.REFUNDED, 5_000_00)


def test_a_project_that_is_not_selected_any_more_gets_no_campaign(session: Session) -> None:
    scene = make_scene(session)
    actions.ask_approval(session, scene.campaign, actor=scene.proposer, at=NOW)
    scene.proposal.state = ProposalState.WAITING
    session.flush()
    with pytest.raises(IllegalMoveError):
        actions.approve(
            session, scene.campaign, starts_at=STARTS, actor=scene.by(scene.manager), at=NOW
        )


def test_a_campaign_is_not_withdrawn_after_its_end_though_nobody_counted_yet(
    session: Session,
) -> None:
    scene = make_live(session)
    assert scene.campaign.ends_at is not None
    with pytest.raises(IllegalMoveError):
        actions.withdraw(
            session,
            scene.campaign,
            reason="too much work",
            actor=scene.proposer,
            at=scene.campaign.ends_at + TICK,
        )
    actions.withdraw(
        session,
        scene.campaign,
        reason="too much work",
        actor=scene.proposer,
        at=scene.campaign.ends_at,
    )
    assert scene.campaign.state is CampaignState.WITHDRAWN
