"""Drafting: start, save a page, keep documents, discard, start a replacement."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.calls.models import Call, CallEdition
from quartieri.calls.rules import CallState
from quartieri.db import lock
from quartieri.files.models import StoredFile
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.people.models import Organisation, User
from quartieri.proposals.actions.editions import carry_over
from quartieri.proposals.actions.parts import put
from quartieri.proposals.models import (
    Attachment,
    BudgetLine,
    Partner,
    Proposal,
    TeamMember,
)
from quartieri.proposals.queries import deadline_window, part_now
from quartieri.proposals.rules import PROPOSAL, Part, ProposalState, mark_of

MOST_ATTACHMENTS = 10
NOT_A_DRAFT = lazy("The application has been submitted: it can no longer be changed.")


def latest_edition(session: Session, call: Call) -> CallEdition:
    """Give the call's last published edition; raise IllegalMoveError if there is none."""
    edition = session.scalars(
        sa.select(CallEdition)
        .where(CallEdition.call_id == call.id)
        .order_by(CallEdition.number.desc())
    ).first()
    if edition is None or call.state is not CallState.PUBLISHED:
        raise IllegalMoveError(lazy("This call does not take applications now."))
    return edition


def start(
    session: Session,
    call: Call,
    *,
    owner: User,
    organisation: Organisation,
    actor: Actor,
    at: datetime,
) -> Proposal:
    """Start a draft; a draft may begin before the window opens, never when none is to come.

    Raises IllegalMoveError (no window), InvalidError (kind of applicant), NotYoursError.
    """
    edition = latest_edition(session, call)
    if organisation.owner_id != owner.id:
        raise NotYoursError(lazy("This organisation was entered by another person."))
    kinds = edition.design.eligibility.kinds
    if kinds and organisation.kind not in kinds:
        raise InvalidError(
            lazy(
                "This call is not open to this kind of applicant: %(kind)s.",
                kind=organisation.kind,
            ),
            field="organisation",
        )
    if deadline_window(session, call.id, at) is None:
        raise IllegalMoveError(lazy("The time for applying to this call is over."))
    proposal = Proposal(
        slug=f"draft-{secrets.token_hex(12)}",
        call_id=call.id,
        edition_id=edition.id,
        owner_id=owner.id,
        organisation_id=organisation.id,
        state=ProposalState.DRAFT,
        answers={},
        declarations={},
        created_at=at,
        saved_at=at,
    )
    if edition.design.eligibility.alliance:
        proposal.partners = [_lead(organisation)]
    session.add(proposal)
    session.flush()
    record(
        session,
        "start",
        "proposal",
        proposal.id,
        actor=actor,
        at=at,
        after={"state": ProposalState.DRAFT.value, "organisation": organisation.id},
    )
    return proposal


def _lead(organisation: Organisation) -> Partner:
    return Partner(
        position=0,
        name=organisation.name,
        kind=organisation.kind,
        tax_code=organisation.tax_code or "",
        lead=True,
    )


def _editable(session: Session, proposal: Proposal) -> Proposal:
    kept = lock(session, Proposal, proposal.id)
    if kept.state is not ProposalState.DRAFT:
        raise IllegalMoveError(NOT_A_DRAFT)
    return kept


