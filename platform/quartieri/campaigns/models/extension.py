"""Extensions of a campaign's end."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.acts.models import Act
from quartieri.campaigns.models.campaign import Campaign
from quartieri.db import Base, Instant


class CampaignExtension(Base):
    """An act that moved a campaign's end (proroga); the old dates stay readable."""

    __tablename__ = "campaign_extension"
    __table_args__ = (sa.CheckConstraint("old_ends_at < new_ends_at", name="later"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey("act.id"))
    old_ends_at: Mapped[datetime] = mapped_column(Instant)
    new_ends_at: Mapped[datetime] = mapped_column(Instant)
    at: Mapped[datetime] = mapped_column(Instant)
    kept: Mapped[bool | None]
    """Whether what was paid at once stays of who agreed to the old end only: the target was
    promised by then, or the call keeps what is raised. None until that is decided."""

    act: Mapped[Act] = relationship()
    campaign: Mapped[Campaign] = relationship()
