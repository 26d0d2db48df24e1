"""Quadratic rounds: which are open, and whether their last campaign is decided."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import PREPARED, UNDECIDED_CAMPAIGN
from quartieri.grants.models import MatchRound
from quartieri.proposals.models import Proposal, ProtocolEntry

OPEN_STATES = PREPARED | UNDECIDED_CAMPAIGN
"""A campaign in one of these is still to be decided, and its round waits for it."""


def _undecided(window_id: object) -> sa.Exists:
    return (
        sa.select(Campaign.id)
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .where(Proposal.window_id == window_id, Campaign.state.in_(OPEN_STATES))
        .exists()
    )


def tie_keys(session: Session, proposal_ids: Sequence[int]) -> dict[int, str]:
    """Give what the written tie rule goes by, by proposal: the first protocol number."""
    rows = session.execute(
        sa.select(ProtocolEntry.proposal_id, ProtocolEntry.year, ProtocolEntry.number)
        .where(ProtocolEntry.proposal_id.in_(proposal_ids), ProtocolEntry.revision == 1)
        .order_by(ProtocolEntry.proposal_id)
    )
    return {row.proposal_id: f"{row.year}/{row.number:06}" for row in rows}


def is_over(session: Session, window_id: int) -> bool:
    """Tell whether every campaign of a session is decided."""
    return not session.scalar(sa.select(_undecided(window_id)))


def due_rounds(session: Session) -> list[int]:
    """List the sessions whose round is open and whose campaigns are all decided."""
    found = sa.select(MatchRound.window_id).where(
        MatchRound.closed_at.is_(None), sa.not_(_undecided(MatchRound.window_id))
    )
    return list(session.scalars(found.order_by(MatchRound.id)))


def open_rounds(session: Session) -> list[int]:
    """List the rounds that are not shared out yet."""
    found = sa.select(MatchRound.id).where(MatchRound.closed_at.is_(None))
    return list(session.scalars(found.order_by(MatchRound.id)))
