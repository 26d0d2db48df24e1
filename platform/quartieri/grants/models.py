"""Grants and their payments."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.acts.models import Act
from quartieri.calls.models import Window
from quartieri.db import Base, Instant, Json, cents, code_of
from quartieri.files.models import StoredFile
from quartieri.grants.rules import (
    DisbursementKind,
    DisbursementState,
    GrantState,
    needs_legal_entity,
)
from quartieri.people.rules import Scope
from quartieri.programmes.models import EndowmentPool
from quartieri.proposals.models import Proposal


class Grant(Base):
    """What the city gives to one project; one row for each proposal that was selected.

    ``reserved_cents`` is what the ranking bound, ``computed_cents`` what the rule gives once the
    campaign succeeded, ``granted_cents`` what the act committed.
    """

    __tablename__ = "grant"
    __table_args__ = (
        sa.CheckConstraint("reserved_cents >= 0", name="reserved"),
        sa.CheckConstraint("granted_cents >= 0", name="granted"),
        sa.CheckConstraint("paid_cents >= 0 AND paid_cents <= granted_cents", name="paid"),
        sa.CheckConstraint(
            "recovered_cents >= 0 AND recovered_cents <= paid_cents", name="recovered"
        ),
        sa.CheckConstraint(
            "put_back_cents >= 0 AND put_back_cents <= recovered_cents", name="put_back"
        ),
        sa.Index(
            "uq_grant_live",
            "proposal_id",
            unique=True,
            sqlite_where=sa.text("state <> 'released'"),
            postgresql_where=sa.text("state <> 'released'"),
        ),
        sa.Index("ix_grant_pool_state", "pool_id", "state"),
        sa.Index("ix_grant_state", "state", "id"),
        sa.Index("ix_grant_act", "act_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("endowment_pool.id"))
    state: Mapped[GrantState] = mapped_column(code_of(GrantState), default=GrantState.RESERVED)
    list_code: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """The list of its call that it was selected from, whose own money it draws on."""
    quota_code: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """The quota that it was counted in by its ranking, whose money it draws on as well."""
    reserved_cents: Mapped[int] = cents()
    computed_cents: Mapped[int | None] = cents()
    granted_cents: Mapped[int] = cents(default=0)
    paid_cents: Mapped[int] = cents(default=0)
    recovered_cents: Mapped[int] = cents(default=0)
    put_back_cents: Mapped[int] = cents(default=0, server_default="0")
    """The part of what was recovered that an act made available again."""
    act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the grant act was proposed: the ranking is final, or the campaign succeeded."""
    agreement_on: Mapped[date | None]
    agreement_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    recipient_name: Mapped[str] = mapped_column(sa.String(200), default="")
    recipient_tax_code: Mapped[str] = mapped_column(sa.String(16), default="")
    recipient_iban: Mapped[str] = mapped_column(sa.String(34), default="")
    recipient_statute_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    recipient_act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    """The act that moved the grant of an informal group to its new legal entity."""
    report_approved_on: Mapped[date | None]
    closing_act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    """The act that revoked it, or took note that the beneficiary renounces."""
    created_at: Mapped[datetime] = mapped_column(Instant)

    proposal: Mapped[Proposal] = relationship()
    pool: Mapped[EndowmentPool] = relationship()
    act: Mapped[Act | None] = relationship(foreign_keys=[act_id])
    recipient_act: Mapped[Act | None] = relationship(foreign_keys=[recipient_act_id])
    closing_act: Mapped[Act | None] = relationship(foreign_keys=[closing_act_id])
    agreement_file: Mapped[StoredFile | None] = relationship(foreign_keys=[agreement_file_id])
    disbursements: Mapped[list[Disbursement]] = relationship(
        back_populates="grant", order_by="Disbursement.id"
    )
    recoveries: Mapped[list[Recovery]] = relationship(order_by="Recovery.id")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.proposal.scope

    @property
    def waits_for_body(self) -> bool:
        """True while an informal group must still become a body that can be paid."""
        return needs_legal_entity(
            informal=self.proposal.organisation.informal,
            recorded=self.recipient_act_id is not None,
            nothing_to_pay=self.nothing_to_pay,
        )

    @property
    def nothing_to_pay(self) -> bool:
        """True where the crowd covered all, or the call gives no money: its act is for 0 €."""
        return self.computed_cents == 0 and self.state is not GrantState.RELEASED


class MatchRound(Base):
    """The pool of a session's quadratic round: reserved once, shared when its last campaign ends.

    By grant's id, in cents, ``shares`` is what was shared out at the close, ``estimate`` what each
    would get if the round closed at ``estimated_at``, and how much more with one person's gift
    more. What no grant took is released at the close.
    """

    __tablename__ = "match_round"
    __table_args__ = (
        sa.CheckConstraint("reserved_cents > 0", name="reserved"),
        sa.Index("ix_match_round_open", "closed_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("call_window.id"), unique=True)
    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("endowment_pool.id"))
    reserved_cents: Mapped[int] = cents()
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    shares: Mapped[dict[str, int]] = mapped_column(Json, default=dict)
    estimate: Mapped[dict[str, list[int]]] = mapped_column(Json, default=dict)
    estimated_at: Mapped[datetime | None] = mapped_column(Instant)

    window: Mapped[Window] = relationship()


class Disbursement(Base):
    """One payment of a grant: requested, approved, ordered and paid by three people."""

    __tablename__ = "disbursement"
    __table_args__ = (sa.CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(sa.ForeignKey("grant.id"), index=True)
    kind: Mapped[DisbursementKind] = mapped_column(code_of(DisbursementKind))
    state: Mapped[DisbursementState] = mapped_column(
        code_of(DisbursementState), default=DisbursementState.REQUESTED
    )
    amount_cents: Mapped[int] = cents()
    note: Mapped[str] = mapped_column(sa.Text, default="")
    token: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """Drawn with the form: two clicks on its button make one request."""
    returns: Mapped[int] = mapped_column(default=0)
    """How often the bank sent it back: each try is a movement of its own in the ledger."""
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    approved_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    ordered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    ordered_at: Mapped[datetime | None] = mapped_column(Instant)
    paid_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    payment_reference: Mapped[str] = mapped_column(sa.String(80), default="")

    grant: Mapped[Grant] = relationship(back_populates="disbursements")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.grant.scope


class Recovery(Base):
    """Money of a grant that came back; the same bank transfer is never booked twice."""

    __tablename__ = "grant_recovery"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.UniqueConstraint("grant_id", "reference"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(sa.ForeignKey("grant.id"))
    amount_cents: Mapped[int] = cents()
    reference: Mapped[str] = mapped_column(sa.String(80))
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Instant)
