"""Giving money back: at most what was received, each refund sent once."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import lock
from quartieri.gateways.payments import PaymentProvider, ProviderRefusedError, Refund
from quartieri.kit.money import Money
from quartieri.payments import queries, rules
from quartieri.payments.actions import charges
from quartieri.payments.actions.records import (
    MOST_READINGS,
    OvertakenError,
    Units,
    keys,
    reference,
    settle_refund,
    tell,
)
from quartieri.payments.models import PaymentCharge, PaymentRefund
from quartieri.payments.rules import ReturnStatus, TooMuchError


def hold(session: Session, subject: str) -> None:
    """Lock a subject's charge: what is read of its refunds next stays so until the unit ends."""
    live = queries.live_charge(session, subject)
    if live is not None:
        lock(session, PaymentCharge, live.id)


def prepare(session: Session, charge_id: int, amount: Money, *, at: datetime) -> PaymentRefund:
    """Write down that money is to go back; it is held from what can still be given back.

    Raises TooMuchError. The check and the hold are one statement.
    """
    held = session.execute(
        sa.update(PaymentCharge)
        .where(
            PaymentCharge.id == charge_id,
            PaymentCharge.currency == amount.currency,
            PaymentCharge.returned_cents + amount.cents <= PaymentCharge.received_cents,
        )
        .values(
            returned_cents=PaymentCharge.returned_cents + amount.cents,
            version=PaymentCharge.version + 1,
        )
        .returning(PaymentCharge.subject)
    ).first()
    if held is None or amount.cents <= 0:
        raise TooMuchError
    subject = str(held[0])
    newest = session.scalar(
        sa.select(sa.func.max(PaymentRefund.n)).where(PaymentRefund.subject == subject)
    )
    row = PaymentRefund(
        charge_id=charge_id,
        subject=subject,
        n=(newest or 0) + 1,
        amount_cents=amount.cents,
        created_at=at,
        looked_at=at,
    )
    session.add(row)
    session.flush()
    return row


def send(units: Units, provider: PaymentProvider, refund_id: int, *, at: datetime) -> ReturnStatus:
    """Ask the provider for a refund, or go on where that was left; give its status.

    A refund that was asked for before is first looked for at the provider, so that it is not sent
    twice once its key is forgotten. A refusal makes it FAILED: a person decides. Raises
    ProviderUnavailableError: call again.
    """
    for _ in range(MOST_READINGS):
        with units() as session:
            row = lock(session, PaymentRefund, refund_id)
            if row.status is not ReturnStatus.PREPARED or row.n is None:
                return row.status
            charge = lock(session, PaymentCharge, row.charge_id)
            intent, version = str(charge.intent_id), charge.version
            about = reference(session, row.subject, row.n, at=at)
            amount, asked = Money(row.amount_cents, charge.currency), row.asked
            row.asked += 1
        found = _sent_before(provider, intent, about.n) if asked else None
        try:
            refund = found or provider.refund(
                intent, amount=amount, reference=about, key=keys(about).refund
            )
        except ProviderRefusedError as error:
            if error.code in rules.NOT_THE_CARD:
                raise
            return _refused(units, provider, refund_id, error.code, at=at)
        with units() as session:
            charge = lock(session, PaymentCharge, lock(session, PaymentRefund, refund_id).charge_id)
            if charge.version == version:
                _keep(session, charge, refund_id, refund, at=at)
                return lock(session, PaymentRefund, refund_id).status
    raise OvertakenError


def _sent_before(provider: PaymentProvider, intent: str, n: int) -> Refund | None:
    for refund in provider.list_refunds(intent):
        if refund.reference is not None and refund.reference.n == n:
            return refund
    return None


def _keep(
    session: Session, charge: PaymentCharge, refund_id: int, refund: Refund, *, at: datetime
) -> None:
    row = lock(session, PaymentRefund, refund_id)
    if settle_refund(charge, row, refund, at=at):
        charge.version += 1
        tell(session, row.subject, f"charge:{charge.id}:{charge.version}", at=at)
    session.flush()


def _refused(
    units: Units, provider: PaymentProvider, refund_id: int, code: str, *, at: datetime
) -> ReturnStatus:
    """Give the held amount free again and read what the provider has of the charge."""
    with units() as session:
        row = lock(session, PaymentRefund, refund_id)
        charge = lock(session, PaymentCharge, row.charge_id)
        charge_id = charge.id
        if row.status is ReturnStatus.PREPARED:
            row.status, row.error, row.looked_at = ReturnStatus.FAILED, code[:100], at
            charge.returned_cents -= row.amount_cents
            charge.version += 1
            tell(session, row.subject, f"charge:{charge.id}:{charge.version}", at=at)
    charges.refresh(units, provider, charge_id, at=at)
    with units() as session:
        return lock(session, PaymentRefund, refund_id).status
