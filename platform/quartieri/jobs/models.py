"""Jobs, the worker's heartbeat and the demo's clock offset."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quartieri.db import Base, Instant, Json, code_of
from quartieri.kit.labels import N_, LabelEnum


class JobState(LabelEnum):
    """Where a job stands; ``failed`` waits for a person after the last try."""

    WAITING = "waiting", N_("Waiting")
    DONE = "done", N_("Done")
    FAILED = "failed", N_("Failed")


class Job(Base):
    """One piece of work. ``key`` is unique among jobs that are not done: no double work."""

    __tablename__ = "job"
    __table_args__ = (
        sa.Index("ix_job_due", "state", "run_at"),
        sa.Index(
            "uq_job_key",
            "key",
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(60))
    args: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    key: Mapped[str | None] = mapped_column(sa.String(200))
    run_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    lease_token: Mapped[str | None] = mapped_column(sa.String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    state: Mapped[JobState] = mapped_column(code_of(JobState), default=JobState.WAITING)
    last_error: Mapped[str] = mapped_column(sa.Text, default="")
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Heartbeat(Base):
    """When the worker last looked for work, in system time (never the demo's)."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class DemoClock(Base):
    """How far the demo's clock was moved forward; one row, only in the demo."""

    __tablename__ = "demo_clock"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offset_seconds: Mapped[int] = mapped_column(sa.BigInteger, default=0)
