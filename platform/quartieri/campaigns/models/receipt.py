"""Numbered receipts for crowd money, and the papers that void them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.pledge import Pledge
from quartieri.campaigns.rules import ReceiptKind
from quartieri.db import Base, Instant, Json, cents, code_of
from quartieri.people.models import Organisation
from quartieri.people.rules import Scope


class ReceiptCounter(Base):
    """The last number drawn, by recipient and year: its lock comes last, as the register's."""

    __tablename__ = "receipt_counter"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class Receipt(Base):
    """A paper in the recipient's name, numbered without gaps by its year in Rome.

    Never changed: money that goes back is voided by a paper with a number of its own. What it says
    is kept as it was when it was issued (``snapshot``: texts in the backer's language).
    """

    __tablename__ = "receipt"
    __table_args__ = (
        sa.UniqueConstraint("organisation_id", "year", "number"),
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint("(kind = 'void') = (voids_id IS NOT NULL)", name="voids"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    year: Mapped[int]
    number: Mapped[int]
    kind: Mapped[ReceiptKind] = mapped_column(code_of(ReceiptKind))
    pledge_id: Mapped[int] = mapped_column(sa.ForeignKey("pledge.id"), index=True)
    voids_id: Mapped[int | None] = mapped_column(sa.ForeignKey("receipt.id"), index=True)
    amount_cents: Mapped[int] = cents()
    issued_at: Mapped[datetime] = mapped_column(Instant)
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json)

    organisation: Mapped[Organisation] = relationship()
    pledge: Mapped[Pledge] = relationship()
    voids: Mapped[Receipt | None] = relationship(remote_side="Receipt.id")

    @property
    def shown(self) -> str:
        """The number as people read it: "2026/000012"."""
        return f"{self.year}/{self.number:06d}"

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.pledge.scope
