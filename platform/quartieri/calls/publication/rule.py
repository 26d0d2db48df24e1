"""What the funding rule lacks, and which of its figures cannot stand together."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from quartieri.calls.design import CallDesign, CampaignDesign
from quartieri.calls.funding import (
    FundingKind,
    FundingRule,
    LiveMatch,
    crowd_target,
    rule_target,
)
from quartieri.calls.gaps import Gap, Step
from quartieri.kit.labels import Lazy, lazy, until
from quartieri.kit.money import Money

HERE = Step.MONEY


def of_rule(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    """List the gaps of a rule of any kind, in a call with or without campaigns."""
    if rule.kind.has_campaign and rule.crowdfunding_share is None:
        yield Gap(
            HERE,
            lazy("State the lowest target, as a share of the cost."),
            "crowdfunding_share",
        )
    own = _OF_KIND.get(rule.kind)
    if own is not None:
        yield from own(design, rule)


def _direct(_design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    if rule.grant_share is None and rule.grant_cap_cents is None:
        yield Gap(HERE, lazy("State the grant's share of the cost or its cap."), "grant_share")


def _live(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    yield from _unlimited(rule)
    yield from _elsewhere(
        design,
        lazy("A live match needs campaigns on this site: each donation is matched by itself."),
    )
    if rule.live is not None and design.campaign is not None:
        yield from _multipliers(rule.live, design.campaign)


def _multipliers(live: LiveMatch, campaign: CampaignDesign) -> Iterator[Gap]:
    for window in live.multipliers:
        inside = any(
            window.starts_at <= one.ends_at and one.starts_at <= window.ends_at
            for one in campaign.rounds
        )
        if campaign.rounds and not inside:
            yield Gap(
                HERE,
                lazy(
                    "From %(start)s to %(end)s another factor holds, but no campaign runs.",
                    start=window.starts_at,
                    end=until(window.ends_at),
                ),
                "multipliers",
            )


def _fixed_sum(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    fixed, most = rule.fixed_sum, design.eligibility.cost_max_cents
    if fixed is None:
        return
    if most is not None and fixed.sum_cents > most:
        yield Gap(
            HERE,
            lazy(
                "The fixed sum is above the highest cost of a project, %(most)s.", most=Money(most)
            ),
            "sum_cents",
        )
    if rule.grant_cap_cents is not None and rule.grant_cap_cents < fixed.sum_cents:
        yield Gap(HERE, lazy("The largest grant is below the fixed sum."), "grant_cap_cents")


def _city_backer(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    who = design.eligibility
    costs = [c for c in (who.cost_min_cents, who.cost_max_cents) if c]
    for cost in costs if rule.crowdfunding_share is not None else []:
        if crowd_target(rule, cost, rule_target(rule, cost)) == 0:
            yield Gap(
                HERE,
                lazy(
                    "At a cost of %(cost)s the city's pledge alone reaches the target: nothing is"
                    " left to the crowd.",
                    cost=Money(cost),
                ),
                "grant_share",
            )
            return


def _quadratic(design: CallDesign, rule: FundingRule) -> Iterator[Gap]:
    yield from _unlimited(rule)
    yield from _elsewhere(
        design, lazy("Quadratic funding needs campaigns on this site: it counts persons.")
    )
    limited = rule.grant_share is not None or rule.grant_cap_cents is not None
    if rule.quadratic is not None and rule.quadratic.reshare and not limited:
        yield Gap(
            HERE, lazy("Without a limit of a project there is nothing to share again."), "reshare"
        )


def _unlimited(rule: FundingRule) -> Iterator[Gap]:
    if rule.grant_share is None and rule.grant_cap_cents is None:
        yield Gap(
            HERE,
            lazy("Nothing limits what one project gets: it may take the whole endowment."),
            "grant_cap_cents",
            blocking=False,
        )


def _elsewhere(design: CallDesign, why: Lazy) -> Iterator[Gap]:
    if design.campaign is not None and design.campaign.is_elsewhere:
        yield Gap(HERE, why, "venue")


_OF_KIND: dict[FundingKind, Callable[[CallDesign, FundingRule], Iterator[Gap]]] = {
    FundingKind.DIRECT: _direct,
    FundingKind.LIVE_MATCH: _live,
    FundingKind.FIXED_SUM: _fixed_sum,
    FundingKind.CITY_BACKER: _city_backer,
    FundingKind.QUADRATIC: _quadratic,
}
