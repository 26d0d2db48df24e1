"""What a campaign's page holds beyond its title and story, and the pictures shown on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.db import Base, Instant, Json
from quartieri.files.models import StoredFile


class CampaignPage(Base):
    """The parts of a campaign's page, kept as they are drawn: one row, read with the campaign.

    Lists stand in it whole (JSON), so that drawing the page asks for no table more.
    """

    __tablename__ = "campaign_page"

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), primary_key=True)
    video: Mapped[str] = mapped_column(sa.String(300), default="")
    place: Mapped[str] = mapped_column(sa.String(1000), default="")
    team: Mapped[str] = mapped_column(sa.String(2000), default="")
    members: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """Members who agreed to be shown: name, role."""
    budget_words: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
    """Words on lines of the budget, by the line's description."""
    needs: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    """Other help: key, kind, title, text, quantity (or None), promised."""
    surplus: Mapped[str] = mapped_column(sa.Text, default="")
    surplus_html: Mapped[str] = mapped_column(sa.Text, default="")
    faqs: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    """Questions: question, answer, html."""
    updates: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list, server_default="[]")
    """The newest updates as they are drawn: id, title, html, at, edited_at (ISO 8601)."""
    more_updates: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """There are older ones, on a page of their own."""


class CampaignImage(Base):
    """A picture of the story or of a reward, with its size in pixels."""

    __tablename__ = "campaign_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    width: Mapped[int]
    height: Mapped[int]
    added_at: Mapped[datetime] = mapped_column(Instant)

    file: Mapped[StoredFile] = relationship()
