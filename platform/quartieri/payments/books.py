"""What went back or is disputed, by the provider's word and by the ledger's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from quartieri.db import Instant
from quartieri.ledger.models import LedgerAccount, LedgerEntry, LedgerPrivate, LedgerTransaction
from quartieri.ledger.rules import CampaignAccount, PostingKind
from quartieri.payments.models import PaymentDispute, PaymentRefund
from quartieri.payments.rules import DisputeStanding, ReturnStatus

HELD, LOST = CampaignAccount.DISPUTED.value, CampaignAccount.CHARGED_BACK.value
MOVED = (PostingKind.DISPUTED, PostingKind.DISPUTE_WON, PostingKind.CHARGED_BACK)


@dataclass(frozen=True, slots=True)
class Disputed:
    """What banks hold of a subject's payment and took for good, in cents, and since when."""

    cents: dict[str, int]
    first_at: datetime


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


def disputed_between(session: Session, since: datetime, until: datetime) -> dict[str, Disputed]:
    """Give by subject what banks hold (HELD) and took for good (LOST), by the provider's word.

    Of subjects with a dispute that is open, or that was decided since an instant (it is not looked
    at afterwards); none of theirs is newer than the other instant.
    """
    moving = PaymentDispute.standing.in_([DisputeStanding.INQUIRY, DisputeStanding.OPEN])
    wanted = sa.select(PaymentDispute.subject).where(
        sa.or_(moving, PaymentDispute.looked_at >= since)
    )
    fresh = sa.select(PaymentDispute.subject).where(
        sa.or_(
            PaymentDispute.created_at > until,
            sa.and_(sa.not_(moving), PaymentDispute.looked_at > until),
        )
    )
    found: dict[str, Disputed] = {}
    for one in session.scalars(
        sa.select(PaymentDispute)
        .where(PaymentDispute.subject.in_(wanted), PaymentDispute.subject.not_in(fresh))
        .order_by(PaymentDispute.created_at, PaymentDispute.id)
    ):
        said = found.setdefault(one.subject, Disputed({HELD: 0, LOST: 0}, one.created_at))
        account = _ACCOUNT_OF.get(one.standing)
        if account is not None:
            said.cents[account] += one.amount_cents
    return found


_ACCOUNT_OF = {DisputeStanding.OPEN: HELD, DisputeStanding.LOST: LOST}


def disputes_booked(session: Session, since: datetime) -> dict[str, dict[str, int]]:
    """Give by subject what the ledger's accounts hold of disputes, in cents.

    Which pledge a movement is about stands in its private part.
    """
    into, out_of = aliased(LedgerAccount), aliased(LedgerAccount)
    rows = session.execute(
        sa.select(LedgerPrivate.content, into.kind, out_of.kind, LedgerEntry.amount_cents)
        .join(LedgerTransaction, LedgerTransaction.id == LedgerPrivate.transaction_id)
        .join(LedgerEntry, LedgerEntry.transaction_id == LedgerTransaction.id)
        .join(into, into.id == LedgerEntry.debit_account_id)
        .join(out_of, out_of.id == LedgerEntry.credit_account_id)
        .where(LedgerTransaction.kind.in_(MOVED), LedgerTransaction.at >= since)
    )
    booked: dict[str, dict[str, int]] = {}
    for content, debited, credited, cents in rows:
        sums = booked.setdefault(f"pledge:{content.get('pledge')}", {HELD: 0, LOST: 0})
        for account, change in ((debited, cents), (credited, -cents)):
            if account in sums:
                sums[account] += int(change)
    return booked
