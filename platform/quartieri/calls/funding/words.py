"""The funding rule in plain words, one sentence each, in reading order.

Values: ``Money`` for sums, Decimal percentages for shares, instants for times.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from quartieri.calls.funding.rule import (
    ONE,
    FundingKind,
    FundingRule,
    LiveMatch,
    QuadraticMethod,
    ShareOf,
)
from quartieri.kit.labels import Lazy, lazy, until
from quartieri.kit.money import Money


def rule_sentences(rule: FundingRule) -> tuple[Lazy, ...]:
    """Say the rule: what the crowd must give, what the city adds, within which limits."""
    sentences: list[Lazy] = []
    if rule.crowdfunding_share is not None:
        sentences.extend(_threshold(rule, rule.crowdfunding_share))
    sentences.extend(_OF_KIND[rule.kind](rule))
    sentences.extend(_limits(rule))
    return tuple(sentences)


def _threshold(rule: FundingRule, share: Decimal) -> Iterator[Lazy]:
    if rule.kind is FundingKind.CITY_BACKER:
        yield lazy(
            "The target is at least %(share)s %% of the project's cost; crowd and city reach it"
            " together.",
            share=percent(share),
        )
    else:
        yield lazy(
            "The crowd must give at least %(share)s %% of the project's cost.",
            share=percent(share),
        )
    if rule.kind.is_threshold or rule.kind is FundingKind.CITY_BACKER:
        yield lazy("Below the target the city gives nothing.")


def _fixed_share(rule: FundingRule) -> Iterator[Lazy]:
    if rule.grant_share is not None:
        yield lazy(
            "At the target the city adds %(share)s %% of the cost.",
            share=percent(rule.grant_share),
        )
    yield lazy("What the crowd gives above the target changes nothing in that.")


def _gap_filling(rule: FundingRule) -> Iterator[Lazy]:
    if rule.grant_share is not None:
        yield lazy(
            "At the target the city adds what is still missing to the cost,"
            " at most %(share)s %% of it.",
            share=percent(rule.grant_share),
        )


def _live_match(rule: FundingRule) -> Iterator[Lazy]:
    live = rule.live or LiveMatch()
    yield lazy(
        "For each euro that somebody gives the city adds %(factor)s euro, at once, as long as the"
        " call has money.",
        factor=live.factor,
    )
    for window in live.multipliers:
        yield lazy(
            "From %(start)s to %(end)s it adds %(factor)s euro for each euro.",
            start=window.starts_at,
            end=until(window.ends_at),
            factor=window.factor,
        )
    if live.per_donation_cents is not None:
        yield lazy(
            "Of one donation at most %(most)s is matched.", most=Money(live.per_donation_cents)
        )
    if live.donations_per_donor == 1:
        yield lazy("Of each person's donations to one project the first is matched.")
    elif live.donations_per_donor is not None:
        yield lazy(
            "Of each person's donations to one project the first %(count)s are matched.",
            count=live.donations_per_donor,
        )
    if live.per_donor_cents is not None:
        yield lazy(
            "To one person's donations to one project the city adds at most %(most)s.",
            most=Money(live.per_donor_cents),
        )
    yield lazy(
        "Donations are matched in the order in which they are made; one that is not finished in"
        " time, or is given back, gives its match back."
    )


def _fixed_sum(rule: FundingRule) -> Iterator[Lazy]:
    fixed = rule.fixed_sum
    if fixed is None:
        return
    of_cost = fixed.of is ShareOf.COST
    if fixed.at_backers:
        sentence = (
            lazy(
                "The city gives %(sum)s once %(share)s %% of the cost is raised from at least"
                " %(people)s people."
            )
            if of_cost
            else lazy(
                "The city gives %(sum)s once %(share)s %% of the target is raised from at least"
                " %(people)s people."
            )
        )
    else:
        sentence = (
            lazy("The city gives %(sum)s once %(share)s %% of the cost is raised.")
            if of_cost
            else lazy("The city gives %(sum)s once %(share)s %% of the target is raised.")
        )
    yield lazy(
        sentence.msgid,
        sum=Money(fixed.sum_cents),
        share=percent(fixed.at_share),
        people=fixed.at_backers,
    )
    yield lazy("It gives that sum once, whatever is raised above.")


def _city_backer(rule: FundingRule) -> Iterator[Lazy]:
    if rule.grant_share is not None:
        yield lazy(
            "The city pledges like any other backer: %(share)s %% of the cost.",
            share=percent(rule.grant_share),
        )
    else:
        yield lazy("The city pledges like any other backer.")
    yield lazy("Its pledge counts toward the target.")


def _quadratic(rule: FundingRule) -> Iterator[Lazy]:
    quadratic = rule.quadratic
    if quadratic is None:
        return
    yield lazy(
        "One pool is shared among all projects when the round closes: many small donations count"
        " more than few large ones. What one person gives to a project is added up first."
    )
    if quadratic.method is QuadraticMethod.SUBSIDY:
        yield lazy(
            "A project's part follows the square of the sum of the square roots of what each"
            " person gave, less what was given (subsidy). If the pool does not suffice, all parts"
            " are reduced alike."
        )
    else:
        yield lazy(
            "The whole pool is shared in proportion to the square of the sum of the square roots"
            " of what each person gave (shares of squares)."
        )
    yield lazy(
        "Parts are rounded down to the cent; odd cents go to the largest remainders, and among"
        " equal ones to the lower protocol number."
    )
    if rule.grant_cap_cents is not None or rule.grant_share is not None:
        if quadratic.reshare:
            yield lazy("What a project's limit cuts off is shared among the others.")
        else:
            yield lazy("What a project's limit cuts off stays with the city.")


def _direct(rule: FundingRule) -> Iterator[Lazy]:
    if rule.grant_share is not None:
        yield lazy(
            "The grant covers at most %(share)s %% of the project's cost.",
            share=percent(rule.grant_share),
        )


_OF_KIND = {
    FundingKind.FIXED_SHARE: _fixed_share,
    FundingKind.GAP_FILLING: _gap_filling,
    FundingKind.LIVE_MATCH: _live_match,
    FundingKind.FIXED_SUM: _fixed_sum,
    FundingKind.CITY_BACKER: _city_backer,
    FundingKind.QUADRATIC: _quadratic,
    FundingKind.DIRECT: _direct,
}


_LIMITED_BY_COST = {FundingKind.LIVE_MATCH, FundingKind.FIXED_SUM, FundingKind.QUADRATIC}


def _limits(rule: FundingRule) -> Iterator[Lazy]:
    smallest, cap = rule.grant_min_cents, rule.grant_cap_cents
    if rule.grant_share is not None and rule.kind in _LIMITED_BY_COST:
        yield lazy(
            "The city covers at most %(share)s %% of a project's cost.",
            share=percent(rule.grant_share),
        )
    if rule.kind is FundingKind.DIRECT and smallest is not None and cap is not None:
        yield lazy(
            "Each project gets from %(minimum)s to %(cap)s.",
            minimum=Money(smallest),
            cap=Money(cap),
        )
    elif cap is not None:
        yield lazy("Each project gets at most %(cap)s.", cap=Money(cap))
    elif rule.kind is FundingKind.DIRECT and smallest is not None:
        yield lazy("Each project gets at least %(minimum)s.", minimum=Money(smallest))
    if rule.kind is FundingKind.QUADRATIC:
        return
    if rule.kind is FundingKind.LIVE_MATCH:
        if rule.part_funding:
            yield lazy("The last donation that the money left does not cover gets that rest.")
        else:
            yield lazy("A donation that the money left does not cover is not matched in part.")
    elif rule.part_funding:
        yield lazy("When the money left does not suffice, the project gets that rest.")
    else:
        yield lazy("No project is funded in part.")


def grant_in_short(rule: FundingRule) -> Lazy:
    """Say in a few words what the city gives to a project; it stands after "for how much"."""
    smallest, cap, share = rule.grant_min_cents, rule.grant_cap_cents, rule.grant_share
    if rule.fixed_sum is not None:
        return lazy("%(sum)s", sum=Money(rule.fixed_sum.sum_cents))
    if smallest is not None and cap is not None:
        return lazy("from %(low)s to %(high)s", low=Money(smallest), high=Money(cap))
    if cap is not None:
        return lazy("up to %(high)s", high=Money(cap))
    if share is not None:
        return lazy("up to %(share)s %% of the cost", share=percent(share))
    if rule.live is not None:
        return lazy("%(factor)s euro for each euro given", factor=rule.live.factor)
    return lazy("a part of one pool")


def crowd_in_short(rule: FundingRule) -> Lazy | None:
    """Say in a few words what the crowd must give; None where it need not."""
    if rule.crowdfunding_share is None:
        return None
    share = percent(rule.crowdfunding_share)
    if rule.kind is FundingKind.CITY_BACKER:
        return lazy("%(share)s %% of the cost, raised from crowd and city together", share=share)
    return lazy("%(share)s %% of the cost, raised from the crowd", share=share)


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


def percent(share: Decimal) -> Decimal:
    """Give a share as a percentage without trailing zeros: 0.5 → 50, 0.125 → 12.5."""
    over, under = share.as_integer_ratio()
    whole, odd = divmod(over * 100, under)
    return Decimal(whole) if not odd else share.scaleb(2).normalize()
