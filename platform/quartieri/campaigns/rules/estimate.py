"""The proposer's calculator: what a raised sum would come to, by the functions of the closing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from quartieri.calls.design import Bearer, CallDesign, CampaignDesign, TargetCounts
from quartieri.calls.funding import (
    Donation,
    FundingKind,
    FundingRule,
    computed_grant,
    counted_cents,
    crowd_target,
    grant_ceiling,
    live_matches,
    reserved_at_ranking,
    rule_target,
    succeeded,
)
from quartieri.campaigns.rules.cover import Prices
from quartieri.kit.labels import Lazy, lazy, until
from quartieri.kit.money import split_cents


@dataclass(frozen=True, slots=True)
class Case:
    """What is asked: a project's cost and target, and what so many people would give. In cents."""

    cost_cents: int
    raised_cents: int
    people: int
    target_cents: int = 0
    """0: the call's lowest for the cost."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What it comes to, in cents.

    ``crowd_cents``: what the crowd itself must give. ``fees_cents``: what the payment service keeps
    of gifts of equal size; ``bearer`` who bears it; ``net_cents``: what of the gifts stays with the
    project. ``grant_cents`` None: nobody can say, as it depends on the other projects; then
    ``most_cents`` is the rule's most, None without one. ``at_most``: the grant holds only as long
    as the call's pool has money. ``total_cents``: what the project ends with.
    """

    target_cents: int
    crowd_cents: int
    raised_cents: int
    fees_cents: int
    bearer: Bearer
    net_cents: int
    reached: bool
    kept: bool
    grant_cents: int | None
    most_cents: int | None
    at_most: bool
    total_cents: int
    missing_cents: int


def estimate(rule: FundingRule, campaign: CampaignDesign, case: Case) -> Estimate:
    """Work out a case by a call's rules: fees by its price list, success and grant as at the close.

    Nothing is charged where the target is missed in a call of all or nothing: no fees, no net.
    """
    target = max(case.target_cents, rule_target(rule, case.cost_cents))
    gifts = split_cents(case.raised_cents, [1] * case.people) if case.people else []
    fees = _fees(campaign, gifts)
    by_net = campaign.target_counts == TargetCounts.NET
    counted = case.raised_cents - fees if by_net else case.raised_cents
    pledge = 0
    if rule.kind is FundingKind.CITY_BACKER:
        pledge = reserved_at_ranking(rule, case.cost_cents)
    reached = counted > 0 and succeeded(counted_cents(rule, counted, pledge), target)
    kept = campaign.keeps_all and counted > 0 and not reached
    grant = _grant(rule, case, target, counted, gifts, keeps=campaign.keeps_all)
    collected = case.raised_cents if reached or kept else 0
    paid = fees if reached or kept else 0
    by_city = campaign.fees_borne_by == Bearer.AUTHORITY
    net = collected - (0 if by_city else paid)
    total = net + (grant or 0)
    return Estimate(
        target_cents=target,
        crowd_cents=crowd_target(rule, case.cost_cents, target),
        raised_cents=case.raised_cents,
        fees_cents=paid,
        bearer=Bearer.AUTHORITY if by_city else Bearer.PROPOSER,
        net_cents=net,
        reached=reached,
        kept=kept,
        grant_cents=grant,
        most_cents=grant_ceiling(rule, case.cost_cents),
        at_most=rule.kind is FundingKind.LIVE_MATCH,
        total_cents=total,
        missing_cents=max(case.cost_cents - total, 0),
    )


def _fees(campaign: CampaignDesign, gifts: list[int]) -> int:
    prices = Prices(campaign.fee_share, campaign.fee_fixed_cents)
    return sum(prices.fee(gift) * gifts.count(gift) for gift in set(gifts))


def _grant(
    rule: FundingRule,
    case: Case,
    target: int,
    counted: int,
    gifts: list[int],
    *,
    keeps: bool,
) -> int | None:
    matched = 0
    if rule.kind is FundingKind.QUADRATIC:
        return None
    if rule.kind is FundingKind.LIVE_MATCH:
        given = [Donation(str(n), cents) for n, cents in enumerate(gifts)]
        matched = sum(live_matches(rule, [(case.cost_cents, given)], None)[0])
    return computed_grant(
        rule,
        case.cost_cents,
        counted,
        target,
        backers=case.people,
        matched_cents=matched,
        keeps=keeps,
    )


def expected_dates(
    design: CallDesign, starts_at: datetime | None = None, ends_at: datetime | None = None
) -> Iterator[Lazy]:
    """Say when what happens: by the campaign's own dates, else by the call's rounds or days."""
    campaign = design.campaign or CampaignDesign()
    if starts_at is not None and ends_at is not None:
        yield lazy(
            "The campaign runs from %(start)s to %(end)s.", start=starts_at, end=until(ends_at)
        )
        yield from _charges(campaign, ends_at)
    elif campaign.rounds:
        for one in campaign.rounds:
            yield lazy(
                "Round %(name)s: from %(start)s to %(end)s.",
                name=one.label,
                start=one.starts_at,
                end=until(one.ends_at),
            )
            yield from _charges(campaign, one.ends_at)
    else:
        yield lazy(
            "The campaign ends %(days)s days after its start; the office sets the start with you.",
            days=campaign.days,
        )
        if not campaign.charged_at_once:
            yield lazy(
                "Cards are charged in the %(days)s days after the end; then the result is decided.",
                days=campaign.grace_days,
            )
    yield lazy(
        "After the decision the office signs the grant act, publishes it and makes the agreement"
        " with you; the grant is paid after that."
    )


def _charges(campaign: CampaignDesign, ends_at: datetime) -> Iterator[Lazy]:
    if not campaign.charged_at_once:
        yield lazy(
            "Cards are charged from then on; the result is decided by %(last)s.",
            last=until(ends_at + timedelta(days=campaign.grace_days)),
        )
