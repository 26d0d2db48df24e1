"""The document of ``match compute``: projects with their donations, a pool, a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from quartieri.calls.design.campaign import CampaignMode
from quartieri.calls.design.money import MOST_BACKERS, read_rule
from quartieri.calls.design.reading import TITLE_LIMIT, DesignError, Reader, different
from quartieri.calls.exchange.faults import Note, read_on
from quartieri.calls.exchange.text import read_text
from quartieri.calls.funding import (
    Computed,
    Donation,
    FundingKind,
    FundingRule,
    Project,
    Result,
    compute,
    grant_ceiling,
    needs_cost,
    needs_pool,
    rule_target,
)
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.kit.money import Money

MATCH_FORMAT = "quartieri-match-1"
RESULT_FORMAT = "quartieri-match-result-1"
MOST_PROJECTS = 1_000
MOST_DONATIONS = 100_000
MOST_MATCH_BYTES = 64 * 1024 * 1024
"""More than a call's document: it holds whole crowds, and comes from whoever runs the command."""
MOST_ID = 100
MOST_NUMBER = 10**18
ONE_BY_ONE = frozenset({FundingKind.LIVE_MATCH, FundingKind.QUADRATIC})
"""The rules that look at single donations."""


class BoundAt(LabelEnum):
    """When the money of a pool is bound to a project."""

    CLOSE = "close", N_("When its campaign closes")
    RANKING = "ranking", N_("When the ranking is published")


@dataclass(frozen=True, slots=True)
class MatchDocument:
    """The whole document; ``titles`` are shown in the table alone."""

    rule: FundingRule
    projects: tuple[Project, ...]
    titles: tuple[str, ...]
    pool_cents: int | None = None
    keeps: bool = False
    at_ranking: bool = False

    def compute(self) -> Computed:
        """Apply the rule."""
        return compute(
            self.rule,
            self.projects,
            self.pool_cents,
            keeps=self.keeps,
            at_ranking=self.at_ranking,
        )

    def result(self, computed: Computed) -> dict[str, Any]:
        """Give what came out as the command prints it: plain JSON, cents."""
        return {
            "format": RESULT_FORMAT,
            "kind": self.rule.kind.value,
            "projects": [_result_json(one) for one in computed.results],
            "pool_cents": self.pool_cents,
            "pool_used_cents": computed.pool_used,
            "pool_left_cents": computed.pool_left,
        }


def _result_json(one: Result) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": one.key,
        "raised_cents": one.raised_cents,
        "backers": one.backers,
        "target_cents": one.target_cents,
        "match_cents": one.match_cents,
        "payout_cents": one.payout_cents,
        "outcome": one.outcome.value,
    }
    if one.matched is not None:
        found["matched_cents"] = list(one.matched)
    return found


def checked_match(content: bytes) -> tuple[MatchDocument | None, list[Note]]:
    """Read what somebody sent: the document, or its faults."""
    try:
        value = read_text(content, MOST_MATCH_BYTES)
    except DesignError as error:
        return None, [Note(error.pointer, error.fault)]
    return read_on(value, read_match)


def read_match(value: Any) -> MatchDocument:
    """Read the document; raise DesignError with the JSON pointer of the first fault."""
    given = Reader(value)
    if given.take("format") not in (None, MATCH_FORMAT):
        given.refuse("format", lazy('must be "%(format)s"', format=MATCH_FORMAT))
    rule = read_rule(given.take("rule"), given.at("rule"))
    if rule is None:
        given.refuse("rule", lazy("is missing"))
    pool = given.whole("pool_cents")
    mode = given.choice("mode", CampaignMode)
    bound_at = given.choice("bound_at", BoundAt)
    read = given.items("projects", _project, most=MOST_PROJECTS)
    given.done()
    projects, titles = tuple(p for p, _title in read), tuple(title for _p, title in read)
    different(given, "projects", (p.key for p in projects))
    if needs_pool(rule) and pool is None:
        given.contradict("pool_cents", lazy("is missing: shares of squares need a pool"))
    for n, project in enumerate(projects):
        _fits(rule, project, f"/projects/{n}")
    if rule.kind is FundingKind.LIVE_MATCH:
        _timed(projects)
    return MatchDocument(
        rule,
        projects,
        titles,
        pool,
        keeps=mode == CampaignMode.KEEP_IT_ALL,
        at_ranking=bound_at == BoundAt.RANKING,
    )


