"""Accounts, roles, organisations."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor, Role
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.models import Authority, Organisation, RoleGrant, User
from quartieri.people.queries import user_by_email
from quartieri.people.rules import OrganisationKind, Scope


def add_authority(
    session: Session,
    *,
    slug: str,
    name: str,
    city: str,
    contact: str = "",
    language: str = "it",
    at: datetime,
) -> Authority:
    """Add a public body; ``language`` is the one that its site speaks first."""
    authority = Authority(slug=slug, name=name, city=city, contact=contact, language=language)
    session.add(authority)
    session.flush()
    record(
        session,
        "add",
        "authority",
        authority.id,
        actor=Actor(None, "installation", frozenset()),
        at=at,
        after={"name": name},
    )
    return authority


def name_authority(
    session: Session,
    authority: Authority,
    *,
    slug: str,
    name: str,
    city: str,
    language: str,
    at: datetime,
) -> Authority:
    """Give its name to the authority that calls were imported for before the installation."""
    before = {"slug": authority.slug, "name": authority.name}
    authority.slug, authority.name = slug, name
    authority.city, authority.language = city, language
    session.flush()
    record(
        session,
        "name",
        "authority",
        authority.id,
        actor=Actor(None, "installation", frozenset()),
        at=at,
        before=before,
        after={"slug": slug, "name": name},
    )
    return authority


def register(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str,
    language: str,
    at: datetime,
    confirmed: bool = False,
    demo: bool = False,
) -> User | None:
    """Add an account; give None if the address has one (the page must not tell which)."""
    address = email.strip().lower()
    if user_by_email(session, address) is not None:
        return None
    user = User(
        email=address,
        name=name.strip(),
        password_hash=password_hash,
        language=language,
        created_at=at,
        confirmed_at=at if confirmed else None,
        demo=demo,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        return None
    record(session, "register", "user", user.id, actor=_self(user), at=at)
    return user


def confirm(session: Session, user: User, *, at: datetime) -> None:
    """Note that the address is its owner's; a second click changes nothing."""
    if user.confirmed_at is None:
        user.confirmed_at = at
        record(session, "confirm_address", "user", user.id, actor=_self(user), at=at)


def set_password(session: Session, user: User, password_hash: str, *, at: datetime) -> None:
    """Keep a new password and end every other session of the account."""
    user.password_hash = password_hash
    user.session_version += 1
    if user.confirmed_at is None:
        user.confirmed_at = at
    record(session, "set_password", "user", user.id, actor=_self(user), at=at)


def change_profile(session: Session, user: User, *, name: str, language: str, at: datetime) -> None:
    """Change the shown name and the language of letters."""
    before = {"name": user.name, "language": user.language}
    user.name, user.language = name.strip(), language
    after = {"name": user.name, "language": language}
    if before != after:
        record(
            session,
            "change_profile",
            "user",
            user.id,
            actor=_self(user),
            at=at,
            before=before,
            after=after,
        )


def give_role(
    session: Session,
    user: User,
    role: Role,
    scope: Scope,
    *,
    actor: Actor,
    at: datetime,
    until: datetime | None = None,
    act_id: int | None = None,
) -> RoleGrant:
    """Give a role in a scope; the same role there twice is one. Raises InvalidError."""
    if until is not None and until <= at:
        raise InvalidError(lazy("The end must be in the future."), field="until")
    held = session.scalars(
        sa.select(RoleGrant).where(
            RoleGrant.user_id == user.id,
            RoleGrant.role == role,
            RoleGrant.authority_id.is_not_distinct_from(scope.authority_id),
            RoleGrant.call_id.is_not_distinct_from(scope.call_id),
            sa.or_(RoleGrant.until.is_(None), RoleGrant.until > at),
        )
    ).first()
    if held is not None:
        return held
    grant = RoleGrant(
        user_id=user.id,
        role=role,
        authority_id=scope.authority_id,
        call_id=scope.call_id,
        act_id=act_id,
        since=at,
        until=until,
    )
    session.add(grant)
    session.flush()
    record(session, "give_role", "user", user.id, actor=actor, at=at, after=_role_facts(grant))
    return grant


def end_role(session: Session, grant: RoleGrant, *, actor: Actor, at: datetime) -> None:
    """End a role now; the row stays, for the record."""
    if grant.until is None or grant.until > at:
        grant.until = at
        record(
            session,
            "end_role",
            "user",
            grant.user_id,
            actor=actor,
            at=at,
            before=_role_facts(grant),
        )


def add_organisation(
    session: Session,
    owner: User,
    *,
    kind: OrganisationKind,
    name: str,
    tax_code: str | None = None,
    seat: str = "",
    founded_on: date | None = None,
    actor: Actor,
    at: datetime,
) -> Organisation:
    """Enter an organisation or informal group; its owner applies for it."""
    organisation = Organisation(
        kind=kind,
        name=name.strip(),
        tax_code=tax_code or None,
        seat=seat.strip(),
        founded_on=founded_on,
        owner_id=owner.id,
        created_at=at,
    )
    session.add(organisation)
    session.flush()
    record(
        session,
        "add",
        "organisation",
        organisation.id,
        actor=actor,
        at=at,
        after={"kind": kind, "name": organisation.name},
    )
    return organisation


def _self(user: User) -> Actor:
    return Actor(user.id, user.name, frozenset({Role.ACCOUNT}))


def _role_facts(grant: RoleGrant) -> dict[str, object]:
    return {
        "role": grant.role,
        "authority": grant.authority_id,
        "call": grant.call_id,
        "until": grant.until.isoformat() if grant.until else None,
    }


def say_volunteer(
    session: Session, organisation: Organisation, *, volunteer: bool, actor: Actor, at: datetime
) -> None:
    """Note whether a third-sector body is a volunteer organisation (ODV), as its owner says.

    What backers read of tax relief follows; receipts that were issued stay. Raises
    IllegalMoveError for a body of another kind: an ODV is entered in the register of the third
    sector (art. 32 Codice del Terzo settore).
    """
    organisation = lock(session, Organisation, organisation.id)
    if organisation.kind is not OrganisationKind.THIRD_SECTOR:
        raise IllegalMoveError(
            lazy("Only a third-sector body (ETS) can be a volunteer organisation (ODV).")
        )
    before = organisation.volunteer
    if before is volunteer:
        return
    organisation.volunteer = volunteer
    organisation.version += 1
    session.flush()
    record(
        session,
        "say_volunteer",
        "organisation",
        organisation.id,
        actor=actor,
        at=at,
        before={"volunteer": before},
        after={"volunteer": volunteer},
    )
