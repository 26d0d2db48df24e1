"""Submission: the window, the snapshot, the protocol number; and withdrawal."""

from __future__ import annotations

import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.db import insertion, lock
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import ConflictError, IllegalMoveError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.slugs import slug_of
from quartieri.proposals.actions.drafts import NOT_A_DRAFT, latest_edition
from quartieri.proposals.actions.editions import carry_over
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.actions.limits import refuse_too_many
from quartieri.proposals.models import Proposal, ProtocolCounter, ProtocolEntry, Snapshot
from quartieri.proposals.queries import (
    draft_of,
    next_window,
    open_integration,
    snapshot_content,
    window_for,
)
from quartieri.proposals.rules import (
    INTEGRATION,
    PROPOSAL,
    WITHDRAWABLE_STATES,
    IncompleteError,
    ProposalState,
    canonical,
    plan,
    problems,
)

SUBMISSION = 1


def submit(
    session: Session,
    proposal: Proposal,
    *,
    received_at: datetime,
    actor: Actor,
    at: datetime,
    version: int | None = None,
) -> ProtocolEntry:
    """Submit a draft to the window that was open when the request came in; give its number.

    ``version`` is the one that the applicant looked over: a draft changed since is refused
    (ConflictError); the same one sent twice gives the same number. Raises IncompleteError with
    every problem, and IllegalMoveError when no window was open: the draft stays untouched.
    Locks: window, proposals by id, register (drawn last, so that numbers have no gaps).
    """
    window = _locked_window(session, proposal, received_at)
    if proposal.replaces_id is not None:
        lock(session, Proposal, proposal.replaces_id)
    proposal = lock(session, Proposal, proposal.id)
    if proposal.state is ProposalState.SUBMITTED and version in {None, proposal.version}:
        return _entry(session, proposal, SUBMISSION)
    if proposal.state is not ProposalState.DRAFT:
        raise IllegalMoveError(NOT_A_DRAFT)
    if version is not None and version != proposal.version:
        raise ConflictError(
            lazy("The draft was changed after you looked it over. Read it again, then submit it.")
        )
    edition = latest_edition(session, proposal.call)
    if window is None:
        raise IllegalMoveError(_closed(session, proposal, received_at))
    carry_over(session, proposal, edition, actor=SYSTEM, at=at)
    draft = draft_of(session, proposal)
    found = problems(draft, edition.design, today=in_rome(received_at).date())
    if found:
        raise IncompleteError(found)
    _check_replaceable(proposal, window)
    refuse_too_many(session, proposal, window, edition.design.eligibility.applications_most)
    rule = edition.design.money.rule
    proposal.edition_id = edition.id
    proposal.window_id = window.id
    proposal.received_at = received_at
    proposal.requested_cents = plan(rule, proposal.cost_cents, draft.money).grant_cents
    proposal.slug = f"{slug_of(proposal.title, most=90) or 'project'}-{proposal.id}"
    move(session, proposal, PROPOSAL, "submit", actor=actor, at=at, window=window.number)
    if proposal.replaces is not None:
        move(session, proposal.replaces, PROPOSAL, "supersede", actor=actor, at=at, by=proposal.id)
    entry = register(session, proposal, received_at=received_at, actor=actor, at=at)
    session.refresh(proposal, ["protocol", "window"])
    tell(
        session,
        proposal,
        "submitted",
        occasion=entry.revision,
        at=at,
        received_at=received_at,
        replaced=proposal.replaces.protocol_number if proposal.replaces else "",
    )
    return entry


def _locked_window(session: Session, proposal: Proposal, received_at: datetime) -> Window | None:
    """Lock the window that takes the submission; a closing that came first is seen."""
    found = window_for(session, proposal.call_id, received_at)
    if found is None:
        return None
    window = lock(session, Window, found.id)
    open_then = window.opens_at <= received_at <= window.closes_at
    taking = window.state is None or window.state is WindowState.CHECKING
    return window if open_then and taking else None


def _closed(session: Session, proposal: Proposal, received_at: datetime) -> Lazy:
    coming = next_window(session, proposal.call_id, received_at)
    if coming is not None:
        return lazy(
            "No session was open when your application arrived. Your draft is kept whole:"
            " submit it in session %(number)s, which opens on %(day)s.",
            number=coming.number,
            day=coming.opens_at,
        )
    return lazy("The time for applying was over when your application arrived. Your draft is kept.")


def register(
    session: Session, proposal: Proposal, *, received_at: datetime, actor: Actor, at: datetime
) -> ProtocolEntry:
    """Freeze the application under its next revision and draw its protocol number, last of all.

    The register is gapless for each authority and year of the received time in Rome: the counter's
    row stays locked until the transaction ends, and a rollback gives the number back.
    """
    proposal.revision += 1
    session.flush()
    content = snapshot_content(session, proposal)
    session.add(
        Snapshot(
            proposal_id=proposal.id,
            number=proposal.revision,
            content=content,
            sha256=hashlib.sha256(canonical(content).encode()).hexdigest(),
            at=at,
        )
    )
    authority_id = proposal.call.authority_id
    year = in_rome(received_at).year
    session.flush()
    number = _draw(session, authority_id, year)
    entry = ProtocolEntry(
        authority_id=authority_id,
        year=year,
        number=number,
        proposal_id=proposal.id,
        revision=proposal.revision,
        received_at=received_at,
    )
    session.add(entry)
    record(
        session,
        "register",
        "proposal",
        proposal.id,
        actor=actor,
        at=at,
        after={"protocol": f"{year}/{number:06d}", "revision": proposal.revision},
    )
    session.flush()
    return entry


def _draw(session: Session, authority_id: int, year: int) -> int:
    """Raise the counter and give its new value, in one statement that locks its row."""
    statement = (
        insertion(session, ProtocolCounter)
        .values(authority_id=authority_id, year=year, last=1)
        .on_conflict_do_update(
            index_elements=[ProtocolCounter.authority_id, ProtocolCounter.year],
            set_={"last": ProtocolCounter.last + 1},
        )
        .returning(ProtocolCounter.last)
    )
    return session.execute(statement).scalar_one()


def _entry(session: Session, proposal: Proposal, revision: int) -> ProtocolEntry:
    return session.scalars(
        sa.select(ProtocolEntry).where(
            ProtocolEntry.proposal_id == proposal.id, ProtocolEntry.revision == revision
        )
    ).one()


def _check_replaceable(proposal: Proposal, window: Window) -> None:
    old = proposal.replaces
    if old is None:
        return
    if old.state is not ProposalState.SUBMITTED or old.window_id != window.id:
        raise IllegalMoveError(
            lazy(
                "The application %(number)s can no longer be replaced: it stands as it was sent.",
                number=old.protocol_number,
            )
        )


def withdraw(
    session: Session, proposal: Proposal, *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    """Withdraw an application (ritiro); its number is never used again.

    Once the project is selected money is bound to it: then the office releases it, by act.
    """
    proposal = lock(session, Proposal, proposal.id)
    if proposal.state not in WITHDRAWABLE_STATES:
        if proposal.state is ProposalState.WITHDRAWN:
            return
        raise IllegalMoveError(
            lazy("The application cannot be withdrawn here any more: write to the office.")
        )
    request = open_integration(session, proposal.id)
    if request is not None:
        move(session, request, INTEGRATION, "cancel", actor=SYSTEM, at=at, reason="withdrawn")
    move(session, proposal, PROPOSAL, "withdraw", actor=actor, at=at, reason=reason)
    tell(session, proposal, "withdrawn", occasion=1, at=at)
