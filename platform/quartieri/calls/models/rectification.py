"""Changes of published calls by act, and calls kept as templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models.call import Call, CallEdition
from quartieri.calls.rules import RectificationState
from quartieri.db import Base, Instant, Json, code_of
from quartieri.people.models import Authority
from quartieri.people.rules import Scope


class Rectification(Base):
    """A change of a published call: drafted on a copy, published by an act as an edition.

    ``draft`` is the copy that the editor changes; it never becomes a call of its own. ``changes``
    is what the act changed, field by field, kept when it is published.
    """

    __tablename__ = "call_rectification"
    __table_args__ = (
        sa.Index(
            "uq_call_rectification_draft",
            "call_id",
            unique=True,
            sqlite_where=sa.text("state = 'draft'"),
            postgresql_where=sa.text("state = 'draft'"),
        ),
        sa.CheckConstraint(
            "(state = 'published') = (edition_id IS NOT NULL)", name="published_as_an_edition"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), index=True)
    draft_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), unique=True)
    state: Mapped[RectificationState] = mapped_column(
        code_of(RectificationState), default=RectificationState.DRAFT
    )
    edition_id: Mapped[int | None] = mapped_column(sa.ForeignKey("call_edition.id"))
    base: Mapped[dict[str, Any]] = mapped_column(Json)
    """The document of the call as it was copied: what others change meanwhile is not undone."""
    reason_it: Mapped[str] = mapped_column(sa.Text, default="")
    reason_en: Mapped[str] = mapped_column(sa.Text, default="")
    changes: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)

    call: Mapped[Call] = relationship(foreign_keys=[call_id])
    draft: Mapped[Call] = relationship(foreign_keys=[draft_id])
    edition: Mapped[CallEdition | None] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope

    def reason(self, language: str) -> str:
        """Give the reason in a language, or in the other one where it is missing."""
        first, second = self.reason_it, self.reason_en
        return (second or first) if language == "en" else (first or second)


class KeptTemplate(Base):
    """A call's document that an authority keeps to start others from."""

    __tablename__ = "call_template"
    __table_args__ = (sa.UniqueConstraint("authority_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    created_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)

    authority: Mapped[Authority] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.authority_id)
