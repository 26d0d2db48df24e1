"""Offline pledges: recorded by one official with evidence, decided by another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import books, receipts
from quartieri.campaigns.actions.pledging import new_code, refuse_closed, takes_top_ups
from quartieri.campaigns.actions.sums import locked, move_pledge
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import design_of
from quartieri.campaigns.rules import (
    CASH_LIMIT_CENTS,
    PLEDGE,
    UNDECIDED_CAMPAIGN,
    CampaignState,
    OfflineMeans,
    PledgeChannel,
    PledgeState,
    has_ended,
    mailbox,
)
from quartieri.db import lock
from quartieri.files.models import StoredFile
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy, until
from quartieri.people.rules import refuse_excluded


def check_offline(
    campaign: Campaign,
    *,
    amount_cents: int,
    means: OfflineMeans,
    evidence: str,
    received_at: datetime,
    has_file: bool = False,
    at: datetime,
) -> None:
    """Refuse what cannot be recorded: no amount, no evidence, too late, too much cash."""
    if received_at > at:
        raise InvalidError(lazy("The money cannot arrive in the future."), field="received_at")
    _refuse_late(campaign, received_at)
    if design_of(campaign).is_elsewhere:
        raise IllegalMoveError(
            lazy("This campaign runs on another platform: its totals and certificate count.")
        )
    if amount_cents <= 0:
        raise InvalidError(lazy("The amount must be more than zero."), field="amount")
    if means is OfflineMeans.CASH and amount_cents >= CASH_LIMIT_CENTS:
        raise InvalidError(
            lazy("So much cash cannot change hands: the limit is below 5,000 €."), field="amount"
        )
    if not evidence.strip() and not has_file:
        raise InvalidError(lazy("Say what proves that the money is held."), field="evidence")


def _refuse_late(campaign: Campaign, received_at: datetime) -> None:
    """Refuse money that came after the end, which is inclusive, or once the result is decided.

    What was received in time is recorded also after the end, as long as nothing is decided.
    """
    if campaign.state in {CampaignState.ENDED, CampaignState.COLLECTING}:
        ended = has_ended(campaign.ends_at, received_at)
        if ended and not takes_top_ups(campaign, received_at):
            raise InvalidError(
                lazy(
                    "The campaign ended on %(end)s: only money received by then counts.",
                    end=until(campaign.ends_at),
                ),
                field="received_at",
            )
        return
    if campaign.decided_at is not None:
        raise IllegalMoveError(lazy("The campaign is decided: this money comes too late."))
    refuse_closed(campaign, received_at)


def record_offline(
    session: Session,
    campaign: Campaign,
    *,
    amount_cents: int,
    name: str,
    email: str,
    evidence: str,
    received_at: datetime,
    means: OfflineMeans = OfflineMeans.TRANSFER,
    file: StoredFile | None = None,
    reference: str = "",
    public_name: str = "",
    actor: Actor,
    at: datetime,
) -> Pledge:
    """Record money received outside of the site; it counts once another person confirms it.

    ``evidence`` in words, or ``file``, or both. ``reference`` names the gift in the campaign.
    """
    campaign = lock(session, Campaign, campaign.id)
    check_offline(
        campaign,
        amount_cents=amount_cents,
        means=means,
        evidence=evidence,
        received_at=received_at,
        has_file=file is not None,
        at=at,
    )
    pledge = Pledge(
        code=new_code(),
        campaign_id=campaign.id,
        channel=PledgeChannel.OFFLINE,
        state=PledgeState.RECORDED,
        amount_cents=amount_cents,
        email=email.strip().lower(),
        mailbox=mailbox(email),
        name=name.strip(),
        public_name=public_name.strip(),
        means=means,
        evidence=evidence.strip(),
        evidence_file_id=file.id if file is not None else None,
        reference=reference.strip(),
        started_at=received_at,
        recorded_by=actor.user_id,
    )
    session.add(pledge)
    session.flush()
    record(
        session,
        "record_offline",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        after={"campaign": campaign.id, "amount": amount_cents},
    )
    return pledge


def accept_offline(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Confirm a recorded offline pledge; never who recorded it."""
    campaign, pledge = locked(session, pledge.id)
    refuse_excluded("offline_pledge", "confirm", actor.user_id, {"record": pledge.recorded_by})
    if campaign.state not in UNDECIDED_CAMPAIGN:
        raise IllegalMoveError(lazy("The campaign is decided: this pledge comes too late."))
    pledge.decided_by, pledge.paid_at, pledge.confirmed_at = actor.user_id, at, at
    move_pledge(session, campaign, pledge, "accept", actor=actor, at=at)
    books.received_offline(session, pledge, actor_id=actor.user_id, at=at)
    receipts.follow(session, campaign, pledge, at=at)


def reject_offline(
    session: Session, pledge: Pledge, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Reject a recorded offline pledge, with the reason."""
    campaign, pledge = locked(session, pledge.id)
    refuse_excluded("offline_pledge", "confirm", actor.user_id, {"record": pledge.recorded_by})
    pledge.decided_by = actor.user_id
    move_pledge(session, campaign, pledge, "reject", actor=actor, at=at, reason=reason)
    letters.not_counted(session, campaign, pledge, at=at)


def ask_reversal(
    session: Session, pledge: Pledge, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Ask to reverse a confirmed offline pledge; another person confirms it."""
    _campaign, pledge = locked(session, pledge.id)
    if pledge.channel is not PledgeChannel.OFFLINE or pledge.state is not PledgeState.PAID:
        raise IllegalMoveError(lazy("Only a confirmed offline pledge can be reversed."))
    pledge.reversal_asked_by = actor.user_id
    record(
        session,
        "ask_reversal",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        reason=reason,
    )


def confirm_reversal(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Reverse an offline pledge that another person asked to reverse, before the decision."""
    campaign, pledge = locked(session, pledge.id)
    if pledge.reversal_asked_by is None:
        raise IllegalMoveError(lazy("Nobody asked to reverse this pledge."))
    refuse_excluded("offline_reversal", "confirm", actor.user_id, {"ask": pledge.reversal_asked_by})
    if campaign.state not in UNDECIDED_CAMPAIGN:
        raise IllegalMoveError(lazy("The campaign is decided: return the money instead."))
    move_pledge(session, campaign, pledge, "reverse", actor=actor, at=at)
    books.reversed_offline(session, pledge, actor_id=actor.user_id, at=at)
    receipts.follow(session, campaign, pledge, at=at)
    letters.not_counted(session, campaign, pledge, at=at)
