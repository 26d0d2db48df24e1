"""Pledges that are paid at once, on the provider's page: in calls that charge now, and top-ups.

As with the others only the present facts count, whatever order the provider's messages came in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.campaigns import letters
from quartieri.campaigns.actions import charging
from quartieri.campaigns.actions.refunding import begin_refund
from quartieri.campaigns.actions.sums import locked, move_pledge
from quartieri.campaigns.actions.timing import hear_first, is_in_time, is_overdue
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries import design_of
from quartieri.campaigns.rules import PLEDGE, TAKES_CARDS, UNPAID, CampaignState, PledgeState
from quartieri.db import get
from quartieri.kit.clock import is_late
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments import queries as payments
from quartieri.payments.actions import pages
from quartieri.payments.rules import ChargeStatus, PaymentFacts

OPEN = UNPAID | {PledgeState.PROCESSING}

SHORTEST_PAGE = timedelta(minutes=31)
"""The shortest life of a page that a provider allows (Stripe: 30 minutes), and a little more."""


def prepare_page(
    session: Session,
    pledge_id: int,
    *,
    address: str,
    at: datetime,
) -> int:
    """Write down the provider's page on which a pledge is paid; the open one if there is one.

    Under the pledge's lock, so that none is opened for a pledge that has just ended. ``address`` is
    where the payer comes back to; the page is closed when the call's minutes are over, however long
    the provider would keep it. Raises IllegalMoveError where nothing is to be paid.
    """
    campaign, pledge = locked(session, pledge_id)
    if pledge.state not in UNPAID or campaign.state not in TAKES_CARDS:
        raise IllegalMoveError(lazy("There is nothing to pay here now."))
    if is_overdue(campaign, pledge, at=at):
        raise IllegalMoveError(lazy("The time to finish this payment is over."))
    return pages.prepare(
        session,
        pledge.subject,
        Money(pledge.amount_cents),
        description=campaign.title,
        success_url=address,
        cancel_url=address,
        locale=pledge.language,
        expires_at=at + SHORTEST_PAGE,
        at=at,
    ).id


def follow(
    session: Session,
    campaign: Campaign,
    pledge: Pledge,
    known: PaymentFacts,
    *,
    heard: bool,
    at: datetime,
) -> None:
    """Bring a locked pledge to what is known of its payment.

    A refusal on a page that is still open ends nothing: the payer may use another card there.
    ``heard``: all messages about it were asked for.
    """
    status = known.charge
    if status is ChargeStatus.PAID:
        late = not is_in_time(campaign, pledge, charging.given_at(session, pledge, at=at))
        if late and not heard and pledge.paid_at is None:
            hear_first(session, pledge, at=at)
            return
        charging.record_known_paid(session, pledge, known, at=at)
    elif pledge.state not in OPEN:
        return
    elif status is ChargeStatus.PROCESSING:
        charging.record_processing(session, campaign, pledge, actor=SYSTEM, at=at)
    elif status is ChargeStatus.ACTION_REQUIRED and pledge.state is PledgeState.CREATED:
        move_pledge(session, campaign, pledge, "ask_action", actor=SYSTEM, at=at)
    elif status is ChargeStatus.CANCELED:
        _end(session, campaign, pledge, known.error, at=at)
    elif status is ChargeStatus.DECLINED and pledge.state is PledgeState.PROCESSING:
        _end(session, campaign, pledge, known.error or "declined", at=at)
        letters.refused(session, campaign, pledge, code=known.error, at=at)


def end_payment(session: Session, pledge_id: int, *, at: datetime) -> None:
    """End a pledge that was not paid within the call's minutes; its page was closed before.

    One that is paid at the provider is settled.
    """
    campaign, pledge = locked(session, pledge_id)
    known = payments.facts(session, pledge.subject)
    if known.charge is ChargeStatus.PAID:
        return
    if pledge.state in UNPAID and is_overdue(campaign, pledge, at=at):
        _end(session, campaign, pledge, known.error, at=at)


def may_take_back(campaign: Campaign, pledge: Pledge, at: datetime) -> bool:
    """Tell whether a backer may take back what was paid at once; the campaign's end is inclusive.

    Where the project keeps whatever is given, the backer agreed to that.
    """
    runs = campaign.state in {CampaignState.LIVE, CampaignState.SUSPENDED}
    whole = pledge.kept_cents == pledge.amount_cents and not pledge.returning_cents
    return (
        pledge.charged_now
        and pledge.state is PledgeState.PAID
        and whole
        and runs
        and campaign.ends_at is not None
        and not is_late(at, campaign.ends_at)
        and not design_of(campaign).keeps_all
    )


def take_back(session: Session, pledge: Pledge, *, actor: Actor, at: datetime) -> None:
    """Give back by the backer's own wish what was paid at once; the whole sum, until the deadline.

    ``at`` is when the request entered the application.
    """
    campaign, pledge = locked(session, pledge.id)
    if not may_take_back(campaign, pledge, at):
        raise IllegalMoveError(lazy("This pledge cannot be cancelled any more."))
    record(session, "take_back", PLEDGE.name, pledge.id, actor=actor, at=at)
    reason = "cancelled by the backer"
    begin_refund(session, campaign, pledge, reason=reason, actor=SYSTEM, at=at)


def _end(session: Session, campaign: Campaign, pledge: Pledge, code: str, *, at: datetime) -> None:
    verb = "refuse" if code else "expire"
    move_pledge(session, campaign, pledge, verb, actor=SYSTEM, at=at, reason=code)


def open_payment(session: Session, pledge_id: int) -> int | None:
    """Give the payment of a pledge that is still open at the provider, or None."""
    pledge = get(session, Pledge, pledge_id)
    live = payments.live_charge(session, pledge.subject) if pledge.charged_now else None
    return None if live is None or live.status is ChargeStatus.PAID else live.id
