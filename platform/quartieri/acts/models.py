"""The table of acts."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.acts.rules import ActKind, ActState
from quartieri.db import Base, Instant, code_of
from quartieri.files.models import StoredFile
from quartieri.people.models import Authority
from quartieri.people.rules import Scope


class Act(Base):
    """One administrative act: number, date, office, signer, what it decides, its file."""

    __tablename__ = "act"
    __table_args__ = (
        sa.UniqueConstraint("authority_id", "kind", "number", "dated", name="uq_act_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"))
    kind: Mapped[ActKind] = mapped_column(code_of(ActKind))
    number: Mapped[str] = mapped_column(sa.String(40))
    dated: Mapped[date]
    office: Mapped[str] = mapped_column(sa.String(200))
    signer: Mapped[str] = mapped_column(sa.String(200))
    decides: Mapped[str] = mapped_column(sa.Text)
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    file_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    state: Mapped[ActState] = mapped_column(code_of(ActState), default=ActState.DRAFT)
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime | None] = mapped_column(Instant)

    authority: Mapped[Authority] = relationship()
    file: Mapped[StoredFile | None] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.authority_id)
