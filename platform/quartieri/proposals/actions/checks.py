"""The admissibility check: requirements, admission, exclusion, integration requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.calls.actions.sessions import pause_term, resume_term
from quartieri.db import check_version, lock
from quartieri.files.models import StoredFile
from quartieri.kit.clock import end_of_day, in_rome, is_late
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy, until
from quartieri.people.rules import refuse_excluded
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.actions.submission import register
from quartieri.proposals.actions.unlocking import Unlocked, unlock
from quartieri.proposals.models import (
    AdmissibilityCheck,
    IntegrationRequest,
    Proposal,
    ProtocolEntry,
)
from quartieri.proposals.queries import checks_of, open_integration
from quartieri.proposals.rules import (
    INTEGRATION,
    PROPOSAL,
    REFUSAL_DAYS,
    CheckOutcome,
    IntegrationKind,
    IntegrationState,
    ProposalState,
)

ON_THE_WAY = timedelta(minutes=10)
"""An answer that came in before its deadline may still be on its way through the application."""

Outcomes = Mapping[str, tuple[CheckOutcome, str]]
"""What is said of each requirement: outcome and note, by the requirement's code."""


def _mine_to_check(session: Session, proposal: Proposal, actor: Actor) -> Proposal:
    """Lock an application and refuse whoever takes part in it (NotYoursError)."""
    refuse_excluded("proposal", "check", actor.user_id, {"apply": proposal.owner_id})
    return lock(session, Proposal, proposal.id)


