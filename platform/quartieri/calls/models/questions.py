"""Questions to the office of a call."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models.call import Call
from quartieri.calls.rules import QuestionState
from quartieri.db import Base, Instant, code_of
from quartieri.people.rules import Scope

QUESTION_LIMIT = 2000
ANSWER_LIMIT = 6000
"""Characters."""


class CallQuestion(Base):
    """A question and its answer.

    ``asked_text`` and ``email`` are the person's and are deleted some weeks after the answer;
    ``text`` is what the office publishes, without personal data. One language each: the asker's.
    """

    __tablename__ = "call_question"
    __table_args__ = (sa.Index("ix_call_question_call_state", "call_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"))
    state: Mapped[QuestionState] = mapped_column(
        code_of(QuestionState), default=QuestionState.ASKED, index=True
    )
    code: Mapped[str] = mapped_column(sa.String(60), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(5))
    asked_text: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    text: Mapped[str] = mapped_column(sa.Text, default="")
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    corrected_at: Mapped[datetime | None] = mapped_column(Instant)
    published: Mapped[bool] = mapped_column(default=False)
    """False for an answer that went to the asker alone."""
    version: Mapped[int] = mapped_column(default=1)

    call: Mapped[Call] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope
