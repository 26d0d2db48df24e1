"""What one project must raise and what the city adds, by any kind of rule.

Rounding: the bar that a project must reach is rounded up, what the city promises is rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quartieri.calls.funding.rule import FundingKind, FundingRule, ShareOf, not_negative
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money, share_ceil, share_floor


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a project page shows of the money, in cents.

    ``missing_cents``: what the crowd still lacks to the threshold, 0 once reached; the city's own
    pledge counts in it where the rule says so. ``missing_backers``: how many people a fixed sum
    still waits for. ``city_cents``: what the city adds if the campaign closes with the crowd of
    now, or, below the threshold, with exactly the target. ``uncovered_cents``: what cost then still
    lacks; ``above_cost_cents``: what exceeds it.
    """

    cost_cents: int
    target_cents: int
    crowd_cents: int
    missing_cents: int
    reached: bool
    city_cents: int
    uncovered_cents: int
    above_cost_cents: int
    missing_backers: int = 0


def minimum_target(cost_cents: int, share: Decimal) -> int:
    """Give the lowest lawful target in cents: ceil(cost × crowdfunding share)."""
    return share_ceil(not_negative(cost_cents), share)


def rule_target(rule: FundingRule, cost_cents: int) -> int:
    """Give the lowest lawful target, 0 where the rule states no share of the crowd.

    ValueError for a direct grant, which has no threshold.
    """
    if not rule.kind.has_campaign:
        msg = f"a {rule.kind.value} rule has no threshold"
        raise ValueError(msg)
    if rule.crowdfunding_share is None:
        return 0
    return minimum_target(cost_cents, rule.crowdfunding_share)


def grant_ceiling(rule: FundingRule, cost_cents: int) -> int | None:
    """Give the most that the rule allows for a cost: share and cap; None when neither is set."""
    not_negative(cost_cents)
    limits = []
    if rule.grant_share is not None:
        limits.append(share_floor(cost_cents, rule.grant_share))
    if rule.grant_cap_cents is not None:
        limits.append(rule.grant_cap_cents)
    if rule.fixed_sum is not None:
        limits.append(rule.fixed_sum.sum_cents)
    return min(limits) if limits else None


def reserved_at_ranking(
    rule: FundingRule, cost_cents: int, requested_cents: int | None = None
) -> int:
    """Give what the final ranking reserves for a project that it selects, in cents.

    Threshold rules: min(floor(cost × grant share), cap). The city as a backer, a fixed sum: that
    sum, within the same limits. Live match: 0, as each donation reserves its own. Quadratic
    funding: 0, as the pool is reserved once for all (``pool_at_ranking``). Direct grants: what was
    requested, within the limits; InvalidError when nothing was requested or when less than the
    call's smallest grant comes out.
    """
    ceiling = grant_ceiling(rule, cost_cents)
    if rule.kind in {FundingKind.LIVE_MATCH, FundingKind.QUADRATIC}:
        return 0
    if rule.kind.has_campaign and ceiling is not None:
        return ceiling
    if requested_cents is None:
        raise InvalidError(lazy("State the grant that you ask for."), field="requested_cents")
    not_negative(requested_cents)
    grant = requested_cents if ceiling is None else min(requested_cents, ceiling)
    if rule.grant_min_cents is not None and grant < rule.grant_min_cents:
        raise InvalidError(
            lazy(
                "The grant would be %(grant)s; this call gives at least %(minimum)s.",
                grant=Money(grant),
                minimum=Money(rule.grant_min_cents),
            ),
            field="requested_cents",
        )
    return grant


def pool_at_ranking(rule: FundingRule, pool_cents: int) -> int:
    """Give what the final ranking reserves once for all its projects: a quadratic round's pool."""
    return not_negative(pool_cents) if rule.kind is FundingKind.QUADRATIC else 0


def succeeded(collected_cents: int, target_cents: int) -> bool:
    """Tell whether collected money reaches the target; both in cents, the target inclusive."""
    return not_negative(collected_cents) >= not_negative(target_cents)


def counted_cents(rule: FundingRule, collected_cents: int, pledge_cents: int) -> int:
    """Give what counts toward the target: the crowd's money, and the city's as its backer.

    ``pledge_cents``: what is reserved for the project. It counts in no other kind of rule: there
    the target is the crowd's own.
    """
    own = pledge_cents if rule.kind is FundingKind.CITY_BACKER else 0
    return not_negative(collected_cents) + not_negative(own)


def sum_bar(rule: FundingRule, cost_cents: int, target_cents: int) -> int:
    """Give what must be raised for a fixed sum, in cents: ceil(share × target or cost)."""
    if rule.fixed_sum is None:
        msg = f"a {rule.kind.value} rule has no fixed sum"
        raise ValueError(msg)
    whole = cost_cents if rule.fixed_sum.of is ShareOf.COST else target_cents
    return share_ceil(not_negative(whole), rule.fixed_sum.at_share)


