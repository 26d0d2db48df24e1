"""The inbox of the provider's messages, and the reconciliation that needs none of them.

A message is never believed: it only says which object to read. So twice, late, out of order or
never all end the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import insertion, lock
from quartieri.gateways.payments import (
    PaymentProvider,
    ProviderMessage,
    ProviderRefusedError,
    Reference,
)
from quartieri.jobs.actions import enqueue, take_away
from quartieri.logs import logger
from quartieri.payments import queries, rules
from quartieri.payments.actions import charges, disputes, setups
from quartieri.payments.actions.records import UNFIT, Units, concerns_all, set_mark, site, tell
from quartieri.payments.complaints import disputed_charges
from quartieri.payments.models import InboxMessage, PaymentCharge, PaymentSetup
from quartieri.payments.rules import ChargeStatus

OVERLAP = timedelta(minutes=10)
"""Listed again each time: an event may be listed a little after its instant."""

STALE = timedelta(minutes=10)
"""How long an object may stand still before it is read again."""

KEPT = timedelta(days=29)
"""How far back a provider lists events (Stripe: 30 days)."""

WORDS_KEPT = timedelta(days=90)
"""How long the words of a message are kept, to look into a fault: they name payers and cards."""

CHUNK = 50
BATCH = 500
MOST_READ = 500
HANDLE = "payments.message"

ABOUT_CARDS = frozenset({"setup_intent", "checkout.session"})
DISPUTES = "dispute"
WARNINGS = "radar.early_fraud_warning"
NOT_OURS = "unknown object"
WRONG_MODE = "wrong mode"
FOREIGN_ACCOUNT = "another account"
UNREADABLE = "unreadable"
UNREADABLE_OBJECT = "unreadable object"


@dataclass(frozen=True, slots=True)
class Ours:
    """What a message is about here, if anything: the saving of a card, or a charge."""

    setup: int | None
    charge: int | None


def take(session: Session, message: ProviderMessage, *, at: datetime) -> bool:
    """Put a verified message into the inbox, with the job that handles it; False if known.

    One about another account is kept with a note: nothing of it can be read with our key. So is
    one that cannot be understood.
    """
    note = UNREADABLE if message.created is None else FOREIGN_ACCOUNT if message.account else ""
    values = {
        "event_id": message.id,
        "kind": message.kind[:80],
        "object_kind": message.object_kind[:60],
        "object_id": message.object_id[:100],
        "intent_id": message.intent,
        "live": message.live,
        "body": message.body,
        "created_at": message.created or at,
        "received_at": at,
        "handled_at": at if note else None,
        "note": note,
    }
    added = session.scalars(
        insertion(session, InboxMessage)
        .values(values)
        .on_conflict_do_nothing(index_elements=["event_id"])
        .returning(InboxMessage.id)
    ).first()
    if added is None:
        return False
    if not note:
        _handle_soon(session, added, at=at)
    return True


def _handle_soon(session: Session, message_id: int, *, at: datetime) -> None:
    args = {"message_id": message_id}
    enqueue(session, HANDLE, args, run_at=at, key=f"{HANDLE}:{message_id}")


def forget(session: Session, *, at: datetime) -> int:
    """Delete the words of old messages, a batch at a time; give how many. What they did stays."""
    old = (
        sa.select(InboxMessage.id)
        .where(InboxMessage.received_at < at - WORDS_KEPT, InboxMessage.body != "")
        .order_by(InboxMessage.id)
        .limit(BATCH)
    )
    ids = session.scalars(old).all()
    session.execute(sa.update(InboxMessage).where(InboxMessage.id.in_(ids)).values(body=""))
    return len(ids)


def handle(units: Units, provider: PaymentProvider, message_id: int, *, at: datetime) -> None:
    """Read the object that a message is about, and write down its present state.

    What waits about the same charge was sent before this reading: it is answered by it. What the
    provider does not know (any more), or tells in no shape that is known here, is noted: asked
    again it would be no other.
    """
    with units() as session:
        message = lock(session, InboxMessage, message_id)
        if message.handled_at is not None:
            return
        words = (message.object_kind, message.object_id, message.intent_id)
        wrong = message.live is provider.test_mode
        own = site(session, at=at)
        same = queries.waiting_with(session, message)
        ours = _ours(session, *words)
    try:
        note = WRONG_MODE if wrong else _act(units, provider, *words, ours=ours, own=own, at=at)
    except ProviderRefusedError as error:
        if error.code in rules.NOT_THE_CARD:
            raise
        note = str(error)[:200]
    except (LookupError, ValueError, TypeError) as error:
        logger().exception("payments.unreadable", message=message_id, why=type(error).__name__)
        note = UNREADABLE_OBJECT
    with units() as session:
        for key in same:
            message = lock(session, InboxMessage, key)
            message.handled_at = message.handled_at or at
            message.note = note


def _act(
    units: Units,
    provider: PaymentProvider,
    kind: str,
    key: str,
    intent: str | None,
    *,
    ours: Ours,
    own: str,
    at: datetime,
) -> str:
    """Refresh what the object belongs to; give a note if that is nothing of ours."""
    if kind == queries.CARD:
        return ""  # nothing follows: what its saving or its charge means, their own messages tell
    if ours.setup is not None:
        setups.refresh(units, provider, ours.setup, at=at)
        return ""
    charge = ours.charge
    if charge is None and intent is not None and kind != "checkout.session":
        charge = _hosted_of(units, provider, intent, own=own)
    if charge is None:
        return NOT_OURS
    charges.refresh(units, provider, charge, at=at)
    if kind == WARNINGS:
        disputes.warned(units, provider, charge, key, at=at)
    elif kind == DISPUTES:
        disputes.refresh(units, provider, charge, at=at)
    return ""


def _ours(session: Session, kind: str, key: str, intent: str | None) -> Ours:
    """Find the card's page by its names, the charge by its page or by its intent."""
    page = kind == "checkout.session"
    setup = charge = None
    if kind in ABOUT_CARDS:
        column = PaymentSetup.session_id if page else PaymentSetup.setup_id
        setup = session.scalar(sa.select(PaymentSetup.id).where(column == key))
    if setup is None and (page or intent is not None):
        known = PaymentCharge.session_id == key if page else PaymentCharge.intent_id == intent
        charge = session.scalar(sa.select(PaymentCharge.id).where(known))
    return Ours(setup, charge)


