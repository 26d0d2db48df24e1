"""Bringing a pledge to what the provider is known to say: whatever order its messages came in.

`settle` reads the present facts and nothing else, so that a message told twice, late, out of order
or never ends the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM
from quartieri.campaigns.actions import (
    charging,
    disputing,
    paying,
    pledging,
    receipts,
    refunding,
    timing,
)
from quartieri.campaigns.actions.sums import forget_card, locked, wake, wake_after_last
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import (
    NEVER_CHARGED,
    PLEDGE,
    RESCUABLE,
    UNPAID,
    CampaignState,
    PledgeChannel,
    PledgeState,
)
from quartieri.payments import queries as payments
from quartieri.payments.rules import (
    CardStatus,
    ChargeStatus,
    PaymentFacts,
    split_subject,
)

UNTRIED = frozenset({None, ChargeStatus.PREPARED, ChargeStatus.READY, ChargeStatus.ASKING})
"""A charge in one of these waits for a worker."""

STOPPED = UNTRIED | {ChargeStatus.CANCELED, ChargeStatus.DECLINED, ChargeStatus.ACTION_REQUIRED}
"""A charge that was given up in one of these took no money."""


BATCH = 500

LONGEST = timedelta(hours=1)
"""A started pledge that is older is looked at again, whatever became of its own job."""


def settle(session: Session, pledge_id: int, *, at: datetime, heard: bool = False) -> None:
    """Apply the present facts of a pledge's payments, and let its campaign go on.

    ``heard``: the provider was asked for every message about them.
    """
    campaign, pledge = locked(session, pledge_id)
    settle_locked(session, campaign, pledge, heard=heard, at=at)


def settle_locked(
    session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime, heard: bool = False
) -> None:
    """Apply the present facts of the payments of a pledge: it and its campaign are locked."""
    if pledge.channel is not PledgeChannel.CARD:
        return
    known = payments.facts(session, pledge.subject)
    if pledge.charged_now:
        paying.follow(session, campaign, pledge, known, heard=heard, at=at)
    else:
        _card(session, campaign, pledge, known, heard=heard, at=at)
        _charge(session, campaign, pledge, known, at=at)
    disputing.follow(session, campaign, pledge, known, at=at)
    _returns(session, pledge, known, at=at)
    disputing.follow_up(session, pledge, known, at=at)
    receipts.follow(session, campaign, pledge, at=at)
    if campaign.state is CampaignState.COLLECTING:
        wake_after_last(session, campaign, at=at)
    elif campaign.state is not CampaignState.LIVE:
        wake(session, campaign, at=at)


def stop_charge(session: Session, pledge_id: int, *, at: datetime) -> None:
    """Settle a charge that was given up at the provider: no money came, and none will."""
    campaign, pledge = locked(session, pledge_id)
    settle_locked(session, campaign, pledge, at=at)
    known = payments.facts(session, pledge.subject)
    if pledge.state is PledgeState.CHARGING and known.charge in STOPPED:
        charging.record_declined(session, campaign, pledge, code="stopped", actor=SYSTEM, at=at)


def _card(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    known: PaymentFacts,
    *,
    heard: bool,
    at: datetime,
) -> None:
    looked_at = known.card_looked_at
    if looked_at is None:
        return
    if pledge.state is PledgeState.CREATED:
        if known.has_card:
            setup_id = known.card_setup
            told = payments.card_saved_at(session, setup_id) if setup_id else None
            saved_at = min(told or looked_at, looked_at)
            if not heard and not timing.is_in_time(campaign, pledge, saved_at):
                timing.hear_first(session, pledge, at=at)
                return
            pledge.card = known.card_number
            pledging.confirm_pledge(session, pledge.id, saved_at=saved_at, actor=SYSTEM, at=at)
        elif known.card is CardStatus.EXPIRED:
            pledging.end_unfinished(session, pledge.id, code=known.card_error, at=at)
    elif pledge.state in NEVER_CHARGED and known.has_card:
        forget_card(session, pledge, at=at)
    elif known.card is CardStatus.SAVED and known.card_number > pledge.card:
        _changed_card(session, campaign, pledge, known.card_number, at=at)


def _changed_card(
    session: Session, campaign: Campaign, pledge: Pledge, number: int, *, at: datetime
) -> None:
    """Take note of another card; a charge that the first one refused is tried at once."""
    pledge.card = number
    session.flush()
    record(session, "change_card", PLEDGE.name, pledge.id, actor=SYSTEM, at=at)
    if pledge.state in RESCUABLE and campaign.state is CampaignState.COLLECTING:
        charging.charge_soon(session, pledge, f"card{number}", run_at=at, at_once=True)


def _charge(
    session: Session, campaign: Campaign, pledge: Pledge, known: PaymentFacts, *, at: datetime
) -> None:
    status = known.charge
    if status is ChargeStatus.PAID:
        charging.record_known_paid(session, pledge, known, at=at)
    elif status is ChargeStatus.PROCESSING:
        charging.record_processing(session, campaign, pledge, actor=SYSTEM, at=at)
    elif status in {ChargeStatus.DECLINED, ChargeStatus.ACTION_REQUIRED}:
        if pledge.charge_mark == charging.mark_of(known):
            _resume(session, campaign, pledge, at=at)
        elif status is ChargeStatus.DECLINED:
            charging.record_declined(
                session, campaign, pledge, code=known.error, actor=SYSTEM, at=at
            )
        else:
            charging.record_action_required(session, campaign, pledge, actor=SYSTEM, at=at)
    elif status is ChargeStatus.CANCELED and pledge.state is PledgeState.PROCESSING:
        code = known.error or "canceled"
        charging.record_declined(session, campaign, pledge, code=code, actor=SYSTEM, at=at)
    elif status in UNTRIED:
        _resume(session, campaign, pledge, at=at)


def _resume(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Plan the charge again of a pledge whose worker died between its steps."""
    if pledge.state is PledgeState.CHARGING and campaign.state is CampaignState.COLLECTING:
        charging.charge_soon(session, pledge, str(pledge.attempts), run_at=at)


