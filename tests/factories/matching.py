"""Campaigns of calls whose city matches, backs or shares, for tests."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.design import WhenMoneyRunsOut
from quartieri.calls.funding import FundingKind, FundingRule, LiveMatch
from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.grants.models import Grant
from quartieri.ledger import queries as book
from quartieri.programmes import queries as programmes
from quartieri.programmes.rules import PoolBalances
from tests.factories.calls import make_published_call, ready_design
from tests.factories.campaigns import Scene, make_live


def live_rule(*, cap: int = 50_000_00, part: bool = True, **parameters: Any) -> FundingRule:
    """Give a live match: each cent matched once, the crowd at half of the cost."""
    return FundingRule(
        FundingKind.LIVE_MATCH,
        Decimal("0.5"),
        None,
        grant_cap_cents=cap,
        part_funding=part,
        live=LiveMatch(**parameters),
    )


def make_call_by(session: Session, rule: FundingRule, **over: Any) -> Call:
    """Add a published call with campaigns under a rule; ``over`` goes to the campaigns' design."""
    design = ready_design()
    assert design.campaign is not None
    part, stop = WhenMoneyRunsOut.PART, WhenMoneyRunsOut.STOP
    runs_out = part if rule.part_funding else stop
    terms: dict[str, Any] = {"pledge_max_cents": 20_000_00} | over
    design = replace(
        design,
        money=replace(design.money, rule=rule),
        evaluation=replace(design.evaluation, when_money_runs_out=runs_out),
        campaign=replace(design.campaign, **terms),
    )
    return make_published_call(session, design=design)


def make_matched(session: Session, rule: FundingRule | None = None, **over: Any) -> Scene:
    """Add a live campaign whose pledges are matched: target 10,000 € of 20,000 €, nothing yet."""
    return make_live(session, call=make_call_by(session, rule or live_rule(), **over))


def pool_of(session: Session, scene: Scene) -> PoolBalances:
    """Give the money of a scene's pool."""
    session.flush()
    return programmes.pool_balances(session, scene.grant.pool_id)


def check_matches(session: Session, campaign: Campaign, grant: Grant) -> None:
    """Compare grant, pledges, the grant's account and the book, which must say the same."""
    session.flush()
    session.refresh(grant)
    held = sa.select(sa.func.coalesce(sa.func.sum(Pledge.match_cents), 0)).where(
        Pledge.campaign_id == campaign.id
    )
    matched = book.balance(session, f"grant:{grant.id}:matched")
    assert (session.scalar(held), grant.reserved_cents) == (matched, matched)
    assert book.verify(session).faults == []
