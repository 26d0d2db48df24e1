"""Campaigns, rewards, pledges, payouts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.rules import (
    PUBLIC_CAMPAIGN_STATES,
    CampaignState,
    PledgeChannel,
    PledgeState,
)
from quartieri.db import Base, Instant, cents, code_of
from quartieri.files.models import StoredFile
from quartieri.people.models import User
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal


class Campaign(Base):
    """The crowdfunding of one selected project; sums are stored beside the pledges they total.

    ``promised_cents`` totals pledges in PROMISED states, ``collected_cents`` those that are paid,
    ``offline_cents`` the part of both that came outside of the provider.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        sa.CheckConstraint("target_cents > 0", name="target"),
        sa.CheckConstraint("promised_cents >= 0", name="promised"),
        sa.CheckConstraint("collected_cents >= 0", name="collected"),
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
    starts_at: Mapped[datetime | None] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    grace_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    promised_cents: Mapped[int] = cents(default=0)
    collected_cents: Mapped[int] = cents(default=0)
    offline_cents: Mapped[int] = cents(default=0)
    backers: Mapped[int] = mapped_column(default=0)
    review_note: Mapped[str] = mapped_column(sa.Text, default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_cents: Mapped[int | None] = cents()
    """What success was decided on: collected, or promised where it was missed at once."""
    decided_backers: Mapped[int | None]
    """From how many pledges that sum came."""

    proposal: Mapped[Proposal] = relationship()
    image: Mapped[StoredFile | None] = relationship()
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
    def succeeded(self) -> bool:
        """True once success was decided on collected money."""
        return self.decided_cents is not None and self.decided_cents >= self.target_cents

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

    campaign: Mapped[Campaign] = relationship(back_populates="rewards")


class Pledge(Base):
    """One backer's promise. ``code`` is shown to the backer; guests find it by a signed link."""

    __tablename__ = "pledge"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint(
            "refunded_cents >= 0 AND refunded_cents <= amount_cents", name="refunded"
        ),
        sa.Index("ix_pledge_campaign_state", "campaign_id", "state", "id"),
        sa.Index("ix_pledge_email", "email"),
        sa.Index("ix_pledge_due", "state", "retry_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"))
    reward_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reward.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    token: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """Drawn with the form: two clicks on its button make one pledge."""
    channel: Mapped[PledgeChannel] = mapped_column(code_of(PledgeChannel))
    state: Mapped[PledgeState] = mapped_column(code_of(PledgeState))
    amount_cents: Mapped[int] = cents()
    refunded_cents: Mapped[int] = cents(default=0)
    hand_cents: Mapped[int] = cents(default=0)
    """The part of ``refunded_cents`` that went back outside of the provider."""
    returns: Mapped[int] = mapped_column(default=0)
    """How many movements gave money back, or brought it back again."""
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    public_name: Mapped[str] = mapped_column(sa.String(100), default="")
    """What the page shows; empty: anonymous before the public."""
    message: Mapped[str] = mapped_column(sa.String(300), default="")
    language: Mapped[str] = mapped_column(sa.String(5), default="it")
    consent: Mapped[str] = mapped_column(sa.Text, default="")
    """The words agreed to: amount, condition, latest date of the charge."""
    started_at: Mapped[datetime] = mapped_column(Instant)
    """When the request that started the payment came in: what counts against the deadline."""
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    card: Mapped[int] = mapped_column(default=0)
    """The number of the newest saved card that was taken note of."""
    charge_mark: Mapped[str] = mapped_column(sa.String(60), default="")
    """What was known of its payment when the present try began: a refusal from before is old."""
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the backer was told of the campaign's success."""
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
    """For an offline pledge: what proves that the money is held."""
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reversal_asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    refund_due_at: Mapped[datetime | None] = mapped_column(Instant)
    """By when the owner of a stuck refund must have solved it."""
    refund_owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    refund_error: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it is stuck, in the provider's words."""

    campaign: Mapped[Campaign] = relationship()
    reward: Mapped[Reward | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    refund_owner: Mapped[User | None] = relationship(foreign_keys=[refund_owner_id])

    @property
    def subject(self) -> str:
        """Its name among payments."""
        return f"pledge:{self.id}"

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
