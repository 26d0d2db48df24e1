"""What an applicant gets of a rectified call: the draft follows, what was submitted stays."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.rules import SYSTEM
from quartieri.calls.links import call_url
from quartieri.calls.models import CallEdition, Rectification
from quartieri.db import get
from quartieri.proposals.actions.editions import carry_over
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import ProposalState

_OVER = (
    ProposalState.DISCARDED,
    ProposalState.SUPERSEDED,
    ProposalState.WITHDRAWN,
    ProposalState.INADMISSIBLE,
)


def of_rectified_call(session: Session, edition_id: int) -> list[int]:
    """List the proposals of an edition's call that a rectification is news for, by id."""
    edition = get(session, CallEdition, edition_id)
    return list(
        session.scalars(
            sa.select(Proposal.id)
            .where(Proposal.call_id == edition.call_id, Proposal.state.not_in(_OVER))
            .order_by(Proposal.id)
        )
    )


def follow_edition(session: Session, proposal_id: int, edition_id: int, *, at: datetime) -> None:
    """Carry a draft over to a new edition with every answer, and tell its applicant.

    An application that was submitted keeps its edition; its applicant is told that it stays as it
    is. Done twice, nothing happens the second time.
    """
    proposal, edition = get(session, Proposal, proposal_id), get(session, CallEdition, edition_id)
    draft = proposal.state is ProposalState.DRAFT
    kept_apart = 0
    if draft and proposal.edition.number < edition.number:
        kept_apart = carry_over(session, proposal, edition, actor=SYSTEM, at=at)
    rectification = session.scalars(
        sa.select(Rectification).where(Rectification.edition_id == edition.id)
    ).one()
    tell(
        session,
        proposal,
        "rectified",
        occasion=edition.number,
        at=at,
        draft=draft,
        kept_apart=kept_apart,
        editions_link=f"{call_url(proposal.call)}/editions",
        reason=rectification.reason(proposal.owner.language),
    )
