"""The close of a quadratic round: when the last campaign of its session is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.calls.funding import Crowd, FundingRule, grant_ceiling, quadratic_matches
from quartieri.calls.models import Window
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.persons import gifts_by_person
from quartieri.campaigns.queries.rounds import is_over, tie_keys
from quartieri.campaigns.queries.single import reckoned_gift
from quartieri.campaigns.rules import COLLECTED, PROMISED, CampaignState, PledgeState
from quartieri.db import lock
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant, MatchRound
from quartieri.grants.queries import round_of
from quartieri.grants.rules import GrantState
from quartieri.proposals.models import Proposal

WON = frozenset({CampaignState.SUCCEEDED, CampaignState.PAYING_OUT, CampaignState.SETTLED})
HOPES = WON | {
    CampaignState.LIVE,
    CampaignState.SUSPENDED,
    CampaignState.ENDED,
    CampaignState.COLLECTING,
}


def close_round(session: Session, window_id: int, *, at: datetime) -> bool:
    """Share out a session's round once its last campaign is decided; tell whether it was closed.

    Shared by what each person's gifts, collected and not given back by now, add up to. Locks: the
    session, its grants, its campaigns.
    """
    window = lock(session, Window, window_id)
    row = round_of(session, window.id)
    if row is None or row.closed_at is not None or not is_over(session, window.id):
        return False
    row = lock(session, MatchRound, row.id)
    waiting = _locked_grants(session, window.id)
    rule, crowds = _crowds(session, waiting, COLLECTED)
    matches = quadratic_matches(rule, crowds, row.reserved_cents) if rule else []
    shares = {grant.id: cents for grant, cents in zip(waiting, matches, strict=True)}
    by_id = {grant.id: grant for grant in waiting}
    grants.close_round(session, row, by_id, shares, actor=SYSTEM, at=at)
    return True


def estimate_round(session: Session, round_id: int, *, at: datetime) -> None:
    """Note what each campaign of an open round would get if it closed with what is promised now.

    Beside it stands how much more that were with one person's usual gift more.
    """
    row = lock(session, MatchRound, round_id)
    if row.closed_at is not None:
        return
    found = session.scalars(_grants(row.window_id, HOPES)).all()
    rule, crowds = _crowds(session, found, PROMISED)
    estimate = {}
    if rule is not None:
        pool = row.reserved_cents
        now = quadratic_matches(rule, crowds, pool)
        gift = reckoned_gift(found[0].proposal.edition.design)
        for n, (grant, crowd) in enumerate(zip(found, crowds, strict=True)):
            with_gift = [*crowds[:n], replace(crowd, sums=(*crowd.sums, gift)), *crowds[n + 1 :]]
            more = quadratic_matches(rule, with_gift, pool)[n] - now[n]
            estimate[str(grant.id)] = [now[n], more]
    if estimate != row.estimate or row.estimated_at is None:
        row.estimate, row.estimated_at = estimate, at


def _crowds(
    session: Session, found: Sequence[Grant], states: frozenset[PledgeState]
) -> tuple[FundingRule | None, list[Crowd]]:
    """Give the rule of a round, None without a project, and what each person gave to each."""
    if not found:
        return None, []
    campaigns = {
        campaign.proposal_id: campaign
        for campaign in session.scalars(
            sa.select(Campaign)
            .where(Campaign.proposal_id.in_([grant.proposal_id for grant in found]))
            .order_by(Campaign.id)
        )
    }
    rule = found[0].proposal.edition.design.money.rule
    if rule is None:
        msg = f"grant {found[0].id} has a round and no funding rule"
        raise ValueError(msg)
    keys = tie_keys(session, [grant.proposal_id for grant in found])
    gifts = gifts_by_person(session, [c.id for c in campaigns.values()], states)
    crowds = []
    for grant in found:
        campaign = campaigns[grant.proposal_id]
        sums = tuple(sorted(gifts[campaign.id].values()))
        limit = grant_ceiling(rule, campaign.cost_cents)
        key = keys.get(grant.proposal_id, f"{campaign.id:012}")
        crowds.append(Crowd(key, sums, limit))
    return rule, crowds


def _grants(window_id: int, states: frozenset[CampaignState]) -> sa.Select[Grant]:
    return (
        sa.select(Grant)
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .join(Campaign, Campaign.proposal_id == Proposal.id)
        .where(
            Proposal.window_id == window_id,
            Campaign.state.in_(states),
            Grant.state == GrantState.RESERVED,
            Grant.proposed_at.is_(None),
        )
        .order_by(Grant.id)
    )


def _locked_grants(session: Session, window_id: int) -> list[Grant]:
    """Give the grants of a round's campaigns that succeeded, under their locks and theirs."""
    found = list(
        session.scalars(
            _grants(window_id, WON)
            .with_for_update(of=Grant)
            .execution_options(populate_existing=True)
        )
    )
    session.scalars(
        sa.select(Campaign)
        .where(Campaign.proposal_id.in_([grant.proposal_id for grant in found]))
        .order_by(Campaign.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return found
