"""What others bring to a campaign besides money: offers of help, and comments on its draft."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.campaign import Campaign
from quartieri.campaigns.rules import NeedKind, OfferState, PagePart
from quartieri.db import Base, Instant, code_of
from quartieri.people.rules import Scope


class Offer(Base):
    """Somebody's offer for a need of the page; only the proposer and officials see who."""

    __tablename__ = "campaign_offer"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index("ix_campaign_offer_campaign", "campaign_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    need: Mapped[int]
    """The key of the need on the page."""
    kind: Mapped[NeedKind] = mapped_column(code_of(NeedKind))
    title: Mapped[str] = mapped_column(sa.String(140))
    """What the need was called when it was offered."""
    quantity: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    message: Mapped[str] = mapped_column(sa.String(1000), default="")
    language: Mapped[str] = mapped_column(sa.String(5))
    state: Mapped[OfferState] = mapped_column(code_of(OfferState), default=OfferState.OFFERED)
    answer: Mapped[str] = mapped_column(sa.String(1000), default="")
    made_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()

    @property
    def owner_id(self) -> int:
        """The proposer, who answers."""
        return self.campaign.owner_id

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.campaign.scope


class Comment(Base):
    """What a tutor or an official says of one part of a page; the proposer ticks it off."""

    __tablename__ = "campaign_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    part: Mapped[PagePart] = mapped_column(code_of(PagePart))
    text: Mapped[str] = mapped_column(sa.String(2000))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    by_name: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()

    @property
    def owner_id(self) -> int:
        """The proposer, who resolves it."""
        return self.campaign.owner_id
