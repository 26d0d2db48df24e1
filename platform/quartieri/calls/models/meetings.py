"""Presentation meetings of calls, who signed up, and what was shown there."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models.call import Call
from quartieri.calls.rules import MeetingState, PlaceState
from quartieri.db import Base, Instant, code_of
from quartieri.files.models import StoredFile
from quartieri.kit.labels import in_language
from quartieri.people.models import Authority
from quartieri.people.rules import Scope
from quartieri.programmes.models import Area


class Meeting(Base):
    """A public meeting that presents one or more calls, in a place, on line, or both."""

    __tablename__ = "meeting"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="dates"),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        sa.CheckConstraint("place <> '' OR link <> ''", name="somewhere"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    state: Mapped[MeetingState] = mapped_column(code_of(MeetingState), default=MeetingState.PLANNED)
    version: Mapped[int] = mapped_column(default=1)
    """Raised at every save: a form that was opened on an older version is refused."""
    title_it: Mapped[str] = mapped_column(sa.String(200))
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    about_it: Mapped[str] = mapped_column(sa.Text, default="")
    about_en: Mapped[str] = mapped_column(sa.Text, default="")
    starts_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    place: Mapped[str] = mapped_column(sa.String(300), default="")
    link: Mapped[str] = mapped_column(sa.String(500), default="")
    area_id: Mapped[int | None] = mapped_column(sa.ForeignKey("area.id"))
    capacity: Mapped[int | None]
    """How many places there are; None: as many as come."""
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    """Why it was cancelled; everybody reads it."""
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    forgotten_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the names and addresses of who signed up were deleted; the numbers stay."""

    authority: Mapped[Authority] = relationship()
    area: Mapped[Area | None] = relationship()
    calls: Mapped[list[Call]] = relationship(secondary="meeting_call", order_by=Call.id)
    materials: Mapped[list[MeetingMaterial]] = relationship(order_by="MeetingMaterial.id")

    is_public = True
    """Everybody knows that it exists, not who signed up."""

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.authority_id)

    def title(self, language: str) -> str:
        """Give the title in a language, or in the other one where it is missing."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)

    def about(self, language: str) -> str:
        """Give the description in a language, or in the other one where it is missing."""
        return in_language({"it": self.about_it, "en": self.about_en}, language)


class MeetingCall(Base):
    """A call that a meeting presents."""

    __tablename__ = "meeting_call"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), primary_key=True, index=True)


class MeetingPlace(Base):
    """One person's sign-up. ``name`` and ``email`` are deleted some weeks after the meeting.

    ``code`` opens the person's own page from the letter, without an account.
    """

    __tablename__ = "meeting_place"
    __table_args__ = (
        sa.UniqueConstraint("meeting_id", "email"),
        sa.Index("ix_meeting_place_state", "meeting_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"))
    state: Mapped[PlaceState] = mapped_column(code_of(PlaceState), default=PlaceState.ASKED)
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(5))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    since: Mapped[datetime | None] = mapped_column(Instant)
    """Since when it has its present state; the waiting list moves in this order."""
    attended: Mapped[bool | None]

    meeting: Mapped[Meeting] = relationship()


class MeetingMaterial(Base):
    """A file shown or handed out at a meeting; everybody may read it."""

    __tablename__ = "meeting_material"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id"), index=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    added_at: Mapped[datetime] = mapped_column(Instant)

    file: Mapped[StoredFile] = relationship()
