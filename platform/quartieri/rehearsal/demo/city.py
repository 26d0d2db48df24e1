"""Loading the demo city once, through the same verbs as the interface."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.people import actions as people
from quartieri.people.models import Authority, User
from quartieri.rehearsal.cast import PARTS, PASSWORD, engage


def is_loaded(session: Session) -> bool:
    """Tell whether the demo city is in the database."""
    return session.scalar(sa.select(User.id).where(User.demo).limit(1)) is not None


def load() -> None:
    """Load the demo city, once; a second call changes nothing."""
    if is_loaded(db.session()):
        db.session.rollback()
        return
    now = services().clock.now()
    with unit_of_work() as session:
        milano = people.add_authority(
            session, slug="milano", name="Comune di Milano", city="Milano", at=now
        )
        people.add_authority(session, slug="torino", name="Città di Torino", city="Torino", at=now)
        profile = services().settings.password_profile
        engage(session, milano, at=now, password_profile=profile, demo=True)


def authority(session: Session, slug: str) -> Authority:
    """Give one of the demo's authorities."""
    return session.scalars(sa.select(Authority).where(Authority.slug == slug)).one()


def accounts_text() -> str:
    """Say the demo's accounts: address, role, and the password of all."""
    lines = [f"  {p.email:<28} {p.role.label if p.role else 'Citizen'}" for p in PARTS]
    return "\n".join(["Demo accounts (password of all: " + PASSWORD + "):", *lines])