def _hosted_of(units: Units, provider: PaymentProvider, intent: str, *, own: str) -> int | None:
    """Find the charge of an intent that is not known by the words that went along with it."""
    try:
        about = provider.read_intent(intent).reference
    except ProviderRefusedError:
        return None
    return _hosted(units, about, own)


def _hosted(units: Units, about: Reference | None, own: str) -> int | None:
    """Find the page whose charge was not known yet. An intent that we did not keep is not ours."""
    if about is None or about.site != own:
        return None
    with units() as session:
        return session.scalar(
            sa.select(PaymentCharge.id).where(
                PaymentCharge.subject == about.subject,
                PaymentCharge.n == about.n,
                PaymentCharge.hosted,
                PaymentCharge.intent_id.is_(None),
                PaymentCharge.session_id.is_not(None),
            )
        )


# -- reconciliation ----------------------------------------------------------------------------


def reconcile(
    units: Units, provider: PaymentProvider, *, at: datetime, stale: timedelta = STALE
) -> int:
    """Take every event since the mark, and read what has stood still for ``stale``.

    Gives how many messages were new. It repairs whatever messages never came, and goes on with
    those that were given up while the provider was away; charges that a dead worker left half-way
    are told to their owner again. What cannot be read holds nothing else up: it is asked for again
    the next time, after the others.
    """
    new = take_events(units, provider, at=at)
    with units() as session:
        for args, _error in take_away(session, HANDLE):
            _handle_soon(session, args["message_id"], at=at)
    before = at - stale
    with units() as session:
        cards = queries.unsettled_setups(session, before=before, limit=MOST_READ)
        moving = queries.unsettled_charges(session, before=before, limit=MOST_READ)
        disputed = disputed_charges(session, moving)
    for setup_id in cards:
        with _apart(units, PaymentSetup, setup_id, at=at):
            setups.refresh(units, provider, setup_id, at=at)
    for charge_id in moving:
        with _apart(units, PaymentCharge, charge_id, at=at):
            status = charges.refresh(units, provider, charge_id, at=at)
            if charge_id in disputed:
                disputes.refresh(units, provider, charge_id, at=at)
            if status in {ChargeStatus.PREPARED, ChargeStatus.READY, ChargeStatus.ASKING}:
                _tell_again(units, charge_id, at=at)
    return new


@contextmanager
def _apart(
    units: Units, model: type[PaymentCharge | PaymentSetup], key: int, *, at: datetime
) -> Iterator[None]:
    try:
        yield
    except UNFIT as error:
        logger().warning("payments.not_read", about=f"{model.__tablename__}:{key}", why=str(error))
        with units() as session:
            lock(session, model, key).looked_at = at
        if concerns_all(error):
            raise


def _tell_again(units: Units, charge_id: int, *, at: datetime) -> None:
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        row.looked_at = at
        tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)


def take_events(units: Units, provider: PaymentProvider, *, at: datetime) -> int:
    """Take every event since the mark that no message told of; give how many were new.

    Those from which nothing follows are left out: a provider lists what happens to payers, prices
    and payouts as well.
    """
    with units() as session:
        mark = queries.mark(session, queries.EVENTS)
        since = at - KEPT if mark is None else max(mark.at - OVERLAP, at - KEPT)
    listed = [one for one in provider.list_events(since) if _may_matter(one)]
    new = 0
    for start in range(0, len(listed), CHUNK):
        new += _take_all(units, listed[start : start + CHUNK], at=at)
    with units() as session:
        set_mark(session, queries.EVENTS, at=at)
    return new


def _may_matter(message: ProviderMessage) -> bool:
    return message.object_kind in queries.FOLLOWED or message.created is None


def _take_all(units: Units, messages: Sequence[ProviderMessage], *, at: datetime) -> int:
    with units() as session:
        return sum(take(session, message, at=at) for message in messages)
