"""Conflicts, assignments, scores, rankings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.acts.models import Act
from quartieri.calls.models import Window
from quartieri.db import Base, Exact, Instant, Json, cents, code_of
from quartieri.people.models import User
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal
from quartieri.reviews.rules import (
    AssignmentState,
    ConflictCause,
    ConflictState,
    ListAnswer,
    RankingOutcome,
    RankingState,
)


class Assignment(Base):
    """One reviewer's work on one application, with the conflict declaration that comes first.

    ``total`` is the weighted total of the submitted sheet, stored beside the scores: a whole number
    of hundred-millionths of a point (``ranking.TOTAL_SCALE``), so that SQL can add it up. ``note``
    is why a submitted sheet was reopened, or why the work was given back. ``stage`` counts from 1.
    ``agreed``: the one sheet of a commission that agrees on it, in the hands of its secretary; the
    members' assignments then hold their declarations alone.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        sa.UniqueConstraint("proposal_id", "user_id", "stage"),
        sa.CheckConstraint("stage >= 1", name="stage"),
        sa.Index("ix_assignment_user_state", "user_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    stage: Mapped[int] = mapped_column(default=1, server_default="1")
    agreed: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    state: Mapped[AssignmentState] = mapped_column(
        code_of(AssignmentState), default=AssignmentState.PROPOSED
    )
    version: Mapped[int] = mapped_column(default=1)
    total: Mapped[int | None] = mapped_column(sa.BigInteger)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    assigned_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)

    proposal: Mapped[Proposal] = relationship()
    reviewer: Mapped[User] = relationship()
    conflict: Mapped[Conflict] = relationship(back_populates="assignment")
    scores: Mapped[list[Score]] = relationship(order_by="Score.id")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.proposal.scope

    @property
    def owner_id(self) -> int:
        """The reviewer."""
        return self.user_id


class Conflict(Base):
    """A reviewer's declaration on one application (art. 6-bis L. 241/1990).

    ``decided_by`` and ``decided_at`` are the head of office's (art. 7 D.P.R. 62/2013).
    """

    __tablename__ = "conflict"

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), unique=True)
    state: Mapped[ConflictState] = mapped_column(
        code_of(ConflictState), default=ConflictState.UNDECLARED
    )
    cause: Mapped[ConflictCause | None] = mapped_column(code_of(ConflictCause))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    declared_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str] = mapped_column(sa.Text, default="")

    assignment: Mapped[Assignment] = relationship(back_populates="conflict")


class Score(Base):
    """One version of one score; a new version is a new row, nothing is overwritten.

    ``points`` is null where the criterion does not apply, and in a draft that has a comment alone:
    a missing score is never zero.
    """

    __tablename__ = "score"
    __table_args__ = (sa.UniqueConstraint("assignment_id", "criterion_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"))
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("criterion.id"))
    version: Mapped[int]
    points: Mapped[Decimal | None] = mapped_column(Exact)
    not_applicable: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime] = mapped_column(Instant)


