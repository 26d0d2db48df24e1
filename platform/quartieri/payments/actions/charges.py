"""Charging saved cards with the payer absent: prepare, create, confirm, cancel, read back.

Source of the steps: https://docs.stripe.com/payments/save-and-reuse ("charge the saved payment
method later") and ours: an intent is created unconfirmed and its id kept before it is confirmed,
so that a retry after the provider has forgotten the keys still cannot charge twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy.orm import Session

from quartieri.db import lock
from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    CardDeclinedError,
    Intent,
    PaymentProvider,
    ProviderRefusedError,
    Reference,
)
from quartieri.kit.errors import ConflictError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.payments import queries, rules
from quartieri.payments.actions.records import (
    MOST_READINGS,
    OvertakenError,
    Units,
    keys,
    record_charge,
    reference,
    tell,
)
from quartieri.payments.models import PaymentCharge
from quartieri.payments.rules import ChargeStatus, NoCardError, split_subject


@dataclass(frozen=True, slots=True)
class Plan:
    """A charge as it was read, to be used outside of a transaction."""

    about: Reference
    status: ChargeStatus
    hosted: bool
    amount: Money
    description: str
    customer: str | None
    method: str | None
    intent: str | None
    page: str | None
    attempt: int
    version: int

    @classmethod
    def of(cls, session: Session, row: PaymentCharge, *, at: datetime) -> Self:
        """Copy what is needed."""
        return cls(
            about=reference(session, row.subject, row.n, at=at),
            status=row.status,
            hosted=row.hosted,
            amount=Money(row.amount_cents, row.currency),
            description=row.description,
            customer=row.customer_id,
            method=row.method_id,
            intent=row.intent_id,
            page=row.session_id,
            attempt=row.attempts,
            version=row.version,
        )


def prepare(
    session: Session, subject: str, amount: Money, *, description: str, at: datetime
) -> PaymentCharge:
    """Write down that the subject's saved card is to be charged; the live charge if there is one.

    A new number is drawn only after the old charge reads back canceled. Raises NoCardError, and
    ConflictError if a live charge is about another amount or waits on the provider's page.
    """
    split_subject(subject)
    live = queries.live_charge(session, subject)
    if live is not None:
        if (live.amount_cents, live.currency) != (amount.cents, amount.currency):
            raise ConflictError(lazy("Another charge for this is under way."))
        return live
    card = queries.saved_card(session, subject)
    if card is None:
        raise NoCardError
    newest = queries.newest_charge(session, subject)
    row = PaymentCharge(
        subject=subject,
        n=newest.n + 1 if newest else 1,
        amount_cents=amount.cents,
        currency=amount.currency,
        description=description[:200],
        customer_id=card.customer,
        method_id=card.method,
        created_at=at,
        looked_at=at,
    )
    session.add(row)
    session.flush()
    return row


def charge(
    units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime
) -> ChargeStatus:
    """Create and confirm a charge, or go on where it was left; give its status.

    A charge that was declined is tried once more, with the newest saved card. One that is paid,
    canceled, processing or on a hosted page is left as it is. Raises ProviderUnavailableError:
    call again.
    """
    plan = _created(units, provider, charge_id, at=at)
    if plan.status not in rules.CHARGEABLE or plan.hosted:
        return plan.status
    resumed = plan.status is ChargeStatus.ASKING
    plan = _begin_attempt(units, charge_id, at=at)
    if plan.status is not ChargeStatus.ASKING or plan.intent is None or plan.method is None:
        return plan.status
    intent: Intent | None
    try:
        key = keys(plan.about).confirm(plan.attempt)
        intent = provider.confirm_intent(plan.intent, method=plan.method, key=key)
    except (CardDeclinedError, AuthenticationRequiredError) as error:
        intent = error.intent
    except ProviderRefusedError as error:
        if error.code in rules.NOT_THE_CARD:
            raise
        return _refused(units, charge_id, error.code, seen=plan.version, at=at)
    if intent is None or resumed:
        # a key that was used before gives the old answer: only the present counts
        intent = provider.read_intent(plan.intent)
    with units() as session:
        if record_charge(session, charge_id, intent, seen=plan.version, at=at):
            return lock(session, PaymentCharge, charge_id).status
    return refresh(units, provider, charge_id, at=at)


def _created(units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime) -> Plan:
    """Make sure that the charge exists at the provider, unconfirmed."""
    with units() as session:
        plan = Plan.of(session, lock(session, PaymentCharge, charge_id), at=at)
    if plan.status is not ChargeStatus.PREPARED or plan.hosted:
        return plan
    try:
        intent = provider.create_intent(
            customer=str(plan.customer),
            method=str(plan.method),
            amount=plan.amount,
            description=plan.description,
            reference=plan.about,
            key=keys(plan.about).charge,
        )
    except ProviderRefusedError as error:
        if error.code in rules.NOT_THE_CARD:
            raise
        # refused before it was made: the number is used up, the next one may have a better card
        with units() as session:
            row = lock(session, PaymentCharge, charge_id)
            if row.status is ChargeStatus.PREPARED:
                row.status, row.error = ChargeStatus.CANCELED, error.code[:100]
                row.version += 1
                tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)
            return Plan.of(session, row, at=at)
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        if row.intent_id is None and row.status is ChargeStatus.PREPARED:
            row.intent_id, row.status = intent.id, ChargeStatus.READY
            row.looked_at = at
            row.version += 1
        return Plan.of(session, row, at=at)


def _begin_attempt(units: Units, charge_id: int, *, at: datetime) -> Plan:
    """Commit to one numbered try; a try that was begun and not ended is gone on with."""
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        if row.status in rules.CHARGEABLE and row.status is not ChargeStatus.ASKING:
            card = queries.saved_card(session, row.subject)
            if card is not None and card.customer == row.customer_id:
                row.method_id = card.method
            row.status = ChargeStatus.ASKING
            row.attempts += 1
            row.looked_at = at
            row.version += 1
        return Plan.of(session, row, at=at)


def _refused(units: Units, charge_id: int, code: str, *, seen: int, at: datetime) -> ChargeStatus:
    """Note that the provider does not take this card (any more): another try needs another."""
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        if row.version == seen:
            row.status, row.error = ChargeStatus.DECLINED, code[:100]
            row.looked_at = at
            row.version += 1
            tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)
        return row.status


def cancel(
    units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime
) -> ChargeStatus:
    """Give a charge up, its page too; CANCELED, or PAID (or PROCESSING) if it came too late."""
    with units() as session:
        row = lock(session, PaymentCharge, charge_id)
        plan = Plan.of(session, row, at=at)
        if plan.intent is None and plan.page is None and plan.status not in rules.FINAL:
            # whatever was perhaps created is not known here and so never confirmed nor shown
            row.status = ChargeStatus.CANCELED
            row.version += 1
            tell(session, row.subject, f"charge:{row.id}:{row.version}", at=at)
            return row.status
    if plan.status in rules.FINAL:
        return plan.status
    if plan.page is not None:
        provider.expire_checkout(plan.page, key=keys(plan.about).close_page(plan.version))
    elif plan.intent is not None:
        provider.cancel_intent(plan.intent, key=keys(plan.about).cancel(plan.version))
    return refresh(units, provider, charge_id, at=at)


def refresh(
    units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime
) -> ChargeStatus:
    """Read a charge, its page and its refunds at the provider and write them down."""
    for _ in range(MOST_READINGS):
        with units() as session:
            row = lock(session, PaymentCharge, charge_id)
            plan = Plan.of(session, row, at=at)
            waits = any(one.status in rules.COMES_BACK for one in row.refunds)
        if plan.intent is None and plan.page is None:
            return plan.status
        page = provider.read_checkout(plan.page) if plan.page else None
        name = plan.intent or (page.intent if page else None)
        intent = provider.read_intent(name) if name else None
        returned = waits or (intent is not None and bool(intent.refunded))
        refunds = provider.list_refunds(name) if name and returned else None
        with units() as session:
            kept = record_charge(
                session,
                charge_id,
                intent,
                page=page,
                refunds=refunds,
                seen=plan.version,
                at=at,
            )
            if kept:
                return lock(session, PaymentCharge, charge_id).status
    raise OvertakenError
