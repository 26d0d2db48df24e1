"""The list of projects that everyone may see, as plain rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import CampaignDesign
from quartieri.calls.funding import FundingKind, FundingRule, computed_grant, project_outlook
from quartieri.calls.models import Call, CallEdition
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.net import Nets, counts_net, fees_column
from quartieri.campaigns.rules import (
    DECIDED_AGAINST,
    DECIDED_FOR,
    PUBLIC_CAMPAIGN_STATES,
    CampaignState,
    Phase,
    phase_of,
)
from quartieri.db import Instant
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.labels import N_, LabelEnum
from quartieri.programmes.models import Area
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PUBLIC_STATES

PAGE = 100

C = CampaignState
_COUNTING = (C.ENDED, C.COLLECTING)
_TIMED = frozenset({Phase.LIVE, Phase.PAUSED})
_LOST = frozenset({Phase.MISSED, Phase.STOPPED})


class Group(LabelEnum):
    """What the list can be narrowed to."""

    LIVE = "live", N_("Collecting support now")
    COMING = "coming", N_("Starting soon")
    COUNTING = "counting", N_("Being counted")
    REACHED = "reached", N_("Target reached")
    MISSED = "missed", N_("Target missed or stopped")
    DIRECT = "direct", N_("Funded without a campaign")


class Card(NamedTuple):
    """One project in a list; ``crowd_cents`` is None where there is no campaign to show."""

    slug: str
    title: str
    summary: str
    place: str
    state: LabelEnum
    deadline: datetime | None
    picture: int | None
    theme: str | None
    cost_cents: int
    crowd_cents: int | None = None
    offline_cents: int = 0
    threshold_cents: int = 0
    match_cents: int = 0
    backers: int = 0
    opens: datetime | None = None
    match_counts: bool = False


@dataclass(frozen=True, slots=True)
class CardList:
    """One page of cards."""

    cards: list[Card]
    number: int
    pages: int
    total: int


def among(column: Any, states: Iterable[LabelEnum]) -> sa.ColumnElement[bool]:
    """Say that a state is one of these, as plain SQL: bound lists are spelt out at each asking."""
    found: sa.ColumnElement[bool] = column.in_(
        [sa.literal_column(f"'{state.value}'") for state in sorted(states)]
    )
    return found


SHOWN = sa.and_(among(Campaign.state, PUBLIC_CAMPAIGN_STATES), Campaign.starts_at.is_not(None))
"""A campaign that may be seen: it was approved once."""


def live_grant() -> sa.ColumnElement[bool]:
    """Give the condition that joins a project with its grant that was not released."""
    return sa.and_(Grant.proposal_id == Proposal.id, Grant.state != GrantState.RELEASED)


NOW = sa.bindparam("now", type_=Instant)
_RULES: dict[str, FundingRule | None] = {}
"""Rules of editions by checksum."""
_NETS: dict[str, CampaignDesign] = {}
"""Those of them whose target counts net of the payment service's fees."""
_COLUMNS = (
    Proposal.slug,
    Proposal.title,
    Proposal.summary,
    Proposal.place,
    Proposal.state,
    Proposal.cost_cents,
    Proposal.edition_id,
    CallEdition.sha256.label("edition"),
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
    Campaign.city_cents,
    Campaign.promised_cents,
    Campaign.offline_cents,
    Campaign.backers,
    Campaign.decided_cents,
    Campaign.decided_backers,
    Campaign.succeeded,
    Grant.reserved_cents,
    Grant.computed_cents,
)


class _Row(NamedTuple):
    """What is read of a project, in the order of ``_COLUMNS``; a campaign's part may be absent."""

    slug: str
    title: str
    summary: str
    place: str
    state: LabelEnum
    cost_cents: int
    edition_id: int
    edition: str
    area: str | None
    name_it: str | None
    name_en: str | None
    campaign_title: str
    campaign_summary: str
    campaign_state: CampaignState | None
    starts_at: datetime | None
    ends_at: datetime | None
    image_id: int | None
    campaign_cost: int
    target_cents: int
    city_cents: int
    promised_cents: int
    offline_cents: int
    backers: int
    decided_cents: int | None
    decided_backers: int | None
    succeeded: bool
    reserved_cents: int | None
    computed_cents: int | None
    fees_cents: int = 0


