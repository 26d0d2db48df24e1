"""How a call's campaigns run: where, when, who collects and who bears what it costs.

Each default is what a call means that does not say otherwise. What they mean together is said in
words by ``calls.campaign_words``; which pairs cannot stand together, by ``publication.campaign``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import MOST_NUMBER, MOST_SHORT, DesignError, Reader
from quartieri.kit.labels import N_, LabelEnum, lazy

MOST_ROUNDS = 50
MOST_RETRIES = 20
MOST_RETRY_DAYS = 60
_ADDRESS = re.compile(r"https://[^\s]{1,490}")


class CampaignMode(LabelEnum):
    """What of the promised money is collected."""

    ALL_OR_NOTHING = "all_or_nothing", N_("All or nothing: only if the target is reached")
    KEEP_IT_ALL = "keep_it_all", N_("Keep what you raise: also below the target")


class ChargeTime(LabelEnum):
    """When a backer's card is charged."""

    AT_SUCCESS = "at_success", N_("After the deadline, if the target is promised by then")
    AT_ONCE = "at_once", N_("At once, and given back if the target is missed")


class TargetCounts(LabelEnum):
    """What is compared with the target."""

    GROSS = "gross", N_("What backers gave")
    NET = "net", N_("What backers gave, less the payment service's fees")


class Collector(LabelEnum):
    """Into whose account at the payment service the crowd's money comes."""

    AUTHORITY = "authority", N_("The authority, in books apart from its own money")
    PROPOSER = "proposer", N_("The proposer")


class Bearer(LabelEnum):
    """Who bears what the payment service keeps."""

    AUTHORITY = "authority", N_("The authority")
    PROPOSER = "proposer", N_("The proposer")
    BACKER = "backer", N_("The backer")
    """Only in old calls, and never by force: no call with it is published (record 0058)."""


BEARERS = (Bearer.AUTHORITY, Bearer.PROPOSER)
"""Who may bear a cost: a backer is never made to."""


class TeamBacking(LabelEnum):
    """Whether those who propose a project may back it."""

    ALLOWED = "allowed", N_("They may")
    WARNED = "warned", N_("They may, and are told that the office sees it")
    REFUSED = "refused", N_("They may not")


class Venue(LabelEnum):
    """Where campaigns run."""

    HERE = "here", N_("On this site")
    ELSEWHERE = "elsewhere", N_("On another platform; its totals are taken over")


@dataclass(frozen=True, slots=True)
class Round:
    """A slot of campaigns with its own dates, both included."""

    label: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignDesign:
    """How campaigns run, in a call that has them; 0: not stated yet."""

    days: int = 0
    grace_days: int = 0
    """How many days charges may be tried again after the deadline."""
    offline_days: int = 0
    """For so many days after the deadline offline money received by then is still recorded."""
    pledge_min_cents: int = 0
    pledge_max_cents: int = 0
    confirm_minutes: int = 0
    """A pledge started before the deadline counts if it is confirmed within these minutes."""
    mode: str = CampaignMode.ALL_OR_NOTHING
    charged: str = ChargeTime.AT_SUCCESS
    target_counts: str = TargetCounts.GROSS
    collected_by: str = Collector.AUTHORITY
    fees_borne_by: str = Bearer.PROPOSER
    """The payment service's fees of a campaign that succeeds."""
    refunds_borne_by: str = Bearer.AUTHORITY
    """What the payment service keeps of a charge that is given back."""
    disputes_borne_by: str = Bearer.PROPOSER
    """What a lost dispute takes back after the campaign's success, and its fee."""
    cover_fees: bool = False
    """Backers may add what the payment service is expected to keep."""
    fee_share: Decimal = Decimal("0.015")
    """The price list of the payment service, for estimates: a share of each charge …"""
    fee_fixed_cents: int = 25
    """… and so much for each."""
    retry_days: tuple[int, ...] = (1, 2, 2)
    """Days between one try of a refused charge and the next; the last one is repeated."""
    top_up_in_grace: bool = False
    """While charges are tried again others may give, charged at once."""
    person_cap_cents: int = 0
    """The most that one person gives to one project; 0: no cap."""
    team_backing: str = TeamBacking.WARNED
    companies: bool = True
    """Companies may give, and be named as sponsors."""
    rescope_share: Decimal | None = None
    """By how much of its cost a project may change before its launch; None: not at all."""
    venue: str = Venue.HERE
    venue_name: str = ""
    venue_url: str = ""
    rounds: tuple[Round, ...] = ()
    """The slots to choose from; none: each campaign has a start of its own and lasts ``days``."""

    @property
    def charged_at_once(self) -> bool:
        """True where a pledge is a payment."""
        return self.charged == ChargeTime.AT_ONCE

    @property
    def keeps_all(self) -> bool:
        """True where what was raised is kept also below the target."""
        return self.mode == CampaignMode.KEEP_IT_ALL

    def recorded_until(self, ends_at: datetime) -> datetime:
        """Give the last instant at which offline money received by an end is waited for."""
        return ends_at + timedelta(days=0 if self.is_elsewhere else self.offline_days)

    @property
    def is_elsewhere(self) -> bool:
        """True where the crowd gives on another platform."""
        return self.venue == Venue.ELSEWHERE


