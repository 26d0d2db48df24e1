"""What one gift brings about: one exact sentence for each kind of funding rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quartieri.calls.funding import (
    Before,
    FundingKind,
    FundingRule,
    computed_grant,
    live_match,
    sum_bar,
)
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money

GIFT = 20_00
"""The gift that a project's page reckons with, in cents."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a campaign stands; amounts in cents.

    ``city_cents``: the city's own pledge, where it counts toward the target. ``reserved_cents``:
    what is reserved for the project, None where nothing is. ``pool_cents``: what the pool has left
    for live matches. ``more_cents``: what one more person's gift would bring out of a quadratic
    pool, by the last estimate; None before there is one.
    """

    cost_cents: int
    target_cents: int
    raised_cents: int
    backers: int
    now: datetime
    city_cents: int = 0
    reserved_cents: int | None = None
    matched_cents: int = 0
    pool_cents: int = 0
    more_cents: int | None = None
    keeps_all: bool = False

    @property
    def missing_cents(self) -> int:
        """What people must still give until the target is reached."""
        return max(self.target_cents - self.city_cents - self.raised_cents, 0)


def usual_gift(least_cents: int, most_cents: int) -> int:
    """Give the gift to reckon with: 20 €, or what comes nearest to that in the call's limits."""
    return max(min(GIFT, most_cents) if most_cents else GIFT, least_cents)


def own_gift(rule: FundingRule, place: Position, gift_cents: int) -> Lazy | None:
    """Say what a gift of a person who has not given yet brings about now; None for no campaign."""
    gift = Money(gift_cents)
    if rule.kind is FundingKind.LIVE_MATCH:
        return _matched(rule, place, gift)
    if rule.kind is FundingKind.FIXED_SUM:
        return _toward_sum(rule, place, gift)
    if rule.kind is FundingKind.QUADRATIC:
        return _shared(place, gift)
    if rule.kind is FundingKind.DIRECT:
        return None
    return _toward_target(rule, place, gift)


def given(rule: FundingRule, place: Position, gift_cents: int, match_cents: int) -> Lazy | None:
    """Say what a gift that was given brings about; ``place`` is that before it.

    ``match_cents`` is the live match that was reserved with it.
    """
    if rule.kind is FundingKind.LIVE_MATCH:
        return _with_match(place, Money(gift_cents), Money(match_cents))
    return own_gift(rule, place, gift_cents)


def _grant(rule: FundingRule, place: Position, raised_cents: int) -> Money:
    return Money(
        computed_grant(
            rule,
            place.cost_cents,
            raised_cents,
            place.target_cents,
            reserved_cents=place.reserved_cents,
            keeps=place.keeps_all,
        )
    )


def _toward_target(rule: FundingRule, place: Position, gift: Money) -> Lazy:
    raised, missing = place.raised_cents, place.missing_cents
    if missing > gift.cents:
        return lazy(
            "Your %(gift)s leave %(missing)s to go to the target: then the city adds %(city)s.",
            gift=gift,
            missing=Money(missing - gift.cents),
            city=_grant(rule, place, raised + missing),
        )
    after = _grant(rule, place, raised + gift.cents)
    if missing:
        return lazy(
            "Your %(gift)s reach the target: then the city adds %(city)s.", gift=gift, city=after
        )
    less = _grant(rule, place, raised).cents - after.cents
    if less:
        return lazy(
            "The target is reached: your %(gift)s come on top, and the city has %(less)s less"
            " to add up to the cost.",
            gift=gift,
            less=Money(less),
        )
    return lazy(
        "The target is reached: your %(gift)s come on top of the city's %(city)s.",
        gift=gift,
        city=after,
    )


def _matched(rule: FundingRule, place: Position, gift: Money) -> Lazy:
    before = Before(project_cents=place.matched_cents, pool_cents=place.pool_cents)
    match = live_match(rule, place.cost_cents, gift.cents, place.now, before)
    return _with_match(place, gift, Money(match))


def _with_match(place: Position, gift: Money, match: Money) -> Lazy:
    if not match:
        return lazy("No match is left here: the city adds nothing to your %(gift)s.", gift=gift)
    whole = Money(gift.cents + match.cents)
    if place.keeps_all or place.missing_cents <= gift.cents:
        return lazy(
            "The city adds %(match)s to your %(gift)s: the project gets %(whole)s.",
            match=match,
            gift=gift,
            whole=whole,
        )
    return lazy(
        "The city adds %(match)s to your %(gift)s: the project gets %(whole)s, if the target is"
        " reached.",
        match=match,
        gift=gift,
        whole=whole,
    )


def _toward_sum(rule: FundingRule, place: Position, gift: Money) -> Lazy:
    bar = sum_bar(rule, place.cost_cents, place.target_cents)
    wanted = rule.fixed_sum.at_backers if rule.fixed_sum is not None else 0
    if not place.keeps_all:
        bar = max(bar, place.target_cents)
    city = Money(
        computed_grant(
            rule,
            place.cost_cents,
            max(bar, place.raised_cents),
            place.target_cents,
            reserved_cents=place.reserved_cents,
            backers=max(wanted, place.backers),
            keeps=place.keeps_all,
        )
    )
    money = Money(max(bar - place.raised_cents - gift.cents, 0))
    people = max(wanted - place.backers - 1, 0)
    if place.raised_cents >= bar and place.backers >= wanted:
        return lazy(
            "The city's %(city)s are earned: your %(gift)s come on top.", city=city, gift=gift
        )
    if money and people:
        return lazy(
            "After your %(gift)s the city's %(city)s still ask for %(money)s and %(people)s more"
            " donors.",
            gift=gift,
            city=city,
            money=money,
            people=people,
        )
    if money:
        return lazy(
            "After your %(gift)s the city's %(city)s still ask for %(money)s.",
            gift=gift,
            city=city,
            money=money,
        )
    if people:
        return lazy(
            "After your %(gift)s the city's %(city)s still ask for %(people)s more donors.",
            gift=gift,
            city=city,
            people=people,
        )
    return lazy("Your %(gift)s bring the city's %(city)s.", gift=gift, city=city)


def _shared(place: Position, gift: Money) -> Lazy:
    if place.more_cents is None:
        return lazy(
            "At the end the city shares out its pool by how many people gave: your %(gift)s count"
            " as one person more.",
            gift=gift,
        )
    return lazy(
        "If the round closed now, your %(gift)s would bring the project about %(more)s more of the"
        " city's pool.",
        gift=gift,
        more=Money(place.more_cents),
    )