def _comes() -> sa.ColumnElement[bool]:
    return sa.and_(Campaign.state == C.SCHEDULED, Campaign.starts_at > NOW)


def _runs() -> sa.ColumnElement[bool]:
    """Say that a campaign was begun, by the clock also while nobody opens it."""
    begun = sa.and_(Campaign.state == C.SCHEDULED, Campaign.starts_at <= NOW)
    return sa.or_(among(Campaign.state, [C.LIVE, C.SUSPENDED]), begun)


def _group(group: Group) -> sa.ColumnElement[bool]:
    state = Campaign.state
    settled = state == C.SETTLED
    running = _runs()
    match group:
        case Group.LIVE:
            return sa.and_(running, Campaign.ends_at >= NOW)
        case Group.COMING:
            return _comes()
        case Group.COUNTING:
            return sa.or_(among(state, _COUNTING), sa.and_(running, Campaign.ends_at < NOW))
        case Group.REACHED:
            return sa.or_(among(state, DECIDED_FOR), sa.and_(settled, Campaign.succeeded))
        case Group.MISSED:
            return sa.or_(
                among(state, DECIDED_AGAINST), sa.and_(settled, sa.not_(Campaign.succeeded))
            )
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

    One query for a list that fits on its first page, two for others, whatever their number; more
    only when a call's rule was not read before.
    """
    likes = [f"%{word.lower().replace('%', '')}%" for word in words.split()[:8]]
    nets = tuple(_NETS.items())
    rows_of, count_of = _statements(group, bool(area), bool(call), len(likes), nets)
    given: dict[str, Any] = {f"word{place}": like for place, like in enumerate(likes)}
    given |= {"now": now, "area": area, "call": call}

    def rows_at(number: int) -> list[_Row]:
        place = {"skipped": (number - 1) * size, "size": size + 1}
        found = session.connection().execute(rows_of, given | place)
        return [_Row(*row) for row in found.all()]

    number = max(page, 1)
    rows = rows_at(number)
    total = len(rows)
    if number > 1 or total > size:
        total = session.scalar(count_of, given) or 0
    pages = max(-(-total // size), 1)
    if number > pages:
        number = pages
        rows = rows_at(number)
    rules = _rules_of(session, {row.edition: row.edition_id for row in rows})
    if len(_NETS) > len(nets):
        rows_of, _count = _statements(group, bool(area), bool(call), len(likes), (*_NETS.items(),))
        rows = rows_at(number)
    cards = [_card(row, rules[row.edition], now, language) for row in rows[:size]]
    return CardList(cards, number, pages, total)


@lru_cache(maxsize=64)
def _statements(
    group: Group | None,
    by_area: bool,  # noqa: FBT001 -- a cache's key
    by_call: bool,  # noqa: FBT001 -- a cache's key
    words: int,
    nets: Nets,
) -> tuple[sa.Executable, sa.Select[int]]:
    """Give the list and its count for a shape of filters: built once, asked with their values."""
    joined = (
        sa.select(*_COLUMNS, *([fees_column(nets)] if nets else []))
        .select_from(Proposal)
        .join(CallEdition, CallEdition.id == Proposal.edition_id)
        .outerjoin(Area, Area.id == Proposal.area_id)
        .outerjoin(Campaign, sa.and_(Campaign.proposal_id == Proposal.id, SHOWN))
        .outerjoin(Grant, live_grant())
        .where(*_where(group, by_area=by_area, by_call=by_call, words=words))
    )
    running, coming = sa.and_(_runs(), Campaign.ends_at >= NOW), _comes()
    rank = sa.case(
        (running, 0),
        (coming, 1),
        (sa.or_(_runs(), among(Campaign.state, _COUNTING)), 2),
        else_=3,
    )
    soonest = sa.case((sa.or_(running, coming), Campaign.ends_at))
    rows = (
        joined.order_by(rank, soonest, Proposal.received_at.desc(), Proposal.id.desc())
        .offset(sa.bindparam("skipped", type_=sa.Integer))
        .limit(sa.bindparam("size", type_=sa.Integer))
    )
    count = joined.with_only_columns(sa.func.count())
    return rows, count


def _where(
    group: Group | None, *, by_area: bool, by_call: bool, words: int
) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [among(Proposal.state, PUBLIC_STATES)]
    if group is not None:
        where.append(_group(group))
    if by_area:
        where.append(Area.code == sa.bindparam("area"))
    if by_call:
        wanted = sa.select(Call.id).where(Call.slug == sa.bindparam("call"))
        where.append(Proposal.call_id == wanted.scalar_subquery())
    for place in range(words):
        like = sa.bindparam(f"word{place}", type_=sa.String)
        texts = (Proposal.title, Proposal.summary, Proposal.place, Campaign.title)
        where.append(sa.or_(*(sa.func.lower(text).like(like) for text in texts)))
    return where


def _rules_of(session: Session, editions: dict[str, int]) -> dict[str, FundingRule | None]:
    """Give the rules of editions by their checksums; an edition never changes."""
    unread = [key for checksum, key in editions.items() if checksum not in _RULES]
    if unread:
        found = session.scalars(sa.select(CallEdition).where(CallEdition.id.in_(unread)))
        for edition in found:
            _RULES[edition.sha256] = edition.design.money.rule
            design = edition.design.campaign
            if design is not None and counts_net(design):
                _NETS[edition.sha256] = design
    return _RULES


def _card(row: _Row, rule: FundingRule | None, now: datetime, language: str) -> Card:
    place = (row.name_en if language == "en" else row.name_it) or row.name_it or row.place
    state = row.campaign_state
    if state is None or rule is None:
        return Card(
            row.slug,
            row.title,
            row.summary,
            place,
            row.state,
            deadline=None,
            picture=None,
            theme=row.area,
            cost_cents=row.cost_cents,
        )
    decided, target, ends_at = row.decided_cents, row.target_cents, row.ends_at
    phase = phase_of(
        state, now, row.starts_at, ends_at, decided=decided is not None, succeeded=row.succeeded
    )
    raised = max(row.promised_cents - row.fees_cents, 0) if decided is None else decided
    offline = min(row.offline_cents, raised)
    return Card(
        row.slug,
        row.campaign_title,
        row.campaign_summary,
        place,
        phase,
        ends_at if phase in _TIMED else None,
        row.image_id,
        row.area,
        row.campaign_cost,
        raised - offline,
        offline,
        target,
        _match(rule, row, phase, raised),
        row.backers if row.decided_backers is None else row.decided_backers,
        row.starts_at if phase is Phase.COMING else None,
        rule.kind is FundingKind.CITY_BACKER,
    )


def _match(rule: FundingRule, row: _Row, phase: Phase, raised: int) -> int:
    """Give what the city adds once the threshold is reached, or has matched so far, in cents."""
    if phase in _LOST:
        return 0
    computed: int | None = row.computed_cents
    if computed is not None:
        return computed
    cost, target, reserved = row.campaign_cost, row.target_cents, row.reserved_cents or None
    if rule.kind.is_threshold:
        return computed_grant(rule, cost, max(raised, target), target, reserved_cents=reserved)
    if rule.kind is FundingKind.CITY_BACKER:
        return row.city_cents
    matched, backers = row.reserved_cents or 0, row.backers
    return project_outlook(
        rule, cost, target, raised, reserved, backers=backers, matched_cents=matched
    ).city_cents
