"""What went back by the provider's word, and by the ledger's."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import Instant
from quartieri.ledger.models import LedgerEntry, LedgerTransaction
from quartieri.ledger.rules import PostingKind
from quartieri.payments.models import PaymentRefund
from quartieri.payments.rules import ReturnStatus


def returned_between(
    session: Session, since: datetime, until: datetime
) -> dict[str, tuple[int, datetime]]:
    """Give by subject what the provider gave back in all, in cents, and since when.

    Of subjects with a refund that was last looked at between two instants.
    """
    moved = sa.select(PaymentRefund.subject).where(
        PaymentRefund.looked_at >= since, PaymentRefund.looked_at <= until
    )
    rows = session.execute(
        sa.select(
            PaymentRefund.subject,
            sa.func.sum(PaymentRefund.amount_cents),
            sa.func.min(PaymentRefund.created_at, type_=Instant()),
        )
        .where(
            PaymentRefund.subject.in_(moved),
            PaymentRefund.status == ReturnStatus.SUCCEEDED,
            PaymentRefund.looked_at <= until,
        )
        .group_by(PaymentRefund.subject)
        .order_by(PaymentRefund.subject)
    )
    return {subject: (int(cents), first_at) for subject, cents, first_at in rows}


def booked_since(session: Session, since: datetime) -> dict[str, int]:
    """Give by subject what the ledger says went back, in cents, less what came back again."""
    rows = session.execute(
        sa.select(
            LedgerTransaction.key, LedgerTransaction.kind, sa.func.sum(LedgerEntry.amount_cents)
        )
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .where(
            LedgerTransaction.kind.in_([PostingKind.REFUNDED, PostingKind.REFUND_BOUNCED]),
            LedgerTransaction.at >= since,
        )
        .group_by(LedgerTransaction.key, LedgerTransaction.kind)
    )
    booked: dict[str, int] = {}
    for key, kind, cents in rows:
        subject = key.rsplit(":", 2)[0]
        sign = 1 if kind == PostingKind.REFUNDED else -1
        booked[subject] = booked.get(subject, 0) + sign * int(cents)
    return booked
