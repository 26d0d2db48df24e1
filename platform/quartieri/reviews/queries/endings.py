"""What the end of a call touches."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import CAMPAIGN
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.kit.money import Money
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ENDED_STATES, PRIVATE_STATES

STOPPABLE = frozenset(
    state
    for move in CAMPAIGN.moves
    if move.verb in {"cancel", "withdraw"}
    for state in move.sources
)


class Touched(NamedTuple):
    """How many applications, campaigns and grants the end of a call touches."""

    applications: int
    campaigns: int
    reserved: Money
    granted: int


def touched(session: Session, call_id: int) -> Touched:
    """Count what is open in a call; one query."""
    here = Proposal.call_id == call_id
    without_act = {GrantState.RESERVED, GrantState.RELEASED}
    row = session.execute(
        sa.select(
            sa.select(sa.func.count(Proposal.id))
            .where(here, Proposal.state.not_in(ENDED_STATES | PRIVATE_STATES))
            .scalar_subquery(),
            sa.select(sa.func.count(Campaign.id))
            .join(Proposal, Proposal.id == Campaign.proposal_id)
            .where(here, Campaign.state.in_(STOPPABLE))
            .scalar_subquery(),
            sa.select(sa.func.coalesce(sa.func.sum(Grant.reserved_cents), 0))
            .join(Proposal, Proposal.id == Grant.proposal_id)
            .where(here, Grant.state == GrantState.RESERVED)
            .scalar_subquery(),
            sa.select(sa.func.count(Grant.id))
            .join(Proposal, Proposal.id == Grant.proposal_id)
            .where(here, Grant.state.not_in(without_act))
            .scalar_subquery(),
        )
    ).one()
    return Touched(int(row[0]), int(row[1]), Money(int(row[2])), int(row[3]))
