"""Calls, their editions, windows, criteria, and projects of past editions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.acts.models import Act
from quartieri.calls.design import CallDesign, evaluation_sha256
from quartieri.calls.rules import PUBLIC_CALL_STATES, CallState, WindowState, window_state
from quartieri.db import Base, Exact, Instant, Json, cents, code_of
from quartieri.kit.labels import in_language
from quartieri.people.models import Authority
from quartieri.people.rules import Scope
from quartieri.programmes.models import EndowmentPool


class Call(Base):
    """A call for proposals (bando).

    ``design`` is the present document: editable in a draft, equal to the last edition afterwards.
    ``historical`` calls were entered from public sources: outside of the ledger and of totals.
    ``invented`` marks the demo's calls.
    """

    __tablename__ = "call"

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    state: Mapped[CallState] = mapped_column(code_of(CallState), default=CallState.DRAFT)
    design_json: Mapped[dict[str, Any]] = mapped_column("design", Json)
    version: Mapped[int] = mapped_column(default=1)
    """Raised at every save: a form that was opened on an older version is refused."""
    title_it: Mapped[str] = mapped_column(sa.String(200), default="")
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    summary_it: Mapped[str] = mapped_column(sa.String(500), default="")
    summary_en: Mapped[str] = mapped_column(sa.String(500), default="")
    text_html_it: Mapped[str] = mapped_column(sa.Text, default="")
    text_html_en: Mapped[str] = mapped_column(sa.Text, default="")
    pool_id: Mapped[int | None] = mapped_column(sa.ForeignKey("endowment_pool.id"))
    historical: Mapped[bool] = mapped_column(default=False)
    invented: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    """Known figures of a historical call; unknown ones are absent, never zero."""
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    suspension_shifts: Mapped[bool] = mapped_column(default=False)
    """True when the running suspension stops the deadlines: they move when it ends."""
    questions_until: Mapped[datetime | None] = mapped_column(Instant)
    """Until when, inclusive, the office takes questions through the site; None: it takes none."""

    authority: Mapped[Authority] = relationship()
    pool: Mapped[EndowmentPool | None] = relationship()
    windows: Mapped[list[Window]] = relationship(
        back_populates="call", order_by="Window.number", cascade="all, delete-orphan"
    )
    editions: Mapped[list[CallEdition]] = relationship(
        back_populates="call", order_by="CallEdition.number"
    )

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.authority_id, call_id=self.id)

    @property
    def is_public(self) -> bool:
        """True where everyone may know that it exists."""
        return self.state in PUBLIC_CALL_STATES

    @property
    def design(self) -> CallDesign:
        """The typed document."""
        return CallDesign.from_json(self.design_json)

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one where it is missing."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)

    def summary(self, language: str) -> str:
        """Give the summary in a language, or in the other one where it is missing."""
        return in_language({"it": self.summary_it, "en": self.summary_en}, language)

    def text_html(self, language: str) -> str:
        """Give the notice's safe HTML in a language, or in the other one where it is missing."""
        return in_language({"it": self.text_html_it, "en": self.text_html_en}, language)


class CallAct(Base):
    """What an act did to a call: published, suspended, resumed, cancelled or concluded it."""

    __tablename__ = "call_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), index=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey("act.id"))
    verb: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime] = mapped_column(Instant)

    act: Mapped[Act] = relationship()


class CallEdition(Base):
    """What an act froze: the design of a call under a number; never changed."""

    __tablename__ = "call_edition"
    __table_args__ = (sa.UniqueConstraint("call_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"))
    number: Mapped[int]
    act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    design_json: Mapped[dict[str, Any]] = mapped_column("design", Json)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    published_at: Mapped[datetime] = mapped_column(Instant)

    call: Mapped[Call] = relationship(back_populates="editions")
    act: Mapped[Act | None] = relationship()
    criteria: Mapped[list[Criterion]] = relationship(
        back_populates="edition", order_by="Criterion.position"
    )

    @property
    def evaluation_sha256(self) -> str:
        """The hash of its rules of evaluation alone, as they were frozen."""
        return evaluation_sha256(self.design_json)

    @property
    def design(self) -> CallDesign:
        """The typed document; it never changes, so each is read once a process."""
        found = _READ.get(self.sha256)
        if found is None:
            if len(_READ) >= MOST_READ:
                _READ.clear()
            found = _READ[self.sha256] = CallDesign.from_json(self.design_json)
        return found


