"""What a proposer tells backers: updates on the page, messages by letter; and who wants none."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.campaign import Campaign, Reward
from quartieri.db import Base, Instant


class Update(Base):
    """News of a campaign, in Markdown; what stood before an edit is kept."""

    __tablename__ = "campaign_update"
    __table_args__ = (sa.Index("ix_campaign_update_campaign", "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    title: Mapped[str] = mapped_column(sa.String(140))
    text: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()
    edits: Mapped[list[UpdateEdit]] = relationship(order_by="UpdateEdit.id")

    @property
    def owner_id(self) -> int:
        """The proposer, who wrote it."""
        return self.campaign.owner_id


class UpdateEdit(Base):
    """How an update read until it was edited."""

    __tablename__ = "campaign_update_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign_update.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(140))
    text: Mapped[str] = mapped_column(sa.Text)
    until: Mapped[datetime] = mapped_column(Instant)


class Message(Base):
    """A letter of the proposer to backers: to all of them, or to those of one reward."""

    __tablename__ = "campaign_message"
    __table_args__ = (sa.Index("ix_campaign_message_campaign", "campaign_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    reward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reward.id"))
    subject: Mapped[str] = mapped_column(sa.String(140))
    text: Mapped[str] = mapped_column(sa.Text)
    at: Mapped[datetime] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()
    reward: Mapped[Reward | None] = relationship()


class Silence(Base):
    """An address that wants no letters with a campaign's news; what it pledged is still told."""

    __tablename__ = "campaign_silence"

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
