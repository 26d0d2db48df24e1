"""Closing a campaign, a step at a time: each step is one transaction, safe to repeat.

`advance` is called by the clock until it says that nothing is left to do. Killed at any point it
goes on where it stood.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import letters
from quartieri.campaigns.actions import books, match
from quartieri.campaigns.actions.charging import charge_first, drop
from quartieri.campaigns.actions.costs import settle_costs
from quartieri.campaigns.actions.extending import lapse
from quartieri.campaigns.actions.payouts import settle_if_paid_out
from quartieri.campaigns.actions.pledging import expire_soon
from quartieri.campaigns.actions.refunding import begin_refund
from quartieri.campaigns.actions.sums import go_live, move_pledge, wake
from quartieri.campaigns.actions.timing import is_overdue
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import standing_of
from quartieri.campaigns.rules import (
    CAMPAIGN,
    DECIDED_AGAINST,
    PROMISED,
    RESCUABLE,
    TO_RETURN,
    UNDECIDED,
    UNPAID,
    CampaignState,
    Closing,
    PledgeState,
    Standing,
    grace_is_over,
    next_step,
)
from quartieri.db import lock
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant
from quartieri.jobs.actions import enqueue
from quartieri.ledger.rules import CampaignAccount
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState

BATCH = 100
"""Pledges that one transaction touches."""

LETTERS = 50
"""Letters in one unit of work: the writer's lock on SQLite is short."""

AHEAD = 500
"""Charges that are planned ahead of the workers."""

TOP_UP = timedelta(seconds=2)
"""How often more are planned while there are more."""


def advance(session: Session, campaign_id: int, *, at: datetime) -> bool:
    """Do the next step of a campaign; tell whether another may follow at once."""
    proposal_id = session.scalar(sa.select(Campaign.proposal_id).where(Campaign.id == campaign_id))
    proposal = lock(session, Proposal, proposal_id)
    grant = live_grant(session, proposal.id)
    if grant is not None:
        grant = lock(session, Grant, grant.id)
    campaign = lock(session, Campaign, campaign_id)
    if lapse(session, campaign, at=at):
        return True
    standing = standing_of(session, campaign, now=at)
    step = next_step(standing)
    if step is Closing.GO_LIVE:
        go_live(session, campaign, at=at)
    elif step is Closing.END:
        move(session, campaign, CAMPAIGN, "end", actor=SYSTEM, at=at)
    elif step is Closing.MISS:
        _miss(session, campaign, proposal, grant, standing, at=at)
    elif step is Closing.COLLECT:
        return _collect(session, campaign, at=at)
    elif step in {Closing.SUCCEED, Closing.FAIL}:
        return _decide(session, campaign, proposal, grant, standing, at=at)
    elif step is Closing.NOTHING:
        return _wind_up(session, campaign, at=at)
    else:
        return _push(session, campaign, at=at)
    return True


