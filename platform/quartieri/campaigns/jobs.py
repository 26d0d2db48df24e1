"""Timed work: closing campaigns step by step, and what is asked of the provider for a pledge.

State is the truth and jobs only wake it. The provider is asked outside of any transaction; what was
meant is committed before, what was answered after: killed anywhere, it is simply run again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.campaigns import actions, queries
from quartieri.campaigns.actions.forgetting import BATCH, FORGETTING
from quartieri.campaigns.actions.refunding import has_failed
from quartieri.campaigns.actions.reminding import CARD_DAYS
from quartieri.campaigns.actions.reminding import remind as write_reminders
from quartieri.campaigns.models import Pledge
from quartieri.campaigns.rules import NEVER_CHARGED, UNPAID, PledgeState
from quartieri.db import db, get, unit_of_work
from quartieri.extensions import services
from quartieri.jobs.registry import handler
from quartieri.kit.money import Money
from quartieri.logs import logger
from quartieri.payments import queries as payments
from quartieri.payments.actions import charges, messages, refunds, setups
from quartieri.payments.actions.records import told
from quartieri.payments.rules import ReturnStatus

TICK = timedelta(seconds=5)
MEND = timedelta(minutes=10)
REMIND = timedelta(hours=1)
ESTIMATE = timedelta(minutes=5)
FORGET = timedelta(hours=6)


@handler("campaigns.tick", every=TICK)
def tick() -> None:
    """Take every campaign that the clock or its state makes due as far as it goes."""
    due = queries.due_campaigns(db.session(), now=services().clock.now())
    db.session.rollback()
    for campaign_id in due:
        try:
            advance(campaign_id)
        except Exception:  # noqa: BLE001 -- one campaign's fault must not hold the others up
            db.session.rollback()
            logger().exception("campaigns.tick", campaign=campaign_id)
    for window_id in queries.due_rounds(db.session()):
        close_round(window_id)


@handler("campaigns.advance", pooled=True, urgent=True)
def advance(campaign_id: int) -> None:
    """Do a campaign's steps, one unit of work each, until none is left for now.

    Beside the payments that it waits for: never behind thousands of letters to be sent, nor of
    messages about what was charged.
    """
    more = True
    while more:
        with unit_of_work() as session:
            more = actions.advance(session, campaign_id, at=services().clock.now())


@handler("campaigns.close_round")
def close_round(window_id: int) -> None:
    """Share out a session's quadratic round, if its last campaign is decided."""
    with unit_of_work() as session:
        actions.close_round(session, window_id, at=services().clock.now())


@handler("campaigns.estimate_rounds", every=ESTIMATE)
def estimate_rounds() -> None:
    """Reckon anew what each campaign of an open round would get, for its page."""
    for round_id in queries.open_rounds(db.session()):
        with unit_of_work() as session:
            actions.estimate_round(session, round_id, at=services().clock.now())


@handler("campaigns.tell_collecting")
def tell_collecting(campaign_id: int, *, after: int) -> None:
    """Tell the next backers that the payments begin; those after them are a job of their own."""
    with unit_of_work() as session:
        actions.tell_collecting(session, campaign_id, after=after, at=services().clock.now())


@handler("campaigns.tell_extended")
def tell_extended(extension_id: int, *, after: int) -> None:
    """Tell every backer that the end was moved; cut off half-way, it goes on where it was."""
    place: int | None = after
    while place is not None:
        with unit_of_work() as session:
            now = services().clock.now()
            place = actions.tell_extended(session, extension_id, after=place, at=now)


@handler("campaigns.tell_update")
def tell_update(update_id: int, *, after: str) -> None:
    """Write to every backer about an update; cut off half-way, it goes on where it was."""
    place: str | None = after
    while place is not None:
        with unit_of_work() as session:
            now = services().clock.now()
            place = actions.tell_update(session, update_id, after=place, at=now)


