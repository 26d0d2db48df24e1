"""Levels of the tree, endowment pools with their shares, direct spending, areas."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from quartieri.db import Base, Instant, cents, code_of
from quartieri.people.rules import Scope
from quartieri.programmes.rules import AreaKind, LevelKind


class ProgrammeLevel(Base):
    """One level of an authority's tree; ``budget_cents`` is null where no figure is published.

    The parent is of a higher kind and of the same authority: both are constraints.
    """

    __tablename__ = "programme_level"
    __table_args__ = (
        sa.UniqueConstraint("authority_id", "slug"),
        sa.UniqueConstraint("parent_id", "code"),
        sa.UniqueConstraint("id", "kind", "authority_id"),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_kind", "authority_id"],
            ["programme_level.id", "programme_level.kind", "programme_level.authority_id"],
            name="fk_programme_level_parent",
        ),
        sa.CheckConstraint(
            "(kind = 'programme' AND parent_id IS NULL AND parent_kind IS NULL)"
            " OR (parent_id IS NOT NULL AND parent_kind IS NOT NULL AND ("
            "(kind = 'line' AND parent_kind = 'programme')"
            " OR (kind = 'instrument' AND parent_kind IN ('programme', 'line'))"
            " OR (kind = 'action' AND parent_kind IN ('programme', 'line', 'instrument'))))",
            name="parent",
        ),
        sa.CheckConstraint("budget_cents >= 0", name="budget"),
        sa.CheckConstraint("ends_on >= starts_on", name="years"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"))
    kind: Mapped[LevelKind] = mapped_column(code_of(LevelKind))
    parent_id: Mapped[int | None] = mapped_column()
    parent_kind: Mapped[str | None] = mapped_column(sa.String(40))
    code: Mapped[str] = mapped_column(sa.String(40))
    slug: Mapped[str] = mapped_column(sa.String(80))
    title_it: Mapped[str] = mapped_column(sa.String(300))
    title_en: Mapped[str] = mapped_column(sa.String(300), default="")
    description_it: Mapped[str] = mapped_column(sa.Text, default="")
    description_en: Mapped[str] = mapped_column(sa.Text, default="")
    office: Mapped[str] = mapped_column(sa.String(300), default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    budget_cents: Mapped[int | None] = cents()
    revision: Mapped[int] = mapped_column(default=0)

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.authority_id)


class DirectSpending(Base):
    """Money that a level spent without a call, by act."""

    __tablename__ = "direct_spending"
    __table_args__ = (
        sa.CheckConstraint("amount_cents > 0", name="positive"),
        sa.Index("ix_direct_spending_level_id", "level_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    level_id: Mapped[int] = mapped_column(sa.ForeignKey("programme_level.id"))
    amount_cents: Mapped[int] = cents()
    act_id: Mapped[int | None]
    about: Mapped[str] = mapped_column(sa.String(300))
    at: Mapped[datetime] = mapped_column(Instant)


class EndowmentPool(Base):
    """The money that windows draw on. ``endowment_cents`` is null until it is known.

    ``bound_at`` is set when a published call allots it, ``unbound_at`` when what was left went
    back.
    """

    __tablename__ = "endowment_pool"
    __table_args__ = (
        sa.CheckConstraint("endowment_cents >= 0", name="endowment"),
        sa.CheckConstraint("bound_at IS NULL OR endowment_cents IS NOT NULL", name="bound"),
        sa.CheckConstraint("unbound_at IS NULL OR bound_at IS NOT NULL", name="unbound"),
        sa.Index("ix_endowment_pool_authority_id", "authority_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"))
    title: Mapped[str] = mapped_column(sa.String(300))
    endowment_cents: Mapped[int | None] = cents()
    bound_at: Mapped[datetime | None] = mapped_column(Instant)
    unbound_at: Mapped[datetime | None] = mapped_column(Instant)
    revision: Mapped[int] = mapped_column(default=0)

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.authority_id)

    @property
    def is_bound(self) -> bool:
        """True from the publication of the call on, until what is left goes back."""
        return self.bound_at is not None and self.unbound_at is None


class PoolShare(Base):
    """How much of a pool one level of the tree gives; what goes back lessens it."""

    __tablename__ = "pool_share"
    __table_args__ = (
        sa.CheckConstraint("amount_cents >= 0", name="not_negative"),
        sa.Index("ix_pool_share_level_id", "level_id"),
    )

    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("endowment_pool.id"), primary_key=True)
    level_id: Mapped[int] = mapped_column(sa.ForeignKey("programme_level.id"), primary_key=True)
    amount_cents: Mapped[int] = cents()


class Area(Base):
    """A part of a city that proposals name: Milan's Municipi, Turin's Circoscrizioni."""

    __tablename__ = "area"
    __table_args__ = (sa.UniqueConstraint("authority_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    authority_id: Mapped[int] = mapped_column(sa.ForeignKey("authority.id"))
    code: Mapped[str] = mapped_column(sa.String(40))
    name_it: Mapped[str] = mapped_column(sa.String(200))
    name_en: Mapped[str] = mapped_column(sa.String(200), default="")
    kind: Mapped[AreaKind] = mapped_column(code_of(AreaKind))
