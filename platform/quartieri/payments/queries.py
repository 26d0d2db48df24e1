"""Reading what is known of payments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import table_of
from quartieri.payments.complaints import complaints_of
from quartieri.payments.models import (
    InboxMessage,
    PaymentCharge,
    PaymentDispute,
    PaymentMark,
    PaymentRefund,
    PaymentSetup,
)
from quartieri.payments.rules import (
    CardStatus,
    ChargeStatus,
    DisputeFact,
    DisputeStanding,
    PaymentFacts,
    RefundFact,
    ReturnStatus,
    WarningFact,
)

SITE = "site"
EVENTS = "events"
MOVEMENTS = "movements"
CHARGES = ("charge", "payment_intent", "refund")
"""Kinds of objects that one reading of a charge answers for: its page and its refunds are read."""
FOLLOWED = frozenset(
    {*CHARGES, "checkout.session", "setup_intent", "dispute", "radar.early_fraud_warning"}
)
"""Kinds of objects from whose news something follows here."""


@dataclass(frozen=True, slots=True)
class SavedCard:
    """A card that can be charged: the provider's names of payer and card."""

    customer: str
    method: str


def saved_card(session: Session, subject: str) -> SavedCard | None:
    """Give the newest card that was saved for a subject and not forgotten since."""
    return _usable(setups(session, subject))


def _usable(saved: Sequence[PaymentSetup]) -> SavedCard | None:
    good = [s for s in saved if s.status is CardStatus.SAVED and s.forgotten_at is None]
    if not good or good[-1].customer_id is None or good[-1].method_id is None:
        return None
    return SavedCard(good[-1].customer_id, good[-1].method_id)


def customer(session: Session, subject: str) -> str | None:
    """Give the payer's name at the provider: one for all cards and charges of a subject."""
    found: str | None = session.connection().scalar(_CUSTOMER, {"subject": subject})
    return found


_CUSTOMER = (
    sa.union_all(
        *(
            sa.select(table.c.customer_id, sa.literal(place).label("place"), table.c.n).where(
                table.c.subject == sa.bindparam("subject"), table.c.customer_id.is_not(None)
            )
            for place, table in enumerate((table_of(PaymentSetup), table_of(PaymentCharge)))
        )
    )
    .order_by("place", "n")
    .limit(1)
)


def newest_setup(session: Session, subject: str) -> PaymentSetup | None:
    """Give the newest saving of a card."""
    return session.scalar(
        sa.select(PaymentSetup)
        .where(PaymentSetup.subject == subject)
        .order_by(PaymentSetup.n.desc())
        .limit(1)
    )


def card_saved_at(session: Session, setup_id: str) -> datetime | None:
    """Give when the provider says that a card was saved, by its own clock; None if no message came.

    ``setup_id`` is the provider's. A message may be read long after what it tells happened.
    """
    return session.scalar(
        sa.select(sa.func.min(InboxMessage.created_at)).where(
            InboxMessage.object_id == setup_id, InboxMessage.kind == "setup_intent.succeeded"
        )
    )


GIVEN = ("payment_intent.processing", "payment_intent.succeeded")
"""From the first of these the payer has done all that is theirs: a bank may take days after it."""


def given_at_of(session: Session, subject: str) -> datetime | None:
    """Give when a payer was through with a payment, by the provider's clock; None if untold."""
    return session.scalar(
        sa.select(sa.func.min(InboxMessage.created_at))
        .join(PaymentCharge, PaymentCharge.intent_id == InboxMessage.intent_id)
        .where(PaymentCharge.subject == subject, InboxMessage.kind.in_(GIVEN))
    )


def setups(session: Session, subject: str) -> list[PaymentSetup]:
    """List all savings of cards for a subject, oldest first."""
    return list(
        session.scalars(
            sa.select(PaymentSetup).where(PaymentSetup.subject == subject).order_by(PaymentSetup.n)
        )
    )


