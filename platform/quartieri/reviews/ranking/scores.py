"""From sheets to scores, exactly: sheets' totals, normalisation, aggregation.

A sheet's total is the sum of its criteria's values: points × weight, or (``weights``) points ÷
maximum × weight. Not applicable, left out: the sum of the others × what all could give ÷ what the
others could give; a criterion that nobody scored has no aggregate, and no minimum. As zero: 0.

Normalisation, if any, changes the totals of each reviewer's sheets, over all ranked proposals: a
reviewer whose sheets all have one total keeps them. ``min_max``: (t − lowest) ÷ (highest − lowest)
× the most that a sheet can have. ``z``: mean of all sheets + (t − own mean) ÷ own spread × the
spread of all, a spread being the square root of the mean squared deviation, cut to six decimals.
Either is rounded half up to four decimals. Minimums of criteria and groups go by points as given.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm

from quartieri.calls.design.scoring import Aggregation, Normalisation, NotApplicable, Scoring
from quartieri.reviews.ranking.inputs import Candidate, Sheet
from quartieri.reviews.ranking.rules import TOTAL_SCALE, UNIT, RankingRules, units

SPREAD_DECIMALS = 10**6
TRIMMED_FROM = 3
"""From so many sheets on the trimmed mean leaves out the highest and the lowest."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its sums: total in 1/``scale``, aggregated points in 1/``points_scale``.

    ``points`` by criterion, ``groups`` by group, in the rules' order; None where nothing applied.
    """

    candidate: Candidate
    sheets: int
    total: int
    scale: int
    points: tuple[int | None, ...]
    points_scale: int
    groups: tuple[Fraction | None, ...] = ()

    @property
    def score(self) -> Fraction:
        """The exact score."""
        return Fraction(self.total, self.scale)

    def points_of(self, place: int) -> Fraction | None:
        """Give the exact aggregated points of a criterion by its place in the rules."""
        points = self.points[place]
        return None if points is None else Fraction(points, self.points_scale)


def score_all(rules: RankingRules, candidates: Iterable[Candidate]) -> list[Scored]:
    """Score complete candidates, in their order; linear in the number of points given."""
    many = list(candidates)
    if rules.is_plain and not any(s.not_applicable for c in many for s in c.counted):
        weights = [units(c.weight) for c in rules.criteria]
        return [_mean(rules, weights, c) for c in many]
    table = _Table(rules)
    raw = [[table.total(s) for s in c.counted] for c in many]
    totals = _normalised(rules.normalisation, many, raw, table.most)
    return [table.score(c, t) for c, t in zip(many, totals, strict=True)]


def sheet_value(rules: RankingRules, sheet: Sheet) -> int:
    """Give a sheet's own total in 1/TOTAL_SCALE, rounded half up; before any normalisation.

    Exact where points are added up; elsewhere it is for show: rankings go by the sheets.
    """
    total = _Table(rules).total(sheet) * TOTAL_SCALE
    return (2 * total.numerator + total.denominator) // (2 * total.denominator)


def _mean(rules: RankingRules, weights: list[int], candidate: Candidate) -> Scored:
    """Add up whole numbers: the mean of Σ points × weight needs nothing else."""
    sums = [0] * len(weights)
    for sheet in candidate.counted:
        given = dict(sheet.points)
        for place, criterion in enumerate(rules.criteria):
            sums[place] += units(given[criterion.code])
    count = len(candidate.counted)
    parts = [s * w for s, w in zip(sums, weights, strict=True)]
    groups = tuple(
        Fraction(
            sum(p for p, c in zip(parts, rules.criteria, strict=True) if c.group == group.code),
            count * TOTAL_SCALE,
        )
        for group in rules.groups
    )
    return Scored(
        candidate, count, sum(parts), count * TOTAL_SCALE, tuple(sums), count * UNIT, groups
    )


class _Table:
    """What each criterion is worth, for the rules that need fractions."""

    def __init__(self, rules: RankingRules) -> None:
        self.rules = rules
        self.codes = [c.code for c in rules.criteria]
        weighted = rules.scoring is Scoring.WEIGHTS
        self.factor = {
            c.code: Fraction(c.weight) / Fraction(c.maximum) if weighted else Fraction(c.weight)
            for c in rules.criteria
        }
        self.worth = {c.code: self.factor[c.code] * Fraction(c.maximum) for c in rules.criteria}
        self.most = sum(self.worth.values(), Fraction(0))
        self.members = [[c.code for c in rules.criteria if c.group == g.code] for g in rules.groups]
        self.zero = rules.not_applicable is NotApplicable.ZERO

    def points(self, sheet: Sheet) -> dict[str, Fraction]:
        """Give a sheet's points by criterion, without what does not apply."""
        given = {code: Fraction(p) for code, p in sheet.points}
        if self.zero:
            given.update(dict.fromkeys(sheet.not_applicable, Fraction(0)))
        return given

    def value(self, given: dict[str, Fraction], codes: Sequence[str]) -> Fraction | None:
        """Give what a sheet says of some criteria, for the whole of them; None: nothing."""
        applied = [code for code in codes if code in given]
        if not applied:
            return None
        found = sum((given[code] * self.factor[code] for code in applied), Fraction(0))
        if len(applied) == len(codes):
            return found
        worth = sum((self.worth[code] for code in codes), Fraction(0))
        return found * worth / sum((self.worth[code] for code in applied), Fraction(0))

    def total(self, sheet: Sheet) -> Fraction:
        """Give a sheet's total."""
        return self.value(self.points(sheet), self.codes) or Fraction(0)

    def score(self, candidate: Candidate, totals: Sequence[Fraction]) -> Scored:
        """Aggregate a candidate's sheets by the rule; minimums under the sum go by means."""
        given = [self.points(s) for s in candidate.counted]
        rule = self.rules.aggregation
        part = Aggregation.MEAN if rule is Aggregation.SUM else rule
        points = [aggregate(part, [g[code] for g in given if code in g]) for code in self.codes]
        groups = tuple(
            aggregate(part, [v for g in given if (v := self.value(g, codes)) is not None])
            for codes in self.members
        )
        total = aggregate(rule, totals) or Fraction(0)
        scale = lcm(*(p.denominator for p in points if p is not None))
        return Scored(
            candidate,
            len(candidate.counted),
            total.numerator,
            total.denominator,
            tuple(None if p is None else p.numerator * (scale // p.denominator) for p in points),
            scale,
            groups,
        )


def aggregate(rule: Aggregation, values: Sequence[Fraction]) -> Fraction | None:
    """Bring the sheets' values together; None without any.

    The median of an even number is the mean of the two in the middle. The trimmed mean leaves out
    one highest and one lowest value, from three on.
    """
    if not values:
        return None
    ordered = sorted(values)
    count = len(ordered)
    if rule is Aggregation.SUM:
        return sum(ordered, Fraction(0))
    if rule is Aggregation.MEDIAN:
        return (ordered[(count - 1) // 2] + ordered[count // 2]) / 2
    if rule is Aggregation.TRIMMED and count >= TRIMMED_FROM:
        ordered = ordered[1:-1]
    return sum(ordered, Fraction(0)) / len(ordered)


def _normalised(
    rule: Normalisation,
    candidates: Sequence[Candidate],
    raw: list[list[Fraction]],
    most: Fraction,
) -> list[list[Fraction]]:
    every = [total for totals in raw for total in totals]
    if rule is Normalisation.NONE or not every:
        return raw
    by_reviewer: dict[str, list[Fraction]] = defaultdict(list)
    for candidate, totals in zip(candidates, raw, strict=True):
        for sheet, total in zip(candidate.counted, totals, strict=True):
            by_reviewer[sheet.reviewer].append(total)
    common = _spread(every)
    lines = {name: _line(rule, own, common, most) for name, own in by_reviewer.items()}
    return [
        [
            _rounded((total - lines[s.reviewer][0]) * lines[s.reviewer][1] + lines[s.reviewer][2])
            if lines[s.reviewer][1]
            else total
            for s, total in zip(candidate.counted, totals, strict=True)
        ]
        for candidate, totals in zip(candidates, raw, strict=True)
    ]


def _line(
    rule: Normalisation,
    own: Sequence[Fraction],
    common: tuple[Fraction, Fraction],
    most: Fraction,
) -> tuple[Fraction, Fraction, Fraction]:
    """Give what is taken off, the factor (0: totals stay) and what is put on."""
    low, high = min(own), max(own)
    if low == high:
        return low, Fraction(0), low
    if rule is Normalisation.MIN_MAX:
        return low, most / (high - low), Fraction(0)
    mean, spread = _spread(own)
    return mean, common[1] / spread if spread else Fraction(0), common[0]


def _spread(values: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Give the mean, and the root of the mean squared deviation cut to six decimals."""
    mean = sum(values, Fraction(0)) / len(values)
    variance = sum(((v - mean) ** 2 for v in values), Fraction(0)) / len(values)
    whole = variance.numerator * SPREAD_DECIMALS**2 // variance.denominator
    return mean, Fraction(isqrt(whole), SPREAD_DECIMALS)


def _rounded(value: Fraction) -> Fraction:
    """Round half up to four decimals."""
    return Fraction(
        (2 * value.numerator * UNIT + value.denominator) // (2 * value.denominator), UNIT
    )
