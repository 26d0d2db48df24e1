"""What officials and proposers see: lists of campaigns and pledges, money, refunds to see to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, ClaimPayment, Payout, Pledge
from quartieri.campaigns.rules import CampaignState, PledgeChannel, PledgeState
from quartieri.kit.money import Money
from quartieri.ledger.queries import balances_of_holders
from quartieri.ledger.rules import CampaignAccount
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal, Snapshot

PAGE = 50
URGENT = timedelta(days=3)
"""From how long before the end of a campaign its unconfirmed pledges are urgent."""

CAMPAIGN_SORTS = {
    "title": Campaign.title,
    "state": Campaign.state,
    "ends": Campaign.ends_at,
    "promised": Campaign.promised_cents,
    "collected": Campaign.collected_cents,
    "target": Campaign.target_cents,
}

PLEDGE_SORTS = {
    "name": Pledge.name,
    "amount": Pledge.amount_cents,
    "state": Pledge.state,
    "started": Pledge.started_at,
}


@dataclass(frozen=True, slots=True)
class Filters:
    """How a list of campaigns is narrowed."""

    call_id: int | None = None
    state: CampaignState | None = None
    sort: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class CampaignList:
    """One page of campaigns."""

    campaigns: list[Campaign]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class PledgeList:
    """One page of a campaign's pledges, and how many there are in each state."""

    pledges: list[Pledge]
    number: int
    pages: int
    total: int
    counts: dict[PledgeState, int]


@dataclass(frozen=True, slots=True)
class CrowdMoney:
    """Where a campaign's crowd money stands, from the ledger."""

    collected: Money
    held: Money
    payable: Money
    paid_out: Money
    refunded: Money
    fees: Money
    uncovered_fees: Money
    disputed: Money
    charged_back: Money
    borne: Money
    """What the authority bears of fees, refunds and disputes."""
    paid_back: Money
    """What the proposer paid of the costs that it bears."""
    payouts: list[Payout]


def scoped(scopes: Sequence[Scope] | None) -> list[sa.ColumnElement[bool]]:
    """Give the conditions that keep calls to those in ``scopes`` (None: all)."""
    if scopes is None:
        return []
    return [sa.or_(sa.false(), *(_inside(scope) for scope in scopes))]


