"""A call's funding rule: its kind, its shares and the parameters of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy

ONE = Decimal(1)
MOST_FACTOR = Decimal(100)
MOST_MULTIPLIERS = 50


class FundingKind(LabelEnum):
    """How the city's grant follows from cost and collected money."""

    FIXED_SHARE = "fixed_share", N_("Fixed share of the cost")
    GAP_FILLING = "gap_filling", N_("What the crowd leaves missing")
    LIVE_MATCH = "live_match", N_("Live match: each donation is matched as it is made")
    FIXED_SUM = "fixed_sum", N_("Fixed sum, at a percentage and a number of donors")
    CITY_BACKER = "city_backer", N_("The city as one backer of the crowd")
    QUADRATIC = "quadratic", N_("Quadratic funding: one pool, shared by how many give")
    DIRECT = "direct", N_("Direct grant, without a campaign")

    @property
    def has_campaign(self) -> bool:
        """Tell whether the crowd gives to a project before the city does."""
        return self is not FundingKind.DIRECT

    @property
    def is_threshold(self) -> bool:
        """Tell whether the target alone opens the grant, whose maximum the ranking reserves."""
        return self in {FundingKind.FIXED_SHARE, FundingKind.GAP_FILLING}


class ShareOf(LabelEnum):
    """What a percentage to be raised is a percentage of."""

    TARGET = "target", N_("of the target")
    COST = "cost", N_("of the cost")


class QuadraticMethod(LabelEnum):
    """By what the pool of a quadratic round is shared."""

    SUBSIDY = "subsidy", N_("By subsidy: the square of the sum of the roots, less what was given")
    SQUARES = "squares", N_("By shares of squares: the square of the sum of the roots")


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A time in which a live match has another factor; both instants are inside."""

    starts_at: datetime
    ends_at: datetime
    factor: Decimal

    def __post_init__(self) -> None:
        """Refuse a factor or a time that cannot be."""
        _check_factor(self.factor)
        for name in ("starts_at", "ends_at"):
            if getattr(self, name).tzinfo is None:
                msg = f"{name} has no time zone"
                raise ValueError(msg)
        if self.starts_at >= self.ends_at:
            raise InvalidError(lazy("The end must be later than the start."), field="ends_at")


@dataclass(frozen=True, slots=True)
class LiveMatch:
    """The parameters of a live match; None is no limit.

    ``factor``: cents of the city for each cent of a donation; a ``multipliers`` window replaces it
    while it lasts. ``per_donation_cents``: of one donation at most this much is matched.
    ``donations_per_donor`` and ``per_donor_cents``: how many donations of one person to one project
    are matched, and with how much in all. What a project gets in all is limited by the rule's
    ``grant_cap_cents`` and ``grant_share``, what all get by the pool.
    """

    factor: Decimal = ONE
    per_donation_cents: int | None = None
    donations_per_donor: int | None = None
    per_donor_cents: int | None = None
    multipliers: tuple[Multiplier, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be; windows stand in order and may touch."""
        _check_factor(self.factor)
        for name in ("per_donation_cents", "donations_per_donor", "per_donor_cents"):
            _positive(name, getattr(self, name))
        for before, after in zip(self.multipliers, self.multipliers[1:], strict=False):
            if after.starts_at < before.ends_at:
                raise InvalidError(
                    lazy("The times of multipliers follow one another without overlap."),
                    field="multipliers",
                )

    def factor_at(self, at: datetime | None) -> Decimal:
        """Give the factor that holds at an instant; where two windows touch, the earlier one's."""
        if at is not None:
            for window in self.multipliers:
                if window.starts_at <= at <= window.ends_at:
                    return window.factor
        return self.factor


@dataclass(frozen=True, slots=True)
class FixedSum:
    """One sum, paid once: when ``at_share`` of target or cost is raised from ``at_backers`` people.

    ``at_share`` may be above 1; ``at_backers`` 0 asks for no number of people.
    """

    sum_cents: int
    at_share: Decimal = ONE
    of: ShareOf = ShareOf.TARGET
    at_backers: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        _positive("sum_cents", self.sum_cents)
        _check_decimal("at_share", self.at_share)
        if not self.at_share.is_finite() or not 0 < self.at_share <= MOST_FACTOR:
            raise InvalidError(
                lazy("The percentage to be raised is more than 0 % and at most 10,000 %."),
                field="at_share",
            )
        if _whole(self.at_backers) < 0:
            raise InvalidError(lazy("The number of donors can't be negative."), field="at_backers")


