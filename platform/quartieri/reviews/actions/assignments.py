"""Opening a window's evaluation; giving applications to the commission's members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.db import lock
from quartieri.extensions import services
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import Lazy, lazy
from quartieri.mail import actions as mail
from quartieri.people.models import User
from quartieri.people.queries import holders
from quartieri.people.rules import refuse_excluded
from quartieri.proposals import actions as proposals
from quartieri.proposals.actions.windows import locked_proposals
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState
from quartieri.reviews import queries
from quartieri.reviews.actions.rankings import RANKABLE
from quartieri.reviews.models import Assignment, Conflict
from quartieri.reviews.queries.inputs import admitted_to
from quartieri.reviews.rules import (
    ACTIVE,
    ASSIGNMENT,
    AssignmentState,
    ConflictState,
    Pair,
)

READMITTED = "readmitted by a review act"
"""Why a sheet is written after a publication."""
ASSIGNERS = (Role.CALL_MANAGER, Role.COMMISSION_SECRETARY, Role.SYSTEM)


def open_evaluation(session: Session, window: Window, *, actor: Actor, at: datetime) -> int:
    """Take every admissible application of a window under evaluation; give how many.

    The window moves on with the first; asked again, it takes what was admitted meanwhile (a review
    act after the check). Refused while an application's check has not ended.
    """
    lock(session, Window, window.id)
    if window.state_at(at) is WindowState.CHECKING:
        return proposals.start_evaluation(session, window, actor=actor, at=at)
    if window.state_at(at) not in RANKABLE:
        raise IllegalMoveError(lazy("This session is not under evaluation."))
    admitted = locked_proposals(session, window.id, ProposalState.ADMISSIBLE)
    for proposal in admitted:
        move(session, proposal, PROPOSAL, "start_review", actor=actor, at=at)
    return len(admitted)


def assign(
    session: Session, proposal: Proposal, reviewer: User, *, actor: Actor, at: datetime
) -> Assignment:
    """Give one application to one member of the commission, with a letter.

    Asked again it gives the same assignment. Raises NotYoursError when the reviewer takes part in
    the application, InvalidError for somebody who is not in the commission or who recused before,
    IllegalMoveError when the application is not under evaluation.
    """
    window = proposal.window
    if window is None:
        raise IllegalMoveError(lazy("This application is not under evaluation."))
    made = assign_many(session, window, [Pair(proposal.id, reviewer.id)], actor=actor, at=at)
    return made[0]


def assign_many(
    session: Session, window: Window, pairs: Iterable[Pair], *, actor: Actor, at: datetime
) -> list[Assignment]:
    """Give applications of one window to members of its commission; one letter to each member.

    All or none; the same refusals as :func:`assign`.
    """
    wanted = list(dict.fromkeys(pairs))
    if not actor.holds(*ASSIGNERS):
        raise NotYoursError(lazy("Your role does not allow this step."))
    members = {u.id: u for u in queries.commission(session, window.scope, at=at)}
    received = {
        p.id: p
        for p in session.scalars(
            sa.select(Proposal)
            .where(Proposal.id.in_({pair.proposal_id for pair in wanted}))
            .order_by(Proposal.id)
        )
    }
    taking_part = queries.participants(session, received, members.values())
    design = queries.edition_of(session, window).design
    stage = queries.stage_of(design, window.stage).number
    stages = _stages(session, window, received, stage)
    given = [
        a
        for number in sorted(set(stages.values()))
        for many in queries.waiting_for(
            session, [p for p in received if stages[p] == number], stage=number
        ).values()
        for a in many
    ]
    earlier = {Pair(a.proposal_id, a.user_id): a for a in given if not a.agreed}
    abstained = set(queries.pairs(session, window)[1])
    for pair in wanted:
        _check(window, received.get(pair.proposal_id), members.get(pair.user_id))
        owner = received[pair.proposal_id].owner_id
        applicant = pair.user_id if pair in taking_part else owner
        refuse_excluded("proposal", "review", pair.user_id, {"apply": applicant})
        if pair in abstained:
            found = earlier.get(pair)
            raise InvalidError(
                lazy(
                    "%(name)s has had this application before: %(state)s.",
                    name=members[pair.user_id].name,
                    state=Lazy((found.state if found else AssignmentState.RECUSED).label),
                )
            )
    fresh = [
        _propose(
            session,
            received[pair.proposal_id],
            members[pair.user_id].id,
            stages[pair.proposal_id],
            at=at,
        )
        for pair in wanted
        if pair not in earlier
    ]
    if design.evaluation.collegial:
        held = {a.proposal_id for a in given if a.agreed and a.state in ACTIVE}
        secretary = _secretary(session, window, at=at)
        members[secretary.id] = secretary
        fresh += [
            _propose(
                session,
                received[proposal_id],
                secretary.id,
                stages[proposal_id],
                agreed=True,
                at=at,
            )
            for proposal_id in sorted({pair.proposal_id for pair in wanted} - held)
        ]
    session.flush()
    for assignment in fresh:
        record(
            session,
            "assign",
            ASSIGNMENT.name,
            assignment.id,
            actor=actor,
            at=at,
            after={
                "state": assignment.state,
                "proposal": assignment.proposal_id,
                "reviewer": assignment.user_id,
            },
        )
    _tell(session, window, members, fresh, at=at)
    known = earlier | {Pair(a.proposal_id, a.user_id): a for a in fresh if not a.agreed}
    return [known[pair] for pair in wanted]


def _check(window: Window, proposal: Proposal | None, reviewer: User | None) -> None:
    if proposal is None or proposal.window_id != window.id:
        raise InvalidError(lazy("This application is not in this session."))
    if reviewer is None:
        raise InvalidError(
            lazy("Only members of the commission, appointed by act, can be assigned.")
        )
    if proposal.state is not ProposalState.UNDER_REVIEW:
        raise IllegalMoveError(lazy("This application is not under evaluation."))


def _stages(
    session: Session, window: Window, proposals: Iterable[int], present: int
) -> dict[int, int]:
    """Give the stage in which each application is scored: whoever came after a gate passes it."""
    ids = list(proposals)
    admitted = set(
        session.scalars(
            sa.select(Proposal.id).where(Proposal.id.in_(ids), admitted_to(window.id, present))
        )
    )
    return {one: present if one in admitted else present - 1 for one in ids}


def _secretary(session: Session, window: Window, *, at: datetime) -> User:
    """Give who writes what the commission agrees on."""
    found = holders(session, Role.COMMISSION_SECRETARY, window.scope, at=at)
    if not found:
        raise InvalidError(
            lazy("The commission agrees on one sheet in this call: appoint its secretary first.")
        )
    return min(found, key=lambda u: u.id)


def _propose(
    session: Session,
    proposal: Proposal,
    user_id: int,
    stage: int,
    *,
    agreed: bool = False,
    at: datetime,
) -> Assignment:
    window = proposal.window
    late = window is not None and window.state_at(at) is not WindowState.EVALUATION
    assignment = Assignment(
        proposal_id=proposal.id,
        user_id=user_id,
        stage=stage,
        agreed=agreed,
        state=AssignmentState.PROPOSED,
        assigned_at=at,
        note=READMITTED if late else "",
        conflict=Conflict(state=ConflictState.UNDECLARED),
    )
    session.add(assignment)
    return assignment


def _tell(
    session: Session,
    window: Window,
    members: Mapping[int, User],
    fresh: Iterable[Assignment],
    *,
    at: datetime,
) -> None:
    counts: dict[int, int] = {}
    for assignment in fresh:
        counts[assignment.user_id] = counts.get(assignment.user_id, 0) + 1
    for user_id in sorted(counts):
        reviewer = members[user_id]
        mail.write(
            session,
            "review_assigned",
            to=reviewer.email,
            language=reviewer.language,
            key=f"review-assigned:{window.id}:{user_id}:{at.isoformat()}",
            at=at,
            about=("window", window.id),
            name=reviewer.name,
            call=window.call,
            window=window,
            count=counts[user_id],
            url=f"{services().settings.base_url}/reviews",
        )


def cancel(
    session: Session, assignment: Assignment, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Take an application from a reviewer who has not submitted; what was written is kept, void."""
    if not reason.strip():
        raise InvalidError(lazy("Say why."), field="reason")
    lock(session, Assignment, assignment.id)
    move(session, assignment, ASSIGNMENT, "cancel", actor=actor, at=at, reason=reason.strip())
    assignment.note = reason.strip()
    assignment.total = None


def reopen(
    session: Session, assignment: Assignment, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Give a submitted sheet back to its reviewer, with the reason; it does not count meanwhile.

    Possible after a publication too: what follows is a correction, with a number of its own.
    """
    if not reason.strip():
        raise InvalidError(lazy("Say why."), field="reason")
    lock(session, Window, assignment.proposal.window_id)
    lock(session, Assignment, assignment.id)
    move(session, assignment, ASSIGNMENT, "reopen", actor=actor, at=at, reason=reason.strip())
    assignment.note = reason.strip()
    assignment.total = None
    assignment.submitted_at = None
    reviewer = assignment.reviewer
    mail.write(
        session,
        "review_reopened",
        to=reviewer.email,
        language=reviewer.language,
        key=f"review-reopened:{assignment.id}:{at.isoformat()}",
        at=at,
        about=("assignment", assignment.id),
        name=reviewer.name,
        proposal=assignment.proposal,
        reason=reason.strip(),
        url=f"{services().settings.base_url}/reviews/{assignment.id}",
    )
