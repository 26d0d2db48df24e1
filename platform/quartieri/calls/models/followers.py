"""Who follows a call by email."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models.call import Call
from quartieri.db import Base, Instant


class Follower(Base):
    """An address that wants the news of a call; ``code`` confirms it and takes it off.

    Whoever unsubscribes is deleted: nothing is kept of them.
    """

    __tablename__ = "call_follower"
    __table_args__ = (sa.UniqueConstraint("call_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"))
    email: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(5))
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    call: Mapped[Call] = relationship()
