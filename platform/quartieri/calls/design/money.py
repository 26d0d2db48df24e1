"""The funding rule, how a grant is paid out, how campaigns run."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import MOST_NUMBER, Reader
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import N_, LabelEnum, lazy


class CampaignMode(LabelEnum):
    """When what the crowd promised is collected."""

    ALL_OR_NOTHING = "all_or_nothing", N_("All or nothing: only if the target is reached")


class Collector(LabelEnum):
    """Into whose account at the payment service the crowd's money comes."""

    AUTHORITY = "authority", N_("The authority, in books apart from its own money")
    PROPOSER = "proposer", N_("The proposer")


class Bearer(LabelEnum):
    """Who bears what the payment service keeps."""

    AUTHORITY = "authority", N_("The authority")
    PROPOSER = "proposer", N_("The proposer")
    BACKER = "backer", N_("The backer")


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


@dataclass(frozen=True, slots=True)
class CampaignDesign:
    """How campaigns run, in a call that has them; 0: not stated yet."""

    days: int = 0
    grace_days: int = 0
    """How many days charges may be tried again after the deadline."""
    pledge_min_cents: int = 0
    pledge_max_cents: int = 0
    confirm_minutes: int = 0
    """A pledge started before the deadline counts if it is confirmed within these minutes."""
    mode: str = CampaignMode.ALL_OR_NOTHING
    collected_by: str = Collector.AUTHORITY
    fees_borne_by: str = Bearer.PROPOSER
    """The payment service's fees of a campaign that succeeds."""
    refunds_borne_by: str = Bearer.AUTHORITY
    """What the payment service keeps of a charge that is given back."""

    @property
    def is_run_here(self) -> bool:
        """True for the one way in which this version collects: decision record 0022."""
        usual = CampaignDesign()
        return (self.mode, self.collected_by, self.fees_borne_by, self.refunds_borne_by) == (
            usual.mode,
            usual.collected_by,
            usual.fees_borne_by,
            usual.refunds_borne_by,
        )


def read_money(given: Reader) -> MoneyRules:
    """Read the money rules."""
    money = MoneyRules(
        rule=_rule(given.take("rule"), given.at("rule")),
        advance_share=given.decimal("advance_share"),
        integration_days=given.whole("integration_days", most=MOST_NUMBER) or 0,
        refusal_notice=given.flag("refusal_notice"),
    )
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


def read_campaign(value: Any, pointer: str) -> CampaignDesign | None:
    """Read how campaigns run; None in a call without them."""
    if value is None:
        return None
    given = Reader(value, pointer)
    campaign = CampaignDesign(
        days=given.whole("days", most=MOST_NUMBER) or 0,
        grace_days=given.whole("grace_days", most=MOST_NUMBER) or 0,
        pledge_min_cents=given.whole("pledge_min_cents") or 0,
        pledge_max_cents=given.whole("pledge_max_cents") or 0,
        confirm_minutes=given.whole("confirm_minutes", most=MOST_NUMBER) or 0,
        mode=given.choice("mode", CampaignMode) or CampaignMode.ALL_OR_NOTHING,
        collected_by=given.choice("collected_by", Collector) or Collector.AUTHORITY,
        fees_borne_by=given.choice("fees_borne_by", Bearer) or Bearer.PROPOSER,
        refunds_borne_by=given.choice("refunds_borne_by", Bearer) or Bearer.AUTHORITY,
    )
    given.done()
    return campaign
