"""Cases that a person sees to: of all campaigns, and of one pledge."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, Pledge, PledgeCase
from quartieri.campaigns.queries.manage import scoped
from quartieri.campaigns.rules.cases import CaseState
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal

MOST = 500


def open_cases(session: Session, *, scopes: Sequence[Scope] | None) -> list[PledgeCase]:
    """List the cases in ``scopes`` (None: all) that are to be seen to, the first due first."""
    return list(
        session.scalars(
            _open(scopes)
            .options(
                joinedload(PledgeCase.owner),
                joinedload(PledgeCase.pledge)
                .joinedload(Pledge.campaign)
                .joinedload(Campaign.proposal)
                .joinedload(Proposal.call),
            )
            .order_by(PledgeCase.due_at, PledgeCase.id)
            .limit(MOST)
        )
    )


def count_cases(session: Session, *, scopes: Sequence[Scope] | None) -> int:
    """Count the cases in ``scopes`` that are to be seen to."""
    found = _open(scopes).with_only_columns(sa.func.count(PledgeCase.id))
    return session.scalar(found) or 0


def _open(scopes: Sequence[Scope] | None) -> sa.Select[PledgeCase]:
    return (
        sa.select(PledgeCase)
        .join(Pledge, Pledge.id == PledgeCase.pledge_id)
        .join(Campaign, Campaign.id == Pledge.campaign_id)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(PledgeCase.state == CaseState.OPEN, *scoped(scopes))
    )


def cases_of(session: Session, pledge_id: int) -> list[PledgeCase]:
    """List all cases of a pledge, the newest first."""
    return list(
        session.scalars(
            sa.select(PledgeCase)
            .where(PledgeCase.pledge_id == pledge_id)
            .options(joinedload(PledgeCase.owner))
            .order_by(PledgeCase.id.desc())
        )
    )


def acts_at_stake(session: Session, proposal_ids: Sequence[int]) -> set[int]:
    """Give which proposals have a grant act already: money lost later does not undo it."""
    none_yet = (GrantState.RESERVED, GrantState.RELEASED)
    found = sa.select(Grant.proposal_id).where(
        Grant.proposal_id.in_(proposal_ids), Grant.state.not_in(none_yet)
    )
    return set(session.scalars(found))