def _returns(session: Session, pledge: Pledge, known: PaymentFacts, *, at: datetime) -> None:
    if pledge.paid_at is None:
        return
    if pledge.state is PledgeState.PAID and known.returning_cents:
        refunding.send_part_soon(session, pledge, at=at)
    pledge.returning_cents = known.returning_cents if pledge.state is PledgeState.PAID else 0
    if known.returned_cents or pledge.hand_cents or pledge.refunded_cents:
        refunding.record_returned(session, pledge.id, known.returned_cents, actor=SYSTEM, at=at)
    waits = pledge.state is PledgeState.REFUND_PENDING and not known.returning_cents
    if waits and known.refund is not None and refunding.has_failed(pledge, known):
        refunding.record_refund_stuck(
            session, pledge.id, reason=known.refund.error or "failed", actor=SYSTEM, at=at
        )


def retry_after_page(session: Session, pledge_id: int, *, at: datetime) -> None:
    """Plan the try that gave way to the backer's own payment page; the page may come to nothing."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state not in RESCUABLE or campaign.state is not CampaignState.COLLECTING:
        return
    gone = payments.live_charge(session, pledge.subject) is None
    pledge.retry_at = at if gone else charging.later(campaign, at=at)
    if pledge.retry_at is not None:
        token = f"page{int(pledge.retry_at.timestamp())}"
        charging.charge_soon(session, pledge, token, run_at=pledge.retry_at)


def plan_again(session: Session, *, at: datetime) -> None:
    """Plan anew what a pledge waits for, where its job was lost or given up; a batch at a time."""
    for subject in payments.unsent_refunds(session, limit=BATCH):
        kind, key = split_subject(subject)
        pledge = session.get(Pledge, key) if kind == PLEDGE.name else None
        if pledge is not None and pledge.state is PledgeState.PAID:
            refunding.send_part_soon(session, pledge, at=at)
    for pledge in session.scalars(
        sa.select(Pledge)
        .where(
            Pledge.channel == PledgeChannel.CARD,
            sa.or_(
                Pledge.state.in_([PledgeState.CHARGING, PledgeState.REFUND_PENDING]),
                sa.and_(Pledge.state == PledgeState.RETRY_DUE, Pledge.retry_at <= at),
                sa.and_(
                    sa.or_(
                        Pledge.state == PledgeState.CREATED,
                        sa.and_(Pledge.charged_now, Pledge.state.in_(UNPAID)),
                    ),
                    Pledge.started_at < at - LONGEST,
                ),
            ),
        )
        .order_by(Pledge.id)
        .limit(BATCH)
    ):
        if pledge.state is PledgeState.REFUND_PENDING:
            refunding.refund_soon(session, pledge, at=at)
        elif pledge.state is PledgeState.CREATED or pledge.charged_now:
            pledging.expire_soon(session, pledge, run_at=at)
        elif pledge.state is PledgeState.RETRY_DUE:
            charging.charge_soon(session, pledge, str(pledge.attempts + 1), run_at=at)
        else:
            charging.charge_soon(session, pledge, str(pledge.attempts), run_at=at)