def _pledges(
    session: Session,
    campaign: Campaign,
    states: frozenset[PledgeState],
    *where: sa.ColumnElement[bool],
    most: int = BATCH,
) -> list[Pledge]:
    return list(
        session.scalars(
            sa.select(Pledge)
            .where(Pledge.campaign_id == campaign.id, Pledge.state.in_(states), *where)
            .order_by(Pledge.id)
            .limit(most)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _miss(
    session: Session,
    campaign: Campaign,
    proposal: Proposal,
    grant: Grant | None,
    standing: Standing,
    *,
    at: datetime,
) -> None:
    """End below the target: nobody is charged, the reservation is released."""
    _decided(campaign, standing.promise_cents, at=at)
    move(
        session,
        campaign,
        CAMPAIGN,
        "miss",
        actor=SYSTEM,
        at=at,
        promised=campaign.promised_cents,
        target=campaign.target_cents,
    )
    _let_go(session, campaign, proposal, grant, at=at)


def _let_go(
    session: Session,
    campaign: Campaign,
    proposal: Proposal,
    grant: Grant | None,
    *,
    at: datetime,
) -> None:
    if grant is not None:
        match.release(session, campaign, grant, reason="target missed", actor=SYSTEM, at=at)
    if proposal.state is ProposalState.CAMPAIGNING:
        move(session, proposal, PROPOSAL, "lapse", actor=SYSTEM, at=at, reason="target missed")
    letters.failed_to_proposer(session, campaign, at=at)
    settle_costs(session, campaign, at=at)


def _decided(campaign: Campaign, cents: int, *, at: datetime) -> None:
    campaign.decided_at, campaign.decided_cents = at, cents
    campaign.decided_backers = campaign.backers


def _collect(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Start collecting what is promised; the charges are planned in the next step."""
    move(
        session,
        campaign,
        CAMPAIGN,
        "collect",
        actor=SYSTEM,
        at=at,
        promised=campaign.promised_cents,
        target=campaign.target_cents,
    )
    _tell_soon(session, campaign.id, after=0, at=at)
    return True


def _tell_soon(session: Session, campaign_id: int, *, after: int, at: datetime) -> None:
    enqueue(
        session,
        "campaigns.tell_collecting",
        {"campaign_id": campaign_id, "after": after},
        run_at=at,
        key=f"campaigns.tell_collecting:{campaign_id}:{after}",
    )


def tell_collecting(session: Session, campaign_id: int, *, after: int, at: datetime) -> None:
    """Write to the next backers after a pledge's id that the payments begin; plan those after them.

    Each is told once, however often this is asked.
    """
    promised = list(
        session.scalars(
            sa.select(Pledge)
            .where(
                Pledge.campaign_id == campaign_id,
                Pledge.id > after,
                Pledge.state.in_(PROMISED),
                Pledge.charged_now.is_(False),
            )
            .order_by(Pledge.id)
            .limit(LETTERS)
        )
    )
    for pledge in promised:
        letters.collecting(session, pledge.campaign, pledge, at=at)
    if len(promised) == LETTERS:
        _tell_soon(session, campaign_id, after=promised[-1].id, at=at)


def _push(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """While waiting: plan what nobody is working on; each thing once, by its key."""
    _look_for_payers(session, campaign, at=at)
    if campaign.state is CampaignState.ENDED:
        return False
    if grace_is_over(campaign.grace_ends_at, at):
        _stop_charges(session, campaign, at=at)
    else:
        confirmed = sa.select(Pledge.id).where(
            Pledge.campaign_id == campaign.id, Pledge.state == PledgeState.CONFIRMED
        )
        ahead = session.scalars(confirmed.order_by(Pledge.id).limit(AHEAD)).all()
        charge_first(session, campaign, ahead, run_at=at)
        if len(ahead) == AHEAD:
            wake(session, campaign, at=at + TOP_UP)
    return False


def _look_for_payers(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Have the provider asked whether overdue pledges were finished on its pages."""
    unfinished = sa.or_(Pledge.state == PledgeState.CREATED, Pledge.charged_now)
    for pledge in _pledges(session, campaign, UNPAID, unfinished):
        if is_overdue(campaign, pledge, at=at):
            expire_soon(session, pledge, run_at=at)


def _stop_charges(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Have charges that were begun and not answered given up at the provider, or read."""
    begun = _pledges(session, campaign, frozenset({PledgeState.CHARGING}))
    for pledge in begun:
        enqueue(
            session,
            "campaigns.stop_charge",
            {"pledge_id": pledge.id},
            run_at=at,
            key=f"campaigns.stop_charge:{pledge.id}",
        )
    return bool(begun)


def _decide(
    session: Session,
    campaign: Campaign,
    proposal: Proposal,
    grant: Grant | None,
    standing: Standing,
    *,
    at: datetime,
) -> bool:
    """Decide on collected money: the charges are final, or the grace has ended."""
    if _free_uncharged(session, campaign, at=at):
        return True
    _decided(campaign, standing.counted_cents, at=at)
    facts: dict[str, Any] = {
        "collected": campaign.collected_cents,
        "target": campaign.target_cents,
    }
    if not standing.reaches(standing.counted_cents):
        move(session, campaign, CAMPAIGN, "fail", actor=SYSTEM, at=at, **facts)
        _let_go(session, campaign, proposal, grant, at=at)
        return True
    campaign.succeeded = True
    move(session, campaign, CAMPAIGN, "succeed", actor=SYSTEM, at=at, **facts)
    _owe(session, campaign, at=at)
    if grant is not None:
        match.award(session, campaign, grant, standing.counted_cents, at=at)
    city_cents = grant.computed_cents if grant is not None else None
    letters.succeeded_to_proposer(session, campaign, city_cents, at=at)
    return True


def _owe(session: Session, campaign: Campaign, *, at: datetime) -> None:
    """Book what the provider collected as owed to the proposer; each cost to who bears it."""
    cents = books.balance(session, campaign, CampaignAccount.COLLECTED)
    books.owed(session, campaign, cents, key=f"campaign:{campaign.id}:owed", at=at)
    books.held_elsewhere(session, campaign, at=at)
    settle_costs(session, campaign, at=at)


def _wind_up(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """After the decision: tell, release, give back; then settle."""
    if campaign.state in DECIDED_AGAINST:
        return _give_back(session, campaign, at=at)
    if campaign.state is CampaignState.SUCCEEDED:
        return _tell_success(session, campaign, at=at)
    if campaign.state is CampaignState.PAYING_OUT:
        _stop_charges(session, campaign, at=at)
        settle_if_paid_out(session, campaign, actor=SYSTEM, at=at)
    return False


def _give_back(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Free the uncharged, refund the paid; settle when nothing is left to return."""
    if _free_uncharged(session, campaign, at=at):
        return True
    _stop_charges(session, campaign, at=at)
    paid = _pledges(session, campaign, frozenset({PledgeState.PAID}))
    left = paid or _pledges(session, campaign, TO_RETURN | UNDECIDED, most=1)
    refunding = campaign.state is CampaignState.REFUNDING
    if left and not refunding:
        move(session, campaign, CAMPAIGN, "start_refunds", actor=SYSTEM, at=at)
    for pledge in paid:
        begin_refund(session, campaign, pledge, reason="campaign failed", actor=SYSTEM, at=at)
    if not left:
        settle_costs(session, campaign, at=at)
        verb = "settle_refunds" if refunding else "settle_empty"
        move(session, campaign, CAMPAIGN, verb, actor=SYSTEM, at=at)
    return bool(paid)


def _free_uncharged(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Let go, a batch at a time, of everything that will not be charged any more."""
    waiting = _pledges(session, campaign, RESCUABLE)
    for pledge in waiting:
        drop(session, campaign, pledge, actor=SYSTEM, at=at)
    return bool(waiting) or _end_uncharged(session, campaign, at=at)


def _end_uncharged(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """End what was never charged: unfinished, confirmed, or recorded and never vouched for."""
    states = frozenset({PledgeState.CREATED, PledgeState.CONFIRMED, PledgeState.RECORDED})
    pledges = _pledges(session, campaign, states)
    for pledge in pledges:
        if pledge.state is PledgeState.CREATED:
            move_pledge(session, campaign, pledge, "expire", actor=SYSTEM, at=at)
        elif pledge.state is PledgeState.RECORDED:
            reason = "not confirmed before the decision"
            move_pledge(session, campaign, pledge, "reject", actor=SYSTEM, at=at, reason=reason)
            letters.not_counted(session, campaign, pledge, at=at)
        else:
            move_pledge(session, campaign, pledge, "release", actor=SYSTEM, at=at)
            letters.released(session, campaign, pledge, at=at)
    return bool(pledges)


def _tell_success(session: Session, campaign: Campaign, *, at: datetime) -> bool:
    """Tell every backer who paid, a batch at a time; then the money can be paid out."""
    untold = session.scalars(
        sa.select(Pledge)
        .where(
            Pledge.campaign_id == campaign.id,
            Pledge.state == PledgeState.PAID,
            Pledge.told_at.is_(None),
        )
        .order_by(Pledge.id)
        .limit(LETTERS)
    ).all()
    for pledge in untold:
        pledge.told_at = at
        letters.succeeded(session, campaign, pledge, at=at)
    if untold:
        return True
    move(session, campaign, CAMPAIGN, "start_payout", actor=SYSTEM, at=at)
    return True
