"""Any rule applied to whole projects and their donations, without a database.

The command ``match compute`` and the simulator use it; the platform's own closing uses the same
functions one project at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from quartieri.calls.funding.grants import (
    computed_grant,
    counted_cents,
    fit,
    reserved_at_ranking,
    rule_target,
    succeeded,
)
from quartieri.calls.funding.live import Donation, live_matches, project_limit
from quartieri.calls.funding.quadratic import Crowd, quadratic_matches
from quartieri.calls.funding.rule import FundingKind, FundingRule, QuadraticMethod, ShareOf
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum


class Outcome(LabelEnum):
    """How a campaign ends."""

    SUCCEEDED = "succeeded", N_("Target reached")
    FAILED = "failed", N_("Target missed: everything is given back")
    KEPT = "kept", N_("Target missed: what was raised is kept")


@dataclass(frozen=True, slots=True)
class Project:
    """One project, and what the crowd gave.

    ``target_cents`` None: the rule's lowest target for the cost, or none. Where only totals are
    known, ``raised_cents`` and ``backers`` stand instead of the donations. ``pledge_cents``: what
    the city pledges as a backer, where it is less than the rule's most. ``requested_cents``: what
    a direct grant is asked for.
    """

    key: str
    donations: tuple[Donation, ...] = ()
    cost_cents: int | None = None
    target_cents: int | None = None
    raised_cents: int | None = None
    backers: int | None = None
    pledge_cents: int | None = None
    requested_cents: int | None = None

    @property
    def kept(self) -> tuple[Donation, ...]:
        """The donations that were not given back."""
        return tuple(d for d in self.donations if d.refunded_at is None)

    @property
    def raised(self) -> int:
        """What the crowd gave and did not get back, in cents."""
        if self.raised_cents is not None:
            return self.raised_cents
        return sum(d.cents for d in self.kept)

    @property
    def people(self) -> int:
        """How many different people gave it."""
        return len(self.by_person) if self.backers is None else self.backers

    @property
    def by_person(self) -> dict[str, int]:
        """What each person gave, added up."""
        sums: dict[str, int] = {}
        for donation in self.kept:
            sums[donation.person] = sums.get(donation.person, 0) + donation.cents
        return sums


@dataclass(frozen=True, slots=True)
class Result:
    """What one project ends with, in cents; ``payout_cents``: crowd and city together.

    ``matched``: in a live match, what the city had added to each donation when the campaign ended;
    a project that fails gives it back.
    """

    key: str
    target_cents: int
    raised_cents: int
    backers: int
    match_cents: int
    payout_cents: int
    outcome: Outcome
    matched: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Computed:
    """What all projects end with, and what the pool gave; ``pool_left`` None: no limit."""

    results: tuple[Result, ...]
    pool_used: int
    pool_left: int | None


def compute(
    rule: FundingRule,
    projects: Sequence[Project],
    pool_cents: int | None = None,
    *,
    keeps: bool = False,
    at_ranking: bool = False,
) -> Computed:
    """Apply a rule to the projects of one pool; None is a pool without a limit.

    Rules that give each project its own grant take the projects in their order (the ranking's):
    each from what those before it left. ``at_ranking``: the pool is bound when the ranking is
    published, before any campaign: each project's most in order, and what a project does not use
    goes to no other. ``keeps``: campaigns keep what they raise. A project's limit in a live match,
    and its part of a round, follow the rule; projects that fail take no part in a round.

    Raises ValueError when a project lacks a figure that the rule needs.
    """
    targets = [_target(rule, project) for project in projects]
    if rule.kind is FundingKind.LIVE_MATCH:
        matched = live_matches(rule, [(p.cost_cents, p.donations) for p in projects], pool_cents)
        results = [
            replace(
                _closed(rule, p, target, None, matched=sum(found), keeps=keeps),
                matched=tuple(found),
            )
            for p, target, found in zip(projects, targets, matched, strict=True)
        ]
    elif rule.kind is FundingKind.QUADRATIC:
        results = _quadratic(rule, projects, targets, pool_cents, keeps=keeps)
    else:
        results = _in_order(rule, projects, targets, pool_cents, keeps=keeps, at_ranking=at_ranking)
    used = sum(r.match_cents for r in results)
    return Computed(tuple(results), used, None if pool_cents is None else pool_cents - used)


def needs_cost(rule: FundingRule, *, has_target: bool) -> bool:
    """Tell whether a rule can't be applied to a project whose cost is not known."""
    by_target = rule.crowdfunding_share is not None and not has_target
    of_cost = rule.fixed_sum is not None and rule.fixed_sum.of is ShareOf.COST
    return rule.grant_share is not None or by_target or of_cost


def needs_pool(rule: FundingRule) -> bool:
    """Tell whether a rule can't be applied without a figure for the pool: shares of squares."""
    return rule.quadratic is not None and rule.quadratic.method is QuadraticMethod.SQUARES


def city_pledge(rule: FundingRule, project: Project) -> FundingRule:
    """Give the rule as it holds for a project to which the city pledges less than the most."""
    if project.pledge_cents is None:
        return rule
    return replace(rule, grant_cap_cents=project.pledge_cents)


def _target(rule: FundingRule, project: Project) -> int:
    if needs_cost(rule, has_target=project.target_cents is not None) and project.cost_cents is None:
        msg = f"{project.key}: the rule needs the project's cost"
        raise ValueError(msg)
    if project.target_cents is not None:
        return project.target_cents
    if not rule.kind.has_campaign or rule.crowdfunding_share is None:
        return 0
    return rule_target(rule, project.cost_cents or 0)


def _in_order(
    rule: FundingRule,
    projects: Sequence[Project],
    targets: Sequence[int],
    pool_cents: int | None,
    *,
    keeps: bool,
    at_ranking: bool,
) -> list[Result]:
    results, left = [], pool_cents
    for project, target in zip(projects, targets, strict=True):
        own = city_pledge(rule, project)
        available = left
        if at_ranking and left is not None:
            most = _most(own, project)
            available = fit(most, left, part_funding=rule.part_funding)
            left -= available
        result = (
            _closed(own, project, target, available, keeps=keeps)
            if rule.kind.has_campaign
            else _granted(own, project, available)
        )
        if not at_ranking and left is not None:
            left -= result.match_cents
        results.append(result)
    return results


def _most(rule: FundingRule, project: Project) -> int:
    """Give what a ranking reserves; 0 for a direct grant below the smallest."""
    try:
        return reserved_at_ranking(rule, project.cost_cents or 0, project.requested_cents)
    except InvalidError:
        return 0


def _granted(rule: FundingRule, project: Project, available: int | None) -> Result:
    grant = fit(_most(rule, project), available, part_funding=rule.part_funding)
    if rule.grant_min_cents is not None and grant < rule.grant_min_cents:
        grant = 0
    outcome = Outcome.SUCCEEDED if grant else Outcome.FAILED
    return Result(project.key, 0, 0, 0, grant, grant, outcome)


def _closed(
    rule: FundingRule,
    project: Project,
    target: int,
    available: int | None,
    *,
    matched: int = 0,
    keeps: bool,
) -> Result:
    cost, raised = project.cost_cents or 0, project.raised
    match = computed_grant(
        rule,
        cost,
        raised,
        target,
        available,
        backers=project.people,
        matched_cents=matched,
        keeps=keeps,
    )
    reached = succeeded(counted_cents(rule, raised, match), target)
    outcome = Outcome.SUCCEEDED if reached else Outcome.KEPT if keeps else Outcome.FAILED
    payout = 0 if outcome is Outcome.FAILED else raised + match
    return Result(project.key, target, raised, project.people, match, payout, outcome)


def _quadratic(
    rule: FundingRule,
    projects: Sequence[Project],
    targets: Sequence[int],
    pool_cents: int | None,
    *,
    keeps: bool,
) -> list[Result]:
    taking = [
        n
        for n, (project, target) in enumerate(zip(projects, targets, strict=True))
        if keeps or succeeded(project.raised, target)
    ]
    crowds = [
        Crowd(
            projects[n].key,
            tuple(projects[n].by_person.values()),
            project_limit(rule, projects[n].cost_cents),
        )
        for n in taking
    ]
    shares = dict(zip(taking, quadratic_matches(rule, crowds, pool_cents), strict=True))
    return [
        _closed(rule, project, target, None, matched=shares.get(n, 0), keeps=keeps)
        for n, (project, target) in enumerate(zip(projects, targets, strict=True))
    ]
