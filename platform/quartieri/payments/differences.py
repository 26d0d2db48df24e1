"""Reading the runs that compare the books, and the differences that they met."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.db import Instant
from quartieri.kit.clock import in_rome, rome
from quartieri.payments.models import PaymentCharge, ReconciliationCase, ReconciliationRun
from quartieri.payments.rules import CaseState, ChargeStatus

PAGE = 50


def runs(session: Session, *, limit: int = 20) -> list[ReconciliationRun]:
    """List the newest runs with who asked for them, the newest first."""
    found = sa.select(ReconciliationRun).options(joinedload(ReconciliationRun.user))
    return list(session.scalars(found.order_by(ReconciliationRun.id.desc()).limit(limit)))


def cases(session: Session, state: CaseState, *, page: int = 1) -> list[ReconciliationCase]:
    """List a page of differences in a state, with who sees to them.

    Open ones by age, decided ones the newest first.
    """
    newest = ReconciliationCase.closed_at.desc(), ReconciliationCase.id.desc()
    oldest = ReconciliationCase.happened_at, ReconciliationCase.id
    found = (
        sa.select(ReconciliationCase)
        .where(ReconciliationCase.state == state)
        .options(joinedload(ReconciliationCase.owner))
        .order_by(*(oldest if state is CaseState.OPEN else newest))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return list(session.scalars(found))


def count_cases(session: Session, state: CaseState) -> int:
    """Count the differences in a state."""
    count = sa.select(sa.func.count()).where(ReconciliationCase.state == state)
    return session.scalar(count) or 0


WALKS_AT = time(3)
"""From when, in Rome, the books are compared: nobody charges or refunds then."""


def is_due(session: Session, *, at: datetime) -> bool:
    """Tell whether the books were not compared, unasked and to the end, since the newest 3:00."""
    night = rome(in_rome(at).date(), WALKS_AT)
    if at < night:
        night = rome(in_rome(at).date() - timedelta(days=1), WALKS_AT)
    last = session.scalar(
        sa.select(sa.func.max(ReconciliationRun.started_at, type_=Instant())).where(
            ReconciliationRun.asked_by.is_(None),
            ReconciliationRun.ended_at.is_not(None),
            ReconciliationRun.error == "",
        )
    )
    return last is None or last < night


def oldest_open_case(session: Session) -> datetime | None:
    """Give when the oldest difference that waits happened, or None."""
    return session.scalar(
        sa.select(sa.func.min(ReconciliationCase.happened_at)).where(
            ReconciliationCase.state == CaseState.OPEN
        )
    )


def without_fee(session: Session, *, before: datetime) -> list[PaymentCharge]:
    """List the charges paid before an instant whose fee the provider never told, oldest first."""
    found = (
        sa.select(PaymentCharge)
        .where(
            PaymentCharge.status == ChargeStatus.PAID,
            PaymentCharge.fee_cents.is_(None),
            PaymentCharge.paid_at < before,
        )
        .order_by(PaymentCharge.id)
    )
    return list(session.scalars(found))
