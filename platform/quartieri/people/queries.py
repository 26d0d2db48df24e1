"""Reading people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import Role
from quartieri.people.models import Authority, Organisation, RoleGrant, User
from quartieri.people.rules import Scope


def user_by_email(session: Session, email: str) -> User | None:
    """Find an account by its address, in any case of letters."""
    return session.scalars(sa.select(User).where(User.email == email.strip().lower())).first()


def grants_of(session: Session, user_id: int, *, at: datetime) -> list[RoleGrant]:
    """List the roles that a user holds at an instant."""
    return list(
        session.scalars(
            sa.select(RoleGrant)
            .where(RoleGrant.user_id == user_id, RoleGrant.since <= at)
            .where(sa.or_(RoleGrant.until.is_(None), RoleGrant.until > at))
            .order_by(RoleGrant.id)
        )
    )


def roles_in(held: list[RoleGrant], scope: Scope) -> frozenset[Role]:
    """Give the roles that count in ``scope``: the installation's, its authority's, its call's."""
    return frozenset(
        g.role
        for g in held
        if (g.authority_id is None or g.authority_id == scope.authority_id)
        and (g.call_id is None or g.call_id == scope.call_id)
    )


def holders(session: Session, role: Role, scope: Scope, *, at: datetime) -> list[User]:
    """List who holds a role in ``scope``, by name."""
    return list(
        session.scalars(
            sa.select(User)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(RoleGrant.role == role, RoleGrant.since <= at, User.disabled_at.is_(None))
            .where(sa.or_(RoleGrant.until.is_(None), RoleGrant.until > at))
            .where(
                sa.or_(
                    RoleGrant.authority_id.is_(None), RoleGrant.authority_id == scope.authority_id
                )
            )
            .where(sa.or_(RoleGrant.call_id.is_(None), RoleGrant.call_id == scope.call_id))
            .distinct()
            .order_by(User.name, User.id)
        )
    )


def authorities(session: Session) -> list[Authority]:
    """List the authorities, the first installed first."""
    return list(session.scalars(sa.select(Authority).order_by(Authority.id)))


def first_authority(session: Session) -> Authority | None:
    """Give the authority that was installed first: whose site it is."""
    return session.scalars(sa.select(Authority).order_by(Authority.id).limit(1)).first()


def organisations_of(session: Session, user_id: int) -> list[Organisation]:
    """List the organisations and groups that a user entered, by name."""
    return list(
        session.scalars(
            sa.select(Organisation)
            .where(Organisation.owner_id == user_id)
            .order_by(Organisation.name, Organisation.id)
        )
    )


PAGE = 50


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """One page of accounts."""

    users: list[User]
    number: int
    pages: int
    total: int


def people_page(
    session: Session, *, words: str, with_roles: bool, page: int, at: datetime
) -> PeoplePage:
    """List accounts by name, 50 a page; ``words`` are looked for in names and addresses."""
    found = sa.select(User)
    if words:
        like = f"%{words.lower()}%"
        found = found.where(sa.or_(sa.func.lower(User.name).like(like), User.email.like(like)))
    if with_roles:
        held = sa.select(RoleGrant.user_id).where(
            sa.or_(RoleGrant.until.is_(None), RoleGrant.until > at)
        )
        found = found.where(User.id.in_(held))
    total = session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    users = session.scalars(
        found.order_by(User.name, User.id).offset((page - 1) * PAGE).limit(PAGE)
    )
    return PeoplePage(list(users), page, max(-(-total // PAGE), 1), total)


def roles_of_page(
    session: Session, users: list[User], *, at: datetime
) -> dict[int, list[RoleGrant]]:
    """Give the present roles of a page of accounts, in one query."""
    grants = session.scalars(
        sa.select(RoleGrant)
        .where(RoleGrant.user_id.in_([u.id for u in users]))
        .where(sa.or_(RoleGrant.until.is_(None), RoleGrant.until > at))
        .order_by(RoleGrant.id)
    )
    roles: dict[int, list[RoleGrant]] = {u.id: [] for u in users}
    for grant in grants:
        roles[grant.user_id].append(grant)
    return roles
