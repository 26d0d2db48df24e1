"""Reading what banks said of charges: disputes and early fraud warnings."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.payments.models import PaymentDispute, PaymentWarning
from quartieri.payments.rules import DisputeFact, DisputeStanding, WarningFact


def complaints_of(
    session: Session, asked: Sequence[str]
) -> dict[str, tuple[list[DisputeFact], list[WarningFact]]]:
    """Read what banks said of subjects' charges, oldest first."""
    found: dict[str, tuple[list[DisputeFact], list[WarningFact]]] = {s: ([], []) for s in asked}
    for one in session.scalars(
        sa.select(PaymentDispute)
        .where(PaymentDispute.subject.in_(asked))
        .order_by(PaymentDispute.id)
    ):
        found[one.subject][0].append(
            DisputeFact(
                one.provider_id,
                one.standing,
                one.amount_cents,
                one.taken_cents,
                one.fee_cents,
                one.reason,
                one.due_by,
            )
        )
    for word in session.scalars(
        sa.select(PaymentWarning)
        .where(PaymentWarning.subject.in_(asked))
        .order_by(PaymentWarning.id)
    ):
        fact = WarningFact(word.provider_id, word.kind, word.actionable)
        found[word.subject][1].append(fact)
    return found


def disputed_charges(session: Session, among: Sequence[int]) -> set[int]:
    """Give which of some charges have a dispute that may still change."""
    moving = PaymentDispute.standing.in_([DisputeStanding.INQUIRY, DisputeStanding.OPEN])
    found = sa.select(PaymentDispute.charge_id).where(PaymentDispute.charge_id.in_(among), moving)
    return set(session.scalars(found))
