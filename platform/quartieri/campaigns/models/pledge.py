"""Pledges."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.campaigns.models.campaign import Campaign, Reward
from quartieri.campaigns.rules import OfflineMeans, PledgeChannel, PledgeState
from quartieri.db import Base, Instant, cents, code_of
from quartieri.files.models import StoredFile
from quartieri.people.models import User
from quartieri.people.rules import Scope


class Pledge(Base):
    """One backer's promise. ``code`` is shown to the backer; guests find it by a signed link."""

    __tablename__ = "pledge"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="amount"),
        sa.CheckConstraint(
            "refunded_cents >= 0 AND refunded_cents <= amount_cents", name="refunded"
        ),
        sa.CheckConstraint("cover_cents >= 0 AND cover_cents < amount_cents", name="cover"),
        sa.CheckConstraint("match_cents >= 0", name="match"),
        sa.Index("ix_pledge_campaign_state", "campaign_id", "state", "id"),
        sa.Index("ix_pledge_email", "email"),
        sa.Index(
            "uq_pledge_reference",
            "campaign_id",
            "reference",
            unique=True,
            sqlite_where=sa.text("reference <> ''"),
            postgresql_where=sa.text("reference <> ''"),
        ),
        sa.Index("ix_pledge_mailbox", "campaign_id", "mailbox"),
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
    charged_now: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """True where it is paid at once, on the provider's page, and never charged later."""
    amount_cents: Mapped[int] = cents()
    """What is charged: the gift, and what was added for the fees."""
    cover_cents: Mapped[int] = cents(default=0, server_default="0")
    """The part of ``amount_cents`` that was added for the payment service's fees."""
    fee_cents: Mapped[int | None] = cents()
    """What the provider kept of its charge; None until that is known."""
    refunded_cents: Mapped[int] = cents(default=0)
    disputed_cents: Mapped[int] = cents(default=0, server_default="0")
    """What a bank holds back of it now, in disputes that are open."""
    lost_cents: Mapped[int] = cents(default=0, server_default="0")
    """What a bank took back for good, in disputes that were lost."""
    disputed_from: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    """In which state it was before the dispute about all of it."""
    returning_cents: Mapped[int] = cents(default=0, server_default="0")
    """The parts that go back by decision and are on their way."""
    hand_cents: Mapped[int] = cents(default=0)
    """The part of ``refunded_cents`` that went back outside of the provider."""
    returns: Mapped[int] = mapped_column(default=0)
    """How many movements gave money back, or brought it back again."""
    match_cents: Mapped[int] = cents(default=0, server_default="0")
    """What the city's live match reserves, or granted, for it; each change is in the book."""
    match_moves: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many movements its match made."""
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    mailbox: Mapped[str] = mapped_column(sa.String(254), default="", server_default="")
    """The address without what stands after a plus: who gives twice is one person."""
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    company: Mapped[str] = mapped_column(sa.String(200), default="", server_default="")
    """Whose gift it is, where a company gives; "" for a person."""
    sponsor: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """The company wants to be shown among the sponsors."""
    tax_code: Mapped[str] = mapped_column(sa.String(16), default="", server_default="")
    """Fiscal code or VAT number, where the receipt is to name it."""
    public_name: Mapped[str] = mapped_column(sa.String(100), default="")
    """What the page shows; empty: anonymous before the public."""
    message: Mapped[str] = mapped_column(sa.String(300), default="")
    shipping_answer: Mapped[str] = mapped_column(sa.String(500), default="", server_default="")
    """Where the reward goes, or what else it asks."""
    team: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Given by somebody of the project's own team."""
    language: Mapped[str] = mapped_column(sa.String(5), default="it")
    consent: Mapped[str] = mapped_column(sa.Text, default="")
    """The words agreed to: amount, condition, latest date of the charge."""
    links: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its link was made anew: whoever has an earlier one opens nothing."""
    agreed_ends_at: Mapped[datetime | None] = mapped_column(Instant)
    """The campaign's end that stands in those words; nothing is charged for a later one."""
    started_at: Mapped[datetime] = mapped_column(Instant)
    """When the request that started the payment came in: what counts against the deadline."""
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
    changes: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its amount was changed by the backer."""
    attempts: Mapped[int] = mapped_column(default=0)
    card: Mapped[int] = mapped_column(default=0)
    """The number of the newest saved card that was taken note of."""
    charge_mark: Mapped[str] = mapped_column(sa.String(60), default="")
    """What was known of its payment when the present try began: a refusal from before is old."""
    told_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the backer was told of the campaign's success."""
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    """When its saved card was last tried."""
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    evidence: Mapped[str] = mapped_column(sa.Text, default="")
    """For an offline pledge: what proves that the money is held."""
    means: Mapped[OfflineMeans | None] = mapped_column(code_of(OfflineMeans))
    """How offline money changed hands."""
    evidence_file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stored_file.id"))
    reference: Mapped[str] = mapped_column(sa.String(80), default="", server_default="")
    """What a table calls an offline gift: the same one is recorded once in a campaign."""
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    reversal_asked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    refund_due_at: Mapped[datetime | None] = mapped_column(Instant)
    """By when the owner of a stuck refund must have solved it."""
    refund_owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    refund_error: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it is stuck, in the provider's words."""

    campaign: Mapped[Campaign] = relationship()
    evidence_file: Mapped[StoredFile | None] = relationship()
    reward: Mapped[Reward | None] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    refund_owner: Mapped[User | None] = relationship(foreign_keys=[refund_owner_id])

    @property
    def gift_cents(self) -> int:
        """What is given, without what was added for the fees: limits look at this."""
        return self.amount_cents - self.cover_cents

    @property
    def standing_cents(self) -> int:
        """What was given and did not go back for good: what a bank holds for now is still in it."""
        return max(self.amount_cents - self.refunded_cents - self.lost_cents, 0)

    @property
    def kept_cents(self) -> int:
        """What is really here of it: neither given back nor taken back by a bank."""
        gone = self.refunded_cents + self.disputed_cents + self.lost_cents
        return max(self.amount_cents - gone, 0)

    @property
    def is_returned(self) -> bool:
        """True where its backer has everything back, from us or from a bank."""
        return self.refunded_cents + self.lost_cents >= self.amount_cents

    @property
    def subject(self) -> str:
        """Its name among payments."""
        return f"pledge:{self.id}"

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return self.campaign.scope