def _inside(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.call_id is not None:
        return Call.id == scope.call_id
    return Call.authority_id == scope.authority_id


def _order(sort: str, sorts: dict[str, Any], last: Any) -> list[Any]:
    column = sorts.get(sort.removeprefix("-"))
    if column is None:
        return [last.desc()]
    return [column.desc() if sort.startswith("-") else column.asc(), last.asc()]


def campaign_page(
    session: Session, *, scopes: Sequence[Scope] | None, filters: Filters
) -> CampaignList:
    """List the campaigns in ``scopes`` (None: all), 50 a page, the newest first or as sorted."""
    found = (
        sa.select(Campaign)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(*scoped(scopes))
    )
    if filters.call_id is not None:
        found = found.where(Call.id == filters.call_id)
    if filters.state is not None:
        found = found.where(Campaign.state == filters.state)
    total = session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    rows = session.scalars(
        found.options(
            joinedload(Campaign.proposal).joinedload(Proposal.call),
            joinedload(Campaign.proposal).joinedload(Proposal.organisation),
        )
        .order_by(*_order(filters.sort, CAMPAIGN_SORTS, Campaign.id))
        .offset((filters.page - 1) * PAGE)
        .limit(PAGE)
    )
    return CampaignList(list(rows), filters.page, max(-(-total // PAGE), 1), total)


def submitted_content(session: Session, proposal_id: int) -> dict[str, Any]:
    """Give the application as it was last submitted, or an empty one."""
    content = session.scalar(
        sa.select(Snapshot.content)
        .where(Snapshot.proposal_id == proposal_id)
        .order_by(Snapshot.number.desc())
        .limit(1)
    )
    return dict(content or {})


def campaigns_of_owner(session: Session, user_id: int) -> list[Campaign]:
    """List the campaigns of a proposer's projects, the newest first."""
    return list(
        session.scalars(
            sa.select(Campaign)
            .join(Proposal, Proposal.id == Campaign.proposal_id)
            .where(Proposal.owner_id == user_id)
            .options(joinedload(Campaign.proposal).joinedload(Proposal.call))
            .order_by(Campaign.id.desc())
        )
    )


def pledge_page(
    session: Session,
    campaign_id: int,
    *,
    state: PledgeState | None = None,
    channel: PledgeChannel | None = None,
    sort: str = "",
    page: int = 1,
) -> PledgeList:
    """List a campaign's pledges, 50 a page, the newest first or as sorted, in three queries."""
    where = [Pledge.campaign_id == campaign_id]
    counts = {
        row[0]: int(row[1])
        for row in session.execute(
            sa.select(Pledge.state, sa.func.count()).where(*where).group_by(Pledge.state)
        )
    }
    if state is not None:
        where.append(Pledge.state == state)
    if channel is not None:
        where.append(Pledge.channel == channel)
    total = session.scalar(sa.select(sa.func.count(Pledge.id)).where(*where)) or 0
    rows = session.scalars(
        sa.select(Pledge)
        .where(*where)
        .options(joinedload(Pledge.reward), joinedload(Pledge.refund_owner))
        .order_by(*_order(sort, PLEDGE_SORTS, Pledge.id))
        .offset((page - 1) * PAGE)
        .limit(PAGE)
    )
    return PledgeList(list(rows), page, max(-(-total // PAGE), 1), total, counts)


def refunds_to_see_to(
    session: Session, *, scopes: Sequence[Scope] | None, now: datetime
) -> list[Pledge]:
    """List what still has to go back and needs a person: the first due first.

    Stuck refunds, offline money to give back by hand, and card refunds whose date has passed.
    """
    return list(
        session.scalars(
            _to_see_to(scopes, now)
            .options(
                joinedload(Pledge.campaign).joinedload(Campaign.proposal).joinedload(Proposal.call),
                joinedload(Pledge.refund_owner),
            )
            .order_by(Pledge.refund_due_at, Pledge.id)
            .limit(500)
        )
    )


def count_refunds(session: Session, *, scopes: Sequence[Scope] | None, now: datetime) -> int:
    """Count the refunds in ``scopes`` that need a person."""
    found = _to_see_to(scopes, now).with_only_columns(sa.func.count(Pledge.id))
    return session.scalar(found) or 0


def _to_see_to(scopes: Sequence[Scope] | None, now: datetime) -> sa.Select[Pledge]:
    by_hand = sa.and_(
        Pledge.state == PledgeState.REFUND_PENDING,
        sa.or_(Pledge.channel == PledgeChannel.OFFLINE, Pledge.refund_due_at < now),
    )
    return (
        sa.select(Pledge)
        .join(Campaign, Campaign.id == Pledge.campaign_id)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(sa.or_(Pledge.state == PledgeState.REFUND_STUCK, by_hand), *scoped(scopes))
    )


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Offline pledges of a campaign that a second person has not confirmed yet."""

    campaign_id: int
    title: str
    ends_at: datetime | None
    number: int
    amount: Money

    def is_urgent(self, now: datetime) -> bool:
        """Tell whether the campaign ends within three days, or has ended already."""
        return self.ends_at is not None and self.ends_at - now <= URGENT


def unconfirmed_offline(
    session: Session, *, scopes: Sequence[Scope] | None = None, campaign_id: int | None = None
) -> list[Unconfirmed]:
    """List the undecided campaigns with offline pledges to confirm; the first to end first."""
    where = [Pledge.state == PledgeState.RECORDED, Campaign.decided_at.is_(None), *scoped(scopes)]
    if campaign_id is not None:
        where.append(Campaign.id == campaign_id)
    rows = session.execute(
        sa.select(
            Campaign.id,
            Campaign.title,
            Campaign.ends_at,
            sa.func.count(Pledge.id),
            sa.func.sum(Pledge.amount_cents),
        )
        .join(Campaign, Campaign.id == Pledge.campaign_id)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(*where)
        .group_by(Campaign.id, Campaign.title, Campaign.ends_at)
        .order_by(Campaign.ends_at, Campaign.id)
    )
    return [Unconfirmed(r[0], r[1], r[2], int(r[3]), Money(int(r[4]))) for r in rows]


def recorded_by_others(session: Session, campaign_id: int, *, user_id: int | None) -> list[Pledge]:
    """List the offline pledges that a person may confirm: recorded by somebody else."""
    return list(
        session.scalars(
            sa.select(Pledge)
            .where(
                Pledge.campaign_id == campaign_id,
                Pledge.state == PledgeState.RECORDED,
                Pledge.recorded_by != user_id,
            )
            .order_by(Pledge.id)
            .limit(PAGE * 4)
        )
    )


def claim_payments(session: Session, campaign_id: int) -> list[ClaimPayment]:
    """List what the proposer paid back of the costs that it bears, oldest first."""
    found = sa.select(ClaimPayment).where(ClaimPayment.campaign_id == campaign_id)
    told = found.options(joinedload(ClaimPayment.recorder)).order_by(ClaimPayment.id)
    return list(session.scalars(told))


def money_of(session: Session, campaign_id: int) -> CrowdMoney:
    """Give where a campaign's crowd money stands, with the payouts in their order."""
    holder = f"campaign:{campaign_id}"
    accounts = balances_of_holders(session, [holder])[holder]
    payouts = session.scalars(
        sa.select(Payout).where(Payout.campaign_id == campaign_id).order_by(Payout.id)
    )
    return CrowdMoney(
        collected=Money(accounts.get(CampaignAccount.COLLECTED, 0)),
        held=Money(accounts.get(CampaignAccount.HELD, 0)),
        payable=Money(accounts.get(CampaignAccount.PAYABLE, 0)),
        paid_out=Money(accounts.get(CampaignAccount.PAID_OUT, 0)),
        refunded=Money(accounts.get(CampaignAccount.REFUNDED, 0)),
        fees=Money(accounts.get(CampaignAccount.FEES, 0)),
        uncovered_fees=Money(-accounts.get(CampaignAccount.FEES_DUE, 0)),
        disputed=Money(accounts.get(CampaignAccount.DISPUTED, 0)),
        charged_back=Money(accounts.get(CampaignAccount.CHARGED_BACK, 0)),
        borne=Money(-accounts.get(CampaignAccount.AUTHORITY, 0)),
        paid_back=Money(-accounts.get(CampaignAccount.PROPOSER, 0)),
        payouts=list(payouts),
    )
