"""Giving money back: planned, sent by a job, stuck with an owner and a due date, done by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.campaigns import letters
from quartieri.campaigns.actions import books, match, receipts
from quartieri.campaigns.actions.sums import locked, move_pledge, wake
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import COLLECTED, PLEDGE, PledgeChannel, PledgeState
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.queries import holders

STUCK_DAYS = 14
WAITS = frozenset({PledgeState.REFUND_PENDING, PledgeState.REFUND_STUCK})


def begin_refund(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Plan to give a paid pledge back; both are locked by the caller.

    Card money goes back by the provider (a job); offline money by who holds it, confirmed by hand.
    """
    if pledge.state is not PledgeState.PAID:
        return
    move_pledge(session, campaign, pledge, "refund", actor=actor, at=at, reason=reason)
    _give_to_somebody(session, pledge, at=at)
    if pledge.channel is PledgeChannel.CARD:
        refund_soon(session, pledge, at=at)


def refund_soon(session: Session, pledge: Pledge, *, at: datetime, again: bool = False) -> None:
    """Plan the asking of the provider; ``again``: also after a refund that failed."""
    enqueue(
        session,
        "campaigns.refund_pledge",
        {"pledge_id": pledge.id, "again": again},
        run_at=at,
        key=f"campaigns.refund_pledge:{pledge.id}",
    )


