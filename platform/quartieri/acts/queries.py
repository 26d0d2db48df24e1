"""Reading acts."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.models import Act
from quartieri.acts.rules import ActKind, ActState
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy

SHOWN = frozenset({ActState.PUBLISHED, ActState.REVOKED})


def published_act(session: Session, act_id: int) -> Act:
    """Give an act that everyone may read; raise NotFoundError for others."""
    act = session.get(Act, act_id)
    if act is None or act.state not in SHOWN:
        raise NotFoundError(lazy("There is nothing at this address."))
    return act


def same_number(
    session: Session, authority_id: int, kind: ActKind, number: str, dated: date
) -> Act | None:
    """Give the act of this kind, number and date that is recorded already, or None."""
    return session.scalars(
        sa.select(Act)
        .where(
            Act.authority_id == authority_id,
            Act.kind == kind,
            Act.number == number,
            Act.dated == dated,
        )
        .limit(1)
    ).one_or_none()
