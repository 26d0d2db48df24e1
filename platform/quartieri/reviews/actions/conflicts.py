"""Declarations of conflicts of interest and what follows from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Window
from quartieri.db import lock
from quartieri.extensions import services
from quartieri.kit.errors import InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.mail import actions as mail
from quartieri.people.models import User
from quartieri.people.queries import holders
from quartieri.reviews.models import Assignment
from quartieri.reviews.rules import (
    ASSIGNMENT,
    CONFLICT,
    AssignmentState,
    ConflictCause,
    ConflictState,
)


def _own(assignment: Assignment, actor: Actor) -> None:
    if actor.user_id != assignment.user_id and not actor.holds(Role.SYSTEM):
        raise NotYoursError(lazy("Only the reviewer can declare this."))


def declare_none(session: Session, assignment: Assignment, *, actor: Actor, at: datetime) -> None:
    """Declare that no conflict of interest exists (art. 6-bis L. 241/1990) and accept the work.

    From here on the reviewer may read and score. A second call changes nothing.
    """
    _own(assignment, actor)
    lock(session, Assignment, assignment.id)
    conflict = assignment.conflict
    if conflict.state is ConflictState.NONE:
        return
    move(session, conflict, CONFLICT, "declare_none", actor=actor, at=at)
    conflict.declared_at = at
    move(session, assignment, ASSIGNMENT, "accept", actor=actor, at=at)


def declare_conflict(
    session: Session,
    assignment: Assignment,
    *,
    cause: ConflictCause,
    reason: str,
    abstain: bool,
    actor: Actor,
    at: datetime,
) -> None:
    """Declare a conflict: abstain at once, or leave it to the head of office to decide.

    Either way the application is closed to the reviewer, and a sheet that was submitted does not
    count. Raises InvalidError without a reason.
    """
    _own(assignment, actor)
    if not reason.strip():
        raise InvalidError(lazy("Say in a few words what ties you to it."), field="reason")
    lock(session, Window, assignment.proposal.window_id)
    lock(session, Assignment, assignment.id)
    conflict = assignment.conflict
    move(session, conflict, CONFLICT, "declare", actor=actor, at=at, reason=reason.strip())
    conflict.cause = cause
    conflict.reason = reason.strip()
    conflict.declared_at = at
    if abstain:
        move(session, conflict, CONFLICT, "abstain", actor=actor, at=at)
        recuse(session, assignment, actor=actor, at=at)
        return
    for head in holders(session, Role.SIGNING_MANAGER, assignment.scope, at=at):
        _ask(session, assignment, head, at=at)


def recuse(session: Session, assignment: Assignment, *, actor: Actor, at: datetime) -> None:
    """Take a reviewer off one application for good; scores are kept and void."""
    move(session, assignment, ASSIGNMENT, "recuse", actor=actor, at=at)
    assignment.total = None
    session.flush()


def clear(
    session: Session, assignment: Assignment, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Decide, as head of office, that the reviewer may go on (art. 7 D.P.R. 62/2013)."""
    _decide(session, assignment, "clear", reason, actor=actor, at=at)
    if assignment.state is AssignmentState.PROPOSED:
        # the head of office's decision stands for the acceptance that the reviewer still owed
        reviewer = Actor(assignment.user_id, assignment.reviewer.name, frozenset({Role.SYSTEM}))
        move(session, assignment, ASSIGNMENT, "accept", actor=reviewer, at=at)
    _answer(session, assignment, at=at, cleared=True)


def uphold(
    session: Session, assignment: Assignment, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Decide, as head of office, that the reviewer must abstain: recused."""
    _decide(session, assignment, "abstain", reason, actor=actor, at=at)
    recuse(session, assignment, actor=actor, at=at)
    _answer(session, assignment, at=at, cleared=False)


def _decide(
    session: Session,
    assignment: Assignment,
    verb: str,
    reason: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    if not reason.strip():
        raise InvalidError(lazy("Say why."), field="reason")
    if actor.user_id == assignment.user_id:
        raise NotYoursError(lazy("Another person must decide on your own declaration."))
    if not actor.holds(Role.SIGNING_MANAGER):
        raise NotYoursError(lazy("Your role does not allow this step."))
    lock(session, Window, assignment.proposal.window_id)
    lock(session, Assignment, assignment.id)
    conflict = assignment.conflict
    move(session, conflict, CONFLICT, verb, actor=actor, at=at, reason=reason.strip())
    conflict.decided_by = actor.user_id
    conflict.decided_at = at
    conflict.decision = reason.strip()


def _ask(session: Session, assignment: Assignment, head: User, *, at: datetime) -> None:
    mail.write(
        session,
        "review_conflict",
        to=head.email,
        language=head.language,
        key=f"review-conflict:{assignment.id}:{head.id}:{at.isoformat()}",
        at=at,
        about=("assignment", assignment.id),
        name=head.name,
        reviewer=assignment.reviewer.name,
        proposal=assignment.proposal,
        url=f"{services().settings.base_url}/manage/conflicts",
    )


def _answer(session: Session, assignment: Assignment, *, at: datetime, cleared: bool) -> None:
    reviewer = assignment.reviewer
    mail.write(
        session,
        "review_decided",
        to=reviewer.email,
        language=reviewer.language,
        key=f"review-decided:{assignment.id}:{at.isoformat()}",
        at=at,
        about=("assignment", assignment.id),
        name=reviewer.name,
        proposal=assignment.proposal,
        cleared=cleared,
        reason=assignment.conflict.decision,
        url=f"{services().settings.base_url}/reviews/{assignment.id}",
    )
