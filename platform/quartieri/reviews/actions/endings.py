"""The end of a whole call by act: cancelled before any ranking, or annulled even after one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.models import Act
from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.calls import actions as calls
from quartieri.calls.models import Call, Window
from quartieri.campaigns import actions as campaigns
from quartieri.campaigns.models import Campaign
from quartieri.grants.models import Grant
from quartieri.jobs.actions import enqueue
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.models import IntegrationRequest, Proposal
from quartieri.proposals.rules import (
    ENDED_STATES,
    INTEGRATION,
    PRIVATE_STATES,
    PROPOSAL,
    IntegrationState,
    ProposalState,
)
from quartieri.reviews.actions.scrolling import pass_over
from quartieri.reviews.models import Assignment, Ranking
from quartieri.reviews.queries.waiting import open_offer
from quartieri.reviews.rules import ASSIGNMENT, RANKING, TO_DO, ListAnswer, RankingState

P = ProposalState
BATCH = 50
"""Letters in one unit of work: the writer's lock on SQLite is short."""

CLOSES = {
    P.SUBMITTED: "withdraw",
    P.IN_CHECK: "withdraw",
    P.INTEGRATION_REQUESTED: "withdraw",
    P.REFUSAL_NOTIFIED: "withdraw",
    P.ADMISSIBLE: "withdraw",
    P.UNDER_REVIEW: "withdraw",
    P.RANKED: "withdraw",
    P.STOPPED_AT_GATE: "not_select",
    P.WAITING: "correct_to_not_selected",
    P.OFFERED: "pass_over",
    P.SELECTED: "lapse",
    P.CAMPAIGNING: "lapse",
}
"""How each application that is still open is closed with its call; what an act granted stays."""


def cancel_call(
    session: Session, call: Call, data: ActData, *, reason: str, actor: Actor, at: datetime
) -> Act:
    """Cancel a call by act, before any ranking, and close its applications; each is told.

    Drafts stay with those who wrote them. Locks: levels, pool, windows, applications.
    """
    act = calls.cancel(session, call, data, reason=reason, actor=actor, at=at)
    _close(session, call, act, actor=actor, at=at)
    return act


def annul_call(
    session: Session, call: Call, data: ActData, *, reason: str, actor: Actor, at: datetime
) -> Act:
    """Annul a call by act, even after a ranking: rankings fall, campaigns stop, reserves go back.

    Pledges are let go or given back by the campaigns' own steps. What a grant act granted stays
    until an act of its own revokes it. Locks: levels, pool, windows, applications, grants,
    campaigns.
    """
    act = calls.annul(session, call, data, reason=reason, actor=actor, at=at)
    for ranking in session.scalars(
        sa.select(Ranking)
        .join(Window, Window.id == Ranking.window_id)
        .where(Window.call_id == call.id, Ranking.state.in_(_STANDING))
        .order_by(Ranking.id)
    ):
        move(session, ranking, RANKING, _STANDING[ranking.state], actor=actor, at=at, act=act.id)
    _close(session, call, act, actor=actor, at=at)
    calls.give_back(session, call, act, actor=actor, at=at)
    return act


_STANDING = {
    RankingState.COMPUTED: "discard",
    RankingState.PROVISIONAL: "annul",
    RankingState.FINAL: "annul",
}


def _close(session: Session, call: Call, act: Act, *, actor: Actor, at: datetime) -> None:
    """Close what is still open under its locks, and plan the letters of all that were received."""
    open_ones = list(
        session.scalars(
            sa.select(Proposal)
            .where(Proposal.call_id == call.id, Proposal.state.not_in(ENDED_STATES | {P.DRAFT}))
            .order_by(Proposal.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )
    ids = [p.id for p in open_ones]
    for model in (Grant, Campaign):
        session.scalars(
            sa.select(model)
            .where(model.proposal_id.in_(_of_call(call)))
            .order_by(model.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).all()
    _drop_work(session, call, act, at=at)
    office, why = actor.with_role(Role.SYSTEM), f"act {act.number}"
    for proposal in open_ones:
        verb = CLOSES.get(proposal.state)
        if verb == "lapse":
            campaigns.end_project(
                session, proposal, verb, reason=why, actor=office, at=at, act=act.id
            )
        elif verb == "pass_over":
            _end_offer(session, proposal, why, actor=office, at=at)
        elif verb is not None:
            move(session, proposal, PROPOSAL, verb, actor=office, at=at, reason=why, act=act.id)
    for window in call.windows:
        campaigns.close_round(session, window.id, at=at)
    for first in range(0, len(ids), BATCH):
        enqueue(
            session,
            "reviews.tell_end",
            {"act_id": act.id, "proposal_ids": ids[first : first + BATCH]},
            run_at=at,
            key=f"reviews.tell_end:{act.id}:{first}",
        )


def _end_offer(
    session: Session, proposal: Proposal, why: str, *, actor: Actor, at: datetime
) -> None:
    made = open_offer(session, proposal.id)
    if made is not None:
        answer = ListAnswer.LAPSED
        pass_over(session, proposal, made, answer, at=at, actor=actor, reason=why)


def _of_call(call: Call) -> sa.Select[int]:
    return sa.select(Proposal.id).where(
        Proposal.call_id == call.id, Proposal.state.not_in(PRIVATE_STATES)
    )


def _drop_work(session: Session, call: Call, act: Act, *, at: datetime) -> None:
    """Cancel the requests and the evaluations that wait for somebody."""
    why = f"act {act.number}"
    for request in session.scalars(
        sa.select(IntegrationRequest)
        .where(
            IntegrationRequest.proposal_id.in_(_of_call(call)),
            IntegrationRequest.state == IntegrationState.REQUESTED,
        )
        .order_by(IntegrationRequest.id)
    ):
        move(session, request, INTEGRATION, "cancel", actor=SYSTEM, at=at, reason=why)
    for assignment in session.scalars(
        sa.select(Assignment)
        .where(Assignment.proposal_id.in_(_of_call(call)), Assignment.state.in_(TO_DO))
        .order_by(Assignment.id)
    ):
        move(session, assignment, ASSIGNMENT, "cancel", actor=SYSTEM, at=at, reason=why)
        assignment.note = why


def tell_end(session: Session, act: Act, proposal_ids: list[int], *, at: datetime) -> None:
    """Write to the applicants of some applications that their call ended; each once."""
    for proposal in session.scalars(
        sa.select(Proposal).where(Proposal.id.in_(proposal_ids)).order_by(Proposal.id)
    ):
        granted = proposal.state not in ENDED_STATES
        tell(session, proposal, "call_ended", occasion=act.id, at=at, act=act, granted=granted)
