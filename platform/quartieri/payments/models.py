"""Cards being saved, charges, refunds, disputes, the provider's messages, and marks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.db import Base, Instant, Json, cents, code_of
from quartieri.payments.rules import (
    CardStatus,
    CaseKind,
    CaseState,
    ChargeStatus,
    DisputeStanding,
    ReturnStatus,
)
from quartieri.people.models import User


class PaymentSetup(Base):
    """The ``n``-th saving of a card for a subject; the newest saved one is charged.

    ``version`` rises with each change, so that an older reading never overwrites a newer one.
    """

    __tablename__ = "payment_setup"
    __table_args__ = (
        sa.UniqueConstraint("subject", "n"),
        sa.Index("ix_payment_setup_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(60))
    n: Mapped[int]
    status: Mapped[CardStatus] = mapped_column(code_of(CardStatus), default=CardStatus.PREPARED)
    customer_id: Mapped[str | None] = mapped_column(sa.String(100))
    session_id: Mapped[str | None] = mapped_column(sa.String(100), unique=True)
    setup_id: Mapped[str | None] = mapped_column(sa.String(100), unique=True)
    method_id: Mapped[str | None] = mapped_column(sa.String(100))
    method_kind: Mapped[str] = mapped_column(sa.String(40), default="")
    """What was saved, by the provider's name: a card, or a wallet."""
    expires_on: Mapped[date | None]
    """The last day that a card is good for; None for what has no such day."""
    url: Mapped[str | None] = mapped_column(sa.Text)
    success_url: Mapped[str] = mapped_column(sa.Text)
    cancel_url: Mapped[str] = mapped_column(sa.Text)
    locale: Mapped[str] = mapped_column(sa.String(5))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[str] = mapped_column(sa.String(100), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime] = mapped_column(Instant)
    forgotten_at: Mapped[datetime | None] = mapped_column(Instant)


class PaymentCharge(Base):
    """The ``n``-th charge of a subject; at most one is not canceled.

    ``hosted`` ones are made by the payer on the provider's page, the others with the payer absent.
    ``returned_cents`` is what refunds took or hold. ``attempts`` counts the tries that were begun.
    """

    __tablename__ = "payment_charge"
    __table_args__ = (
        sa.UniqueConstraint("subject", "n"),
        sa.Index(
            "uq_payment_charge_live",
            "subject",
            unique=True,
            sqlite_where=sa.text("status <> 'canceled'"),
            postgresql_where=sa.text("status <> 'canceled'"),
        ),
        sa.Index("ix_payment_charge_status", "status", "id"),
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint(
            "received_cents >= 0 AND received_cents <= amount_cents", name="received"
        ),
        sa.CheckConstraint(
            "returned_cents >= 0 AND returned_cents <= received_cents", name="returned"
        ),
        sa.CheckConstraint("fee_cents IS NULL OR fee_cents >= 0", name="fee"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(sa.String(60))
    n: Mapped[int]
    hosted: Mapped[bool] = mapped_column(default=False)
    status: Mapped[ChargeStatus] = mapped_column(
        code_of(ChargeStatus), default=ChargeStatus.PREPARED
    )
    amount_cents: Mapped[int] = cents()
    currency: Mapped[str] = mapped_column(sa.String(3), default="EUR")
    received_cents: Mapped[int] = cents(default=0)
    fee_cents: Mapped[int | None] = cents()
    returned_cents: Mapped[int] = cents(default=0)
    description: Mapped[str] = mapped_column(sa.String(200), default="")
    customer_id: Mapped[str | None] = mapped_column(sa.String(100))
    method_id: Mapped[str | None] = mapped_column(sa.String(100))
    intent_id: Mapped[str | None] = mapped_column(sa.String(100), unique=True)
    session_id: Mapped[str | None] = mapped_column(sa.String(100), unique=True)
    url: Mapped[str | None] = mapped_column(sa.Text)
    success_url: Mapped[str] = mapped_column(sa.Text, default="")
    cancel_url: Mapped[str] = mapped_column(sa.Text, default="")
    locale: Mapped[str] = mapped_column(sa.String(5), default="it")
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(100), default="")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)

    refunds: Mapped[list[PaymentRefund]] = relationship(
        back_populates="charge", order_by="PaymentRefund.id"
    )


