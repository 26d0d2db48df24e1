"""Places: scores compared as whole numbers, ties settled by the written rule."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from math import lcm
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from quartieri.kit.errors import DomainError
from quartieri.kit.labels import lazy
from quartieri.reviews.ranking.faults import Fault, FaultKind, NotRankableError
from quartieri.reviews.ranking.rules import UNIT, RankingRules, units
from quartieri.reviews.ranking.scores import Scored


class UnresolvedTieError(DomainError):
    """The written rule leaves two proposals tied; only the call's rules can settle it."""

    def __init__(self, first: str, second: str) -> None:
        """Name the two."""
        super().__init__(
            lazy(
                "The call's rules for ties leave %(first)s and %(second)s at the same place.",
                first=first,
                second=second,
            )
        )
        self.keys = (first, second)


class StoredTotal(NamedTuple):
    """A proposal's stored sums: ``total`` of all its sheets' totals in 1/TOTAL_SCALE.

    ``received`` and ``protocol`` are whatever compares: an instant and (year, number).
    """

    key: Any
    total: int
    sheets: int
    received: Any
    protocol: Any


Row = TypeVar("Row", bound=Sequence[Any])


def sheet_total(rules: RankingRules, points: Mapping[str, Decimal | None]) -> int | None:
    """Give one sheet's total, Σ points × weight, in 1/TOTAL_SCALE; None while a score misses.

    This is the figure to store beside a submitted sheet for ``rank_totals``: the plain rule's.
    """
    total = 0
    for criterion in rules.criteria:
        given = points.get(criterion.code)
        if given is None:
            return None
        total += units(given) * units(criterion.weight)
    return total


def rank_totals(rows: Iterable[Row], minimum_total: Decimal | None = None) -> list[Row]:
    """Order stored totals by the mean rule, best first; those below the minimum are left out.

    Rows are shaped like StoredTotal (plain tuples from SQL will do). Ties: received, then protocol.
    Exact: means are compared as whole numbers over the least common multiple of the counts.
    ``rank`` gives the same order; here no sheet is read, so it stays close to SQL's own sort.
    """
    many = list(rows)
    if not many:
        return []
    if min(row[2] for row in many) < 1:
        raise NotRankableError(
            tuple(Fault(FaultKind.TOO_FEW_SHEETS, str(r[0])) for r in many if r[2] < 1)
        )
    factors = common_factors({row[2] for row in many})
    if minimum_total is not None:
        floor = units(minimum_total) * UNIT * lcm(*factors)
        many = [row for row in many if row[1] * factors[row[2]] >= floor]
    # three stable sorts by one plain value each are far quicker than one by tuples
    many.sort(key=itemgetter(4))
    many.sort(key=itemgetter(3))
    many.sort(key=lambda row: row[1] * factors[row[2]], reverse=True)
    return many


class Order:
    """Sort keys of a list: the exact score first, then each written rule for ties."""

    def __init__(self, rules: RankingRules, scored: Iterable[Scored]) -> None:
        """Find the common measure of all scores."""
        self.rules = rules
        self.scored = list(scored)
        self.factors = common_factors({s.scale for s in self.scored})
        self.measures = common_factors({s.points_scale for s in self.scored})
        self.places = {c.code: place for place, c in enumerate(rules.criteria)}

    def key(self, one: Scored) -> tuple[Any, ...]:
        """Give the key: lower sorts first."""
        parts: list[Any] = [-one.total * self.factors[one.scale]]
        for rule in self.rules.tie_break:
            kind, _, code = rule.partition(":")
            if kind == "criterion":
                points = one.points[self.places[code]] or 0
                parts.append(-points * self.measures[one.points_scale])
            elif kind == "received":
                parts.append(one.candidate.received_at)
            elif kind == "protocol":
                parts.append(one.candidate.protocol)
            else:
                parts.append(self._draw(one.candidate.key))
        return tuple(parts)

    def sort(self) -> list[tuple[tuple[Any, ...], Scored]]:
        """Give (key, scored), best first; UnresolvedTieError when a tie stays open."""
        keyed = sorted(((self.key(s), s) for s in self.scored), key=lambda pair: pair[0])
        for (above, first), (below, second) in pairwise(keyed):
            if above == below:
                names = sorted((first.candidate.key, second.candidate.key))
                raise UnresolvedTieError(names[0], names[1])
        return keyed

    def _draw(self, key: str) -> str:
        """Give the lot of a public draw; without a published seed it settles nothing."""
        seed = self.rules.draw_seed
        if seed is None:
            return ""
        return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def common_factors(scales: Iterable[int]) -> dict[int, int]:
    """Give, for each scale, what brings its figures to the common measure of all."""
    many = set(scales)
    common = lcm(*many)
    return {scale: common // scale for scale in many}
