"""Proposals with their parts, snapshots, checks, integration requests and the register."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models import Call, CallEdition, Window
from quartieri.db import Base, Instant, Json, cents, code_of
from quartieri.files.models import StoredFile
from quartieri.people.models import Organisation, User
from quartieri.people.rules import OrganisationKind, Scope
from quartieri.programmes.models import Area
from quartieri.proposals.rules import (
    PUBLIC_STATES,
    CheckOutcome,
    IntegrationKind,
    IntegrationState,
    ProposalState,
)


class Proposal(Base):
    """An application to a call, from draft to completed project.

    ``version`` rises at every save of the draft or the checklist; ``revision`` at the submission
    and at every answer, each with its snapshot and protocol number.
    """

    __tablename__ = "proposal"
    __table_args__ = (
        sa.Index("ix_proposal_call_state", "call_id", "state", "id"),
        sa.Index("ix_proposal_window_state", "window_id", "state", "id"),
        sa.CheckConstraint("cost_cents >= 0", name="cost"),
        sa.CheckConstraint("requested_cents >= 0", name="requested"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(120), unique=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"))
    edition_id: Mapped[int] = mapped_column(sa.ForeignKey("call_edition.id"))
    window_id: Mapped[int | None] = mapped_column(sa.ForeignKey("call_window.id"))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    state: Mapped[ProposalState] = mapped_column(
        code_of(ProposalState), default=ProposalState.DRAFT
    )
    version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(sa.String(140), default="")
    summary: Mapped[str] = mapped_column(sa.String(500), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """By question key (see ``rules.form.values``); what feeds the tables below is read there."""
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    months: Mapped[int | None]
    cost_cents: Mapped[int] = cents(default=0)
    """The sum of the budget lines, stored beside them."""
    own_cents: Mapped[int] = cents(default=0)
    requested_cents: Mapped[int] = cents(default=0)
    """The grant asked for."""
    crowd_cents: Mapped[int] = cents(default=0)
    """The crowdfunding share, where the call has campaigns."""
    declarations: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the submitting request entered the application."""
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("proposal.id"))
    """The submitted application that this one replaces once it is submitted itself."""

    call: Mapped[Call] = relationship()
    edition: Mapped[CallEdition] = relationship()
    window: Mapped[Window | None] = relationship()
    owner: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()
    area: Mapped[Area | None] = relationship()
    partners: Mapped[list[Partner]] = relationship(
        order_by="Partner.position", cascade="all, delete-orphan"
    )
    members: Mapped[list[TeamMember]] = relationship(
        order_by="TeamMember.position", cascade="all, delete-orphan"
    )
    budget: Mapped[list[BudgetLine]] = relationship(
        order_by="BudgetLine.position", cascade="all, delete-orphan"
    )
    attachments: Mapped[list[Attachment]] = relationship(
        order_by="Attachment.id", cascade="all, delete-orphan"
    )
    protocol: Mapped[list[ProtocolEntry]] = relationship(order_by="ProtocolEntry.id")
    integrations: Mapped[list[IntegrationRequest]] = relationship(
        back_populates="proposal", order_by="IntegrationRequest.id"
    )
    replaces: Mapped[Proposal | None] = relationship(remote_side="Proposal.id")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope

    @property
    def is_public(self) -> bool:
        """True where everyone may know that it exists."""
        return self.state in PUBLIC_STATES

    @property
    def protocol_number(self) -> str:
        """The number of its submission ("2026/000012"), or an empty text; answers have others."""
        return self.protocol[0].shown if self.protocol else ""


class Partner(Base):
    """An organisation of the alliance; exactly one, the applicant, is the lead (capofila)."""

    __tablename__ = "proposal_partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[OrganisationKind] = mapped_column(code_of(OrganisationKind))
    tax_code: Mapped[str] = mapped_column(sa.String(16), default="")
    role: Mapped[str] = mapped_column(sa.String(300), default="")
    lead: Mapped[bool] = mapped_column(default=False)


class TeamMember(Base):
    """A person of the team, or of the informal group that applies."""

    __tablename__ = "proposal_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(300), default="")


class BudgetLine(Base):
    """One line of the project's cost."""

    __tablename__ = "budget_line"
    __table_args__ = (sa.CheckConstraint("amount_cents >= 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    position: Mapped[int]
    description: Mapped[str] = mapped_column(sa.String(300))
    amount_cents: Mapped[int] = cents()
    category: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """The code of its cost category, in a call that names some."""


class Attachment(Base):
    """A document of the application; never public."""

    __tablename__ = "proposal_attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    title: Mapped[str] = mapped_column(sa.String(200), default="")
    question: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """The key of the question that it answers; empty: a document of its own."""

    file: Mapped[StoredFile] = relationship()


class Snapshot(Base):
    """What was submitted, whole, under a number; never changed."""

    __tablename__ = "proposal_snapshot"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(Json)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    at: Mapped[datetime] = mapped_column(Instant)


class ProtocolCounter(Base):
    """The last number drawn, by authority and year: the register's lock, last in the order."""

    __tablename__ = "protocol_counter"

    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class ProtocolEntry(Base):
    """A line of the protocol register: gapless by authority and year of the received time in Rome.

    Revision 1 is the submission; later ones are answers to integration requests. An application
    that was submitted anew is another proposal, which names the one that it replaces.
    """

    __tablename__ = "protocol_entry"
    __table_args__ = (
        sa.UniqueConstraint("authority_id", "year", "number"),
        sa.UniqueConstraint("proposal_id", "revision"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"))
    year: Mapped[int]
    number: Mapped[int]
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    revision: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def shown(self) -> str:
        """The number as people read it: "2026/000012"."""
        return f"{self.year}/{self.number:06d}"


class AdmissibilityCheck(Base):
    """What an officer says of one requirement of the checklist."""

    __tablename__ = "admissibility_check"
    __table_args__ = (sa.UniqueConstraint("proposal_id", "requirement"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    requirement: Mapped[str] = mapped_column(sa.String(40))
    outcome: Mapped[CheckOutcome] = mapped_column(code_of(CheckOutcome))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    checked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    checked_at: Mapped[datetime] = mapped_column(Instant)


class IntegrationRequest(Base):
    """A letter that waits for an answer: papers to complete, or a notice before a refusal."""

    __tablename__ = "integration_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    kind: Mapped[IntegrationKind] = mapped_column(
        code_of(IntegrationKind),
        default=IntegrationKind.INTEGRATION,
        server_default=IntegrationKind.INTEGRATION.value,
    )
    state: Mapped[IntegrationState] = mapped_column(
        code_of(IntegrationState), default=IntegrationState.REQUESTED
    )
    items: Mapped[str] = mapped_column(sa.Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    requested_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answer_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)

    proposal: Mapped[Proposal] = relationship(back_populates="integrations")
    answer_file: Mapped[StoredFile | None] = relationship()

    @property
    def is_notice(self) -> bool:
        """True for a notice before a refusal (preavviso di rigetto)."""
        return self.kind is IntegrationKind.REFUSAL_NOTICE


class Scorer(Base):
    """A fact written by reviews and read by campaigns: who scored a proposal of a window."""

    __tablename__ = "proposal_scorer"

    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), primary_key=True)
    window_id: Mapped[int | None] = mapped_column(sa.ForeignKey("call_window.id"), index=True)