def computed_grant(
    rule: FundingRule,
    cost_cents: int,
    collected_cents: int,
    target_cents: int,
    available_cents: int | None = None,
    *,
    reserved_cents: int | None = None,
    backers: int = 0,
    matched_cents: int = 0,
    keeps: bool = False,
) -> int:
    """Give the grant in cents that a closed campaign earns.

    Fixed share: min(floor(C × s), K). Gap filling: min(max(C − R, 0), floor(C × s), K). City as a
    backer: its pledge, which counts toward the target. Fixed sum: the sum, if its share is raised
    from its number of ``backers``. Live match and quadratic funding: ``matched_cents``, what was
    matched while the campaign ran or what the round gave it.

    0 below the target, except that in a call whose campaigns keep what they raise (``keeps``) the
    fixed sum, the live match and the quadratic round do not ask for it. ``available_cents`` (B:
    what is left of the pool) cuts it: more than B gives B with part funding, else 0.
    ``reserved_cents``: what was reserved for this project; it never gets more, and it was the
    ranking that decided whether less than the rule's most (a flat sum, a rest) is reserved at all.
    ValueError for a direct grant, which has no campaign.
    """
    if not rule.kind.has_campaign:
        msg = "a direct grant has no campaign to compute from"
        raise ValueError(msg)
    grant = not_negative(matched_cents)
    if rule.kind not in {FundingKind.LIVE_MATCH, FundingKind.QUADRATIC}:
        grant = _earned(rule, cost_cents, collected_cents, target_cents, backers)
    cut = fit(grant, available_cents, part_funding=rule.part_funding)
    cut = cut if reserved_cents is None else min(cut, not_negative(reserved_cents))
    counted = counted_cents(rule, collected_cents, cut)
    needs_target = not keeps or rule.kind.is_threshold or rule.kind is FundingKind.CITY_BACKER
    if needs_target and not succeeded(counted, target_cents):
        return 0
    return cut


def _earned(rule: FundingRule, cost: int, collected: int, target: int, backers: int) -> int:
    grant = reserved_at_ranking(rule, cost)
    if rule.kind is FundingKind.GAP_FILLING:
        return min(grant, max(cost - collected, 0))
    if rule.fixed_sum is not None:
        met = collected >= sum_bar(rule, cost, target) and backers >= rule.fixed_sum.at_backers
        return grant if met else 0
    return grant


def foreseen_grant(rule: FundingRule, cost_cents: int, crowd_cents: int) -> int:
    """Give what a plan may count on from the city before any campaign, in cents.

    As if the campaign closed with ``crowd_cents`` or its lowest target and all donors that the rule
    asks for. A live match or a quadratic round promises nothing in advance: 0.
    """
    target = rule_target(rule, cost_cents)
    needed = rule.fixed_sum.at_backers if rule.fixed_sum is not None else 0
    crowd = max(crowd_cents, crowd_target(rule, cost_cents, target))
    if rule.fixed_sum is not None:
        crowd = max(crowd, sum_bar(rule, cost_cents, target))
    return computed_grant(rule, cost_cents, crowd, target, backers=needed)


def crowd_target(rule: FundingRule, cost_cents: int, target_cents: int) -> int:
    """Give what the crowd itself must give to reach a target: less by the city's own pledge."""
    if rule.kind is not FundingKind.CITY_BACKER:
        return target_cents
    return max(target_cents - reserved_at_ranking(rule, cost_cents), 0)


def fit(grant_cents: int, available_cents: int | None, *, part_funding: bool) -> int:
    """Cut a grant to the money left: all of it, else the rest (part funding), else 0."""
    if available_cents is None or grant_cents <= not_negative(available_cents):
        return grant_cents
    return available_cents if part_funding else 0


def project_outlook(
    rule: FundingRule,
    cost_cents: int,
    target_cents: int,
    raised_cents: int,
    reserved_cents: int | None = None,
    *,
    backers: int = 0,
    matched_cents: int = 0,
) -> Outlook:
    """Say what the page shows: crowd money, what is missing to the threshold, what the city adds.

    ``reserved_cents`` is the project's reservation, where one exists; ``backers`` who gave so far;
    ``matched_cents`` what was matched so far. All in cents.
    """
    pledge = 0
    if rule.kind is FundingKind.CITY_BACKER:
        pledge = reserved_at_ranking(rule, cost_cents)
        pledge = pledge if reserved_cents is None else min(pledge, reserved_cents)
    missing = max(target_cents - raised_cents - pledge, 0)
    counted = raised_cents + missing
    wanted = rule.fixed_sum.at_backers if rule.fixed_sum is not None else 0
    city = computed_grant(
        rule,
        cost_cents,
        counted,
        target_cents,
        reserved_cents=reserved_cents,
        backers=max(backers, wanted) if missing else backers,
        matched_cents=matched_cents,
    )
    return Outlook(
        cost_cents=cost_cents,
        target_cents=target_cents,
        crowd_cents=raised_cents,
        missing_cents=missing,
        reached=not missing,
        city_cents=city,
        uncovered_cents=max(cost_cents - counted - city, 0),
        above_cost_cents=max(counted + city - cost_cents, 0),
        missing_backers=max(wanted - backers, 0),
    )