def start_check(session: Session, proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    """Take one application into the check (all of a window at once: ``start_checking``)."""
    proposal = _mine_to_check(session, proposal, actor)
    move(session, proposal, PROPOSAL, "start_check", actor=actor, at=at)


def record_check(
    session: Session,
    proposal: Proposal,
    outcomes: Outcomes,
    *,
    version: int | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Keep what the officer says of the requirements; what is not named stays as it was.

    Raises ConflictError when somebody saved since ``version``, InvalidError for a requirement
    that the call does not have, or for "not met" and "to be clarified" without a note.
    """
    proposal = _mine_to_check(session, proposal, actor)
    if proposal.state is not ProposalState.IN_CHECK:
        raise IllegalMoveError(lazy("The checklist is open only during the admissibility check."))
    if version is not None:
        check_version(proposal.version, version)
    codes = [r.code for r in proposal.edition.design.checklist]
    known = checks_of(session, proposal.id)
    for code, (outcome, note) in outcomes.items():
        if code not in codes:
            raise InvalidError(lazy("The call has no such requirement: %(code)s.", code=code))
        if outcome is not CheckOutcome.MET and not note.strip():
            raise InvalidError(
                lazy("Write in a note what is missing or unclear."), field=f"note_{code}"
            )
        before = known.get(code)
        if before is not None and (before.outcome, before.note) == (outcome, note):
            continue
        row = before or AdmissibilityCheck(proposal_id=proposal.id, requirement=code)
        _keep_check(session, row, outcome, note, actor=actor, at=at)
    proposal.version += 1
    session.flush()


def _keep_check(
    session: Session,
    row: AdmissibilityCheck,
    outcome: CheckOutcome,
    note: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    code = row.requirement
    old = {"outcome": row.outcome.value, "note": row.note} if row.id else {}
    session.add(row)
    row.outcome, row.note = outcome, note
    row.checked_by, row.checked_at = actor.user_id, at
    record(
        session,
        "check",
        "proposal",
        row.proposal_id,
        actor=actor,
        at=at,
        before={"requirement": code, **old} if old else {},
        after={"requirement": code, "outcome": outcome.value, "note": note},
    )


def admit(session: Session, proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    """Admit an application; refused unless every requirement is marked as met."""
    proposal = _mine_to_check(session, proposal, actor)
    said = checks_of(session, proposal.id)
    unmet = sum(
        r.code not in said or said[r.code].outcome is not CheckOutcome.MET
        for r in proposal.edition.design.checklist
    )
    move(session, proposal, PROPOSAL, "admit", actor=actor, at=at, unmet=unmet)
    tell(session, proposal, "admitted", occasion=proposal.version, at=at)


def exclude(
    session: Session, proposal: Proposal, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Exclude an application with the reason, which the applicant reads in a letter.

    Only during its check: later money may be bound to it, and an act decides. A call that gives
    notice before a refusal excludes only once that was answered, or its days are over.
    """
    proposal = _mine_to_check(session, proposal, actor)
    if proposal.state is not ProposalState.IN_CHECK:
        raise IllegalMoveError(
            lazy(
                "Only an application that is being checked is excluded here; later it takes an act."
            )
        )
    if not reason.strip():
        raise InvalidError(lazy("Write the reason: the applicant will read it."), field="reason")
    if proposal.edition.design.money.refusal_notice and not _was_notified(proposal):
        raise IllegalMoveError(
            lazy(
                "This call gives notice before a refusal (preavviso di rigetto): send it first;"
                " the applicant has %(days)s days to answer.",
                days=REFUSAL_DAYS,
            )
        )
    move(session, proposal, PROPOSAL, "exclude", actor=actor, at=at, reason=reason.strip())
    tell(session, proposal, "excluded", occasion=proposal.version, at=at, reason=reason.strip())


def _was_notified(proposal: Proposal) -> bool:
    over = {IntegrationState.ANSWERED, IntegrationState.LAPSED}
    return any(r.is_notice and r.state in over for r in proposal.integrations)


def notify_refusal(
    session: Session, proposal: Proposal, *, reasons: str, actor: Actor, at: datetime
) -> IntegrationRequest:
    """Give notice of a refusal with its reasons (preavviso di rigetto, art. 10-bis L. 241/1990).

    Only where the call has it; the applicant may answer within ten days, then the check goes on.
    """
    proposal = _mine_to_check(session, proposal, actor)
    if not reasons.strip():
        raise InvalidError(lazy("Write the reason: the applicant will read it."), field="reasons")
    in_call = proposal.edition.design.money.refusal_notice
    move(session, proposal, PROPOSAL, "notify_refusal", actor=actor, at=at, in_call=in_call)
    due_at = end_of_day(in_rome(at).date() + timedelta(days=REFUSAL_DAYS))
    kind = IntegrationKind.REFUSAL_NOTICE
    return _ask(session, proposal, kind, reasons, due_at, actor=actor, at=at)


def request_integration(
    session: Session,
    proposal: Proposal,
    *,
    items: str,
    due_at: datetime,
    actor: Actor,
    at: datetime,
) -> IntegrationRequest:
    """Ask the applicant for what is missing (soccorso istruttorio, art. 6 L. 241/1990)."""
    proposal = _mine_to_check(session, proposal, actor)
    if not items.strip():
        raise InvalidError(lazy("Write what is missing."), field="items")
    if due_at <= at:
        raise InvalidError(lazy("The deadline must be in the future."), field="due")
    move(session, proposal, PROPOSAL, "request_integration", actor=actor, at=at)
    return _ask(session, proposal, IntegrationKind.INTEGRATION, items, due_at, actor=actor, at=at)


def _ask(
    session: Session,
    proposal: Proposal,
    kind: IntegrationKind,
    items: str,
    due_at: datetime,
    *,
    actor: Actor,
    at: datetime,
) -> IntegrationRequest:
    request = IntegrationRequest(
        proposal_id=proposal.id,
        kind=kind,
        items=items.strip(),
        due_at=due_at,
        requested_by=actor.user_id,
        requested_at=at,
    )
    session.add(request)
    session.flush()
    pause_term(session, proposal.window_id, f"integration:{request.id}", at=at)
    record(
        session,
        "request",
        "integration_request",
        request.id,
        actor=actor,
        at=at,
        after={
            "state": IntegrationState.REQUESTED.value,
            "kind": kind.value,
            "due_at": due_at.isoformat(),
        },
    )
    session.expire(proposal, ["integrations"])
    tell(
        session,
        proposal,
        kind.value,
        occasion=request.id,
        at=at,
        items=request.items,
        due_at=due_at,
    )
    return request


def answer_integration(
    session: Session,
    request: IntegrationRequest,
    *,
    text: str,
    file: StoredFile | None = None,
    unlocked: Unlocked | None = None,
    received_at: datetime,
    actor: Actor,
    at: datetime,
) -> ProtocolEntry:
    """Answer an integration request in time; the answer gets a snapshot and a protocol number.

    ``unlocked``: questions of the form answered anew, where the call unlocks them. What counts is
    when the request came in; the deadline is inclusive. Raises IllegalMoveError when it was late
    or the request is closed, InvalidError when nothing was written or an answer is not complete.
    """
    proposal = lock(session, Proposal, request.proposal_id)
    request = lock(session, IntegrationRequest, request.id)
    lawful = INTEGRATION.find("answer", request.state)
    if is_late(received_at, request.due_at):
        raise IllegalMoveError(
            lazy("The time for this answer ended on %(day)s.", day=until(request.due_at))
        )
    changed = not request.is_notice and unlocked is not None and unlock(session, proposal, unlocked)
    if not text.strip() and file is None and not changed:
        raise InvalidError(lazy("Write an answer or add a document."), field="text")
    move(session, request, INTEGRATION, lawful.verb, actor=actor, at=at)
    request.answer = text.strip()
    request.answer_file = file
    request.answered_at = received_at
    move(session, proposal, PROPOSAL, "resume_check", actor=actor, at=at, integration=request.id)
    resume_term(session, f"integration:{request.id}", at=received_at)
    session.flush()
    session.expire(proposal, ["integrations"])
    entry = register(session, proposal, received_at=received_at, actor=actor, at=at)
    tell(
        session,
        proposal,
        "integration_answered",
        occasion=request.id,
        at=at,
        answer_number=entry.shown,
        received_at=received_at,
    )
    return entry


def lapse_integration(session: Session, request_id: int, *, at: datetime) -> bool:
    """Let an unanswered request lapse once its deadline is past; tell whether it did.

    Waits ten minutes more, so that an answer which came in time but slowly is not lost.
    """
    request = session.get_one(IntegrationRequest, request_id)
    proposal = lock(session, Proposal, request.proposal_id)
    request = lock(session, IntegrationRequest, request_id)
    waiting = request.state is IntegrationState.REQUESTED
    if not waiting or not is_late(at, request.due_at + ON_THE_WAY):
        return False
    move(session, request, INTEGRATION, "lapse", actor=SYSTEM, at=at)
    move(session, proposal, PROPOSAL, "resume_check", actor=SYSTEM, at=at, integration=request.id)
    resume_term(session, f"integration:{request.id}", at=request.due_at)
    tell(session, proposal, "integration_lapsed", occasion=request.id, at=at, due_at=request.due_at)
    return True


def cancel_integration(
    session: Session, proposal: Proposal, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Take an integration request back (asked by mistake); the check goes on."""
    proposal = _mine_to_check(session, proposal, actor)
    request = open_integration(session, proposal.id)
    if request is None:
        raise IllegalMoveError(lazy("No integration request is open."))
    move(session, request, INTEGRATION, "cancel", actor=actor, at=at, reason=reason)
    move(
        session,
        proposal,
        PROPOSAL,
        "resume_check",
        actor=actor,
        at=at,
        integration=request.id,
    )
    resume_term(session, f"integration:{request.id}", at=at)
