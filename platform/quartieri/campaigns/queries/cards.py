"""The list of projects that everyone may see, as plain rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.funding import FundingRule, project_outlook
from quartieri.calls.models import Call, CallEdition
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import (
    PUBLIC_CAMPAIGN_STATES,
    CampaignState,
    Phase,
    phase_of,
)
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.money import Money
from quartieri.programmes.models import Area
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PUBLIC_STATES

PAGE = 48

C = CampaignState
_COUNTING = (C.ENDED, C.COLLECTING)
_REACHED = (C.SUCCEEDED, C.PAYING_OUT)
_GIVEN_UP = (C.FAILED, C.REFUNDING, C.WITHDRAWN, C.CANCELLED)


class Group(LabelEnum):
    """What the list can be narrowed to."""

    LIVE = "live", N_("Collecting support now")
    COMING = "coming", N_("Starting soon")
    COUNTING = "counting", N_("Being counted")
    REACHED = "reached", N_("Target reached")
    MISSED = "missed", N_("Target missed or stopped")
    DIRECT = "direct", N_("Funded without a campaign")


@dataclass(frozen=True, slots=True)
class Card:
    """One project in a list; sums are None where there is no campaign to show."""

    slug: str
    title: str
    summary: str
    place: str
    state: LabelEnum
    deadline: datetime | None
    picture: int | None
    theme: str | None
    cost: Money
    crowd: Money | None = None
    offline: Money | None = None
    threshold: Money | None = None
    match: Money | None = None
    reached: bool = False
    backers: int | None = None
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardList:
    """One page of cards."""

    cards: list[Card]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be filtered by: (code, name) pairs."""

    areas: list[tuple[str, str]] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)


SHOWN = sa.and_(Campaign.state.in_(PUBLIC_CAMPAIGN_STATES), Campaign.starts_at.is_not(None))
"""A campaign that may be seen: it was approved once."""


def live_grant() -> sa.ColumnElement[bool]:
    """Give the condition that joins a project with its grant that was not released."""
    return sa.and_(Grant.proposal_id == Proposal.id, Grant.state != GrantState.RELEASED)


def _group(group: Group, now: datetime) -> sa.ColumnElement[bool]:
    state = Campaign.state
    reached = sa.and_(
        Campaign.decided_cents.is_not(None), Campaign.decided_cents >= Campaign.target_cents
    )
    settled = state == C.SETTLED
    running = state.in_([C.LIVE, C.SUSPENDED])
    match group:
        case Group.LIVE:
            return sa.and_(running, Campaign.ends_at >= now)
        case Group.COMING:
            return state == C.SCHEDULED
        case Group.COUNTING:
            return sa.or_(state.in_(_COUNTING), sa.and_(running, Campaign.ends_at < now))
        case Group.REACHED:
            return sa.or_(state.in_(_REACHED), sa.and_(settled, reached))
        case Group.MISSED:
            return sa.or_(state.in_(_GIVEN_UP), sa.and_(settled, sa.not_(reached)))
        case _:
            return Campaign.id.is_(None)


