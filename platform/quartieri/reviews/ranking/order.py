"""Scores and places: exact whole-number arithmetic, thresholds, ties by the written rule."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import lcm
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from quartieri.kit.errors import DomainError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.reviews.ranking.inputs import (
    TOTAL_SCALE,
    UNIT,
    Candidate,
    RankingInput,
    RankingRules,
    Sheet,
    Standing,
    units,
)


class FaultKind(LabelEnum):
    """What keeps a proposal from being ranked."""

    TOO_FEW_SHEETS = "too_few_sheets", N_("too few score sheets")
    MISSING_SCORE = "missing_score", N_("a score is missing")
    OUT_OF_RANGE = "out_of_range", N_("a score is outside of the criterion's points")
    UNKNOWN_CRITERION = "unknown_criterion", N_("a score for a criterion that is not there")
    TWO_SHEETS = "two_sheets", N_("two sheets of one reviewer")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that keeps a proposal from being ranked, and where it is."""

    kind: FaultKind
    key: str
    reviewer: str | None = None
    criterion: str | None = None


class NotRankableError(DomainError):
    """The scores are not complete; ``faults`` says where, in the order of the register."""

    def __init__(self, found: tuple[Fault, ...]) -> None:
        """Say the first fault and how many there are."""
        first = found[0]
        super().__init__(
            lazy(
                "The ranking can't be computed yet: %(proposal)s, %(fault)s (%(count)s to settle).",
                proposal=first.key,
                fault=lazy(first.kind.label),
                count=len(found),
            )
        )
        self.faults = found


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


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its sums: total in 1/TOTAL_SCALE, points of each criterion in 1/UNIT."""

    candidate: Candidate
    sheets: int
    total: int
    points: tuple[int, ...]

    @property
    def mean(self) -> Fraction:
        """The exact score."""
        return Fraction(self.total, self.sheets * TOTAL_SCALE)


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

    This is the figure to store beside a submitted sheet for ``rank_totals``.
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


def faults(given: RankingInput) -> tuple[Fault, ...]:
    """List everything that keeps candidates from being ranked; a missing score is never zero."""
    limits = {c.code: c.maximum for c in given.rules.criteria}
    found: list[Fault] = []
    for candidate in given.candidates:
        if candidate.standing is not Standing.RANKABLE:
            continue
        if len(candidate.sheets) < given.rules.minimum_sheets:
            found.append(Fault(FaultKind.TOO_FEW_SHEETS, candidate.key))
        seen: set[str] = set()
        for sheet in candidate.sheets:
            if sheet.reviewer in seen:
                found.append(Fault(FaultKind.TWO_SHEETS, candidate.key, sheet.reviewer))
            seen.add(sheet.reviewer)
            found.extend(_sheet_faults(candidate.key, sheet, limits))
    return tuple(found)


def score(rules: RankingRules, candidate: Candidate) -> Scored:
    """Add up a complete candidate's sheets."""
    weights = [units(c.weight) for c in rules.criteria]
    sums = [0] * len(weights)
    for sheet in candidate.sheets:
        given = dict(sheet.points)
        for place, criterion in enumerate(rules.criteria):
            sums[place] += units(given[criterion.code])
    total = sum(s * w for s, w in zip(sums, weights, strict=True))
    return Scored(candidate, len(candidate.sheets), total, tuple(sums))


class Order:
    """Sort keys of a window: the exact mean first, then each written rule for ties."""

    def __init__(self, rules: RankingRules, scored: Iterable[Scored]) -> None:
        """Find the common measure of all means."""
        self.rules = rules
        self.scored = list(scored)
        self.factors = common_factors({s.sheets for s in self.scored})
        self.places = {c.code: place for place, c in enumerate(rules.criteria)}

    def key(self, one: Scored) -> tuple[Any, ...]:
        """Give the key: lower sorts first."""
        factor = self.factors[one.sheets]
        parts: list[Any] = [-one.total * factor]
        for rule in self.rules.tie_break:
            kind, _, code = rule.partition(":")
            if kind == "criterion":
                parts.append(-one.points[self.places[code]] * factor)
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


def common_factors(counts: Iterable[int]) -> dict[int, int]:
    """Give, for each number of sheets, what brings its sum to the common measure of all."""
    many = set(counts)
    common = lcm(*many)
    return {count: common // count for count in many}


def _sheet_faults(key: str, sheet: Sheet, limits: Mapping[str, Decimal]) -> list[Fault]:
    given = dict(sheet.points)
    found = [
        Fault(FaultKind.UNKNOWN_CRITERION, key, sheet.reviewer, code)
        for code in given
        if code not in limits
    ]
    for code, maximum in limits.items():
        if code not in given:
            found.append(Fault(FaultKind.MISSING_SCORE, key, sheet.reviewer, code))
        elif not 0 <= given[code] <= maximum:
            found.append(Fault(FaultKind.OUT_OF_RANGE, key, sheet.reviewer, code))
    return found
