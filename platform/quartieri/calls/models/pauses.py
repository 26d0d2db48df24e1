"""When the legal term of a session's procedure stood still."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quartieri.db import Base, Instant


class WindowPause(Base):
    """A fact written by who awaits something: since when, and until when, a term stands still.

    ``key`` names what is awaited ("integration:12"), so that the same one is noted once.
    """

    __tablename__ = "window_pause"
    __table_args__ = (sa.CheckConstraint("ended_at >= began_at", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    window_id: Mapped[int] = mapped_column(sa.ForeignKey("call_window.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)
    began_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