def read_campaign(value: Any, pointer: str) -> CampaignDesign | None:
    """Read how campaigns run; None in a call without them."""
    if value is None:
        return None
    given = Reader(value, pointer)
    usual = CampaignDesign()
    disputes = given.choice("disputes_borne_by", BEARERS)
    fee_share, fee_fixed = given.decimal("fee_share"), given.whole("fee_fixed_cents")
    campaign = CampaignDesign(
        days=given.whole("days", most=MOST_NUMBER) or 0,
        grace_days=given.whole("grace_days", most=MOST_NUMBER) or 0,
        offline_days=given.whole("offline_days", most=MOST_NUMBER) or 0,
        pledge_min_cents=given.whole("pledge_min_cents") or 0,
        pledge_max_cents=given.whole("pledge_max_cents") or 0,
        confirm_minutes=given.whole("confirm_minutes", most=MOST_NUMBER) or 0,
        mode=given.choice("mode", CampaignMode) or usual.mode,
        charged=given.choice("charged", ChargeTime) or usual.charged,
        target_counts=given.choice("target_counts", TargetCounts) or usual.target_counts,
        collected_by=given.choice("collected_by", Collector) or usual.collected_by,
        fees_borne_by=given.choice("fees_borne_by", Bearer) or usual.fees_borne_by,
        refunds_borne_by=given.choice("refunds_borne_by", Bearer) or usual.refunds_borne_by,
        disputes_borne_by=disputes or usual.disputes_borne_by,
        cover_fees=given.flag("cover_fees"),
        fee_share=usual.fee_share if fee_share is None else fee_share,
        fee_fixed_cents=usual.fee_fixed_cents if fee_fixed is None else fee_fixed,
        retry_days=given.items("retry_days", _days, most=MOST_RETRIES) or usual.retry_days,
        top_up_in_grace=given.flag("top_up_in_grace"),
        person_cap_cents=given.whole("person_cap_cents") or 0,
        team_backing=given.choice("team_backing", TeamBacking) or usual.team_backing,
        companies=given.flag("companies", default=True),
        rescope_share=given.decimal("rescope_share"),
        venue=given.choice("venue", Venue) or usual.venue,
        venue_name=given.string("venue_name"),
        venue_url=_address(given, "venue_url"),
        rounds=given.items("rounds", _round, most=MOST_ROUNDS),
    )
    given.done()
    return campaign


def _days(value: Any, pointer: str) -> int:
    if type(value) is not int or not 1 <= value <= MOST_RETRY_DAYS:
        raise DesignError(
            pointer, lazy("must be a whole number from 1 to %(most)s", most=MOST_RETRY_DAYS)
        )
    return value


def _address(given: Reader, key: str) -> str:
    value = given.string(key)
    if value and not _ADDRESS.fullmatch(value):
        given.refuse(key, lazy("must be an address that begins with https://"))
    return value


def _round(value: Any, pointer: str) -> Round:
    given = Reader(value, pointer)
    label = given.string("label", most=MOST_SHORT)
    starts_at, ends_at = given.instant("starts_at"), given.instant("ends_at")
    given.done()
    if starts_at is None:
        given.refuse("starts_at", lazy("is missing"))
    if ends_at is None:
        given.refuse("ends_at", lazy("is missing"))
    if starts_at >= ends_at:
        given.contradict("ends_at", lazy("must be later than starts_at"))
    return Round(label, starts_at, ends_at)
