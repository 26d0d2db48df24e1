"""The funding rule, and how a grant is paid out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from quartieri.calls.design.reading import MOST_NUMBER, Reader
from quartieri.calls.funding import (
    MOST_MULTIPLIERS,
    PARAMETERS,
    FixedSum,
    FundingKind,
    FundingRule,
    LiveMatch,
    Multiplier,
    Quadratic,
    QuadraticMethod,
    ShareOf,
    rule_sentences,
)
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import Lazy, lazy

MOST_BACKERS = 1_000_000
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """The funding rule and how a grant is paid out. The endowment is the pool's."""

    rule: FundingRule | None = None
    advance_share: Decimal | None = None
    """Of the grant, paid before the project is reported; 0: no advance; None: not stated yet."""
    integration_days: int = 0
    """How long an applicant may take to complete the papers; 0: not stated yet."""
    refusal_notice: bool = False
    """Notice is given before an exclusion (preavviso di rigetto), with ten days to answer."""
    no_money: bool = False
    """The call gives no money: it has no endowment, and a pact follows the selection."""

    @property
    def sentences(self) -> tuple[Lazy, ...]:
        """Say in plain words how the grant follows, or that there is none."""
        if self.no_money:
            return (
                lazy(
                    "No money goes to whoever proposes: those selected sign a pact with the city."
                ),
            )
        return rule_sentences(self.rule) if self.rule else ()


def read_money(given: Reader) -> MoneyRules:
    """Read the money rules."""
    money = MoneyRules(
        rule=read_rule(given.take("rule"), given.at("rule")),
        advance_share=given.decimal("advance_share"),
        integration_days=given.whole("integration_days", most=MOST_NUMBER) or 0,
        refusal_notice=given.flag("refusal_notice"),
        no_money=given.flag("no_money"),
    )
    if money.no_money and money.rule is not None:
        given.contradict("no_money", lazy("must be false where there is a funding rule"))
    given.done()
    return money


def read_rule(value: Any, pointer: str) -> FundingRule | None:
    """Read a funding rule; None where it is not stated yet."""
    if value is None:
        return None
    given = Reader(value, pointer)
    kind = given.choice("kind", FundingKind)
    if kind is None:
        given.refuse("kind", lazy("is missing"))
    kind = FundingKind(kind)
    rule = _meant(
        given,
        lambda: FundingRule(
            kind=kind,
            crowdfunding_share=given.decimal("crowdfunding_share"),
            grant_share=given.decimal("grant_share"),
            grant_min_cents=given.whole("grant_min_cents"),
            grant_cap_cents=given.whole("grant_cap_cents"),
            part_funding=given.flag("part_funding"),
            live=_live(_own(given, "live", kind), given.at("live")),
            fixed_sum=_fixed_sum(given.take("fixed_sum"), given.at("fixed_sum")),
            quadratic=_quadratic(_own(given, "quadratic", kind), given.at("quadratic")),
        ),
    )
    given.done()
    return rule


def _own(given: Reader, key: str, kind: FundingKind) -> Any:
    """Take a kind's parameters: where all of them have their usual value they may be absent."""
    value = given.take(key)
    return {} if value is None and PARAMETERS[key] is kind else value


def _meant(given: Reader, build: Callable[[], Part]) -> Part:
    """Build a part of the rule; what no call can mean is a fault at its field."""
    try:
        return build()
    except DomainError as error:
        given.contradict(error.field or "kind", error.message)


def _live(value: Any, pointer: str) -> LiveMatch | None:
    if value is None:
        return None
    given, usual = Reader(value, pointer), LiveMatch()
    factor = given.decimal("factor")
    live = _meant(
        given,
        lambda: LiveMatch(
            factor=usual.factor if factor is None else factor,
            per_donation_cents=given.whole("per_donation_cents") or None,
            donations_per_donor=given.whole("donations_per_donor", most=MOST_NUMBER) or None,
            per_donor_cents=given.whole("per_donor_cents") or None,
            multipliers=given.items("multipliers", _multiplier, most=MOST_MULTIPLIERS),
        ),
    )
    given.done()
    return live


def _multiplier(value: Any, pointer: str) -> Multiplier:
    given = Reader(value, pointer)
    starts_at, ends_at = given.instant("starts_at"), given.instant("ends_at")
    factor = given.decimal("factor")
    given.done()
    if starts_at is None:
        given.refuse("starts_at", lazy("is missing"))
    if ends_at is None:
        given.refuse("ends_at", lazy("is missing"))
    if factor is None:
        given.refuse("factor", lazy("is missing"))
    return _meant(given, lambda: Multiplier(starts_at, ends_at, factor))


def _fixed_sum(value: Any, pointer: str) -> FixedSum | None:
    if value is None:
        return None
    given, usual = Reader(value, pointer), FixedSum(1)
    cents, share = given.whole("sum_cents"), given.decimal("at_share")
    if cents is None:
        given.refuse("sum_cents", lazy("is missing"))
    fixed = _meant(
        given,
        lambda: FixedSum(
            sum_cents=cents,
            at_share=usual.at_share if share is None else share,
            of=ShareOf(given.choice("of", ShareOf) or usual.of),
            at_backers=given.whole("at_backers", most=MOST_BACKERS) or 0,
        ),
    )
    given.done()
    return fixed


def _quadratic(value: Any, pointer: str) -> Quadratic | None:
    if value is None:
        return None
    given, usual = Reader(value, pointer), Quadratic()
    method = given.choice("method", QuadraticMethod) or usual.method
    quadratic = Quadratic(QuadraticMethod(method), reshare=given.flag("reshare"))
    given.done()
    return quadratic
