"""Gates: who goes on to the next stage, who stops, and what becomes of them at the end."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.models import Window
from quartieri.calls.rules import WINDOW
from quartieri.proposals.actions.windows import locked_proposals
from quartieri.proposals.rules import PROPOSAL, ProposalState
from quartieri.reviews.models import Ranking, RankingEntry
from quartieri.reviews.queries import as_entry
from quartieri.reviews.ranking import stops_at_gate
from quartieri.reviews.rules import RankingOutcome

P = ProposalState
HELD_BACK = frozenset({RankingOutcome.NOT_ADMITTED, RankingOutcome.NOT_ELIGIBLE})


def stopped(entry: RankingEntry) -> bool:
    """Tell whether a gate of the criteria stopped an entry."""
    return entry.outcome is RankingOutcome.NOT_ELIGIBLE and stops_at_gate(as_entry(entry).reasons)


def pass_gate(
    session: Session,
    window: Window,
    ranking: Ranking,
    entries: list[RankingEntry],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    """Let those whom a stage admitted go on to the next one; the others stop there.

    A correction lets in whom it admits now, and stops whom it does not admit any more.
    """
    began = window.stage == ranking.stage
    for entry in entries:
        proposal = entry.proposal
        if entry.outcome is RankingOutcome.ADMITTED:
            if proposal.state is P.STOPPED_AT_GATE:
                move(session, proposal, PROPOSAL, "reopen_gate", actor=actor, at=at)
            elif began and proposal.state is P.UNDER_REVIEW:
                move(session, proposal, PROPOSAL, "rank", actor=actor, at=at)
                move(session, proposal, PROPOSAL, "next_stage", actor=actor, at=at)
        elif entry.outcome in HELD_BACK and proposal.state is P.UNDER_REVIEW:
            move(session, proposal, PROPOSAL, "stop_at_gate", actor=actor, at=at)
    if began:
        window.stage = ranking.stage + 1
        record(
            session,
            "next_stage",
            WINDOW.name,
            window.id,
            actor=actor,
            at=at,
            before={"stage": ranking.stage},
            after={"stage": window.stage},
        )


def close_gates(
    session: Session, window: Window, *, actor: Actor, at: datetime, but: AbstractSet[int]
) -> None:
    """Say of whoever stopped in an earlier stage that the final ranking does not select them."""
    for proposal in locked_proposals(session, window.id, P.STOPPED_AT_GATE):
        if proposal.id not in but:
            move(session, proposal, PROPOSAL, "not_select", actor=actor, at=at)