class PaymentRefund(Base):
    """Money on its way back. ``n`` counts the subject's own refunds; outside ones have none."""

    __tablename__ = "payment_refund"
    __table_args__ = (
        sa.UniqueConstraint("subject", "n"),
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("outside = (n IS NULL)", name="outside"),
        sa.Index("ix_payment_refund_status", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    charge_id: Mapped[int] = mapped_column(sa.ForeignKey("payment_charge.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60))
    n: Mapped[int | None]
    outside: Mapped[bool] = mapped_column(default=False)
    amount_cents: Mapped[int] = cents()
    status: Mapped[ReturnStatus] = mapped_column(
        code_of(ReturnStatus), default=ReturnStatus.PREPARED
    )
    provider_id: Mapped[str | None] = mapped_column(sa.String(100), unique=True)
    asked: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.String(100), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime] = mapped_column(Instant)

    charge: Mapped[PaymentCharge] = relationship(back_populates="refunds")


class PaymentDispute(Base):
    """A payer's complaint at the bank, as the provider shows it now.

    ``taken_cents`` is what the provider holds back of it, ``fee_cents`` what it asks for its work.
    """

    __tablename__ = "payment_dispute"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.Index("ix_payment_dispute_subject", "subject", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    charge_id: Mapped[int] = mapped_column(sa.ForeignKey("payment_charge.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60))
    provider_id: Mapped[str] = mapped_column(sa.String(100), unique=True)
    standing: Mapped[DisputeStanding] = mapped_column(code_of(DisputeStanding))
    amount_cents: Mapped[int] = cents()
    taken_cents: Mapped[int] = cents(default=0)
    fee_cents: Mapped[int] = cents(default=0)
    reason: Mapped[str] = mapped_column(sa.String(100), default="")
    due_by: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime] = mapped_column(Instant)


class PaymentWarning(Base):
    """A bank's early word that a charge was not its customer's; ``actionable``: a refund helps."""

    __tablename__ = "payment_warning"
    __table_args__ = (sa.Index("ix_payment_warning_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    charge_id: Mapped[int] = mapped_column(sa.ForeignKey("payment_charge.id"), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60))
    provider_id: Mapped[str] = mapped_column(sa.String(100), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(100), default="")
    actionable: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Instant)
    looked_at: Mapped[datetime] = mapped_column(Instant)


class InboxMessage(Base):
    """A message of the provider as it came. ``note`` says why nothing was done with it."""

    __tablename__ = "provider_message"
    __table_args__ = (
        sa.Index("ix_provider_message_handled", "handled_at", "id"),
        sa.Index("ix_provider_message_object", "object_id", "kind"),
        sa.Index("ix_provider_message_intent", "intent_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(sa.String(100), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(80))
    object_kind: Mapped[str] = mapped_column(sa.String(60))
    object_id: Mapped[str] = mapped_column(sa.String(100))
    intent_id: Mapped[str | None] = mapped_column(sa.String(100))
    live: Mapped[bool]
    body: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    """When it happened there, by the provider's clock; ``received_at`` may be much later."""
    received_at: Mapped[datetime] = mapped_column(Instant)
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(sa.String(200), default="")


class PaymentMark(Base):
    """How far reconciliation has come (``at``), and this installation's own word (``word``)."""

    __tablename__ = "payment_mark"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    word: Mapped[str] = mapped_column(sa.String(40), default="")
    at: Mapped[datetime] = mapped_column(Instant)


class ReconciliationRun(Base):
    """One walk through the provider's events and balance; ``counts`` says what it met.

    ``ended_at`` None: under way, or cut off; ``error`` says what stopped it.
    """

    __tablename__ = "reconciliation_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    since: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    counts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    error: Mapped[str] = mapped_column(sa.String(200), default="")

    user: Mapped[User | None] = relationship()


class ReconciliationCase(Base):
    """A difference that a person decides; ``key`` names it, so that it is listed once.

    ``here_cents`` and ``there_cents`` are what our books and the provider say, None: nothing.
    """

    __tablename__ = "reconciliation_case"
    __table_args__ = (sa.Index("ix_reconciliation_case_state", "state", "happened_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("reconciliation_run.id"), index=True)
    """The run that met it last."""
    kind: Mapped[CaseKind] = mapped_column(code_of(CaseKind))
    state: Mapped[CaseState] = mapped_column(code_of(CaseState), default=CaseState.OPEN)
    subject: Mapped[str] = mapped_column(sa.String(60), default="")
    source: Mapped[str] = mapped_column(sa.String(100), default="")
    """The provider's name of what moved the money."""
    here_cents: Mapped[int | None] = cents()
    there_cents: Mapped[int | None] = cents()
    happened_at: Mapped[datetime] = mapped_column(Instant)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    closed_at: Mapped[datetime | None] = mapped_column(Instant)

    owner: Mapped[User | None] = relationship()
