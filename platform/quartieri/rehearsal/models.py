"""Rehearsals of draft calls that were asked for, and their reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.calls.models import Call
from quartieri.db import Base, Instant, Json, code_of
from quartieri.kit.labels import N_, LabelEnum
from quartieri.people.rules import Scope


class RehearsalState(LabelEnum):
    """How far a rehearsal is."""

    ASKED = "asked", N_("Being played")
    PLAYED = "played", N_("Played")
    FAILED = "failed", N_("Could not be played")


class Rehearsal(Base):
    """One rehearsal of a draft call (prova): the version that was played, and what came of it.

    ``report`` is what ``rehearsal.trial.report`` gives, null until it is played.
    """

    __tablename__ = "call_rehearsal"

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("call.id"), index=True)
    call_version: Mapped[int]
    seed: Mapped[int]
    state: Mapped[RehearsalState] = mapped_column(
        code_of(RehearsalState), default=RehearsalState.ASKED
    )
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    fault: Mapped[str] = mapped_column(sa.Text, default="")
    report: Mapped[dict[str, Any] | None] = mapped_column(Json)

    call: Mapped[Call] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.call.scope
