"""The end of a list: its time is over, and whoever still waits is not selected any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM
from quartieri.calls.models import Window
from quartieri.db import lock
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.actions.windows import locked_proposals
from quartieri.proposals.rules import PROPOSAL, ProposalState
from quartieri.reviews.models import Ranking
from quartieri.reviews.queries.waiting import is_expired
from quartieri.reviews.rules import RANKING, RankingState


def expire_list(session: Session, ranking: Ranking, *, at: datetime) -> None:
    """Let a ranking expire that is as old as its call says; each who waits is told.

    What it selected stays selected. Done already, or an offer open: nothing changes. Locks: window,
    ranking, applications by id.
    """
    window = lock(session, Window, ranking.window_id)
    ranking = lock(session, Ranking, ranking.id)
    if ranking.state is not RankingState.FINAL or not is_expired(session, ranking, at):
        return
    move(session, ranking, RANKING, "expire", actor=SYSTEM, at=at)
    for proposal in locked_proposals(session, window.id, ProposalState.WAITING):
        move(session, proposal, PROPOSAL, "list_expires", actor=SYSTEM, at=at)
        tell(session, proposal, "list_expired", occasion=ranking.id, at=at)
