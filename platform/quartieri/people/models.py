"""Authorities, users, roles, organisations."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from quartieri.audit.rules import Role
from quartieri.db import Base, Instant, code_of
from quartieri.people.rules import OrganisationKind, Scope


class Authority(Base):
    """A public body that owns programmes and calls."""

    __tablename__ = "authority"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    city: Mapped[str] = mapped_column(sa.String(100))
    province: Mapped[str] = mapped_column(sa.String(2), default="", server_default="")
    """Its two letters (MI, TO): legal terms keep its capital's patron saint; "" for none."""
    contact: Mapped[str] = mapped_column(sa.String(254), default="")
    accent: Mapped[str] = mapped_column(sa.String(20), default="blue")
    currency: Mapped[str] = mapped_column(sa.String(3), default="EUR")
    language: Mapped[str] = mapped_column(sa.String(5), default="it")

    @property
    def scope(self) -> Scope:
        """Where permissions on it are looked up."""
        return Scope(authority_id=self.id)


class User(Base):
    """A person's account. The address is kept in lower case and confirmed by a link."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(5), default="it")
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    demo: Mapped[bool] = mapped_column(default=False)
    session_version: Mapped[int] = mapped_column(default=1)
    """Raised by a new password: every other session ends."""

    roles: Mapped[list[RoleGrant]] = relationship(
        back_populates="user", foreign_keys="RoleGrant.user_id", order_by="RoleGrant.id"
    )


class RoleGrant(Base):
    """A role held by a user: for the installation, for an authority, or for one call.

    ``call_id`` and ``act_id`` are plain numbers, because calls and acts stand above people.
    """

    __tablename__ = "role_grant"
    __table_args__ = (sa.Index("ix_role_grant_user", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    role: Mapped[Role] = mapped_column(code_of(Role))
    authority_id: Mapped[int | None] = mapped_column(sa.ForeignKey("authority.id"))
    call_id: Mapped[int | None] = mapped_column(index=True)
    act_id: Mapped[int | None]
    since: Mapped[datetime] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)

    user: Mapped[User] = relationship(back_populates="roles", foreign_keys=[user_id])


class Organisation(Base):
    """Who applies: a registered body, or an informal group that may become one."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(code_of(OrganisationKind))
    volunteer: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """It says that it is a volunteer organisation (ODV): gifts to it are relieved more."""
    name: Mapped[str] = mapped_column(sa.String(200))
    tax_code: Mapped[str | None] = mapped_column(sa.String(16))
    seat: Mapped[str] = mapped_column(sa.String(300), default="")
    founded_on: Mapped[date | None]
    iban: Mapped[str | None] = mapped_column(sa.String(34))
    owner_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)

    owner: Mapped[User] = relationship(foreign_keys=[owner_id])

    @property
    def informal(self) -> bool:
        """True for a group of persons that no register knows."""
        return self.kind is OrganisationKind.INFORMAL_GROUP
