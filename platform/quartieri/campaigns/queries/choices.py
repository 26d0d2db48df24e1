"""What the list of projects can be filtered by."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call
from quartieri.campaigns.queries.cards import among
from quartieri.programmes.models import Area
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PUBLIC_STATES


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be filtered by: (code, name) pairs."""

    areas: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)


_PUBLIC = among(Proposal.state, PUBLIC_STATES)
_AREAS = (
    sa.select(Area.code, Area.name_it, Area.name_en)
    .where(Area.id.in_(sa.select(Proposal.area_id).where(_PUBLIC)))
    .order_by(Area.name_it, Area.id)
)
_CALLS = (
    sa.select(Call.slug, Call.title_it, Call.title_en)
    .where(Call.id.in_(sa.select(Proposal.call_id).where(_PUBLIC)))
    .order_by(Call.published_at.desc(), Call.id)
)


def choices(session: Session, *, language: str = "it") -> Choices:
    """Give the areas and calls that have public projects, in two queries."""
    connection = session.connection()
    areas, calls = connection.execute(_AREAS), connection.execute(_CALLS)
    english = language == "en"
    return Choices(
        areas=[(a.code, (a.name_en if english else a.name_it) or a.name_it) for a in areas],
        calls=[(c.slug, (c.title_en if english else c.title_it) or c.title_it) for c in calls],
    )
