"""Re-scoping: cost and target changed before the launch, by an act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.acts.models import Act
from quartieri.campaigns.models.campaign import Campaign
from quartieri.campaigns.rules import RescopingState
from quartieri.db import Base, Instant, Json, cents, code_of
from quartieri.people.rules import Scope


class Rescoping(Base):
    """What a proposer asks to change, beside what it was; decided by an act."""

    __tablename__ = "campaign_rescoping"
    __table_args__ = (
        sa.CheckConstraint("new_target_cents > 0", name="target"),
        sa.CheckConstraint(
            "(old_reserved_cents is null) = (new_reserved_cents is null)", name="reserved"
        ),
        sa.Index(
            "uq_campaign_rescoping_open",
            "campaign_id",
            unique=True,
            sqlite_where=sa.text("state = 'requested'"),
            postgresql_where=sa.text("state = 'requested'"),
        ),
        sa.Index("ix_campaign_rescoping_campaign_id", "campaign_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    state: Mapped[RescopingState] = mapped_column(code_of(RescopingState))
    old_cost_cents: Mapped[int] = cents()
    old_target_cents: Mapped[int] = cents()
    old_budget: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    new_cost_cents: Mapped[int] = cents()
    new_target_cents: Mapped[int] = cents()
    new_budget: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    """Lines as {"description", "cents", "category"}, in their order."""
    old_reserved_cents: Mapped[int | None] = cents()
    """What the city kept for the project; None: nothing before the launch, or not written down."""
    new_reserved_cents: Mapped[int | None] = cents()
    """What it keeps after the change; until it is decided, what it would keep as things stand."""
    reason: Mapped[str] = mapped_column(sa.Text)
    asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    act_id: Mapped[int | None] = mapped_column(sa.ForeignKey("act.id"))
    refusal: Mapped[str] = mapped_column(sa.Text, default="")
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()
    act: Mapped[Act | None] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.campaign.scope
