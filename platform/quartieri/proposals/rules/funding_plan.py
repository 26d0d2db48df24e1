"""Where a project's money would come from, by the call's rule; shown before submission."""

from __future__ import annotations

from dataclasses import dataclass

from quartieri.calls.funding import (
    FundingRule,
    crowd_target,
    foreseen_grant,
    grant_ceiling,
    rule_target,
)
from quartieri.proposals.rules.parts import MoneyPart


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan in cents.

    ``grant_cents``: what the city would give (with campaigns: once the target is reached; a live
    match or a quadratic round promises nothing in advance); ``target_cents``: the least that the
    crowd must give, None without a campaign;
    ``ceiling_cents``: the most that the rule gives for this cost, None without a limit;
    ``uncovered_cents`` and ``above_cents``: what the plan lacks, or has beyond the cost.
    """

    cost_cents: int
    own_cents: int
    crowd_cents: int
    grant_cents: int
    target_cents: int | None
    ceiling_cents: int | None
    uncovered_cents: int
    above_cents: int


def plan(rule: FundingRule | None, cost_cents: int, money: MoneyPart) -> Plan:
    """Compute what the city would add to what the applicant and the crowd bring."""
    target: int | None = None
    ceiling: int | None = None
    crowd = money.crowd_cents
    grant = money.requested_cents
    if rule is not None:
        ceiling = grant_ceiling(rule, cost_cents)
        if rule.kind.has_campaign:
            target = crowd_target(rule, cost_cents, rule_target(rule, cost_cents))
            grant = foreseen_grant(rule, cost_cents, crowd)
        else:
            crowd = 0
            grant = grant if ceiling is None else min(grant, ceiling)
    covered = money.own_cents + crowd + grant
    return Plan(
        cost_cents=cost_cents,
        own_cents=money.own_cents,
        crowd_cents=crowd,
        grant_cents=grant,
        target_cents=target,
        ceiling_cents=ceiling,
        uncovered_cents=max(cost_cents - covered, 0),
        above_cents=max(covered - cost_cents, 0),
    )
