"""A campaign that runs on another platform: what it reports, and its certificate."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.campaign import Campaign
from quartieri.campaigns.rules import CertificateState
from quartieri.db import Base, Instant, cents, code_of
from quartieri.files.models import StoredFile
from quartieri.people.models import User
from quartieri.people.rules import Scope


class OutsideTotal(Base):
    """One import of a campaign's totals; kept, however many follow."""

    __tablename__ = "outside_total"
    __table_args__ = (
        sa.CheckConstraint("raised_cents >= 0 AND backers >= 0", name="figures"),
        sa.Index("ix_outside_total_campaign", "campaign_id", "as_of", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    as_of: Mapped[datetime] = mapped_column(Instant)
    """The instant for which the platform reports."""
    raised_cents: Mapped[int] = cents()
    backers: Mapped[int]
    source: Mapped[str] = mapped_column(sa.String(200))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    """Why the figures fell, where they did."""
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    recorder: Mapped[User | None] = relationship()


class OutsideCertificate(Base):
    """The platform's final word: recorded by one official, confirmed by another."""

    __tablename__ = "outside_certificate"
    __table_args__ = (
        sa.CheckConstraint("raised_cents >= 0 AND backers >= 0", name="figures"),
        sa.CheckConstraint("decided_by <> recorded_by", name="two_persons"),
        sa.Index(
            "uq_outside_certificate_open",
            "campaign_id",
            unique=True,
            sqlite_where=sa.text("state <> 'rejected'"),
            postgresql_where=sa.text("state <> 'rejected'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    state: Mapped[CertificateState] = mapped_column(code_of(CertificateState))
    raised_cents: Mapped[int] = cents()
    backers: Mapped[int]
    issued_on: Mapped[date]
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()
    file: Mapped[StoredFile] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.campaign.scope
