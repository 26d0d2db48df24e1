"""Reading rehearsals, and what a rehearsal takes along of a draft."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.calls.queries import pool_draft
from quartieri.db import get
from quartieri.people.models import User
from quartieri.programmes.queries import areas
from quartieri.rehearsal.models import Rehearsal
from quartieri.rehearsal.trial.copy import CallCopy

MOST = 10
"""How many rehearsals of a call are listed, and kept."""
MOST_SEED = 999_999
"""The largest number of a story."""


def rehearsal_by_id(session: Session, rehearsal_id: int) -> Rehearsal:
    """Give a rehearsal; raise NotFoundError."""
    return get(session, Rehearsal, rehearsal_id)


def rehearsals(session: Session, call_id: int) -> list[tuple[Rehearsal, str]]:
    """List a call's rehearsals without their reports, the latest first: (rehearsal, who asked)."""
    rows = session.execute(
        sa.select(Rehearsal, User.name)
        .options(sa.orm.defer(Rehearsal.report))
        .outerjoin(User, User.id == Rehearsal.asked_by)
        .where(Rehearsal.call_id == call_id)
        .order_by(Rehearsal.id.desc())
        .limit(MOST)
    )
    return [(rehearsal, name or "") for rehearsal, name in rows]


def copy_of(session: Session, call: Call, *, at: datetime) -> CallCopy:
    """Take a draft along as it stands; ``at`` is when it is published in the rehearsal."""
    return CallCopy(
        authority=call.authority.name,
        areas=tuple((a.code, a.name_it) for a in areas(session, call.authority_id)),
        design=call.design,
        windows=tuple((w.opens_at, w.closes_at) for w in call.windows),
        endowment_cents=pool_draft(session, call).endowment_cents or 0,
        at=at,
    )
