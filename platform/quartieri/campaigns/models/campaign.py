"""Campaigns and their rewards; payouts."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.page import CampaignImage, CampaignPage
from quartieri.campaigns.rules import PUBLIC_CAMPAIGN_STATES, CampaignState
from quartieri.db import Base, Instant, cents, code_of
from quartieri.files.models import StoredFile
from quartieri.people.models import User
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal


class Campaign(Base):
    """The crowdfunding of one selected project; sums are stored beside the pledges they total.

    ``promised_cents`` totals pledges in PROMISED states, ``collected_cents`` those that are paid,
    ``offline_cents`` the part of both that came outside of the provider. Of a paid pledge all three
    count what is really here: what was given back or is held back by a bank is not.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        sa.CheckConstraint("target_cents > 0", name="target"),
        sa.CheckConstraint("promised_cents >= 0", name="promised"),
        sa.CheckConstraint("collected_cents >= 0", name="collected"),
        sa.CheckConstraint("city_cents >= 0", name="city"),
        sa.CheckConstraint("starts_at < ends_at", name="dates"),
        sa.Index("ix_campaign_state", "state", "ends_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id"), unique=True)
    slug: Mapped[str] = mapped_column(sa.String(120), unique=True)
    state: Mapped[CampaignState] = mapped_column(
        code_of(CampaignState), default=CampaignState.DRAFT
    )
    version: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(sa.String(140))
    summary: Mapped[str] = mapped_column(sa.String(500), default="")
    story: Mapped[str] = mapped_column(sa.Text, default="")
    story_html: Mapped[str] = mapped_column(sa.Text, default="")
    image_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    cost_cents: Mapped[int] = cents()
    target_cents: Mapped[int] = cents()
    city_cents: Mapped[int] = cents(default=0, server_default="0")
    """The city's own pledge, where it is one backer of the crowd: it counts toward the target."""
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    grace_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    round_label: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    """The call's round whose dates it has; empty: it has dates of its own."""
    first_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    """The end that was set at the approval, where an act has moved it since."""
    lapse_at: Mapped[datetime | None] = mapped_column(Instant)
    """The next end that backers agreed to and that an act has moved: who says nothing is let go."""
    promised_cents: Mapped[int] = cents(default=0)
    collected_cents: Mapped[int] = cents(default=0)
    offline_cents: Mapped[int] = cents(default=0)
    backers: Mapped[int] = mapped_column(default=0)
    review_note: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_cents: Mapped[int | None] = cents()
    """What success was decided on: collected (less the fees, where the call says so), or promised
    where it was missed at once."""
    decided_backers: Mapped[int | None]
    """From how many pledges that sum came."""
    costs: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many movements gave its costs to who bears them."""
    succeeded: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """True once success was decided on collected money, by the call's own measure."""

    proposal: Mapped[Proposal] = relationship()
    image: Mapped[StoredFile | None] = relationship()
    page: Mapped[CampaignPage] = relationship(cascade="all, delete-orphan")
    rewards: Mapped[list[Reward]] = relationship(
        back_populates="campaign", order_by="Reward.position", cascade="all, delete-orphan"
    )

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.proposal.scope

    @property
    def is_public(self) -> bool:
        """True where everyone may know that it exists."""
        return self.state in PUBLIC_CAMPAIGN_STATES

    @property
    def owner_id(self) -> int:
        """The applicant, who edits the page."""
        return self.proposal.owner_id


class Reward(Base):
    """What a backer gets; ``taken`` never passes ``stock``."""

    __tablename__ = "reward"
    __table_args__ = (
        sa.CheckConstraint("minimum_cents > 0", name="minimum"),
        sa.CheckConstraint("taken >= 0 AND (stock IS NULL OR taken <= stock)", name="stock"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(140))
    text: Mapped[str] = mapped_column(sa.String(500), default="")
    minimum_cents: Mapped[int] = cents()
    stock: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    image_id: Mapped[int | None] = mapped_column(sa.ForeignKey("campaign_image.id"))
    delivery: Mapped[date | None]
    """The first day of the month in which it is handed over."""
    shipping_question: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    """What the backer is asked so that it can be delivered ("" asks nothing)."""

    image: Mapped[CampaignImage | None] = relationship()
    campaign: Mapped[Campaign] = relationship(back_populates="rewards")

    @property
    def is_gone(self) -> bool:
        """True where none is left."""
        return self.stock is not None and self.taken >= self.stock


class ClaimPayment(Base):
    """Money that the proposer paid back of costs that it bears; with what proves it."""

    __tablename__ = "claim_payment"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.UniqueConstraint("campaign_id", "reference"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    amount_cents: Mapped[int] = cents()
    received_on: Mapped[date]
    reference: Mapped[str] = mapped_column(sa.String(80))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("stored_file.id"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()
    file: Mapped[StoredFile] = relationship()
    recorder: Mapped[User | None] = relationship()

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.campaign.scope


class Payout(Base):
    """Collected money handed to the proposer, with its bank reference."""

    __tablename__ = "payout"
    __table_args__ = (sa.CheckConstraint("amount_cents > 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), index=True)
    amount_cents: Mapped[int] = cents()
    reference: Mapped[str] = mapped_column(sa.String(80))
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column(Instant)

    campaign: Mapped[Campaign] = relationship()
