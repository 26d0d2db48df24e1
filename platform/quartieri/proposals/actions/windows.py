"""A whole session at once: closing the intake, beginning the evaluation."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.actions import windows
from quartieri.calls.models import Window
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import still_open, undecided
from quartieri.proposals.rules import PROPOSAL, ProposalState


def start_checking(session: Session, window: Window, *, actor: Actor, at: datetime) -> int:
    """Close a session's intake and take its applications into the check; give how many.

    From here on its deadline cannot be moved. What came in before the deadline and is still on
    its way is received all the same, and checked one by one.
    """
    window = windows.start_checking(session, window, actor=actor, at=at)
    found = locked_proposals(session, window.id, ProposalState.SUBMITTED)
    for proposal in found:
        move(session, proposal, PROPOSAL, "start_check", actor=actor, at=at)
    return len(found)


def start_evaluation(session: Session, window: Window, *, actor: Actor, at: datetime) -> int:
    """Begin the evaluation once every application is decided; give how many are evaluated."""
    window = lock(session, Window, window.id)
    counts = undecided(session, [window.id])[window.id]
    if counts.waiting:
        raise IllegalMoveError(
            lazy(
                "The evaluation begins when every application is decided: %(number)s still wait.",
                number=counts.waiting,
            )
        )
    windows.start_evaluation(session, window, actor=actor, at=at)
    found = locked_proposals(session, window.id, ProposalState.ADMISSIBLE)
    for proposal in found:
        move(session, proposal, PROPOSAL, "start_review", actor=actor, at=at)
    return len(found)


def desert_window(session: Session, window: Window, *, actor: Actor, at: datetime) -> None:
    """Declare a session deserted: refused while an application of it may still be admitted."""
    window = lock(session, Window, window.id)
    windows.desert_window(session, window, left=still_open(session, window.id), actor=actor, at=at)


def conclude_window(session: Session, window: Window, *, actor: Actor, at: datetime) -> None:
    """Conclude a session whose projects all ended; who waits for money keeps no session open."""
    window = lock(session, Window, window.id)
    left = still_open(session, window.id, but=frozenset({ProposalState.WAITING}))
    windows.conclude_window(session, window, left=left, actor=actor, at=at)


def locked_proposals(session: Session, window_id: int, state: ProposalState) -> list[Proposal]:
    """Give a session's applications in a state under their locks: who withdraws meanwhile waits."""
    return list(
        session.scalars(
            sa.select(Proposal)
            .where(Proposal.window_id == window_id, Proposal.state == state)
            .order_by(Proposal.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
