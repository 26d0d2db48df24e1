"""Writing the provider's answers down, and telling the subject's owner.

An answer is kept only if nothing else was written since the row was read (``seen`` version): a
reading that was overtaken is thrown away and made again by the caller.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import insertion, lock
from quartieri.gateways.payments import (
    Checkout,
    Intent,
    Method,
    PaymentError,
    PaymentProvider,
    ProviderRefusedError,
    ProviderUnavailableError,
    Reference,
    Refund,
    Setup,
)
from quartieri.jobs.actions import drop, enqueue
from quartieri.payments import queries, rules
from quartieri.payments.keys import Keys
from quartieri.payments.models import PaymentCharge, PaymentMark, PaymentRefund, PaymentSetup
from quartieri.payments.rules import CardStatus, ChargeStatus, ReturnStatus

Units = Callable[[], AbstractContextManager[Session]]
"""Opens one unit of work: ``db.unit_of_work``."""

MOST_READINGS = 8


class OvertakenError(RuntimeError):
    """A row changed again and again while it was read: the job is to be tried later."""


UNFIT = (PaymentError, OvertakenError, LookupError, ValueError, TypeError)
"""What one object at the provider may bring upon its reading, while the others are in order."""


def concerns_all(error: Exception) -> bool:
    """Tell whether the other objects would fare no better: no answer at all, or a wrong key."""
    refused = isinstance(error, ProviderRefusedError) and error.code in rules.NOT_THE_CARD
    return refused or isinstance(error, ProviderUnavailableError)


def tell(session: Session, subject: str, token: str, *, at: datetime) -> None:
    """Tell the subject's owner that something changed; ``token`` makes one job a change."""
    kind, key = rules.split_subject(subject)
    enqueue(
        session,
        f"{kind}.settle",
        {f"{kind}_id": key},
        run_at=at,
        key=_told_by(subject, token),
    )


def _told_by(subject: str, token: str) -> str:
    return f"settle:{subject}:{token}"


def told(session: Session, subject: str, *, at: datetime) -> None:
    """Drop the jobs that tell of what was last recorded of a charge: the owner settles right now.

    To be called before the facts are read: what is recorded later is told of later.
    """
    charge = queries.newest_charge(session, subject)
    if charge is None:
        return
    versions = range(max(1, charge.version - MOST_READINGS), charge.version + 1)
    tokens = [f"charge:{charge.id}:{version}" for version in versions]
    drop(session, [_told_by(subject, token) for token in tokens], now=at)


def site(session: Session, *, at: datetime) -> str:
    """Give this installation's own word, drawn once: its keys never meet another's."""
    found: str | None = session.connection().scalar(_SITE)
    if found is not None:
        return found
    values = {"name": queries.SITE, "word": secrets.token_hex(4), "at": at}
    session.execute(insertion(session, PaymentMark).values(values).on_conflict_do_nothing())
    return str(session.connection().scalar(_SITE))


_SITE = sa.select(PaymentMark.word).where(PaymentMark.name == queries.SITE)


def set_mark(session: Session, name: str, *, at: datetime) -> None:
    """Note how far a walk has come; it never goes back, whoever else notes it now."""
    fresh = insertion(session, PaymentMark).values({"name": name, "word": "", "at": at})
    session.execute(fresh.on_conflict_do_nothing())
    further = sa.update(PaymentMark).where(PaymentMark.name == name, PaymentMark.at < at)
    session.execute(further.values(at=at).execution_options(synchronize_session=False))


def reference(session: Session, subject: str, n: int, *, at: datetime) -> Reference:
    """Give the words that go along with an object at the provider."""
    return Reference(subject, n, site(session, at=at))


def keys(about: Reference) -> Keys:
    """Give the idempotency keys of an object."""
    return Keys(about.subject, about.n, about.site)


def register(provider: PaymentProvider, about: Reference, *, email: str, version: int) -> str:
    """Register the payer of a subject; give their name at the provider."""
    first = Reference(about.subject, 1, about.site)
    key = keys(about).customer(email, version)
    return provider.create_customer(email=email, reference=first, key=key)


@contextmanager
def another_key(
    units: Units, model: type[PaymentCharge | PaymentSetup], row_id: int, *, seen: int
) -> Iterator[None]:
    """Draw another key for what failed inside, where the provider would give that answer for a day.

    Only for what may be there twice: nobody is shown two pages, and no two intents are confirmed.
    """
    try:
        yield
    except (ProviderUnavailableError, ProviderRefusedError) as error:
        if is_kept(error):
            with units() as session:
                row = lock(session, model, row_id)
                row.version += row.version == seen
        raise


def is_kept(error: Exception) -> bool:
    """Tell whether a key is of no use any more: it brings the provider's own fault, or a refusal.

    It is refused where it was used with other words, such as a setting that has changed since.
    """
    if isinstance(error, ProviderUnavailableError):
        return error.broken
    return isinstance(error, ProviderRefusedError) and error.code == "idempotency_error"