@dataclass(frozen=True, slots=True)
class Quadratic:
    """How a quadratic round shares its pool.

    ``reshare``: what the limit of a project cuts off (the rule's ``grant_cap_cents`` and
    ``grant_share``) is shared among the others; otherwise it stays in the pool.
    """

    method: QuadraticMethod = QuadraticMethod.SUBSIDY
    reshare: bool = False


@dataclass(frozen=True, slots=True)
class FundingRule:
    """A call's rule, frozen at publication.

    ``crowdfunding_share`` and ``grant_share`` are in (0, 1]; a threshold rule needs both, a direct
    grant has no crowdfunding share. In all kinds ``grant_share`` of the cost and
    ``grant_cap_cents`` limit what one project gets; a missing one is no limit.
    ``grant_min_cents`` bounds direct grants only. ``part_funding``: a project that does not fit in
    the money left gets that rest, instead of nothing. ``live``, ``fixed_sum`` and ``quadratic``
    hold the parameters of the kinds of these names, and of no other.
    """

    kind: FundingKind
    crowdfunding_share: Decimal | None
    grant_share: Decimal | None
    grant_min_cents: int | None = None
    grant_cap_cents: int | None = None
    part_funding: bool = False
    live: LiveMatch | None = None
    fixed_sum: FixedSum | None = None
    quadratic: Quadratic | None = None

    def __post_init__(self) -> None:
        """Refuse what no call can mean; ``field`` names the value that is wrong."""
        _check_share("crowdfunding_share", self.crowdfunding_share, needed=self.kind.is_threshold)
        _check_share("grant_share", self.grant_share, needed=self.kind.is_threshold)
        if self.kind is FundingKind.DIRECT and self.crowdfunding_share is not None:
            raise InvalidError(
                lazy("A call without campaigns has no crowdfunding share."),
                field="crowdfunding_share",
            )
        for name in ("grant_min_cents", "grant_cap_cents"):
            _positive(name, getattr(self, name))
        if (
            self.grant_min_cents is not None
            and self.grant_cap_cents is not None
            and self.grant_min_cents > self.grant_cap_cents
        ):
            raise InvalidError(
                lazy("The smallest grant is above the largest one."), field="grant_min_cents"
            )
        self._check_parameters()

    def _check_parameters(self) -> None:
        for name, kind in PARAMETERS.items():
            given = getattr(self, name)
            if given is not None and self.kind is not kind:
                raise InvalidError(lazy("This belongs to another kind of rule."), field=name)
            if given is None and self.kind is kind:
                raise InvalidError(lazy("This kind of rule needs its parameters."), field=name)
        if (
            self.kind is FundingKind.CITY_BACKER
            and self.grant_share is None
            and self.grant_cap_cents is None
        ):
            raise InvalidError(
                lazy("State what the city pledges: its share of the cost or a sum."),
                field="grant_cap_cents",
            )


PARAMETERS = {
    "live": FundingKind.LIVE_MATCH,
    "fixed_sum": FundingKind.FIXED_SUM,
    "quadratic": FundingKind.QUADRATIC,
}
"""The field of a rule that holds a kind's parameters."""


def _check_share(name: str, share: Decimal | None, *, needed: bool) -> None:
    if share is None:
        if needed:
            raise InvalidError(lazy("A call with campaigns needs this share."), field=name)
        return
    _check_decimal(name, share)
    if not share.is_finite() or not 0 < share <= ONE:
        raise InvalidError(lazy("A share is more than 0 % and at most 100 %."), field=name)


def _check_factor(factor: Decimal) -> None:
    _check_decimal("factor", factor)
    if not factor.is_finite() or not 0 < factor <= MOST_FACTOR:
        raise InvalidError(lazy("A factor is more than 0 and at most 100."), field="factor")


def _check_decimal(name: str, value: Decimal) -> None:
    if not isinstance(value, Decimal):
        msg = f"{name} is a Decimal, not {type(value).__name__}"
        raise TypeError(msg)


def _positive(name: str, value: int | None) -> None:
    if value is not None and _whole(value) <= 0:
        raise InvalidError(lazy("The amount must be more than zero."), field=name)


def _whole(value: int) -> int:
    if type(value) is not int:
        msg = f"cents are an int, not {type(value).__name__}"
        raise TypeError(msg)
    return value


def not_negative(cents: int) -> int:
    """Give cents as they are; TypeError for what is no int, ValueError below zero."""
    if _whole(cents) < 0:
        msg = f"negative cents: {cents}"
        raise ValueError(msg)
    return cents
