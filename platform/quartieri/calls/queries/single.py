"""Reading one call with what belongs to it."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from quartieri.calls.gaps import City, Gap, PoolDraft, Share, WindowDates
from quartieri.calls.models import (
    Call,
    CallAct,
    CallEdition,
    HistoricalProject,
    Window,
    WindowExtension,
)
from quartieri.calls.publication import missing_for_publication
from quartieri.calls.publication.identity import of_documents
from quartieri.calls.queries.files import files_of
from quartieri.calls.rules import PUBLIC_CALL_STATES, CallState, WindowState
from quartieri.db import get
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import Area, EndowmentPool
from quartieri.programmes.rules import LevelFigures


def call_by_id(session: Session, call_id: int) -> Call:
    """Give a call; raise NotFoundError."""
    return get(session, Call, call_id)


def window_by_id(session: Session, window_id: int) -> Window:
    """Give a session of a call; raise NotFoundError."""
    return get(session, Window, window_id)


def call_by_slug(session: Session, slug: str) -> Call | None:
    """Give a call by its address, in any state, or None."""
    return session.scalars(sa.select(Call).where(Call.slug == slug)).one_or_none()


def public_call(session: Session, slug: str) -> Call:
    """Give a call that everyone may read, with windows, extensions and editions; NotFoundError.

    Four queries, whatever the call holds.
    """
    found = session.scalars(
        sa.select(Call)
        .where(Call.slug == slug, Call.state.in_(PUBLIC_CALL_STATES))
        .options(
            joinedload(Call.authority),
            joinedload(Call.pool),
            selectinload(Call.windows)
            .selectinload(Window.extensions)
            .joinedload(WindowExtension.act),
            selectinload(Call.editions).selectinload(CallEdition.criteria),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError(lazy("There is no call at this address."))
    return found


def open_window(session: Session, call: Call, at: datetime) -> Window | None:
    """Give the session that an application of this instant belongs to, or None.

    Both ends are inclusive; a suspended call has no open session.
    """
    if call.state is not CallState.PUBLISHED:
        return None
    windows = session.scalars(
        sa.select(Window)
        .where(
            Window.call_id == call.id,
            Window.state.is_(None),
            Window.opens_at <= at,
            Window.closes_at >= at,
        )
        .order_by(Window.number)
    )
    return next((w for w in windows if w.state_at(at) is WindowState.OPEN), None)


def latest_edition(session: Session, call: Call) -> CallEdition | None:
    """Give the newest published edition of a call with its criteria, or None."""
    return session.scalars(
        sa.select(CallEdition)
        .where(CallEdition.call_id == call.id)
        .options(selectinload(CallEdition.criteria))
        .order_by(CallEdition.number.desc())
        .limit(1)
    ).one_or_none()


def acts_of(session: Session, call: Call) -> list[CallAct]:
    """List what acts did to a call, oldest first."""
    return list(
        session.scalars(
            sa.select(CallAct)
            .where(CallAct.call_id == call.id)
            .options(joinedload(CallAct.act))
            .order_by(CallAct.id)
        )
    )


def historical_projects(session: Session, call: Call) -> list[HistoricalProject]:
    """List the known projects of a past edition, in the order of the source."""
    return list(
        session.scalars(
            sa.select(HistoricalProject)
            .where(HistoricalProject.call_id == call.id)
            .order_by(HistoricalProject.position, HistoricalProject.id)
        )
    )


# -- what publication asks ---------------------------------------------------------------------


def gaps(session: Session, call: Call, *, now: datetime, language: str = "it") -> list[Gap]:
    """List what keeps a call from being published at an instant; titles in a language."""
    windows = [
        WindowDates(w.number, w.opens_at, w.closes_at, w.endowment_cents) for w in call.windows
    ]
    scans = [d.title(language) for d in files_of(session, call.id).without_copy]
    return [
        *of_documents(scans),
        *missing_for_publication(
            call.design,
            windows,
            pool_draft(session, call, language),
            now,
            city_of(session, call.authority_id),
        ),
    ]


def pool_draft(session: Session, call: Call, language: str = "it") -> PoolDraft:
    """Give a call's planned endowment (cents) and where it comes from; titles in a language."""
    pool = session.get(EndowmentPool, call.pool_id) if call.pool_id else None
    if pool is None:
        return PoolDraft()
    by_id = _by_id(programmes.tree(session, call.authority_id))
    shares = programmes.shares_of(session, pool.id)
    return PoolDraft(
        endowment_cents=pool.endowment_cents,
        shares=tuple(
            _share(by_id, level_id, cents, language)
            for level_id, cents in shares.items()
            if level_id in by_id
        ),
    )


def _share(by_id: dict[int, LevelFigures], level_id: int, cents: int, language: str) -> Share:
    nearest: LevelFigures | None = by_id[level_id]
    while nearest is not None and nearest.planned_cents is None:
        nearest = by_id.get(nearest.parent_id) if nearest.parent_id else None
    title = by_id[level_id].title(language)
    if nearest is None:
        return Share(title, cents)
    return Share(title, cents, nearest.available_cents, nearest.title(language))


def _by_id(levels: list[LevelFigures]) -> dict[int, LevelFigures]:
    found: dict[int, LevelFigures] = {}
    for level in levels:
        found[level.id] = level
        found.update(_by_id(level.children))
    return found


def city_of(session: Session, authority_id: int) -> City:
    """Give what of an authority's city the checklist needs."""
    codes = session.scalars(sa.select(Area.code).where(Area.authority_id == authority_id))
    tree = programmes.parents(session, authority_id)
    return City(areas=frozenset(codes), has_programme=bool(tree))
