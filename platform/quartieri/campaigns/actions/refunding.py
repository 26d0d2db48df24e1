"""Giving money back: planned, sent by a job, stuck with an owner and a due date, done by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.campaigns import letters
from quartieri.campaigns.actions import books, match, receipts
from quartieri.campaigns.actions.costs import hand_fee_over, relieves_proposer, settle_costs
from quartieri.campaigns.actions.sums import follow_kept, locked, move_pledge, wake
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import PLEDGE, UNDECIDED_CAMPAIGN, PledgeChannel, PledgeState
from quartieri.jobs.actions import enqueue
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments import queries as payments
from quartieri.payments.actions import refunds
from quartieri.payments.rules import PaymentFacts, ReturnStatus
from quartieri.people.models import User
from quartieri.people.queries import holders

STUCK_DAYS = 14
WAITS = frozenset(books.WAITS)
GOES_BACK = WAITS | {PledgeState.PAID}


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
    else:
        letters.going_back(session, campaign, pledge, at=at)


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
    """Set by when a refund must be solved and who sees to it."""
    pledge.refund_due_at = at + timedelta(days=STUCK_DAYS)
    if pledge.refund_owner_id is None:
        found = who_sees_to(session, pledge, at=at)
        pledge.refund_owner_id = None if found is None else found.id


def who_sees_to(session: Session, pledge: Pledge, *, at: datetime) -> User | None:
    """Give whom a pledge that needs a person is given to: a treasurer, else the manager."""
    for role in (Role.TREASURER, Role.CALL_MANAGER):
        found = holders(session, role, pledge.scope, at=at)
        if found:
            return found[0]
    return None


def has_failed(pledge: Pledge, known: PaymentFacts) -> bool:
    """Tell whether the newest refund came to nothing since the pledge is to go back.

    A part that failed before says nothing of the rest, which was not tried yet.
    """
    last, due_at = known.refund, pledge.refund_due_at
    if last is None or last.status is not ReturnStatus.FAILED:
        return False
    begun_at = due_at - timedelta(days=STUCK_DAYS) if due_at is not None else None
    return begun_at is None or last.asked_at is None or last.asked_at >= begun_at


def send_part_soon(session: Session, pledge: Pledge, *, at: datetime) -> None:
    """Plan to send a part back that was written down."""
    enqueue(
        session,
        "campaigns.send_refund",
        {"pledge_id": pledge.id},
        run_at=at,
        key=f"campaigns.send_refund:{pledge.id}",
    )


def refund_paid(
    session: Session,
    pledge: Pledge,
    *,
    reason: str,
    amount_cents: int | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Give a paid pledge back, whole or ``amount_cents`` of it, by decision of the treasurer.

    Only while its money is still here. Also before the campaign is decided, since a bank's warning
    does not wait: what goes back does not count for the result then. A part leaves the pledge paid:
    it counts for the rest. What came outside of the site is reversed by two persons until then.
    """
    campaign, pledge = locked(session, pledge.id)
    if pledge.state is not PledgeState.PAID:
        raise IllegalMoveError(lazy("Only a paid pledge can be given back."))
    if not reason.strip():
        raise InvalidError(lazy("Say why the money goes back."), field="reason")
    if pledge.channel is PledgeChannel.OFFLINE and campaign.state in UNDECIDED_CAMPAIGN:
        raise IllegalMoveError(
            lazy("Until the campaign is decided, two persons reverse what came outside.")
        )
    left = pledge.kept_cents - pledge.returning_cents
    cents = left if amount_cents is None else amount_cents
    if not 0 < cents <= left:
        raise InvalidError(
            lazy("At most %(amount)s of this pledge can go back.", amount=Money(left)),
            field="part",
        )
    relieved = relieves_proposer(campaign) and cents == pledge.amount_cents
    if not books.can_return(session, campaign, pledge, cents, relieved=relieved):
        raise IllegalMoveError(
            lazy("This money was paid out to the proposer already: it cannot go back from here.")
        )
    if cents == left and not pledge.returning_cents:
        begin_refund(session, campaign, pledge, reason=reason.strip(), actor=actor, at=at)
    else:
        _begin_part(session, pledge, cents, reason=reason.strip(), actor=actor, at=at)


def _begin_part(
    session: Session, pledge: Pledge, cents: int, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Write down that a part goes back; a job sends it."""
    known = payments.facts(session, pledge.subject)
    if pledge.channel is not PledgeChannel.CARD or known.charge_id is None:
        raise IllegalMoveError(lazy("This money did not come through the payment service."))
    refunds.prepare(session, known.charge_id, Money(cents), at=at)
    pledge.returning_cents += cents
    session.flush()
    record(
        session,
        "refund_part",
        PLEDGE.name,
        pledge.id,
        actor=actor,
        at=at,
        reason=reason,
        after={"amount": cents},
    )
    send_part_soon(session, pledge, at=at)


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
    _give_back(session, campaign, pledge, pledge.amount_cents - pledge.lost_cents, at=at)
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
    elif total + pledge.lost_cents >= pledge.amount_cents and pledge.state in GOES_BACK:
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
    if total >= pledge.amount_cents:
        hand_fee_over(session, campaign, pledge, at=at)
    books.returned(session, campaign, pledge, cents, at=at)
    before, stood = pledge.kept_cents, pledge.standing_cents
    pledge.refunded_cents = total
    follow_kept(campaign, pledge, before)
    settle_costs(session, campaign, at=at)
    session.flush()
    match.resize(session, campaign, pledge, before_cents=stood, actor=SYSTEM, at=at)
    if pledge.state is PledgeState.PAID:
        letters.refunded_part(session, campaign, pledge, cents, at=at)


def _sent_back(
    session: Session, campaign: Campaign, pledge: Pledge, total: int, *, actor: Actor, at: datetime
) -> None:
    """Book what a bank sent back; a refunded pledge is stuck then."""
    cents = pledge.refunded_cents - total
    pledge.returns += 1
    before = pledge.kept_cents
    pledge.refunded_cents = total
    lost = cents - (pledge.kept_cents - before)
    books.bounced(session, campaign, pledge, cents, lost_cents=lost, at=at)
    follow_kept(campaign, pledge, before)
    settle_costs(session, campaign, at=at)
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
    letters.refund_stuck(session, campaign, pledge, at=at)


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
    if pledge.disputed_cents:
        raise IllegalMoveError(
            lazy("The backer's bank is deciding on this money: it may give it back itself.")
        )
    pledge.hand_cents += pledge.kept_cents
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
