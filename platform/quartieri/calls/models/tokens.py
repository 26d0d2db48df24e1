"""What lets a program write for one call."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models.call import Call
from quartieri.db import Base, Instant
from quartieri.people.models import User
from quartieri.people.rules import Scope


class ApiToken(Base):
    """A program's access to one call; of its secret only a hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), index=True)
    label: Mapped[str] = mapped_column(sa.String(100))
    """Whose program it is: it stands beside all that comes through it."""
    beginning: Mapped[str] = mapped_column(sa.String(20))
    """The first letters of the secret, to tell one from another."""
    secret_sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    made_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    made_at: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime] = mapped_column(Instant)
    """It works before this instant."""
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    """When something last came through it."""
    revoked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)

    call: Mapped[Call] = relationship()
    maker: Mapped[User | None] = relationship(foreign_keys=[made_by])

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope

    def works(self, at: datetime) -> bool:
        """Tell whether it lets anything in at an instant."""
        return self.revoked_at is None and at < self.until
