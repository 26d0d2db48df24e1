"""Accounts, roles and organisations for tests."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.people.models import Organisation, RoleGrant, User
from quartieri.people.rules import OrganisationKind, Scope
from tests.doubles import NOW
from tests.factories.programmes import make_authority

__all__ = ["actor_of", "make_authority", "make_official", "make_organisation", "make_user"]

_numbers = itertools.count(1)
TAX_CODES = ("80078750587", "01199250158", "97103880585")
"""Valid ones, of public bodies."""


def make_user(session: Session, name: str = "", **over: Any) -> User:
    """Add a confirmed account."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "email": f"utente{number}@example.org",
        "name": name or f"Utente {number}",
        "password_hash": "-",
        "created_at": NOW,
        "confirmed_at": NOW,
    }
    user = User(**(values | over))
    session.add(user)
    session.flush()
    return user


def make_official(session: Session, role: Role, scope: Scope, name: str = "") -> User:
    """Add an account with a role in a scope, held for a month."""
    user = make_user(session, name or f"Ufficio {role.value}")
    session.add(
        RoleGrant(
            user_id=user.id,
            role=role,
            authority_id=scope.authority_id,
            call_id=scope.call_id,
            since=NOW - timedelta(days=30),
        )
    )
    session.flush()
    return user


def actor_of(user: User, *roles: Role) -> Actor:
    """Give a user as who acts, with the roles held and ``roles``."""
    held = frozenset(g.role for g in user.roles)
    return Actor(user.id, user.name, held | {Role.ACCOUNT, *roles})


def make_organisation(session: Session, owner: User | None = None, **over: Any) -> Organisation:
    """Add an association with a valid tax code."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": OrganisationKind.ASSOCIATION,
        "name": f"Associazione {number}",
        "tax_code": TAX_CODES[number % len(TAX_CODES)],
        "seat": "Via Padova 1, Milano",
        "owner_id": (owner or make_user(session)).id,
        "created_at": NOW,
    }
    organisation = Organisation(**(values | over))
    if organisation.informal and "tax_code" not in over:
        organisation.tax_code = None
    session.add(organisation)
    session.flush()
    return organisation
