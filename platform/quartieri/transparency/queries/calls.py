"""The money of one call: its endowment, its crowd, its projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.models import Act
from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign
from quartieri.grants.models import Grant
from quartieri.kit.money import Money
from quartieri.ledger import queries as ledger
from quartieri.ledger.models import LedgerAccount
from quartieri.people.models import Authority, Organisation
from quartieri.programmes import queries as programmes
from quartieri.programmes.models import EndowmentPool
from quartieri.programmes.rules import PoolBalances, ancestry
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PUBLIC_STATES
from quartieri.transparency.queries.pages import (
    Column,
    Found,
    Select,
    campaign_holder,
    order_by,
    rows_of,
)
from quartieri.transparency.rules import CallMoney, CrowdMoney, PastMoney, ProjectMoney, Share

PROJECT_SORTS: Mapping[str, Column] = {
    "title": sa.func.lower(Proposal.title),
    "proposer": sa.func.lower(Organisation.name),
    "state": sa.cast(Proposal.state, sa.String),
    "cost": Proposal.cost_cents.expression,
    "target": Campaign.target_cents.expression,
    "promised": Campaign.promised_cents.expression,
    "reserved": Grant.reserved_cents.expression,
    "granted": Grant.granted_cents.expression,
    "paid": Grant.paid_cents.expression,
}


def call_money(session: Session, call: Call) -> CallMoney:
    """Give the totals of a call, in at most seven queries; never for a historical one."""
    pool = session.get(EndowmentPool, call.pool_id) if call.pool_id else None
    return CallMoney(
        endowment_cents=pool.endowment_cents if pool else None,
        balances=programmes.pool_balances(session, pool.id) if pool else PoolBalances(),
        shares=_shares(session, call.authority_id, pool.id) if pool else (),
        crowd=crowd_of_call(session, call.id) if call.design.has_campaigns else None,
        projects=session.scalar(
            sa.select(sa.func.count(Proposal.id)).where(
                Proposal.call_id == call.id, Proposal.state.in_(PUBLIC_STATES)
            )
        )
        or 0,
    )


def _shares(session: Session, authority_id: int, pool_id: int) -> tuple[Share, ...]:
    drawn = programmes.share_levels(session, pool_id)
    if not drawn:
        return ()
    levels = {level.id: level for level in programmes.levels(session, authority_id)}
    parents = {i: level.parent_id for i, level in levels.items()}
    shares = []
    for level, cents in drawn:
        above = [levels[i] for i in reversed(ancestry(level.id, parents)[1:])]
        path = tuple((a.title_it, a.title_en) for a in above)
        shares.append(Share(level.kind, level.code, level.title_it, level.title_en, path, cents))
    return tuple(shares)


def crowd_of_call(session: Session, call_id: int) -> CrowdMoney:
    """Give a call's crowd money, in two queries: the ledger's accounts, and what is promised."""
    accounts = session.execute(
        sa.select(LedgerAccount.kind, sa.func.sum(LedgerAccount.balance_cents).label("cents"))
        .select_from(Campaign)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(LedgerAccount, LedgerAccount.holder == campaign_holder())
        .where(Proposal.call_id == call_id)
        .group_by(LedgerAccount.kind)
        .order_by(LedgerAccount.kind)
    )
    promised = session.scalar(
        sa.select(sa.func.sum(Campaign.promised_cents))
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .where(Proposal.call_id == call_id)
    )
    return CrowdMoney.of({row.kind: int(row.cents) for row in accounts}, int(promised or 0))


def project_page(
    session: Session, call_id: int, *, sort: str = "", page: int | None = 1
) -> Found[ProjectMoney]:
    """List the selected projects of a call with their money; ``page`` None gives all of them.

    Three queries. ``sort`` is a key of PROJECT_SORTS, with "-" before it downwards; else in the
    order in which they were received.
    """
    order = order_by(PROJECT_SORTS, sort, Proposal.id.expression)
    rows, number, total = rows_of(session, _projects(call_id), order, page)
    holders = [f"campaign:{row.campaign_id}" for row in rows if row.campaign_id]
    accounts = ledger.balances_of_holders(session, holders)
    return Found([_project(row, accounts) for row in rows], number, total)


def _projects(call_id: int) -> Select:
    # a released grant may be followed by a new one: the last counts
    last = (
        sa.select(sa.func.max(Grant.id).label("id"))
        .join(Proposal, Proposal.id == Grant.proposal_id)
        .where(Proposal.call_id == call_id)
        .group_by(Grant.proposal_id)
        .subquery()
    )
    mine = sa.and_(
        Grant.proposal_id == Proposal.id,
        Grant.id.in_(sa.select(last.c.id)),
    )
    return (
        sa.select(
            Proposal.id,
            Proposal.slug,
            Proposal.title,
            Organisation.name,
            Organisation.kind,
            Proposal.state,
            Proposal.cost_cents,
            Campaign.id.label("campaign_id"),
            Campaign.slug.label("campaign_slug"),
            Campaign.state.label("campaign_state"),
            Campaign.target_cents,
            Campaign.promised_cents,
            Grant.id.label("grant_id"),
            Grant.state.label("grant_state"),
            Grant.reserved_cents,
            Grant.granted_cents,
            Grant.paid_cents,
            Grant.recovered_cents,
            Act.number,
            Act.dated,
            Act.state.label("act_state"),
        )
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .outerjoin(Campaign, Campaign.proposal_id == Proposal.id)
        .outerjoin(Grant, mine)
        .outerjoin(Act, Act.id == Grant.act_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(PUBLIC_STATES))
    )


def _project(row: Any, accounts: Mapping[str, Mapping[str, int]]) -> ProjectMoney:
    crowd = None
    if row.campaign_id is not None:
        crowd = CrowdMoney.of(accounts[f"campaign:{row.campaign_id}"], row.promised_cents)
    return ProjectMoney(
        proposal_id=row.id,
        slug=row.slug,
        title=row.title,
        proposer=row.name,
        kind=row.kind,
        state=row.state,
        cost_cents=row.cost_cents,
        campaign_slug=row.campaign_slug,
        campaign_state=row.campaign_state,
        target_cents=row.target_cents,
        crowd=crowd,
        grant_id=row.grant_id,
        grant_state=row.grant_state,
        reserved_cents=row.reserved_cents or 0,
        granted_cents=row.granted_cents or 0,
        paid_cents=row.paid_cents or 0,
        recovered_cents=row.recovered_cents or 0,
        act_number=row.number,
        act_dated=row.dated,
        act_state=row.act_state,
    )


def past_money(session: Session, call: Call | None = None) -> list[PastMoney]:
    """List the known figures of past editions (or of one), newest first; one query."""
    wanted = (
        sa.select(Call.slug, Call.title_it, Call.title_en, Authority.name, Call.facts)
        .join(Authority, Authority.id == Call.authority_id)
        .where(Call.historical)
        .order_by(Call.published_at.desc().nulls_last(), Call.slug)
    )
    if call is not None:
        wanted = wanted.where(Call.id == call.id)
    return [
        PastMoney(
            row.slug,
            row.title_it,
            row.title_en,
            row.name,
            _cents(row.facts.get("endowment_eur")),
            _cents(row.facts.get("raised_total_eur")),
            _cents(row.facts.get("grant_total_eur")),
        )
        for row in session.execute(wanted)
    ]


def _cents(euros: Any) -> int | None:
    return None if euros is None else Money.of_units(str(euros)).cents