def newest_charge(session: Session, subject: str) -> PaymentCharge | None:
    """Give the newest charge, canceled or not."""
    return session.scalar(
        sa.select(PaymentCharge)
        .where(PaymentCharge.subject == subject)
        .order_by(PaymentCharge.n.desc())
        .limit(1)
    )


def live_charge(session: Session, subject: str) -> PaymentCharge | None:
    """Give the one charge that is not canceled, if any."""
    return session.scalar(
        sa.select(PaymentCharge).where(
            PaymentCharge.subject == subject, PaymentCharge.status != ChargeStatus.CANCELED
        )
    )


def unsent_refund(session: Session, subject: str) -> int | None:
    """Give the id of the subject's refund that was written down and not answered yet, or None."""
    return session.scalar(
        sa.select(PaymentRefund.id)
        .where(PaymentRefund.subject == subject, PaymentRefund.status == ReturnStatus.PREPARED)
        .order_by(PaymentRefund.id)
        .limit(1)
    )


def unsent_refunds(session: Session, *, limit: int) -> list[str]:
    """List the subjects with a refund that was written down and not answered yet."""
    return list(
        session.scalars(
            sa.select(PaymentRefund.subject)
            .where(PaymentRefund.status == ReturnStatus.PREPARED)
            .distinct()
            .order_by(PaymentRefund.subject)
            .limit(limit)
        )
    )


def facts(session: Session, subject: str) -> PaymentFacts:
    """Give all that is known of a subject's payments; see :class:`PaymentFacts`."""
    return facts_of(session, [subject])[subject]


def facts_of(session: Session, subjects: Iterable[str]) -> dict[str, PaymentFacts]:
    """Give the facts of several subjects in five queries; unknown subjects have empty facts.

    Refunds and complaints hang on charges: where there is none they are not asked for.
    """
    asked = list(subjects)
    setups_by: dict[str, list[PaymentSetup]] = {subject: [] for subject in asked}
    charges_by: dict[str, list[PaymentCharge]] = {subject: [] for subject in asked}
    refunds_by: dict[str, list[PaymentRefund]] = {subject: [] for subject in asked}
    for setup in session.scalars(
        sa.select(PaymentSetup).where(PaymentSetup.subject.in_(asked)).order_by(PaymentSetup.n)
    ):
        setups_by[setup.subject].append(setup)
    for charge in session.scalars(
        sa.select(PaymentCharge).where(PaymentCharge.subject.in_(asked)).order_by(PaymentCharge.n)
    ):
        charges_by[charge.subject].append(charge)
    charged = [subject for subject in asked if charges_by[subject]]
    complaints: dict[str, tuple[list[DisputeFact], list[WarningFact]]] = {}
    if charged:
        complaints = complaints_of(session, charged)
        for refund in session.scalars(
            sa.select(PaymentRefund)
            .where(PaymentRefund.subject.in_(charged))
            .order_by(PaymentRefund.id)
        ):
            refunds_by[refund.subject].append(refund)
    return {
        s: replace(
            _facts(s, setups_by[s], charges_by[s], refunds_by[s]),
            disputes=tuple(complaints[s][0]) if s in complaints else (),
            warnings=tuple(complaints[s][1]) if s in complaints else (),
        )
        for s in asked
    }


def _facts(
    subject: str,
    saved: Sequence[PaymentSetup],
    charges: Sequence[PaymentCharge],
    refunds: Sequence[PaymentRefund],
) -> PaymentFacts:
    newest, charge = saved[-1] if saved else None, charges[-1] if charges else None
    usable = _usable(saved)
    return PaymentFacts(
        subject=subject,
        card=newest.status if newest else None,
        card_number=newest.n if newest else 0,
        card_setup=newest.setup_id if newest else None,
        card_looked_at=newest.looked_at if newest else None,
        card_error=newest.error if newest else "",
        customer=usable.customer if usable else None,
        method=usable.method if usable else None,
        charge_id=charge.id if charge else None,
        charge_number=charge.n if charge else 0,
        charge=_status(charge),
        live=charge is not None and charge.status is not ChargeStatus.CANCELED,
        hosted=charge.hosted if charge else False,
        error=charge.error if charge else "",
        attempts=sum(one.attempts for one in charges),
        amount_cents=charge.amount_cents if charge else 0,
        received_cents=charge.received_cents if charge else 0,
        fee_cents=charge.fee_cents if charge else None,
        paid_at=charge.paid_at if charge else None,
        refunds=tuple(
            RefundFact(one.n, one.amount_cents, one.status, one.outside, one.error, one.created_at)
            for one in refunds
        ),
    )


