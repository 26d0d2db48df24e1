"""The tree, pools and areas for tests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor, Role
from quartieri.people.models import Authority
from quartieri.programmes import actions
from quartieri.programmes.models import Area, EndowmentPool, ProgrammeLevel
from quartieri.programmes.rules import LevelKind

AT = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
MANAGER = Actor(None, "Responsabile", frozenset({Role.CALL_MANAGER, Role.SIGNING_MANAGER}))
_numbers = itertools.count(1)


def make_authority(session: Session, **over: Any) -> Authority:
    """Add an authority."""
    number = next(_numbers)
    values = {"slug": f"ente-{number}", "name": f"Comune {number}", "city": "Milano"} | over
    authority = Authority(**values)
    session.add(authority)
    session.flush()
    return authority


def make_level(
    session: Session,
    authority: Authority | None = None,
    parent: ProgrammeLevel | None = None,
    *,
    budget_cents: int | None = None,
    **over: Any,
) -> ProgrammeLevel:
    """Add a programme, or a line below ``parent``; with a budget, set by act 1."""
    number = next(_numbers)
    if parent is None:
        authority_id, kind = (authority or make_authority(session)).id, LevelKind.PROGRAMME
    else:
        authority_id, kind = parent.authority_id, LevelKind.LINE
    values: dict[str, Any] = {
        "authority_id": authority_id,
        "kind": kind,
        "parent": parent,
        "code": f"L{number}",
        "slug": f"livello-{number}",
        "title_it": f"Livello {number}",
    }
    level = actions.create_level(session, **(values | over), actor=MANAGER, at=AT)
    if budget_cents is not None:
        actions.set_budget(session, level, budget_cents, act_id=1, actor=MANAGER, at=AT)
    return level


def make_pool(
    session: Session,
    *,
    authority_id: int | None = None,
    endowment_cents: int | None = 100_000_00,
    shares: Mapping[int, int] | None = None,
    bound: bool = False,
    title: str = "Dotazione",
) -> EndowmentPool:
    """Add a pool of 100,000 €, outside of the tree unless ``shares`` are given."""
    pool = actions.create_pool(
        session,
        authority_id=authority_id or make_authority(session).id,
        title=title,
        endowment_cents=endowment_cents,
        shares=shares,
        actor=MANAGER,
        at=AT,
    )
    if bound:
        actions.bind_pool(session, pool, act_id=2, actor=MANAGER, at=AT)
    return pool


def make_bound_pool(session: Session, **over: Any) -> EndowmentPool:
    """Add a pool whose money is available."""
    return make_pool(session, **({"bound": True} | over))


def make_area(session: Session, authority: Authority | None = None, **over: Any) -> Area:
    """Add an area."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "authority_id": (authority or make_authority(session)).id,
        "code": str(number),
        "name_it": f"Municipio {number}",
    }
    return actions.create_area(session, **(values | over), actor=MANAGER, at=AT)
