"""Charges that the payer makes on the provider's page: rescues, and pledges charged at once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.db import lock
from quartieri.gateways.payments import PaymentProvider
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments import queries
from quartieri.payments.actions import charges
from quartieri.payments.actions.records import Units, another_key, keys, reference, register
from quartieri.payments.models import PaymentCharge
from quartieri.payments.rules import LEAST_AHEAD, AlreadyPaidError, ChargeStatus, split_subject


def prepare(
    session: Session,
    subject: str,
    amount: Money,
    *,
    description: str,
    success_url: str,
    cancel_url: str,
    locale: str,
    expires_at: datetime,
    at: datetime,
) -> PaymentCharge:
    """Write down a charge on the provider's page; the live one again if it is such a page.

    Raises AlreadyPaidError, and ConflictError while another charge is live (cancel it first: see
    ``rescue``). ``expires_at`` is 30 minutes to 24 hours ahead.
    """
    split_subject(subject)
    live = queries.live_charge(session, subject)
    if live is not None:
        if live.status is ChargeStatus.PAID:
            raise AlreadyPaidError
        if not live.hosted or live.amount_cents != amount.cents:
            raise ConflictError(lazy("Another charge for this is under way."))
        ends_at = live.expires_at or expires_at
        if live.status is not ChargeStatus.PREPARED or at + LEAST_AHEAD < ends_at:
            return live
        # prepared while the provider was away: nobody was sent there, and it would end too soon
        live.status = ChargeStatus.CANCELED
        live.version += 1
        session.flush()
    newest = queries.newest_charge(session, subject)
    row = PaymentCharge(
        subject=subject,
        n=newest.n + 1 if newest else 1,
        hosted=True,
        amount_cents=amount.cents,
        currency=amount.currency,
        description=description[:200],
        customer_id=queries.customer(session, subject),
        success_url=success_url,
        cancel_url=cancel_url,
        locale=locale,
        expires_at=expires_at,
        created_at=at,
        looked_at=at,
    )
    session.add(row)
    session.flush()
    return row


def open_page(
    units: Units, provider: PaymentProvider, charge_id: int, *, email: str, at: datetime
) -> str:
    """Open the page that charges and give its address; the same page if asked again."""
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        if row.status is ChargeStatus.PAID:
            raise AlreadyPaidError
        if row.session_id is not None:
            return row.url or row.success_url
        about = reference(session, row.subject, row.n, at=at)
        amount = Money(row.amount_cents, row.currency)
        words = (row.success_url, row.cancel_url, row.locale, row.description)
        customer, expires_at, seen = row.customer_id, row.expires_at or at, row.version
    success_url, cancel_url, locale, description = words
    with another_key(units, PaymentCharge, charge_id, seen=seen):
        customer = customer or register(provider, about, email=email, version=seen)
        page = provider.create_payment_checkout(
            customer=customer,
            amount=amount,
            description=description,
            reference=about,
            success_url=success_url,
            cancel_url=cancel_url,
            locale=locale,
            expires_at=expires_at,
            key=keys(about).page(seen),
        )
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        if row.session_id is None and row.status is ChargeStatus.PREPARED:
            row.customer_id, row.session_id, row.url = customer, page.id, page.url
            row.intent_id = page.intent
            row.status = ChargeStatus.READY
            row.looked_at = at
            row.version += 1
        kept, version = row.session_id == page.id, row.version
    if not kept:
        # given up meanwhile: nothing may be paid on a page of which nothing is known here
        provider.expire_checkout(page.id, key=keys(about).close_page(version))
        return success_url
    return page.url or success_url


def rescue(
    units: Units,
    provider: PaymentProvider,
    subject: str,
    amount: Money,
    *,
    description: str,
    success_url: str,
    cancel_url: str,
    locale: str,
    email: str,
    expires_at: datetime,
    at: datetime,
) -> str:
    """Let the payer pay in person instead of a charge that the bank did not take.

    The old charge is canceled first; only when it reads back canceled a page with the next number
    is opened. Raises AlreadyPaidError if it went through after all, ConflictError while the bank
    still works on it. An open page is given again; one that is over is replaced.
    """
    with units() as session:
        live = queries.live_charge(session, subject)
        old = live.id if live is not None and not _still_open(live, at) else None
        if live is not None and live.status is ChargeStatus.PAID:
            raise AlreadyPaidError
    if old is not None:
        status = charges.cancel(units, provider, old, at=at)
        if status is ChargeStatus.PAID:
            raise AlreadyPaidError
        if status is not ChargeStatus.CANCELED:
            raise ConflictError(lazy("The bank is still working on the last try."))
    with units() as session:
        charge_id = prepare(
            session,
            subject,
            amount,
            description=description,
            success_url=success_url,
            cancel_url=cancel_url,
            locale=locale,
            expires_at=expires_at,
            at=at,
        ).id
    return open_page(units, provider, charge_id, email=email, at=at)


def _still_open(charge: PaymentCharge, at: datetime) -> bool:
    return charge.hosted and (charge.expires_at is None or at < charge.expires_at)
