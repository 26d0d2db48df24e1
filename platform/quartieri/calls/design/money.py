"""The funding rule, and how a grant is paid out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import MOST_NUMBER, Reader
from quartieri.calls.funding import FundingKind, FundingRule, rule_sentences
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import Lazy, lazy


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
        rule=_rule(given.take("rule"), given.at("rule")),
        advance_share=given.decimal("advance_share"),
        integration_days=given.whole("integration_days", most=MOST_NUMBER) or 0,
        refusal_notice=given.flag("refusal_notice"),
        no_money=given.flag("no_money"),
    )
    if money.no_money and money.rule is not None:
        given.contradict("no_money", lazy("must be false where there is a funding rule"))
    given.done()
    return money


def _rule(value: Any, pointer: str) -> FundingRule | None:
    if value is None:
        return None
    given = Reader(value, pointer)
    kind = given.choice("kind", FundingKind)
    if kind is None:
        given.refuse("kind", lazy("is missing"))
    try:
        rule = FundingRule(
            kind=FundingKind(kind),
            crowdfunding_share=given.decimal("crowdfunding_share"),
            grant_share=given.decimal("grant_share"),
            grant_min_cents=given.whole("grant_min_cents"),
            grant_cap_cents=given.whole("grant_cap_cents"),
            part_funding=given.flag("part_funding"),
        )
    except DomainError as error:
        given.contradict(error.field or "kind", error.message)
    given.done()
    return rule
