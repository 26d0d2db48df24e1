"""Reading people."""

from __future__ import annotations

from collections.abc import Sequence
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


def authority_ids(session: Session) -> frozenset[int]:
    """Give the ids of all authorities of the installation."""
    return frozenset(session.scalars(sa.select(Authority.id)))


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


def _in_reach(scopes: Sequence[Scope], words: str) -> sa.ColumnElement[bool]:
    held = sa.select(RoleGrant.user_id).where(
        sa.or_(sa.false(), *(_within(scope) for scope in scopes))
    )
    return sa.or_(User.id.in_(held), User.email == words.strip().lower())


def _within(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.call_id is not None:
        return RoleGrant.call_id == scope.call_id
    return RoleGrant.authority_id == scope.authority_id


def reaches(session: Session, user: User, scopes: Sequence[Scope], words: str) -> bool:
    """Tell whether who gives roles within ``scopes`` may see an account.

    Those with a role there, present or past; any other one by its whole address (``words``):
    whoever gives a role to somebody new knows it, and nobody leafs through the citizens.
    """
    found = sa.select(User.id).where(User.id == user.id, _in_reach(scopes, words))
    return session.scalar(found) is not None


def people_page(
    session: Session,
    *,
    words: str,
    with_roles: bool,
    page: int,
    at: datetime,
    scopes: Sequence[Scope] | None = None,
) -> PeoplePage:
    """List accounts by name, 50 a page; ``words`` are looked for in names and addresses.

    ``scopes`` are where the reader gives roles (None: everywhere); any other account is
    found by its whole address alone.
    """
    found = sa.select(User)
    if scopes is not None:
        found = found.where(_in_reach(scopes, words))
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
