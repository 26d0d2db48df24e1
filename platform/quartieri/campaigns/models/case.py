"""Cases: disputes, fraud warnings and other things of a payment that a person sees to."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.pledge import Pledge
from quartieri.campaigns.rules.cases import CaseKind, CaseState, Withheld
from quartieri.db import Base, Instant, cents, code_of
from quartieri.people.models import User
from quartieri.people.rules import Scope


class PledgeCase(Base):
    """One case of a pledge; ``source`` is what opened it, by the provider's name for it.

    Of a dispute ``withheld`` says where its money stands in the book, and the three sums from where
    it was taken: collected, owed to the proposer, or gone already (then it is a cost).
    """

    __tablename__ = "pledge_case"
    __table_args__ = (
        sa.UniqueConstraint("pledge_id", "kind", "source"),
        sa.CheckConstraint("amount_cents >= 0", name="amount"),
        sa.Index("ix_pledge_case_state", "state", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(sa.ForeignKey("pledge.id"), index=True)
    kind: Mapped[CaseKind] = mapped_column(code_of(CaseKind))
    source: Mapped[str] = mapped_column(sa.String(100))
    state: Mapped[CaseState] = mapped_column(code_of(CaseState), default=CaseState.OPEN)
    reason: Mapped[str] = mapped_column(sa.String(100), default="")
    amount_cents: Mapped[int] = cents()
    fee_cents: Mapped[int] = cents(default=0)
    """What the provider asks for the dispute, as far as it is booked."""
    withheld: Mapped[Withheld] = mapped_column(code_of(Withheld), default=Withheld.NOTHING)
    part_cents: Mapped[int] = cents(default=0)
    """How much of it was still here when the money was taken."""
    from_collected_cents: Mapped[int] = cents(default=0)
    from_payable_cents: Mapped[int] = cents(default=0)
    from_cost_cents: Mapped[int] = cents(default=0)
    whole: Mapped[bool] = mapped_column(default=False)
    """True where all that was left of the pledge is disputed."""
    moves: Mapped[int] = mapped_column(default=0)
    """How many movements of money it made."""
    due_at: Mapped[datetime] = mapped_column(Instant)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(sa.Text, default="")

    pledge: Mapped[Pledge] = relationship()
    owner: Mapped[User | None] = relationship()

    @property
    def asks_only(self) -> bool:
        """True of a dispute for which the bank has taken nothing: it only asks, or asked."""
        return not self.part_cents and not self.from_cost_cents

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.pledge.scope
