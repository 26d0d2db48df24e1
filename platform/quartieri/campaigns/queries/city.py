"""The city's part in a campaign, as its page shows it: from the book, the rule, the estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.calls.funding import FundingKind, FundingRule, Outlook, project_outlook
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.queries.single import reckoned_gift
from quartieri.campaigns.rules import BACKED, CampaignState
from quartieri.campaigns.rules.effect import Position, given, own_gift
from quartieri.grants.models import Grant
from quartieri.grants.queries import live_grant, room_within, round_of
from quartieri.kit.labels import Lazy
from quartieri.kit.money import Money
from quartieri.ledger import queries as book
from quartieri.ledger.rules import GrantAccount, PoolAccount


@dataclass(frozen=True, slots=True)
class CityPart:
    """What the city adds, in the words of the page.

    ``counts``: it stands beside people's gifts and counts toward the target. ``estimated_at``: it
    is an estimate of that instant, as the pool is shared out at the end. ``waits``: that end has
    not come. ``gift``: what one's own 20 € bring about, while people can give.
    """

    match: Money
    outlook: Outlook
    counts: bool = False
    waits: bool = False
    estimated_at: datetime | None = None
    gift: Lazy | None = None


@dataclass(frozen=True, slots=True)
class _Book:
    """What is read beside the campaign: cents from the ledger, the open round's estimate."""

    matched_cents: int = 0
    pool_cents: int = 0
    more_cents: int | None = None
    estimated_at: datetime | None = None
    waits: bool = False


def city_part(
    session: Session,
    rule: FundingRule,
    campaign: Campaign,
    grant: Grant | None,
    raised_cents: int,
    *,
    now: datetime,
) -> CityPart:
    """Give the city's part; one query more where pledges are matched live or a pool is shared.

    The live match is the balance of the grant's own account, which its pledges' entries make.
    """
    read = _read(session, rule, campaign, grant)
    reserved = grant.reserved_cents if grant is not None else None
    outlook = project_outlook(
        rule,
        campaign.cost_cents,
        campaign.target_cents,
        raised_cents,
        reserved or None,
        backers=campaign.backers,
        matched_cents=read.matched_cents,
    )
    counts = rule.kind is FundingKind.CITY_BACKER
    computed = grant.computed_cents if grant is not None else None
    city = campaign.city_cents if counts else outlook.city_cents
    design = campaign.proposal.edition.design
    place = Position(
        cost_cents=campaign.cost_cents,
        target_cents=campaign.target_cents,
        raised_cents=raised_cents,
        backers=campaign.backers,
        now=now,
        city_cents=campaign.city_cents,
        reserved_cents=reserved or None,
        matched_cents=read.matched_cents,
        pool_cents=read.pool_cents,
        more_cents=read.more_cents,
        keeps_all=design.campaign is not None and design.campaign.keeps_all,
    )
    return CityPart(
        match=Money(city if computed is None else computed),
        outlook=outlook,
        counts=counts,
        waits=read.waits and computed is None,
        estimated_at=read.estimated_at if computed is None else None,
        gift=own_gift(rule, place, reckoned_gift(design)),
    )


def brought_about(session: Session, pledge: Pledge, *, now: datetime) -> Lazy | None:
    """Say what a pledge brings about, while its campaign runs; None where nothing is to be said."""
    campaign = pledge.campaign
    design = campaign.proposal.edition.design
    rule, runs = design.money.rule, {CampaignState.LIVE, CampaignState.SUSPENDED}
    if rule is None or campaign.state not in runs or pledge.state not in BACKED:
        return None
    gift = pledge.standing_cents
    grant = live_grant(session, campaign.proposal_id)
    place = Position(
        cost_cents=campaign.cost_cents,
        target_cents=campaign.target_cents,
        raised_cents=max(campaign.promised_cents - gift, 0),
        backers=max(campaign.backers - 1, 0),
        now=now,
        city_cents=campaign.city_cents,
        reserved_cents=(grant.reserved_cents or None) if grant is not None else None,
        keeps_all=design.campaign is not None and design.campaign.keeps_all,
    )
    return given(rule, place, gift, pledge.match_cents)


def _read(session: Session, rule: FundingRule, campaign: Campaign, grant: Grant | None) -> _Book:
    if grant is None:
        return _Book()
    if rule.kind is FundingKind.LIVE_MATCH:
        matched = f"grant:{grant.id}:{GrantAccount.MATCHED.value}"
        available = f"pool:{grant.pool_id}:{PoolAccount.AVAILABLE.value}"
        found = book.balances(session, [matched, available])
        return _Book(found[matched], room_within(session, grant, found[available]))
    if rule.kind is FundingKind.QUADRATIC:
        row = round_of(session, campaign.proposal.window_id)
        if row is None or row.closed_at is not None:
            return _Book()
        if str(grant.id) not in row.estimate:
            return _Book(waits=True)
        now_cents, more_cents = row.estimate[str(grant.id)]
        return _Book(now_cents, 0, more_cents, row.estimated_at, waits=True)
    return _Book()