@handler("campaigns.tell_message")
def tell_message(message_id: int, *, after: str) -> None:
    """Send a proposer's message to its backers; cut off half-way, it goes on where it was."""
    place: str | None = after
    while place is not None:
        with unit_of_work() as session:
            now = services().clock.now()
            place = actions.tell_message(session, message_id, after=place, at=now)


@handler("campaigns.remind", every=REMIND)
def remind() -> None:
    """Tell backers of what comes: cards that end before the charge, and the charge itself."""
    now, within = services().clock.now(), timedelta(days=max(CARD_DAYS))
    soon = [one.id for one in queries.ending_campaigns(db.session(), now=now, within=within)]
    db.session.rollback()
    for campaign_id in soon:
        more = True
        while more:
            with unit_of_work() as session:
                more = write_reminders(session, campaign_id, at=now)


@handler("campaigns.forget", every=FORGET)
def forget() -> None:
    """Delete the personal data that has had its time, a batch in each unit of work."""
    now = services().clock.now()
    for step in FORGETTING:
        more = True
        while more:
            with unit_of_work() as session:
                more = step(session, at=now) == BATCH


@handler("campaigns.mend", every=MEND)
def mend() -> None:
    """Plan again what a lost or given-up job left half-way; a waiting job is not doubled."""
    with unit_of_work() as session:
        actions.plan_again(session, at=services().clock.now())


@handler("pledge.settle")
def settle(pledge_id: int) -> None:
    """Apply what is now known of a pledge's payments; payments tell by this job."""
    with unit_of_work() as session:
        actions.settle(session, pledge_id, at=services().clock.now())


@handler("campaigns.charge_pledge", pooled=True, urgent=True)
def charge_pledge(pledge_id: int, *, at_once: bool = False) -> None:
    """Charge a pledge's saved card once more, or go on with the try that was begun."""
    now, provider = services().clock.now(), services().payments
    with unit_of_work() as session:
        plan = actions.plan_charge(session, pledge_id, at=now, at_once=at_once)
    if plan is None:
        return
    if plan.hosted:
        # the backer is paying in person on the provider's page: only read how far that is
        charges.refresh(unit_of_work, provider, plan.id, at=now)
        settle_now(pledge_id)
        with unit_of_work() as session:
            actions.retry_after_page(session, pledge_id, at=now)
        return
    settling = partial(_settling, pledge_id, at=now)
    charges.charge(unit_of_work, provider, plan, at=now, settling=settling)


@contextmanager
def _settling(pledge_id: int, *, at: datetime) -> Iterator[Session]:
    """Open a unit of work in which what is written of a pledge's payments is acted on at once."""
    with unit_of_work() as session:
        campaign, pledge = actions.locked(session, pledge_id)
        yield session
        actions.settle_locked(session, campaign, pledge, at=at)


def settle_now(pledge_id: int) -> None:
    """Settle without waiting for the jobs that tell of what was just recorded: they are done."""
    now = services().clock.now()
    with unit_of_work() as session:
        told(session, get(session, Pledge, pledge_id).subject, at=now)
        actions.settle(session, pledge_id, at=now)


@handler("campaigns.stop_charge", pooled=True)
def stop_charge(pledge_id: int) -> None:
    """Give up a charge of a campaign that charges no more; book it if it went through after all."""
    now = services().clock.now()
    with unit_of_work() as session:
        live = payments.live_charge(session, get(session, Pledge, pledge_id).subject)
        charge_id = live.id if live is not None else None
    if charge_id is not None:
        charges.cancel(unit_of_work, services().payments, charge_id, at=now)
    with unit_of_work() as session:
        actions.stop_charge(session, pledge_id, at=now)


