"""What a notice says of its ranking, as checked values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from quartieri.calls.design.scoring import Aggregation, Normalisation, NotApplicable, Scoring
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy

UNIT = 10_000
"""Points and weights are counted in ten-thousandths: at most four decimals."""
TOTAL_SCALE = UNIT * UNIT
"""A total (points × weight) is counted in this part of a point: always a whole number."""
MAX_POINTS = 1_000_000


class RunsOut(LabelEnum):
    """What happens when the next project does not fit in the money left."""

    STOP = "stop", N_("The list stops there")
    SKIP = "skip", N_("The next project that fits is funded")
    PART = "part", N_("The project gets the rest")
    OFFER = "offer", N_("The rest is offered to the project if it re-scopes")


@dataclass(frozen=True, slots=True)
class CriterionRule:
    """One criterion: points from 0 to ``maximum`` count times ``weight``.

    ``minimum`` is on the aggregated points (with the sum: on their mean), before the weight.
    ``group`` names a GroupRule.
    """

    code: str
    maximum: Decimal
    weight: Decimal = Decimal(1)
    minimum: Decimal | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        """Refuse a criterion that can't be scored, or whose minimum can't be reached."""
        if units(self.maximum) <= 0 or units(self.weight) <= 0:
            raise InvalidError(lazy("Maximum points and weights are more than zero."))
        if self.minimum is not None and self.minimum > self.maximum:
            raise InvalidError(lazy("A minimum score is above the maximum."))


@dataclass(frozen=True, slots=True)
class GroupRule:
    """A group of criteria with a minimum on the aggregate of its members' sums (None: none).

    With ``gate``, whoever misses the minimum has no total: the other criteria do not count.
    """

    code: str
    minimum: Decimal | None
    gate: bool = False


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit for the candidates that carry its code: so many places, so many cents, or both."""

    code: str
    places: int | None = None
    cents: int | None = None


@dataclass(frozen=True, slots=True)
class ListRule:
    """One of several lists: its own places, its own money (None: the common one), a flat sum.

    ``flat_cents``: what each gets, never above its own maximum.
    """

    code: str
    places: int | None = None
    cents: int | None = None
    flat_cents: int | None = None


@dataclass(frozen=True, slots=True)
class RankingRules:
    """What the notice says of the ranking; InvalidError when it contradicts itself.

    ``tie_break``, in order: ``criterion:<code>`` (the higher aggregate), ``received`` (the
    earlier), ``protocol`` (the lower number), ``draw`` (a public draw: ascending SHA-256 of the
    published seed and the proposal's key). ``places``: how many are funded, or admitted, at most in
    all. ``gate``: the ranking of a stage that is not the last; it admits, and gives no money.
    """

    criteria: tuple[CriterionRule, ...]
    when_money_runs_out: RunsOut
    minimum_total: Decimal | None = None
    minimum_sheets: int = 1
    groups: tuple[GroupRule, ...] = ()
    tie_break: tuple[str, ...] = ("received", "protocol")
    quotas: tuple[Quota, ...] = ()
    draw_seed: str | None = None
    aggregation: Aggregation = Aggregation.MEAN
    scoring: Scoring = Scoring.POINTS
    normalisation: Normalisation = Normalisation.NONE
    not_applicable: NotApplicable = NotApplicable.REFUSED
    lists: tuple[ListRule, ...] = ()
    places: int | None = None
    gate: bool = False

    def __post_init__(self) -> None:
        """Check codes, references and amounts."""
        if not isinstance(self.aggregation, Aggregation):
            raise InvalidError(lazy("Not a rule for bringing sheets together."))
        codes = [c.code for c in self.criteria]
        if not codes:
            raise InvalidError(lazy("A ranking needs at least one criterion."))
        if len(set(codes)) < len(codes) or _doubled(g.code for g in self.groups):
            raise InvalidError(lazy("A criterion or a group stands twice."))
        if _doubled(q.code for q in self.quotas):
            raise InvalidError(lazy("A quota stands twice."))
        if _doubled(one.code for one in self.lists):
            raise InvalidError(lazy("A list stands twice."))
        groups = {g.code for g in self.groups}
        if any(c.group is not None and c.group not in groups for c in self.criteria):
            raise InvalidError(lazy("A criterion names a group that is not there."))
        if self.minimum_sheets < 1:
            raise InvalidError(lazy("A ranking needs at least one sheet for each application."))
        for rule in self.tie_break:
            kind, _, code = rule.partition(":")
            if rule in {"received", "protocol", "draw"} or (kind == "criterion" and code in codes):
                continue
            raise InvalidError(lazy("Not a rule for ties: %(rule)s.", rule=rule))

    @property
    def is_plain(self) -> bool:
        """Tell whether a score is the mean of Σ points × weight: whole numbers suffice."""
        return (
            self.aggregation is Aggregation.MEAN
            and self.scoring is Scoring.POINTS
            and self.normalisation is Normalisation.NONE
        )


def settles_every_tie(tie_break: Iterable[str]) -> bool:
    """Tell whether the rule can leave no tie: it ends in the register's number or in a draw."""
    return any(rule in {"protocol", "draw"} for rule in tie_break)


def units(value: Decimal) -> int:
    """Give points or a weight in ten-thousandths; InvalidError beyond four decimals."""
    if not isinstance(value, Decimal):
        msg = f"points and weights are Decimals, not {type(value).__name__}"
        raise TypeError(msg)
    if not value.is_finite() or abs(value) > MAX_POINTS:
        raise InvalidError(lazy("Points and weights are numbers up to a million."))
    over, under = value.as_integer_ratio()
    whole, odd = divmod(over * UNIT, under)
    if odd:
        raise InvalidError(lazy("Points and weights have at most four decimals."))
    return whole


def plain(value: Decimal) -> str:
    """Write a decimal in one way only: 7.50 and 7.5 give ``7.5``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _doubled(codes: Iterable[str]) -> bool:
    many = list(codes)
    return len(set(many)) < len(many)