def project_cards(
    session: Session,
    *,
    now: datetime,
    language: str = "it",
    group: Group | None = None,
    area: str = "",
    call: str = "",
    words: str = "",
    page: int = 1,
    size: int = PAGE,
) -> CardList:
    """List projects: campaigns that end soonest first, then those to come, then the others.

    Three queries at most, however many there are: the count, the rows, the calls' rules.
    """
    where = _where(now, group, area, call, words)
    joined = (
        sa.select(Proposal.id)
        .join(Call, Call.id == Proposal.call_id)
        .outerjoin(Area, Area.id == Proposal.area_id)
        .outerjoin(Campaign, sa.and_(Campaign.proposal_id == Proposal.id, SHOWN))
        .where(*where)
    )
    total = session.scalar(sa.select(sa.func.count()).select_from(joined.subquery())) or 0
    pages = max(-(-total // size), 1)
    number = min(max(page, 1), pages)
    rows = session.execute(_rows(where, now).offset((number - 1) * size).limit(size)).all()
    rules = _rules_of(session, {row.edition_id for row in rows if row.campaign_state is not None})
    cards = [_card(row, rules.get(row.edition_id), now, language) for row in rows]
    return CardList(cards, number, pages, total)


def _where(
    now: datetime, group: Group | None, area: str, call: str, words: str
) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [Proposal.state.in_(PUBLIC_STATES)]
    if group is not None:
        where.append(_group(group, now))
    if area:
        where.append(Area.code == area)
    if call:
        where.append(Call.slug == call)
    for word in words.split()[:8]:
        like = f"%{word.lower().replace('%', '')}%"
        texts = (Proposal.title, Proposal.summary, Proposal.place, Campaign.title)
        where.append(sa.or_(*(sa.func.lower(text).like(like) for text in texts)))
    return where


def _rows(where: list[sa.ColumnElement[bool]], now: datetime) -> Any:
    running = sa.and_(Campaign.state.in_([C.LIVE, C.SUSPENDED]), Campaign.ends_at >= now)
    rank = sa.case(
        (running, 0),
        (Campaign.state == C.SCHEDULED, 1),
        (Campaign.state.in_([C.LIVE, C.SUSPENDED, *_COUNTING]), 2),
        else_=3,
    )
    soonest = sa.case((sa.or_(running, Campaign.state == C.SCHEDULED), Campaign.ends_at))
    return (
        sa.select(
            Proposal.slug,
            Proposal.title,
            Proposal.summary,
            Proposal.place,
            Proposal.state,
            Proposal.cost_cents,
            Proposal.edition_id,
            Area.code.label("area"),
            Area.name_it,
            Area.name_en,
            Campaign.title.label("campaign_title"),
            Campaign.summary.label("campaign_summary"),
            Campaign.state.label("campaign_state"),
            Campaign.starts_at,
            Campaign.ends_at,
            Campaign.image_id,
            Campaign.cost_cents.label("campaign_cost"),
            Campaign.target_cents,
            Campaign.promised_cents,
            Campaign.offline_cents,
            Campaign.backers,
            Campaign.decided_cents,
            Campaign.decided_backers,
            Grant.reserved_cents,
            Grant.computed_cents,
        )
        .join(Call, Call.id == Proposal.call_id)
        .outerjoin(Area, Area.id == Proposal.area_id)
        .outerjoin(Campaign, sa.and_(Campaign.proposal_id == Proposal.id, SHOWN))
        .outerjoin(Grant, live_grant())
        .where(*where)
        .order_by(rank, soonest, Proposal.received_at.desc(), Proposal.id.desc())
    )


def _rules_of(session: Session, editions: set[int]) -> dict[int, FundingRule | None]:
    if not editions:
        return {}
    found = session.scalars(
        sa.select(CallEdition).where(CallEdition.id.in_(editions)).order_by(CallEdition.id)
    )
    return {edition.id: edition.design.money.rule for edition in found}


def _card(row: Any, rule: FundingRule | None, now: datetime, language: str) -> Card:
    place = (row.name_en if language == "en" else row.name_it) or row.name_it or row.place
    if row.campaign_state is None or rule is None:
        return Card(
            slug=row.slug,
            title=row.title,
            summary=row.summary,
            place=place,
            state=row.state,
            deadline=None,
            picture=None,
            theme=row.area,
            cost=Money(row.cost_cents),
        )
    won = row.decided_cents is not None and row.decided_cents >= row.target_cents
    phase = phase_of(
        row.campaign_state,
        now,
        row.ends_at,
        decided=row.decided_cents is not None,
        succeeded=won,
    )
    raised = row.promised_cents if row.decided_cents is None else row.decided_cents
    offline = min(row.offline_cents, raised)
    match = _match(rule, row, phase, raised)
    return Card(
        slug=row.slug,
        title=row.campaign_title,
        summary=row.campaign_summary,
        place=place,
        state=phase,
        deadline=row.ends_at if phase in {Phase.LIVE, Phase.PAUSED} else None,
        picture=row.image_id,
        theme=row.area,
        cost=Money(row.campaign_cost),
        crowd=Money(raised - offline),
        offline=Money(offline) if offline else None,
        threshold=Money(row.target_cents),
        match=match,
        reached=raised >= row.target_cents,
        backers=row.backers if row.decided_backers is None else row.decided_backers,
        opens=row.starts_at if phase is Phase.COMING else None,
    )


def _match(rule: FundingRule, row: Any, phase: Phase, raised: int) -> Money | None:
    if phase in {Phase.MISSED, Phase.STOPPED}:
        return None
    if row.computed_cents is not None:
        return Money(row.computed_cents)
    look = project_outlook(
        rule, row.campaign_cost, row.target_cents, raised, row.reserved_cents or None
    )
    return Money(look.city_cents)


def choices(session: Session, *, language: str = "it") -> Choices:
    """Give the areas and calls that have public projects, in two queries."""
    areas = session.execute(
        sa.select(Area.code, Area.name_it, Area.name_en)
        .where(Area.id.in_(sa.select(Proposal.area_id).where(Proposal.state.in_(PUBLIC_STATES))))
        .order_by(Area.name_it, Area.id)
    )
    calls = session.execute(
        sa.select(Call.slug, Call.title_it, Call.title_en)
        .where(Call.id.in_(sa.select(Proposal.call_id).where(Proposal.state.in_(PUBLIC_STATES))))
        .order_by(Call.published_at.desc(), Call.id)
    )
    english = language == "en"
    return Choices(
        areas=[(a.code, (a.name_en if english else a.name_it) or a.name_it) for a in areas],
        calls=[(c.slug, (c.title_en if english else c.title_it) or c.title_it) for c in calls],
    )
