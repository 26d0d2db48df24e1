"""The outbox."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quartieri.db import Base, Instant, code_of
from quartieri.kit.labels import N_, LabelEnum


class LetterState(LabelEnum):
    """Where a letter stands."""

    WRITTEN = "written", N_("Written")
    SENT = "sent", N_("Sent")
    FAILED = "failed", N_("Not delivered")


class Letter(Base):
    """One letter to one address. ``key`` makes it unique: nobody is told twice."""

    __tablename__ = "letter"
    __table_args__ = (
        sa.CheckConstraint("again >= 0", name="again"),
        sa.Index("ix_letter_subject", "subject_kind", "subject_id"),
        sa.Index("ix_letter_failed", "failed_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    to: Mapped[str] = mapped_column(sa.String(254), index=True)
    language: Mapped[str] = mapped_column(sa.String(5))
    subject: Mapped[str] = mapped_column(sa.String(300))
    text: Mapped[str] = mapped_column(sa.Text)
    subject_kind: Mapped[str] = mapped_column(sa.String(40), default="")
    subject_id: Mapped[int | None]
    unsubscribe_url: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")
    """Where one click takes the address off a list (RFC 8058); "" for a letter of no list."""
    state: Mapped[LetterState] = mapped_column(code_of(LetterState), default=LetterState.WRITTEN)
    failure: Mapped[str] = mapped_column(sa.String(300), default="", server_default="")
    """Why it was not delivered, in the mail server's words."""
    again: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it was sent anew after it had not arrived."""
    written_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    failed_at: Mapped[datetime | None] = mapped_column(Instant)
    """Since when it is known not to have arrived; None for one that is not lost."""

    @property
    def name(self) -> str:
        """Its name at the mail service, another one each time it is sent anew."""
        return f"letter-{self.id}-{self.again}" if self.again else f"letter-{self.id}"
