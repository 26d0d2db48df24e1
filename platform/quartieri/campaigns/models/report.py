"""Reports of campaigns by the public."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.campaign import Campaign
from quartieri.campaigns.rules import ReportReason, ReportState
from quartieri.db import Base, Instant, code_of
from quartieri.people.models import User
from quartieri.people.rules import Scope


class Report(Base):
    """What somebody finds wrong with a campaign; the proposer does not see who."""

    __tablename__ = "campaign_report"
    __table_args__ = (sa.Index("ix_campaign_report_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    reason: Mapped[ReportReason] = mapped_column(code_of(ReportReason))
    text: Mapped[str] = mapped_column(sa.String(4000))
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    """Where the answer goes; "" for a report without an address."""
    language: Mapped[str] = mapped_column(sa.String(5))
    state: Mapped[ReportState] = mapped_column(code_of(ReportState), default=ReportState.OPEN)
    note: Mapped[str] = mapped_column(sa.String(2000), default="")
    """What was found and done, for the reporter too."""
    at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    campaign: Mapped[Campaign] = relationship()
    decider: Mapped[User | None] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.campaign.scope
