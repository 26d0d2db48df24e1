"""A funding rule tried on past campaigns and on invented crowds: what it costs, who gets what.

Nothing is stored. The same seed gives the same crowd; money is whole cents, chance draws integers.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from quartieri.calls.funding import (
    Computed,
    Donation,
    FundingKind,
    FundingRule,
    Outcome,
    Project,
    compute,
    project_limit,
    rule_target,
)
from quartieri.kit.money import split_cents

EURO = 100
STEP = 500 * EURO
"""Invented costs are whole multiples of it."""
CROWDS = 30
"""So many crowds are invented to see how the cost spreads."""
BANDS = 8
MOST_GIFTS = 400
"""A project's invented gifts are larger where it would need more of them."""
RETURNS = 10
"""One gift in so many is by somebody who gave to the project before."""
HUNDRED = 100
GIFTS = ((13, 20), (33, 30), (67, 25), (133, 15), (267, 7), (667, 3))
"""Gifts in per cent of the usual one, and how often they come; together about the usual one."""


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """What an invented crowd is like; money in cents.

    ``interest``: what a project raises on average, in per cent of its target; single projects lie
    between nothing and twice as much.
    """

    seed: int
    projects: int
    gift_cents: int
    interest: int
    cost_min_cents: int
    cost_max_cents: int
    starts_at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Past:
    """A campaign that ended: its figures, and whether they are a real city's.

    ``gifts``: what each person gave, where it is known.
    """

    title: str
    call: str
    cost_cents: int
    target_cents: int
    raised_cents: int
    backers: int | None
    real: bool
    gifts: tuple[int, ...] = ()
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule does to some projects; ``worst_cents`` None: without a limit.

    ``costs``: of many invented crowds, in rising order; empty for past campaigns.
    """

    projects: tuple[Project, ...]
    computed: Computed
    worst_cents: int | None
    costs: tuple[int, ...] = ()

    @property
    def winners(self) -> int:
        """How many projects get something from the city."""
        return sum(r.match_cents > 0 for r in self.computed.results)

    @property
    def reached(self) -> int:
        """How many projects reach their target."""
        return sum(r.outcome is Outcome.SUCCEEDED for r in self.computed.results)

    @property
    def raised_cents(self) -> int:
        """What the crowd gave and is not given back."""
        return sum(r.raised_cents for r in self.computed.results if r.outcome is not Outcome.FAILED)

    @property
    def middle_cents(self) -> int:
        """The cost in the middle of all crowds."""
        return self.costs[len(self.costs) // 2]


@dataclass(frozen=True, slots=True)
class Band:
    """How many of some amounts lie from ``low_cents`` to ``high_cents``."""

    low_cents: int
    high_cents: int
    count: int


def worst_case(rule: FundingRule, costs: Sequence[int], pool_cents: int | None) -> int | None:
    """Give the most that the city can be asked for: each project's limit, at most the pool."""
    limits = [project_limit(rule, cost) for cost in costs]
    known = [limit for limit in limits if limit is not None]
    if len(known) < len(limits):
        return pool_cents
    return sum(known) if pool_cents is None else min(sum(known), pool_cents)


def try_crowds(rule: FundingRule, plan: CrowdPlan, pool_cents: int | None, *, keeps: bool) -> Tried:
    """Apply a rule to the crowd of the plan's seed, and to those of the seeds after it."""
    runs = [
        _tried(rule, invented(rule, replace(plan, seed=plan.seed + n)), pool_cents, keeps=keeps)
        for n in range(CROWDS)
    ]
    return replace(runs[0], costs=tuple(sorted(run.computed.pool_used for run in runs)))


def try_past(
    rule: FundingRule, past: Sequence[Past], pool_cents: int | None, usual_gift: int, *, keeps: bool
) -> Tried:
    """Apply a rule to what past campaigns raised; the target is the rule's lowest for each cost.

    Where single gifts are not known each backer gave the same; where their number is not, so many
    gave as make gifts of ``usual_gift`` cents.
    """
    projects = [
        Project(
            key=f"{n:03d}",
            donations=_equal(one, usual_gift),
            cost_cents=one.cost_cents,
            target_cents=None if rule.crowdfunding_share else one.target_cents,
        )
        for n, one in enumerate(past, 1)
    ]
    return _tried(rule, projects, pool_cents, keeps=keeps)


def bands(amounts: Sequence[int]) -> list[Band]:
    """Share amounts in cents into bands of equal width, in rising order; none for none."""
    if not amounts:
        return []
    low, high = min(amounts), max(amounts)
    width = max(-(-(high - low + 1) // BANDS), 1)
    return [
        Band(start, start + width - 1, sum(start <= c < start + width for c in amounts))
        for start in range(low, high + 1, width)
    ]


def invented(rule: FundingRule, plan: CrowdPlan) -> list[Project]:
    """Invent the projects of a crowd, each with its gifts; the same plan gives the same ones."""
    chance = random.Random(plan.seed)  # noqa: S311 -- a seeded story
    return [_project(rule, plan, chance, n) for n in range(1, plan.projects + 1)]


def _project(rule: FundingRule, plan: CrowdPlan, chance: random.Random, number: int) -> Project:
    low, high = -(-plan.cost_min_cents // STEP), max(plan.cost_max_cents // STEP, 1)
    cost = chance.randint(min(low, high), high) * STEP
    target = rule_target(rule, cost) or cost
    percent = sum(chance.randint(0, 2 * plan.interest) for _part in range(3)) // 3
    goal = target * percent // HUNDRED
    return Project(
        key=f"{number:03d}",
        donations=tuple(_gifts(plan, chance, goal)),
        cost_cents=cost,
        target_cents=target,
    )


def _gifts(plan: CrowdPlan, chance: random.Random, goal: int) -> list[Donation]:
    usual = max(plan.gift_cents, goal // MOST_GIFTS)
    shares, weights = zip(*GIFTS, strict=True)
    seconds = plan.days * 24 * 3600
    found: list[Donation] = []
    left = goal
    while left > 0:
        share = chance.choices(shares, weights)[0]
        cents = min(max(usual * share // HUNDRED // EURO, 1) * EURO, left)
        again = bool(found) and chance.randrange(RETURNS) == 0
        person = chance.choice(found).person if again else str(len(found))
        at = plan.starts_at + timedelta(seconds=chance.randrange(seconds))
        found.append(Donation(person, cents, at))
        left -= cents
    return found


def _equal(one: Past, usual_gift: int) -> tuple[Donation, ...]:
    gifts: Sequence[int] = one.gifts
    if not gifts and one.raised_cents:
        people = one.backers or max(one.raised_cents // usual_gift, 1)
        gifts = split_cents(one.raised_cents, [1] * people)
    return tuple(Donation(str(n), cents) for n, cents in enumerate(gifts))


def _tried(
    rule: FundingRule, projects: Sequence[Project], pool_cents: int | None, *, keeps: bool
) -> Tried:
    computed = compute(rule, projects, pool_cents, keeps=keeps, at_ranking=True)
    worst = worst_case(rule, [p.cost_cents or 0 for p in projects], pool_cents)
    return Tried(tuple(projects), computed, worst)


def can_be_tried(rule: FundingRule | None) -> bool:
    """Tell whether a rule has a crowd to be tried on."""
    return rule is not None and rule.kind is not FundingKind.DIRECT