# -- saved cards -------------------------------------------------------------------------------


def record_setup(
    session: Session,
    setup_id: int,
    page: Checkout,
    setup: Setup | None,
    *,
    method: Method | None,
    seen: int,
    at: datetime,
) -> bool:
    """Write down what was read of a page that saves a card; False if overtaken.

    ``method`` is the card or wallet, once it is saved.
    """
    row = lock(session, PaymentSetup, setup_id)
    if row.version != seen:
        return False
    row.looked_at = at
    row.setup_id = row.setup_id or page.setup
    if row.status is CardStatus.SAVED:
        return True
    before = (row.status, row.method_id, row.error)
    row.status = rules.card_status(page, setup)
    row.error = setup.error if setup else ""
    if row.status is CardStatus.SAVED and setup is not None:
        row.method_id = setup.method
        row.method_kind = method.kind if method is not None else ""
        row.expires_on = rules.last_day(method.expires) if method is not None else None
        row.customer_id = setup.customer or row.customer_id
    if before != (row.status, row.method_id, row.error):
        row.version += 1
        tell(session, row.subject, f"setup:{row.id}:{row.version}", at=at)
    return True


# -- charges -----------------------------------------------------------------------------------


def record_charge(
    session: Session,
    row: PaymentCharge,
    intent: Intent | None,
    *,
    seen: int,
    at: datetime,
    page: Checkout | None = None,
    refunds: Sequence[Refund] | None = None,
    tells: bool = True,
) -> bool:
    """Write down what was read of a locked charge, with page and refunds; False if overtaken.

    What was received is kept as it is; a fee that is not known yet stays open. Its owner is told
    (``tells``) unless it acts on it in this very unit of work.
    """
    if row.version != seen:
        return False
    row.looked_at = at
    before = _picture(row)
    status = rules.next_status(row.status, rules.charge_status(intent, page))
    row.status = status
    if page is not None and row.session_id == page.id:
        row.url = page.url
    if intent is not None:
        row.intent_id = row.intent_id or intent.id
        row.error = "" if status is ChargeStatus.PAID else intent.error
        row.customer_id = row.customer_id or intent.customer
        if status is ChargeStatus.PAID:
            row.received_cents = max(row.received_cents, intent.received.cents)
            row.method_id = intent.method or row.method_id
            row.paid_at = row.paid_at or at
            if intent.fee is not None:
                row.fee_cents = intent.fee.cents
    changed = _picture(row) != before
    if refunds is not None:
        changed = _record_refunds(session, row, refunds, at=at) or changed
    if changed:
        row.version += 1
        if tells:
            tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)
    session.flush()
    return True


def _picture(row: PaymentCharge) -> tuple[object, ...]:
    return (row.status, row.error, row.received_cents, row.fee_cents, row.intent_id)


def _record_refunds(
    session: Session, charge: PaymentCharge, found: Sequence[Refund], *, at: datetime
) -> bool:
    """Write down all refunds of a charge, also those made outside of this site."""
    known = list(
        session.scalars(
            sa.select(PaymentRefund)
            .where(PaymentRefund.charge_id == charge.id)
            .order_by(PaymentRefund.id)
        )
    )
    changed = False
    for refund in found:
        row = _row_of(known, refund)
        if row is None:
            row = _outside(session, charge, refund, at=at)
            changed = True
        changed = settle_refund(charge, row, refund, at=at) or changed
    return changed


def _row_of(known: Sequence[PaymentRefund], refund: Refund) -> PaymentRefund | None:
    for row in known:
        if row.provider_id == refund.id:
            return row
    about = refund.reference
    for row in known:
        if row.provider_id is None and about and (row.subject, row.n) == (about.subject, about.n):
            return row
    return None


def _outside(
    session: Session, charge: PaymentCharge, refund: Refund, *, at: datetime
) -> PaymentRefund:
    row = PaymentRefund(
        charge_id=charge.id,
        subject=charge.subject,
        n=None,
        outside=True,
        amount_cents=refund.amount.cents,
        status=ReturnStatus.FAILED,  # holds nothing until it is settled just below
        provider_id=refund.id,
        created_at=at,
        looked_at=at,
    )
    session.add(row)
    return row


def settle_refund(
    charge: PaymentCharge, row: PaymentRefund, refund: Refund, *, at: datetime
) -> bool:
    """Write one refund's state down and keep the charge's sum; tell whether it changed.

    A refund made outside while one of ours waits may leave no room for both: ours is then refused
    by the provider, and the sum is cut at what was received.
    """
    before = (row.status, row.provider_id)
    held = row.status in rules.COMES_BACK
    row.provider_id = refund.id
    row.status = rules.return_status(refund.status)
    row.error = refund.error
    row.looked_at = at
    holds = row.status in rules.COMES_BACK
    if held != holds:
        moved = row.amount_cents if holds else -row.amount_cents
        charge.returned_cents = min(charge.received_cents, max(0, charge.returned_cents + moved))
    return before != (row.status, row.provider_id)
