"""Decisions by act on one application after its check: excluded, or an exclusion reviewed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.models import Act
from quartieri.acts.rules import ActKind
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.models import Window
from quartieri.calls.rules import ENDED_WINDOW_STATES
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.queries import campaign_of_proposal
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.people.rules import refuse_excluded
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import BY_ACT_STATES, PROPOSAL, ProposalState
from quartieri.reviews.models import Assignment
from quartieri.reviews.rules import TO_DO


def exclude_by_act(
    session: Session,
    proposal: Proposal,
    data: ActData,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Act:
    """Exclude an application by act, after its check, up to its campaign; the applicant is told.

    What is reserved for it is released and its campaign stops: nobody is charged any more and what
    was collected goes back. A project with a grant act is revoked instead.
    Locks: window, proposal, grant, campaign.
    """
    refuse_excluded("proposal", "check", actor.user_id, {"apply": proposal.owner_id})
    lock(session, Window, proposal.window_id)
    proposal = lock(session, Proposal, proposal.id)
    if proposal.state not in BY_ACT_STATES:
        raise IllegalMoveError(
            lazy(
                "An application is excluded by act between its admission and its grant act: "
                "before, the check decides; afterwards the grant is revoked."
            )
        )
    why = _needed(reason)
    authority_id = proposal.call.authority_id
    act = record_act(session, authority_id, ActKind.REVOCATION, data, actor=actor, at=at)
    campaigns.end_project(session, proposal, "exclude", reason=why, actor=actor, at=at, act=act.id)
    tell(session, proposal, "excluded_by_act", occasion=act.id, at=at, reason=why, act=act)
    return act


def review_exclusion(
    session: Session,
    proposal: Proposal,
    data: ActData,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Act:
    """Take an excluded application back into the check by a review act (riesame).

    Refused once its session ended, and where its campaign was stopped: that cannot begin again.
    A reviewer who had not finished may go on with the sheet, whatever was published meanwhile.
    """
    refuse_excluded("proposal", "check", actor.user_id, {"apply": proposal.owner_id})
    window = lock(session, Window, proposal.window_id)
    proposal = lock(session, Proposal, proposal.id)
    PROPOSAL.find("review_exclusion", proposal.state)
    if window.state in ENDED_WINDOW_STATES:
        raise IllegalMoveError(lazy("The session has ended: nothing is checked in it any more."))
    if campaign_of_proposal(session, proposal.id) is not None:
        raise IllegalMoveError(
            lazy("Its campaign was stopped when it was excluded: that cannot begin again.")
        )
    why = _needed(reason)
    authority_id = proposal.call.authority_id
    act = record_act(session, authority_id, ActKind.REVIEW, data, actor=actor, at=at)
    move(
        session, proposal, PROPOSAL, "review_exclusion", actor=actor, at=at, reason=why, act=act.id
    )
    for assignment in session.scalars(
        sa.select(Assignment)
        .where(Assignment.proposal_id == proposal.id, Assignment.state.in_(TO_DO))
        .order_by(Assignment.id)
    ):
        assignment.note = f"act {act.number}"
    tell(session, proposal, "exclusion_reviewed", occasion=act.id, at=at, reason=why, act=act)
    return act


def may_be_reviewed(session: Session, proposal: Proposal) -> bool:
    """Tell whether an excluded application can still be taken back into the check."""
    return (
        proposal.state is ProposalState.INADMISSIBLE
        and proposal.window is not None
        and proposal.window.state not in ENDED_WINDOW_STATES
        and campaign_of_proposal(session, proposal.id) is None
    )


def _needed(reason: str) -> str:
    if not reason.strip():
        raise InvalidError(lazy("Write the reason: the applicant will read it."), field="reason")
    return reason.strip()
