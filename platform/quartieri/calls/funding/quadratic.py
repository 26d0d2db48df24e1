"""Quadratic funding: one pool, shared at the close of a round by how many people gave.

With c the sum that one person gave to a project, the ideal total is (Σ√c)² and the subsidy
S = (Σ√c)² − Σc, both in cents. They are taken to 20 decimal places of a cent, rounded to the
nearest, from roots of 40 decimal places; all that follows is exact in whole numbers. So √50 + √50
squared is 200 and not 199.99…, and two programs that keep to this rule never differ by a cent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from quartieri.calls.funding.rule import FundingRule, QuadraticMethod, not_negative

PLACES = 20
_UNIT: int = 10**PLACES
_ROOT_PLACES = 40
_ROOT: int = 10**_ROOT_PLACES
_EXCESS: int = 10 ** (2 * _ROOT_PLACES - PLACES)


@dataclass(frozen=True, slots=True)
class Crowd:
    """One project of a round: its name in the tie rule, what each person gave, its limit."""

    key: str
    sums: tuple[int, ...]
    limit_cents: int | None = None


def ideal_total(sums: Iterable[int]) -> int:
    """Give (Σ√c)² of the sums of persons, in units of 10⁻²⁰ cent."""
    counted = Counter(not_negative(cents) for cents in sums)
    root = sum(isqrt(cents * _ROOT * _ROOT) * people for cents, people in counted.items())
    return (2 * root * root + _EXCESS) // (2 * _EXCESS)


def subsidy(sums: Sequence[int]) -> int:
    """Give (Σ√c)² − Σc of the sums of persons, in units of 10⁻²⁰ cent."""
    return ideal_total(sums) - sum(sums) * _UNIT


def quadratic_matches(
    rule: FundingRule, crowds: Sequence[Crowd], pool_cents: int | None
) -> list[int]:
    """Share the pool of a round; give each project's match in cents, in the given order.

    By subsidy: α·S with α = min(1, B / ΣS). By shares of squares: B in proportion to (Σ√c)², all
    of it. Rounded down; when the pool is used up, the odd cents go by largest remainder, on equal
    remainders to the smaller key. Then the limits of projects; with re-sharing, what they cut goes
    to the others by the same rule, until nothing is cut. The order of projects changes nothing.

    ``pool_cents`` None (no limit) is for subsidies only: ValueError for shares of squares.
    """
    quadratic = rule.quadratic
    if quadratic is None:
        msg = f"a {rule.kind.value} rule has no round"
        raise ValueError(msg)
    by_subsidy = quadratic.method is QuadraticMethod.SUBSIDY
    if pool_cents is None and not by_subsidy:
        msg = "shares of squares need a pool"
        raise ValueError(msg)
    measure = subsidy if by_subsidy else ideal_total
    weights = {n: measure(crowd.sums) for n, crowd in enumerate(crowds)}
    limits = {n: c.limit_cents for n, c in enumerate(crowds) if c.limit_cents is not None}
    pool = _Pool(pool_cents, by_subsidy)
    capped = _capped(weights, limits, pool) if quadratic.reshare else {}
    shared = capped | _shared(
        {n: weight for n, weight in weights.items() if n not in capped},
        pool.without(capped),
        [crowd.key for crowd in crowds],
    )
    return [min(shared[n], limits.get(n, shared[n])) for n in range(len(crowds))]


@dataclass(frozen=True, slots=True)
class _Pool:
    """What is there to share; by subsidy nobody gets more than a cent for a cent of subsidy."""

    cents: int | None
    by_subsidy: bool

    def without(self, given: dict[int, int]) -> _Pool:
        return replace(self, cents=None if self.cents is None else self.cents - sum(given.values()))

    def ratio(self, total: int) -> tuple[int, int]:
        """Give what one unit of weight gets, in cents, as numerator and denominator."""
        if not total:
            return 0, 1
        if self.cents is None or (self.by_subsidy and total <= self.cents * _UNIT):
            return 1, _UNIT
        return not_negative(self.cents), total


def _capped(weights: dict[int, int], limits: dict[int, int], pool: _Pool) -> dict[int, int]:
    """Find, round by round, the projects whose limit cuts their share; give their limits."""
    capped: dict[int, int] = {}
    while True:
        left = {n: weight for n, weight in weights.items() if n not in capped}
        over, under = pool.without(capped).ratio(sum(left.values()))
        cut = {
            n: limits[n]
            for n, weight in left.items()
            if n in limits and weight * over >= limits[n] * under
        }
        if not cut:
            return capped
        capped |= cut


def _shared(weights: dict[int, int], pool: _Pool, keys: Sequence[str]) -> dict[int, int]:
    """Share out by weights, rounded down; a pool that is used up is used up to the cent."""
    total = sum(weights.values())
    over, under = pool.ratio(total)
    parts = {n: weight * over // under for n, weight in weights.items()}
    if pool.cents is not None and total and total * over == pool.cents * under:
        odd = pool.cents - sum(parts.values())
        by_rest = sorted(weights, key=lambda n: (-(weights[n] * over % under), keys[n]))
        for n in by_rest[:odd]:
            parts[n] += 1
    return parts
