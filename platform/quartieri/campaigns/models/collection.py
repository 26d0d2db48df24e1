"""Into whose hands a campaign's money comes, as far as its call's setting needs it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.campaign import Campaign
from quartieri.db import Base, Instant


class Collection(Base):
    """Who receives a campaign's money, and how: typed by one person, confirmed by another."""

    __tablename__ = "campaign_collection"
    __table_args__ = (sa.CheckConstraint("confirmed_by <> filed_by", name="two_persons"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), unique=True)
    outside_url: Mapped[str] = mapped_column(sa.String(500), default="")
    holder: Mapped[str] = mapped_column(sa.String(200), default="")
    tax_code: Mapped[str] = mapped_column(sa.String(16), default="")
    iban: Mapped[str] = mapped_column(sa.String(34), default="")
    merchant_account: Mapped[str] = mapped_column(sa.String(80), default="")
    """The reference of the holder's account at the payment service."""
    how_to_give: Mapped[str] = mapped_column(sa.Text, default="")
    filed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    filed_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()

    @property
    def mark(self) -> str:
        """Tell this writing from a later one: who confirms has read the one that is confirmed."""
        return self.filed_at.isoformat()

    @property
    def confirmed(self) -> bool:
        """True once a second person vouched for it as it stands."""
        return self.confirmed_at is not None