class Ranking(Base):
    """A computed ranking (graduatoria) of a window; numbered, immutable, recomputable.

    ``inputs`` is the canonical document that ``reviews.ranking`` ranks; ``inputs_sha256`` its
    hash, ``result_sha256`` that of what came out. ``replaces_id`` names the published ranking that
    this one corrects, or whose provisional list it makes final. ``stage`` counts from 1: that of a
    stage before the last admits to the next one and binds no money.
    """

    __tablename__ = "ranking"
    __table_args__ = (sa.UniqueConstraint("window_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("call_window.id"))
    number: Mapped[int]
    stage: Mapped[int] = mapped_column(default=1, server_default="1")
    state: Mapped[RankingState] = mapped_column(code_of(RankingState))
    inputs: Mapped[dict[str, Any]] = mapped_column(Json)
    inputs_sha256: Mapped[str] = mapped_column(sa.String(64))
    result_sha256: Mapped[str] = mapped_column(sa.String(64))
    endowment_cents: Mapped[int] = cents()
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ranking.id"))
    computed_at: Mapped[datetime] = mapped_column(Instant)
    computed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    published_at: Mapped[datetime | None] = mapped_column(Instant)

    window: Mapped[Window] = relationship()
    act: Mapped[Act | None] = relationship()
    replaces: Mapped[Ranking | None] = relationship(remote_side="Ranking.id")
    entries: Mapped[list[RankingEntry]] = relationship(
        back_populates="ranking", order_by="RankingEntry.line"
    )

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.window.scope

    @property
    def quotas(self) -> dict[str, str]:
        """In which quota each application was counted, by its protocol number; empty: in none."""
        return {one["key"]: one["quota"] or "" for one in self.inputs.get("candidates", ())}


class RankingEntry(Base):
    """One line of a ranking. ``position`` is null for who is not ranked."""

    __tablename__ = "ranking_entry"
    __table_args__ = (sa.UniqueConstraint("ranking_id", "proposal_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(sa.ForeignKey("ranking.id"))
    line: Mapped[int]
    position: Mapped[int | None]
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    total: Mapped[Decimal | None] = mapped_column(Exact)
    """The score as shown, rounded half up to two decimals."""
    outcome: Mapped[RankingOutcome] = mapped_column(code_of(RankingOutcome))
    amount_cents: Mapped[int] = cents(default=0)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)
    """The entry as it is published: exact scores, reasons, how a tie was settled."""

    ranking: Mapped[Ranking] = relationship(back_populates="entries")
    proposal: Mapped[Proposal] = relationship()


class ListAct(Base):
    """One act that goes down the list (scorrimento): it funds the next, or offers what is left.

    ``cents`` are what it reserved. An offer has ``due_at``, and an answer once it has ended.
    """

    __tablename__ = "ranking_list_act"
    __table_args__ = (
        sa.CheckConstraint("cents >= 0", name="cents"),
        sa.CheckConstraint("answer IS NULL OR due_at IS NOT NULL", name="answer"),
        sa.Index(
            "uq_ranking_list_act_open",
            "proposal_id",
            unique=True,
            sqlite_where=sa.text("due_at IS NOT NULL AND answer IS NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL AND answer IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ranking_id: Mapped[int] = mapped_column(sa.ForeignKey("ranking.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), index=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey("act.id"))
    cents: Mapped[int] = cents()
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[ListAnswer | None] = mapped_column(code_of(ListAnswer))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    """Why an offer was refused, if the applicant says so."""
    at: Mapped[datetime] = mapped_column(Instant)

    ranking: Mapped[Ranking] = relationship()
    proposal: Mapped[Proposal] = relationship()
    act: Mapped[Act] = relationship()

    @property
    def is_offer(self) -> bool:
        """True for an offer of what is left."""
        return self.due_at is not None

    @property
    def selected(self) -> bool:
        """True where it selected the project: at once, or by an accepted offer."""
        return not self.is_offer or self.answer is ListAnswer.ACCEPTED


class ImportedFile(Base):
    """A result that was not made here: the file of a vote or of an outside phase, kept as it came.

    It counts from when an act confirms it; the newest that is confirmed is the one in force.
    """

    __tablename__ = "imported_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("call_window.id"), index=True)
    stage: Mapped[int]
    criterion: Mapped[str] = mapped_column(sa.String(40))
    """The code of the criterion whose result it is."""
    name: Mapped[str] = mapped_column(sa.String(120))
    content: Mapped[str] = mapped_column(sa.Text)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    uploaded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(Instant)
    act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    window: Mapped[Window] = relationship()
    act: Mapped[Act | None] = relationship()
    points: Mapped[list[ImportedPoints]] = relationship(order_by="ImportedPoints.id")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.window.scope


class ImportedPoints(Base):
    """What a confirmed file gives one application: its value, and the points that follow."""

    __tablename__ = "imported_points"
    __table_args__ = (sa.UniqueConstraint("file_id", "proposal_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("imported_file.id"))
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"))
    value: Mapped[Decimal] = mapped_column(Exact)
    points: Mapped[Decimal] = mapped_column(Exact)