def _project(value: Any, pointer: str) -> tuple[Project, str]:
    given = Reader(value, pointer)
    donations = given.items("donations", _donation, most=MOST_DONATIONS)
    project = Project(
        key=_name(given, "id"),
        donations=donations,
        cost_cents=given.whole("cost_cents"),
        target_cents=given.whole("target_cents"),
        raised_cents=given.whole("raised_cents"),
        backers=given.whole("backers", most=MOST_BACKERS),
        pledge_cents=given.whole("pledge_cents"),
        requested_cents=given.whole("requested_cents"),
    )
    title = given.string("title", most=TITLE_LIMIT)
    given.done()
    return project, title


def _donation(value: Any, pointer: str) -> Donation:
    given = Reader(value, pointer)
    cents = given.whole("cents")
    if cents is None:
        given.refuse("cents", lazy("is missing"))
    donation = Donation(
        person=_name(given, "person"),
        cents=cents,
        at=given.instant("at"),
        refunded_at=given.instant("refunded_at"),
    )
    given.done()
    if donation.at and donation.refunded_at and donation.refunded_at <= donation.at:
        given.contradict("refunded_at", lazy("must be later than at"))
    return donation


def _name(given: Reader, key: str) -> str:
    """Read a name; a whole number is one too."""
    value = given.take(key)
    if type(value) is int and abs(value) <= MOST_NUMBER:
        value = str(value)
    if not isinstance(value, str) or not 1 <= len(value) <= MOST_ID:
        given.refuse(key, lazy("must be a string of 1 to %(most)s characters", most=MOST_ID))
    return value


def _fits(rule: FundingRule, project: Project, pointer: str) -> None:
    """Refuse a project that lacks what the rule needs, or has what it cannot have."""
    given = Reader({}, pointer)
    cost, target = project.cost_cents, project.target_cents
    if cost is None and needs_cost(rule, has_target=target is not None):
        given.contradict("cost_cents", lazy("is missing: this rule needs the project's cost"))
    for key, message in _strange(rule, project):
        given.contradict(key, message)
    if target is not None and cost is not None and rule.kind.has_campaign:
        least = rule_target(rule, cost)
        if target < least:
            message = lazy("is below the rule's lowest target, %(least)s", least=Money(least))
            given.contradict("target_cents", message)


def _strange(rule: FundingRule, project: Project) -> Iterator[tuple[str, Any]]:
    totals = {"raised_cents": project.raised_cents, "backers": project.backers}
    summed = {
        "raised_cents": sum(d.cents for d in project.kept),
        "backers": len(project.by_person),
    }
    for key, told in totals.items():
        if told is not None and project.donations and told != summed[key]:
            yield key, lazy("does not agree with the donations: %(sum)s", sum=summed[key])
        if told and not project.donations and rule.kind in ONE_BY_ONE:
            yield key, lazy("is not enough: this rule needs the donations one by one")
    if project.pledge_cents is not None:
        if rule.kind is not FundingKind.CITY_BACKER:
            yield "pledge_cents", lazy("belongs to the city as a backer alone")
        elif project.pledge_cents == 0:
            yield "pledge_cents", lazy("must be more than 0")
        else:
            most = grant_ceiling(rule, project.cost_cents or 0)
            if most is not None and project.pledge_cents > most:
                yield "pledge_cents", lazy("is above the rule's most, %(most)s", most=Money(most))
    if project.requested_cents is not None and rule.kind.has_campaign:
        yield "requested_cents", lazy("belongs to a direct grant alone")
    if project.donations and not rule.kind.has_campaign:
        yield "donations", lazy("a direct grant has no campaign")


def _timed(projects: tuple[Project, ...]) -> None:
    """Refuse donations without a time beside those that have one: nobody knows their order."""
    every = [
        (f"/projects/{n}/donations/{k}", one)
        for n, project in enumerate(projects)
        for k, one in enumerate(project.donations)
    ]
    some = any(one.at or one.refunded_at for _pointer, one in every)
    for pointer, one in every:
        if some and one.at is None:
            message = lazy("is missing: all donations of a live match have a time, or none")
            Reader({}, pointer).contradict("at", message)