MOST_READ = 500
_READ: dict[str, CallDesign] = {}
"""Designs of editions by their checksum."""


class Criterion(Base):
    """A criterion of a published edition; scores refer to it."""

    __tablename__ = "criterion"
    __table_args__ = (sa.UniqueConstraint("edition_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(sa.ForeignKey("call_edition.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int]
    title_it: Mapped[str] = mapped_column(sa.String(200))
    title_en: Mapped[str] = mapped_column(sa.String(200))
    guidance_it: Mapped[str] = mapped_column(sa.Text, default="")
    guidance_en: Mapped[str] = mapped_column(sa.Text, default="")
    maximum: Mapped[Decimal] = mapped_column(Exact)
    weight: Mapped[Decimal] = mapped_column(Exact)
    minimum: Mapped[Decimal | None] = mapped_column(Exact)

    edition: Mapped[CallEdition] = relationship(back_populates="criteria")


class Window(Base):
    """A session (sessione) of a call: dates, commission, ranking.

    ``state`` is null while it follows from the dates (scheduled, open, closed).
    """

    __tablename__ = "call_window"
    __table_args__ = (
        sa.UniqueConstraint("call_id", "number"),
        sa.CheckConstraint("opens_at < closes_at", name="dates"),
        sa.CheckConstraint("endowment_cents > 0", name="endowment"),
        sa.CheckConstraint("state NOT IN ('scheduled', 'open', 'closed')", name="never_computed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"))
    number: Mapped[int]
    opens_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant, index=True)
    state: Mapped[WindowState | None] = mapped_column(code_of(WindowState))
    endowment_cents: Mapped[int | None] = cents()
    """What of the call's endowment is set apart for this session; None: it shares the whole."""
    stage: Mapped[int] = mapped_column(default=1, server_default="1")
    """The stage of the evaluation that is under way; it rises when a gate is published."""

    call: Mapped[Call] = relationship(back_populates="windows")
    extensions: Mapped[list[WindowExtension]] = relationship(order_by="WindowExtension.id")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope

    @property
    def is_public(self) -> bool:
        """True where everyone may know that it exists."""
        return self.call.is_public

    def state_at(self, now: datetime) -> WindowState:
        """Give the state at an instant."""
        return window_state(self.state, opens_at=self.opens_at, closes_at=self.closes_at, now=now)


class WindowExtension(Base):
    """A deadline moved by act (proroga), the old one kept."""

    __tablename__ = "window_extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("call_window.id"), index=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey("act.id"))
    old_closes_at: Mapped[datetime] = mapped_column(Instant)
    new_closes_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)

    act: Mapped[Act] = relationship()


class HistoricalProject(Base):
    """A project of a past edition, as public sources tell it; unknown figures are null."""

    __tablename__ = "historical_project"
    __table_args__ = (sa.UniqueConstraint("call_id", "title"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(200))
    proposer: Mapped[str] = mapped_column(sa.String(200), default="")
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    cost_cents: Mapped[int | None] = cents()
    target_cents: Mapped[int | None] = cents()
    raised_cents: Mapped[int | None] = cents()
    raised_at_least: Mapped[bool] = mapped_column(default=False)
    backers: Mapped[int | None]
    backers_at_least: Mapped[bool] = mapped_column(default=False)
    grant_cents: Mapped[int | None] = cents()
    outcome: Mapped[str] = mapped_column(sa.String(40), default="")
    source_url: Mapped[str] = mapped_column(sa.String(500), default="")
