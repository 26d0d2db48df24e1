"""Timed work with the provider: handling messages, reconciliation, the sandbox's deliveries."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.db import unit_of_work
from quartieri.extensions import services
from quartieri.gateways.payments import BadSignatureError, PaymentError
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.webhooks import over_http
from quartieri.jobs.actions import enqueue
from quartieri.jobs.registry import handler
from quartieri.kit.errors import IllegalMoveError, NotFoundError
from quartieri.kit.labels import lazy
from quartieri.logs import logger
from quartieri.payments import differences
from quartieri.payments.actions import messages, reconciling

RECONCILE_EVERY = timedelta(minutes=10)
LOOK_AT_CLOCK = timedelta(hours=1)
FORGET_EVERY = timedelta(days=1)
DELIVER_EVERY = timedelta(seconds=5)
DELIVER = "payments.deliver"


def takes_payments() -> bool:
    """Tell whether this site has a payment service at all."""
    return services().settings.takes_payments


@handler("payments.message", pooled=True)
def handle_message(message_id: int) -> None:
    """Handle one message of the inbox."""
    outside = services()
    messages.handle(unit_of_work, outside.payments, message_id, at=outside.clock.now())


@handler("payments.reconcile", every=RECONCILE_EVERY, pooled=True)
def reconcile() -> None:
    """Walk the provider's events since the mark and what stands still; repair what is late."""
    outside = services()
    if not takes_payments():
        return
    if sandbox() is not None:
        deliver()
    messages.reconcile(unit_of_work, outside.payments, at=outside.clock.now())


@handler("payments.walk", every=LOOK_AT_CLOCK, pooled=True)
def walk_at_night() -> None:
    """Reconcile once a night; what a person asked for comes as a job of its own.

    A run that was cut off, or that the provider did not answer, is made again an hour later.
    """
    if not takes_payments():
        return
    with unit_of_work() as session:
        due = differences.is_due(session, at=services().clock.now())
    if due:
        _walk(asked_by=None)


@handler("payments.reconcile_for", pooled=True)
def reconcile_for(user_id: int) -> None:
    """Reconcile because a treasurer asked for it."""
    _walk(asked_by=user_id)


def _walk(*, asked_by: int | None) -> None:
    """Do one run; why it could not be ended is kept with it, where people see it."""
    try:
        run_reconciliation(asked_by=asked_by)
    except PaymentError as error:
        logger().warning("payments.not_reconciled", why=str(error))


@handler("payments.forget", every=FORGET_EVERY)
def forget() -> None:
    """Delete the words of old messages of the provider, some in each unit of work."""
    more = True
    while more:
        with unit_of_work() as session:
            more = messages.forget(session, at=services().clock.now()) == messages.BATCH


def run_reconciliation(
    *, since: datetime | None = None, asked_by: int | None = None
) -> dict[str, int]:
    """Do one run now and give its counts; each run is kept, also one that could not be ended.

    Raises IllegalMoveError where this site takes no payments.
    """
    outside = services()
    if not takes_payments():
        raise IllegalMoveError(lazy("This site takes no payments."))
    now = outside.clock.now()
    with unit_of_work() as session:
        run_id = reconciling.begin(session, since=since, asked_by=asked_by, at=now).id
    try:
        return reconciling.walk(unit_of_work, outside.payments, run_id, at=now)
    except PaymentError as error:
        with unit_of_work() as session:
            reconciling.stop(session, run_id, str(error), at=outside.clock.now())
        raise


@handler(DELIVER, pooled=True)
def deliver() -> None:
    """Let the sandbox send its messages that are due: to the site's address, or in process."""
    box = sandbox()
    if box is None:
        return
    address = getattr(services().payments, "webhook", "")
    box.deliver(over_http(address) if address else _in_process)
    due = box.next_delivery()
    if due is not None:
        with unit_of_work() as session:
            deliver_soon(session, at=max(due, services().clock.now() + DELIVER_EVERY))


def deliver_soon(session: Session, *, at: datetime) -> None:
    """Plan a delivery of the sandbox's messages; those of the same few seconds are one."""
    slot = int(at.timestamp() // DELIVER_EVERY.total_seconds())
    enqueue(session, DELIVER, run_at=at, key=f"{DELIVER}:{slot}")


def sandbox() -> Sandbox | None:
    """Give the sandbox behind the provider; None where real money moves, or none."""
    if not takes_payments():
        return None
    found = getattr(services().payments, "sandbox", None)
    return found if isinstance(found, Sandbox) else None


def receive(body: bytes, signature: str) -> bool:
    """Verify one signed message and take it; False if it was known.

    Raises BadSignatureError, and NotFoundError where this site takes no payments.
    """
    outside = services()
    if not takes_payments():
        raise NotFoundError(lazy("There is nothing at this address."))
    message = outside.payments.verify_webhook(body, signature)
    with unit_of_work() as session:
        new = messages.take(session, message, at=outside.clock.now())
    logger().debug("payments.message", message=message.id, kind=message.kind, new=new)
    return new


def _in_process(body: bytes, signature: str) -> bool:
    try:
        receive(body, signature)
    except BadSignatureError:
        return False
    return True