def save(
    session: Session,
    proposal: Proposal,
    *parts: Part,
    seen: str | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Save pages of a draft; incomplete ones are welcome, and answers of any kind.

    ``seen`` is the mark (``mark_of``) of the page as it was when the form was opened; if another
    tab changed that page since, ConflictError. A title or summary that no column can hold is
    refused (InvalidError), and so is a ``PlacePart`` with an area that the call leaves out.
    """
    proposal = _editable(session, proposal)
    for part in parts:
        if seen is not None and mark_of(part_now(session, proposal, part)) != seen:
            raise ConflictError(
                lazy(
                    "This page was saved in another window meanwhile. Your words are kept below,"
                    " beside the saved ones: save again to keep yours."
                )
            )
        money = (proposal.cost_cents, proposal.own_cents, _asked(proposal))
        put(session, proposal, part)
        after = (proposal.cost_cents, proposal.own_cents, _asked(proposal))
        if money != after:
            names = ("cost_cents", "own_cents", "asked_cents")
            record(
                session,
                "save",
                "proposal",
                proposal.id,
                actor=actor,
                at=at,
                before=dict(zip(names, money, strict=True)),
                after=dict(zip(names, after, strict=True)),
            )
    proposal.version += 1
    proposal.saved_at = at
    session.flush()


def _asked(proposal: Proposal) -> int:
    return proposal.requested_cents or proposal.crowd_cents


def attach(
    session: Session,
    proposal: Proposal,
    file: StoredFile,
    *,
    title: str,
    at: datetime,
    question: str = "",
) -> Attachment:
    """Add a kept file to a draft: at most ten documents, and ten files to each question."""
    proposal = _editable(session, proposal)
    if sum(a.question == question for a in proposal.attachments) >= MOST_ATTACHMENTS:
        raise InvalidError(
            lazy("An application has at most %(most)s documents.", most=MOST_ATTACHMENTS),
            field=f"q_{question}" if question else "file",
        )
    attachment = Attachment(file_id=file.id, title=title.strip() or file.name, question=question)
    proposal.attachments.append(attachment)
    proposal.version += 1
    proposal.saved_at = at
    session.flush()
    return attachment


def detach(session: Session, attachment: Attachment, proposal: Proposal, *, at: datetime) -> None:
    """Take a document off a draft."""
    proposal = _editable(session, proposal)
    proposal.attachments.remove(attachment)
    proposal.version += 1
    proposal.saved_at = at
    session.flush()


def discard(session: Session, proposal: Proposal, *, actor: Actor, at: datetime) -> None:
    """Throw a draft away: nobody will read it."""
    proposal = lock(session, Proposal, proposal.id)
    move(session, proposal, PROPOSAL, "discard", actor=actor, at=at)


def reopen(session: Session, proposal: Proposal, *, actor: Actor, at: datetime) -> Proposal:
    """Start a copy of a submitted application that replaces it once it is submitted itself.

    Until then the submitted one stands. A copy that exists already is given back. Raises
    IllegalMoveError when the application is being checked, or its window's deadline has passed.
    """
    proposal = lock(session, Proposal, proposal.id)
    if proposal.state is not ProposalState.SUBMITTED or (
        proposal.window is None or at > proposal.window.closes_at
    ):
        raise IllegalMoveError(
            lazy("An application can be replaced only until the deadline of its session.")
        )
    found = session.scalars(
        sa.select(Proposal).where(
            Proposal.replaces_id == proposal.id, Proposal.state == ProposalState.DRAFT
        )
    ).first()
    if found is not None:
        return found
    copy = Proposal(
        slug=f"draft-{secrets.token_hex(12)}",
        call_id=proposal.call_id,
        edition_id=proposal.edition_id,
        owner_id=proposal.owner_id,
        organisation_id=proposal.organisation_id,
        state=ProposalState.DRAFT,
        title=proposal.title,
        summary=proposal.summary,
        answers=dict(proposal.answers),
        place=proposal.place,
        area_id=proposal.area_id,
        months=proposal.months,
        cost_cents=proposal.cost_cents,
        own_cents=proposal.own_cents,
        requested_cents=proposal.requested_cents,
        crowd_cents=proposal.crowd_cents,
        declarations={},
        created_at=at,
        saved_at=at,
        replaces_id=proposal.id,
        partners=[
            Partner(
                position=p.position,
                name=p.name,
                kind=p.kind,
                tax_code=p.tax_code,
                role=p.role,
                lead=p.lead,
            )
            for p in proposal.partners
        ],
        members=[
            TeamMember(position=m.position, name=m.name, role=m.role) for m in proposal.members
        ],
        budget=[
            BudgetLine(
                position=b.position,
                description=b.description,
                amount_cents=b.amount_cents,
                category=b.category,
            )
            for b in proposal.budget
        ],
        attachments=[
            Attachment(file_id=a.file_id, title=a.title, question=a.question)
            for a in proposal.attachments
        ],
    )
    session.add(copy)
    session.flush()
    record(
        session,
        "start",
        "proposal",
        copy.id,
        actor=actor,
        at=at,
        after={"state": ProposalState.DRAFT.value, "replaces": proposal.id},
    )
    carry_over(session, copy, latest_edition(session, proposal.call), actor=actor, at=at)
    return copy
