"""Disputes and early fraud warnings: read at the provider, written down, told to their owner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import lock
from quartieri.gateways.payments import Dispute, FraudWarning, PaymentProvider
from quartieri.payments import rules
from quartieri.payments.actions.records import MOST_READINGS, OvertakenError, Units, tell
from quartieri.payments.models import PaymentCharge, PaymentDispute, PaymentWarning


def refresh(units: Units, provider: PaymentProvider, charge_id: int, *, at: datetime) -> None:
    """Read all disputes of a charge at the provider and write them down.

    A reading that was overtaken by another writer of the charge is thrown away and made again.
    """
    for _ in range(MOST_READINGS):
        with units() as session:
            row = lock(session, PaymentCharge, charge_id)
            intent, version = row.intent_id, row.version
        if intent is None:
            return
        found = provider.list_disputes(intent)
        with units() as session:
            row = lock(session, PaymentCharge, charge_id)
            if row.version == version:
                _record(session, row, found, at=at)
                return
    raise OvertakenError


def _record(
    session: Session, charge: PaymentCharge, found: Sequence[Dispute], *, at: datetime
) -> None:
    known = {
        row.provider_id: row
        for row in session.scalars(
            sa.select(PaymentDispute).where(PaymentDispute.charge_id == charge.id)
        )
    }
    changed = False
    for dispute in found:
        row = known.get(dispute.id)
        if row is None:
            row = PaymentDispute(
                charge_id=charge.id,
                subject=charge.subject,
                provider_id=dispute.id,
                created_at=at,
                fee_cents=0,
            )
            session.add(row)
        before = (row.standing, row.amount_cents, row.taken_cents, row.fee_cents)
        row.standing = rules.dispute_standing(dispute.status)
        row.amount_cents = dispute.amount.cents
        row.taken_cents = dispute.taken.cents
        row.fee_cents = dispute.fee.cents if dispute.fee is not None else row.fee_cents
        row.reason, row.due_by, row.looked_at = dispute.reason[:100], dispute.due_by, at
        after = (row.standing, row.amount_cents, row.taken_cents, row.fee_cents)
        changed = changed or before != after
    if changed:
        charge.version += 1
        tell(session, charge.subject, f"charge:{charge.id}:{charge.version}", at=at)
    session.flush()


def warned(
    units: Units, provider: PaymentProvider, charge_id: int, warning: str, *, at: datetime
) -> None:
    """Read an early fraud warning at the provider and write it down."""
    found = provider.read_warning(warning)
    with units() as session:
        charge = lock(session, PaymentCharge, charge_id)
        row = session.scalar(
            sa.select(PaymentWarning).where(PaymentWarning.provider_id == found.id)
        )
        if row is None:
            session.add(_warning(charge, found, at=at))
        elif row.actionable is found.actionable:
            return
        else:
            row.actionable, row.looked_at = found.actionable, at
        charge.version += 1
        tell(session, charge.subject, f"charge:{charge.id}:{charge.version}", at=at)


def _warning(charge: PaymentCharge, found: FraudWarning, *, at: datetime) -> PaymentWarning:
    return PaymentWarning(
        charge_id=charge.id,
        subject=charge.subject,
        provider_id=found.id,
        kind=found.kind[:100],
        actionable=found.actionable,
        created_at=at,
        looked_at=at,
    )
