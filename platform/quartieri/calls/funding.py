"""The funding rule of a call: what a project must raise, what the city may add, what it adds.

Pure arithmetic on whole cents. Two threshold rules (a campaign must reach its target first) and the
direct grant (no campaign). Shares are exact decimals, never floats.

Rounding: the bar that a project must reach is rounded up, what the city promises is rounded down.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.money import Money, share_ceil, share_floor

ONE = Decimal(1)


class FundingKind(LabelEnum):
    """How the city's grant follows from cost and collected money."""

    FIXED_SHARE = "fixed_share", N_("Fixed share of the cost")
    GAP_FILLING = "gap_filling", N_("What the crowd leaves missing")
    DIRECT = "direct", N_("Direct grant, without a campaign")

    @property
    def has_campaign(self) -> bool:
        """Tell whether a project must reach a crowdfunding target first."""
        return self is not FundingKind.DIRECT


@dataclass(frozen=True, slots=True)
class FundingRule:
    """A call's rule, frozen at publication.

    ``crowdfunding_share`` and ``grant_share`` are in (0, 1]; a threshold rule needs both, a direct
    grant has no crowdfunding share and may lack the other (then only the cap limits it).
    ``grant_min_cents`` bounds direct grants only. A missing cap is no cap. ``part_funding``: a
    project that does not fit in the money left gets that rest, instead of nothing.
    """

    kind: FundingKind
    crowdfunding_share: Decimal | None
    grant_share: Decimal | None
    grant_min_cents: int | None = None
    grant_cap_cents: int | None = None
    part_funding: bool = False

    def __post_init__(self) -> None:
        """Refuse what no call can mean; ``field`` names the value that is wrong."""
        _check_share("crowdfunding_share", self.crowdfunding_share, needed=self.kind.has_campaign)
        _check_share("grant_share", self.grant_share, needed=self.kind.has_campaign)
        if self.kind is FundingKind.DIRECT and self.crowdfunding_share is not None:
            raise InvalidError(
                lazy("A call without campaigns has no crowdfunding share."),
                field="crowdfunding_share",
            )
        for name in ("grant_min_cents", "grant_cap_cents"):
            value = getattr(self, name)
            if value is not None:
                _whole(value)
                if value <= 0:
                    raise InvalidError(lazy("The amount must be more than zero."), field=name)
        if (
            self.grant_min_cents is not None
            and self.grant_cap_cents is not None
            and self.grant_min_cents > self.grant_cap_cents
        ):
            raise InvalidError(
                lazy("The smallest grant is above the largest one."), field="grant_min_cents"
            )


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a project page shows of the money, in cents.

    ``missing_cents``: to the threshold, 0 once reached. ``city_cents``: what the city adds if the
    campaign closes with the crowd money of now, or, below the threshold, with exactly the target.
    ``uncovered_cents``: what cost then still lacks; ``above_cost_cents``: what exceeds it.
    """

    cost_cents: int
    target_cents: int
    crowd_cents: int
    missing_cents: int
    reached: bool
    city_cents: int
    uncovered_cents: int
    above_cost_cents: int


def minimum_target(cost_cents: int, share: Decimal) -> int:
    """Give the lowest lawful target in cents: ceil(cost × crowdfunding share)."""
    _not_negative(cost_cents)
    return share_ceil(cost_cents, share)


def rule_target(rule: FundingRule, cost_cents: int) -> int:
    """Give the lowest lawful target of a threshold rule; ValueError for a direct grant."""
    share, _ = _threshold_shares(rule)
    return minimum_target(cost_cents, share)


def maximum_grant(rule: FundingRule, cost_cents: int, requested_cents: int | None = None) -> int:
    """Give what a ranking reserves for a project, in cents.

    Threshold rules: min(floor(cost × grant share), cap). Direct grants: what was requested, at
    most floor(cost × grant share) and the cap; InvalidError when nothing was requested or when
    less than the call's smallest grant comes out.
    """
    ceiling = grant_ceiling(rule, cost_cents)
    if rule.kind.has_campaign and ceiling is not None:
        return ceiling
    if requested_cents is None:
        raise InvalidError(lazy("State the grant that you ask for."), field="requested_cents")
    _not_negative(requested_cents)
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


def grant_ceiling(rule: FundingRule, cost_cents: int) -> int | None:
    """Give the most that the rule allows for a cost: share and cap; None when neither is set."""
    _not_negative(cost_cents)
    limits = []
    if rule.grant_share is not None:
        limits.append(share_floor(cost_cents, rule.grant_share))
    if rule.grant_cap_cents is not None:
        limits.append(rule.grant_cap_cents)
    return min(limits) if limits else None


def succeeded(collected_cents: int, target_cents: int) -> bool:
    """Tell whether collected money reaches the target; both in cents, the target inclusive."""
    return _not_negative(collected_cents) >= _not_negative(target_cents)


def computed_grant(
    rule: FundingRule,
    cost_cents: int,
    collected_cents: int,
    target_cents: int,
    available_cents: int | None = None,
) -> int:
    """Give the grant in cents that a closed campaign earns, 0 below the target.

    Fixed share: min(floor(C × s), K). Gap filling: min(max(C − R, 0), floor(C × s), K).
    ``available_cents`` (B: what is left of the pool, or what was reserved) cuts it: more than B
    gives B with part funding, else 0. ValueError for a direct grant, which has no campaign.
    """
    if not rule.kind.has_campaign:
        msg = "a direct grant has no campaign to compute from"
        raise ValueError(msg)
    if not succeeded(collected_cents, target_cents):
        return 0
    grant = maximum_grant(rule, cost_cents)
    if rule.kind is FundingKind.GAP_FILLING:
        grant = min(grant, max(cost_cents - collected_cents, 0))
    return fit(grant, available_cents, part_funding=rule.part_funding)


def fit(grant_cents: int, available_cents: int | None, *, part_funding: bool) -> int:
    """Cut a grant to the money left: all of it, else the rest (part funding), else 0."""
    if available_cents is None or grant_cents <= _not_negative(available_cents):
        return grant_cents
    return available_cents if part_funding else 0


def project_outlook(
    rule: FundingRule,
    cost_cents: int,
    target_cents: int,
    raised_cents: int,
    available_cents: int | None = None,
) -> Outlook:
    """Say what the page shows: crowd money, what is missing to the threshold, what the city adds.

    ``available_cents`` is the project's reservation, where one exists; all in cents.
    """
    reached = succeeded(raised_cents, target_cents)
    counted = max(raised_cents, target_cents)
    city = computed_grant(rule, cost_cents, counted, target_cents, available_cents)
    return Outlook(
        cost_cents=cost_cents,
        target_cents=target_cents,
        crowd_cents=raised_cents,
        missing_cents=max(target_cents - raised_cents, 0),
        reached=reached,
        city_cents=city,
        uncovered_cents=max(cost_cents - counted - city, 0),
        above_cost_cents=max(counted + city - cost_cents, 0),
    )


def rule_sentences(rule: FundingRule) -> tuple[Lazy, ...]:
    """Say the rule in plain words, one sentence each, in reading order.

    Values: ``Money`` for sums, Decimal percentages for shares.
    """
    sentences: list[Lazy] = []
    if rule.crowdfunding_share is not None:
        share = percent(rule.crowdfunding_share)
        sentences.append(
            lazy("The crowd must give at least %(share)s %% of the project's cost.", share=share)
        )
        sentences.append(lazy("Below the target nobody is charged and the city gives nothing."))
    if rule.grant_share is not None:
        share = percent(rule.grant_share)
        if rule.kind is FundingKind.FIXED_SHARE:
            sentences.append(
                lazy("At the target the city adds %(share)s %% of the cost.", share=share)
            )
            sentences.append(lazy("What the crowd gives above the target changes nothing in that."))
        elif rule.kind is FundingKind.GAP_FILLING:
            sentences.append(
                lazy(
                    "At the target the city adds what is still missing to the cost,"
                    " at most %(share)s %% of it.",
                    share=share,
                )
            )
        else:
            sentences.append(
                lazy("The grant covers at most %(share)s %% of the project's cost.", share=share)
            )
    sentences.extend(_limit_sentences(rule))
    return tuple(sentences)


def payment_sentences(advance_share: Decimal | None) -> tuple[Lazy, ...]:
    """Say how a grant is paid out: what comes first, and what after the report."""
    if advance_share is None:
        return ()
    advance, balance = percent(advance_share), percent(ONE - advance_share)
    if not advance_share:
        return (lazy("The grant is paid once the project's report is approved."),)
    if advance_share == ONE:
        return (lazy("The whole grant is paid in advance."),)
    return (
        lazy(
            "%(share)s %% of the grant is paid in advance, once the agreement is signed.",
            share=advance,
        ),
        lazy(
            "The balance, %(share)s %%, is paid once the project's report is approved.",
            share=balance,
        ),
    )


def _limit_sentences(rule: FundingRule) -> list[Lazy]:
    sentences: list[Lazy] = []
    smallest, cap = rule.grant_min_cents, rule.grant_cap_cents
    if rule.kind is FundingKind.DIRECT and smallest is not None and cap is not None:
        sentences.append(
            lazy(
                "Each project gets from %(minimum)s to %(cap)s.",
                minimum=Money(smallest),
                cap=Money(cap),
            )
        )
    elif cap is not None:
        sentences.append(lazy("Each project gets at most %(cap)s.", cap=Money(cap)))
    elif rule.kind is FundingKind.DIRECT and smallest is not None:
        sentences.append(lazy("Each project gets at least %(minimum)s.", minimum=Money(smallest)))
    if rule.part_funding:
        sentences.append(lazy("When the money left does not suffice, the project gets that rest."))
    else:
        sentences.append(lazy("No project is funded in part."))
    return sentences


def percent(share: Decimal) -> Decimal:
    """Give a share as a percentage without trailing zeros: 0.5 → 50, 0.125 → 12.5."""
    over, under = share.as_integer_ratio()
    whole, odd = divmod(over * 100, under)
    return Decimal(whole) if not odd else share.scaleb(2).normalize()


def _threshold_shares(rule: FundingRule) -> tuple[Decimal, Decimal]:
    if rule.crowdfunding_share is None or rule.grant_share is None:
        msg = f"a {rule.kind.value} rule has no threshold"
        raise ValueError(msg)
    return rule.crowdfunding_share, rule.grant_share


def _check_share(name: str, share: Decimal | None, *, needed: bool) -> None:
    if share is None:
        if needed:
            raise InvalidError(lazy("A call with campaigns needs this share."), field=name)
        return
    if not isinstance(share, Decimal):
        msg = f"{name} is a Decimal, not {type(share).__name__}"
        raise TypeError(msg)
    if not share.is_finite() or not 0 < share <= ONE:
        raise InvalidError(lazy("A share is more than 0 % and at most 100 %."), field=name)


def _whole(cents: int) -> int:
    if type(cents) is not int:
        msg = f"cents are an int, not {type(cents).__name__}"
        raise TypeError(msg)
    return cents


def _not_negative(cents: int) -> int:
    if _whole(cents) < 0:
        msg = f"negative cents: {cents}"
        raise ValueError(msg)
    return cents
