"""What a backer sees of the own pledges."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.campaigns.models import Pledge
from quartieri.campaigns.queries.gift import WITH_DESIGN
from quartieri.people.models import User

MOST_LINKS = 50


def pledges_of_account(session: Session, user_id: int) -> list[Pledge]:
    """List an account's pledges, the newest first, with their campaigns and rewards."""
    return list(
        session.scalars(
            sa.select(Pledge)
            .where(Pledge.user_id == user_id)
            .options(joinedload(Pledge.campaign).options(WITH_DESIGN), joinedload(Pledge.reward))
            .order_by(Pledge.id.desc())
        )
    )


def claimable(session: Session, user: User) -> int:
    """Count the pledges that were made as a guest with an account's verified address."""
    if user.confirmed_at is None:
        return 0
    found = sa.select(sa.func.count(Pledge.id)).where(
        Pledge.email == user.email, Pledge.user_id.is_(None)
    )
    return session.scalar(found) or 0


def pledges_to_link(session: Session, email: str) -> list[Pledge]:
    """List the pledges made with an address, the newest first, for a letter to that address."""
    address = email.strip().lower()
    if not address:
        return []
    return list(
        session.scalars(
            sa.select(Pledge)
            .where(Pledge.email == address)
            .options(joinedload(Pledge.campaign).options(WITH_DESIGN))
            .order_by(Pledge.id.desc())
            .limit(MOST_LINKS)
        )
    )
