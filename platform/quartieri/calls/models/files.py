"""The picture and the documents of a call."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models.call import Call
from quartieri.calls.rules import CallFileKind
from quartieri.db import Base, Instant, code_of
from quartieri.files.models import StoredFile
from quartieri.kit.labels import in_language
from quartieri.people.rules import Scope


class CallFile(Base):
    """A file of a call: its cover, a document, or the accessible copy of a document.

    The title of a cover is its alternative text. ``readable`` is false for a document without a
    text layer: who listens to pages cannot read it.
    """

    __tablename__ = "call_file"
    __table_args__ = (
        sa.Index(
            "uq_call_file_cover",
            "call_id",
            unique=True,
            sqlite_where=sa.text("kind = 'cover'"),
            postgresql_where=sa.text("kind = 'cover'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), index=True)
    kind: Mapped[CallFileKind] = mapped_column(code_of(CallFileKind))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    title_it: Mapped[str] = mapped_column(sa.String(200))
    title_en: Mapped[str] = mapped_column(sa.String(200), default="")
    readable: Mapped[bool] = mapped_column(default=True)
    copy_of_id: Mapped[int | None] = mapped_column(sa.ForeignKey("call_file.id"), index=True)
    """The document that this one is an accessible copy of."""
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    added_at: Mapped[datetime] = mapped_column(Instant)

    call: Mapped[Call] = relationship()
    file: Mapped[StoredFile] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope

    def title(self, language: str) -> str:
        """Give the title in a language, or in Italian where it is missing."""
        return in_language({"it": self.title_it, "en": self.title_en}, language)