def _give_to_somebody(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Set by when a refund must be solved and who sees to it: a treasurer, else the manager."""
    pledge.refund_due_at = at + timedelta(days=STUCK_DAYS)
    if pledge.refund_owner_id is not None:
        return
    for role in (Role.TREASURER, Role.CALL_MANAGER):
        found = holders(session, role, pledge.scope, at=at)
        if found:
            pledge.refund_owner_id = found[0].id
            return


def refund_paid(
    session: Session, pledge: Pledge, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Give one paid pledge back by decision of the treasurer, while its money is still here."""
    campaign, pledge = locked(session, pledge.id)
    if pledge.state is not PledgeState.PAID:
        raise IllegalMoveError(lazy("Only a paid pledge can be given back."))
    if not reason.strip():
        raise InvalidError(lazy("Say why the money goes back."), field="reason")
    if not books.decided_for(campaign):
        raise IllegalMoveError(
            lazy("While the campaign is undecided single pledges are not given back.")
        )
    left = pledge.amount_cents - pledge.refunded_cents
    if not books.can_return(session, campaign, pledge, left):
        raise IllegalMoveError(
            lazy("This money was paid out to the proposer already: it cannot go back from here.")
        )
    begin_refund(session, campaign, pledge, reason=reason.strip(), actor=actor, at=at)


def record_refunded(
    session: Session, pledge_id: int, *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    """Record that the backer has the money back: once, never more than was paid.

    ``reason`` says how, where a person did it outside of the provider.
    """
    campaign, pledge = locked(session, pledge_id)
    if pledge.state not in WAITS:
        return
    move_pledge(session, campaign, pledge, "settle_refund", actor=actor, at=at, reason=reason)
    _give_back(session, campaign, pledge, pledge.amount_cents, at=at)
    pledge.refund_due_at, pledge.refund_error = None, ""
    letters.refunded(session, campaign, pledge, at=at)
    wake(session, campaign, at=at)


def record_returned(
    session: Session, pledge_id: int, returned_cents: int, *, actor: Actor, at: datetime
) -> None:
    """Record how much of a pledge the provider gave back in all, by whomever it was asked.

    All of it makes the pledge refunded; less than was recorded means that a bank sent it back.
    """
    campaign, pledge = locked(session, pledge_id)
    total = min(returned_cents + pledge.hand_cents, pledge.amount_cents)
    if total == pledge.refunded_cents:
        return
    if total < pledge.refunded_cents:
        _sent_back(session, campaign, pledge, total, actor=actor, at=at)
    elif total == pledge.amount_cents:
        if pledge.state is PledgeState.PAID:
            move_pledge(
                session, campaign, pledge, "refund", actor=actor, at=at, reason="at the provider"
            )
        record_refunded(session, pledge_id, actor=actor, at=at)
    else:
        _give_back(session, campaign, pledge, total, at=at)


def _give_back(
    session: Session, campaign: Campaign, pledge: Pledge, total: int, *, at: datetime
) -> None:
    cents = total - pledge.refunded_cents
    if cents <= 0:
        return
    pledge.returns += 1
    books.returned(session, campaign, pledge, cents, at=at)
    if pledge.state in COLLECTED:
        campaign.collected_cents -= cents
        if pledge.channel is PledgeChannel.OFFLINE:
            campaign.offline_cents -= cents
    before = pledge.amount_cents - pledge.refunded_cents
    pledge.refunded_cents = total
    session.flush()
    match.resize(session, campaign, pledge, before_cents=before, actor=SYSTEM, at=at)


def _sent_back(
    session: Session, campaign: Campaign, pledge: Pledge, total: int, *, actor: Actor, at: datetime
) -> None:
    """Book what a bank sent back; a refunded pledge is stuck then."""
    cents = pledge.refunded_cents - total
    pledge.returns += 1
    books.bounced(session, campaign, pledge, cents, at=at)
    if pledge.state in COLLECTED:
        campaign.collected_cents += cents
    pledge.refunded_cents = total
    session.flush()
    if pledge.state is PledgeState.REFUNDED:
        record_refund_stuck(session, pledge.id, reason="sent back", actor=actor, at=at)


def record_refund_stuck(
    session: Session, pledge_id: int, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Put a refund that does not arrive on the list of stuck ones, with owner and due date."""
    campaign, pledge = locked(session, pledge_id)
    if pledge.state not in {PledgeState.REFUND_PENDING, PledgeState.REFUNDED}:
        return
    move_pledge(session, campaign, pledge, "stick", actor=actor, at=at, reason=reason)
    pledge.refund_error = reason[:200]
    _give_to_somebody(session, pledge, at=at)
    session.flush()


def retry_refund(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Try a stuck refund again through the provider."""
    campaign, pledge = locked(session, pledge.id)
    if pledge.channel is not PledgeChannel.CARD:
        raise IllegalMoveError(lazy("This money did not come through the payment service."))
    move_pledge(session, campaign, pledge, "retry_refund", actor=actor, at=at)
    pledge.refund_error = ""
    refund_soon(session, pledge, at=at, again=True)


def refund_by_hand(
    session: Session, pledge: Pledge, *, evidence: str, actor: Actor, at: datetime
) -> None:
    """Record that a backer got the money back another way, with what proves it.

    For offline money, and for card money whose refund is stuck; never while one is on its way.
    """
    campaign, pledge = locked(session, pledge.id)
    if not evidence.strip():
        raise InvalidError(lazy("Say what proves that the money went back."), field="evidence")
    offline = pledge.channel is PledgeChannel.OFFLINE and pledge.state in WAITS
    if not offline and pledge.state is not PledgeState.REFUND_STUCK:
        raise IllegalMoveError(
            lazy("Only a stuck refund, or money that came outside, is given back by hand.")
        )
    pledge.hand_cents += pledge.amount_cents - pledge.refunded_cents
    session.flush()
    record_refunded(session, pledge.id, actor=actor, at=at, reason=evidence.strip())
    receipts.follow(session, campaign, pledge, at=at)


def take_refund_over(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Make oneself the owner of a refund that waits."""
    _campaign, pledge = locked(session, pledge.id)
    if pledge.state not in WAITS:
        raise IllegalMoveError(lazy("There is no refund to see to."))
    before = pledge.refund_owner_id
    pledge.refund_owner_id = actor.user_id
    session.flush()
    record(
        session,
        "take_refund_over",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        before={"owner": before},
        after={"owner": actor.user_id},
    )