def _status(charge: PaymentCharge | None) -> ChargeStatus | None:
    if charge is None:
        return None
    never_made = charge.intent_id is None and not charge.hosted
    if charge.status is ChargeStatus.CANCELED and never_made and charge.error:
        return ChargeStatus.DECLINED
    return charge.status


def mark(session: Session, name: str) -> PaymentMark | None:
    """Give a mark by its name."""
    return session.get(PaymentMark, name)


def unhandled(session: Session, *, limit: int = 200) -> list[InboxMessage]:
    """List the messages that wait to be handled, oldest first."""
    return list(
        session.scalars(
            sa.select(InboxMessage)
            .where(InboxMessage.handled_at.is_(None))
            .order_by(InboxMessage.id)
            .limit(limit)
        )
    )


def waiting_with(session: Session, message: InboxMessage) -> list[int]:
    """List a message and those that wait for the same reading: about its object, or its charge."""
    same = sa.and_(
        InboxMessage.object_kind == message.object_kind,
        InboxMessage.object_id == message.object_id,
    )
    if message.object_kind in CHARGES and message.intent_id:
        same = sa.and_(
            InboxMessage.object_kind.in_(CHARGES), InboxMessage.intent_id == message.intent_id
        )
    found = sa.select(InboxMessage.id).where(
        InboxMessage.handled_at.is_(None), InboxMessage.live == message.live, same
    )
    return sorted({message.id, *session.scalars(found)})


CARD = "payment_method"
"""What the provider calls a saved card."""


def noted(session: Session, *, limit: int = 50) -> list[InboxMessage]:
    """List the newest messages that nothing could be done with, for a person to look at.

    Not those about cards alone: each card that is saved or forgotten brings one, with no news.
    """
    return list(
        session.scalars(
            sa.select(InboxMessage)
            .where(InboxMessage.note != "", InboxMessage.object_kind != CARD)
            .order_by(InboxMessage.id.desc())
            .limit(limit)
        )
    )


def unsettled_setups(session: Session, *, before: datetime, limit: int) -> list[int]:
    """List the ids of open pages to save a card, last looked at before an instant."""
    return list(
        session.scalars(
            sa.select(PaymentSetup.id)
            .where(PaymentSetup.status == CardStatus.OPEN, PaymentSetup.looked_at < before)
            .order_by(PaymentSetup.looked_at, PaymentSetup.id)
            .limit(limit)
        )
    )


def unsettled_charges(session: Session, *, before: datetime, limit: int) -> list[int]:
    """List the ids of charges that may have moved: not final, no fee yet, something under way."""
    waits = PaymentCharge.status.not_in([ChargeStatus.PAID, ChargeStatus.CANCELED])
    fee = sa.and_(PaymentCharge.status == ChargeStatus.PAID, PaymentCharge.fee_cents.is_(None))
    refunds = PaymentCharge.id.in_(
        sa.select(PaymentRefund.charge_id).where(
            PaymentRefund.status.in_([ReturnStatus.PREPARED, ReturnStatus.PENDING])
        )
    )
    disputes = PaymentCharge.id.in_(
        sa.select(PaymentDispute.charge_id).where(
            PaymentDispute.standing.in_([DisputeStanding.INQUIRY, DisputeStanding.OPEN])
        )
    )
    return list(
        session.scalars(
            sa.select(PaymentCharge.id)
            .where(sa.or_(waits, fee, refunds, disputes), PaymentCharge.looked_at < before)
            .order_by(PaymentCharge.looked_at, PaymentCharge.id)
            .limit(limit)
        )
    )
