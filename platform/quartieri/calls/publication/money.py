"""The money rule, the endowment and its cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from quartieri.calls.design import CallDesign
from quartieri.calls.funding import FundingRule, grant_ceiling
from quartieri.calls.gaps import City, Gap, PoolDraft, Share, Step
from quartieri.calls.publication.rule import of_rule
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money

ONE = Decimal(1)


def of_money(design: CallDesign, pool: PoolDraft, city: City) -> Iterator[Gap]:
    """List what the money rules lack, and what the programme does not cover."""
    here, money = Step.MONEY, design.money
    if money.no_money:
        yield from _without(design, pool)
    elif money.rule is None:
        yield Gap(here, lazy("State how the grant is computed."), "kind")
    else:
        yield from _rule(design, money.rule)
    if money.no_money:
        pass
    elif money.advance_share is None:
        yield Gap(
            here,
            lazy("State which share of the grant is paid in advance (0: none)."),
            "advance_share",
        )
    elif money.advance_share > ONE:
        yield Gap(here, lazy("A share is at most 100 %."), "advance_share")
    if money.integration_days < 1:
        yield Gap(
            here,
            lazy("State how many days an applicant has to complete the papers."),
            "integration_days",
        )
    if not money.no_money:
        yield from _pool(design, pool, city)


def _without(design: CallDesign, pool: PoolDraft) -> Iterator[Gap]:
    """List what a call without money must not have."""
    if pool.endowment_cents or pool.shares:
        message = lazy("A call without money has no endowment: empty it.")
        yield Gap(Step.MONEY, message, "endowment")
    if design.has_campaigns:
        yield Gap(Step.MONEY, lazy("A call without money has no campaigns."), "kind")


def _rule(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    here, who = Step.MONEY, design.eligibility
    if rule.kind.has_campaign and not design.has_campaigns:
        yield Gap(here, lazy("This rule needs campaigns: state how they run."), "days")
    if not rule.kind.has_campaign and design.has_campaigns:
        yield Gap(here, lazy("A direct grant has no campaign."), "kind")
    yield from of_rule(design, rule)
    if rule.grant_min_cents is None or who.cost_max_cents is None:
        return
    most = grant_ceiling(rule, who.cost_max_cents)
    if most is not None and most < rule.grant_min_cents:
        yield Gap(
            here,
            lazy(
                "Nobody can get the smallest grant of %(minimum)s: the highest cost allows at most"
                " %(most)s.",
                minimum=Money(rule.grant_min_cents),
                most=Money(most),
            ),
            "grant_min_cents",
        )


def _pool(design: CallDesign, pool: PoolDraft, city: City) -> Iterator[Gap]:
    here, rule = Step.MONEY, design.money.rule
    if not pool.endowment_cents:
        yield Gap(here, lazy("State the call's endowment."), "endowment")
        return
    least = 0
    if rule is not None:
        least = rule.fixed_sum.sum_cents if rule.fixed_sum else rule.grant_min_cents or 0
    if least > pool.endowment_cents:
        yield Gap(here, lazy("The endowment is below the smallest grant."), "endowment")
    if not pool.shares:
        if city.has_programme:
            yield Gap(
                here,
                lazy("The endowment comes from no line of the programme."),
                "shares",
                blocking=False,
            )
        return
    total = sum(s.cents for s in pool.shares)
    if total != pool.endowment_cents:
        yield Gap(
            here,
            lazy(
                "The shares add up to %(shares)s, but the endowment is %(endowment)s.",
                shares=Money(total),
                endowment=Money(pool.endowment_cents),
            ),
            "shares",
        )
    yield from _cover(pool.shares)


def _cover(shares: Iterable[Share]) -> Iterator[Gap]:
    asked: dict[str, int] = {}
    available: dict[str, int] = {}
    for share in shares:
        if share.available_cents is not None:
            asked[share.nearest] = asked.get(share.nearest, 0) + share.cents
            available[share.nearest] = share.available_cents
    for level, cents in asked.items():
        if cents > available[level]:
            yield Gap(
                Step.MONEY,
                lazy(
                    "%(level)s does not have enough money available: %(missing)s are missing.",
                    level=level,
                    missing=Money(cents - available[level]),
                ),
                "shares",
            )