@handler("campaigns.refund_pledge", pooled=True)
def refund_pledge(pledge_id: int, *, again: bool = False) -> None:
    """Send a pledge's money back through the provider: what is not on its way yet.

    After a refund that failed a person decides: only ``again`` sends another.
    """
    now = services().clock.now()
    with unit_of_work() as session:
        _campaign, pledge = actions.locked(session, pledge_id)
        if pledge.state is not PledgeState.REFUND_PENDING:
            return
        refunds.hold(session, pledge.subject)
        known = payments.facts(session, pledge.subject)
        waiting = payments.unsent_refund(session, pledge.subject)
        left = min(
            pledge.amount_cents
            - pledge.hand_cents
            - pledge.lost_cents
            - pledge.disputed_cents
            - known.returned_cents
            - known.returning_cents,
            known.received_cents,
        )
        wanted = waiting is None and left > 0 and (again or not has_failed(pledge, known))
        if wanted and known.charge_id is not None:
            waiting = refunds.prepare(session, known.charge_id, Money(left), at=now).id
    if waiting is not None:
        status = refunds.send(unit_of_work, services().payments, waiting, at=now)
        logger().debug("campaigns.refund", pledge=pledge_id, done=status is ReturnStatus.SUCCEEDED)
    settle_now(pledge_id)


@handler("campaigns.send_refund", pooled=True)
def send_refund(pledge_id: int) -> None:
    """Send a part of a pledge back that was written down, or go on where that was left."""
    now = services().clock.now()
    with unit_of_work() as session:
        waiting = payments.unsent_refund(session, get(session, Pledge, pledge_id).subject)
    if waiting is not None:
        refunds.send(unit_of_work, services().payments, waiting, at=now)
    settle_now(pledge_id)


@handler("campaigns.expire_pledge", pooled=True)
def expire_pledge(pledge_id: int) -> None:
    """Ask the provider whether a started pledge was finished, close its page, end it if not."""
    now = services().clock.now()
    with unit_of_work() as session:
        pledge = get(session, Pledge, pledge_id)
        paying = pledge.charged_now and pledge.state in UNPAID
        if pledge.state is not PledgeState.CREATED and not paying:
            return
        if not actions.is_overdue(pledge.campaign, pledge, at=now):
            return
        subject, charge_id = pledge.subject, actions.open_payment(session, pledge_id)
    setups.close(unit_of_work, services().payments, subject, at=now)
    if charge_id is not None:
        charges.cancel(unit_of_work, services().payments, charge_id, at=now)
    settle_now(pledge_id)
    with unit_of_work() as session:
        if paying:
            actions.end_payment(session, pledge_id, at=now)
        else:
            actions.expire_pledge(session, pledge_id, actor=SYSTEM, at=now)


@handler("campaigns.hear_pledge", pooled=True)
def hear_pledge(pledge_id: int) -> None:
    """Ask for messages that never came, then decide whether a pledge came in time."""
    now = services().clock.now()
    messages.take_events(unit_of_work, services().payments, at=now)
    with unit_of_work() as session:
        actions.settle(session, pledge_id, heard=True, at=now)


@handler("campaigns.tell_address", pooled=True)
def tell_address(pledge_id: int, *, token: str) -> None:
    """Tell the provider a backer's corrected address: its own letters go there.

    Asked again until what was told is what is stored, so that of two changes the last one stays.
    """
    told, outside = "", services()
    while True:
        with unit_of_work() as session:
            pledge = get(session, Pledge, pledge_id)
            subject, email = pledge.subject, pledge.email
        if email in {"", told}:
            return
        now, provider = outside.clock.now(), outside.payments
        setups.correct_address(unit_of_work, provider, subject, email, token=token, at=now)
        told = email


@handler("campaigns.forget_card", pooled=True)
def forget_card(pledge_id: int) -> None:
    """Close the pages and detach the card of a pledge that is not charged (any more)."""
    now = services().clock.now()
    with unit_of_work() as session:
        pledge = get(session, Pledge, pledge_id)
        subject, over = pledge.subject, pledge.state in NEVER_CHARGED
        live = payments.live_charge(session, subject) if over else None
        charge_id = live.id if live is not None else None
    provider = services().payments
    if charge_id is not None:
        charges.cancel(unit_of_work, provider, charge_id, at=now)
    setups.forget(unit_of_work, provider, subject, at=now)
