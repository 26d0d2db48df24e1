"""What everyone may see: selected projects, never an application that was not selected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.design import Question
from quartieri.calls.models import CallEdition
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy
from quartieri.proposals.models import Proposal, Snapshot
from quartieri.proposals.rules import PUBLIC_STATES, ProposalState

PAGE = 24


def project(session: Session, slug: str) -> Proposal:
    """Give a project that was selected, by its address; raise NotFoundError for any other."""
    found = session.scalars(
        sa.select(Proposal)
        .where(Proposal.slug == slug, Proposal.state.in_(PUBLIC_STATES))
        .options(
            joinedload(Proposal.call),
            joinedload(Proposal.edition),
            joinedload(Proposal.organisation),
            joinedload(Proposal.area),
            joinedload(Proposal.window),
        )
    ).first()
    if found is None:
        raise NotFoundError(lazy("There is nothing at this address."))
    return found


def public_projects(
    session: Session,
    *,
    authority_id: int | None = None,
    call_id: int | None = None,
    area_id: int | None = None,
    states: frozenset[ProposalState] = PUBLIC_STATES,
    page: int = 1,
    size: int = PAGE,
) -> tuple[list[Proposal], int]:
    """List selected projects, the newest first, and say how many there are in all."""
    where: list[sa.ColumnElement[bool]] = [Proposal.state.in_(states & PUBLIC_STATES)]
    if call_id is not None:
        where.append(Proposal.call_id == call_id)
    if area_id is not None:
        where.append(Proposal.area_id == area_id)
    if authority_id is not None:
        where.append(Proposal.call.has(authority_id=authority_id))
    total = session.scalar(sa.select(sa.func.count(Proposal.id)).where(*where)) or 0
    rows = session.scalars(
        sa.select(Proposal)
        .where(*where)
        .options(
            joinedload(Proposal.call),
            joinedload(Proposal.organisation),
            joinedload(Proposal.area),
        )
        .order_by(Proposal.received_at.desc(), Proposal.id.desc())
        .offset((max(page, 1) - 1) * size)
        .limit(size)
    )
    return list(rows), total


def public_answers(session: Session, proposal_id: int) -> list[tuple[Question, Any]]:
    """List what everyone may read of a selected project's application: question and answer.

    Only what the call marked as public, never personal data nor files, as it was last submitted;
    place, people, cost and sources have places of their own on the page.
    """
    found = session.execute(
        sa.select(Snapshot.content, CallEdition)
        .join(Proposal, Proposal.id == Snapshot.proposal_id)
        .join(CallEdition, CallEdition.id == Proposal.edition_id)
        .where(Snapshot.proposal_id == proposal_id, Proposal.state.in_(PUBLIC_STATES))
        .order_by(Snapshot.number.desc())
        .limit(1)
    ).first()
    if found is None:
        return []
    return open_answers(found.content, found.CallEdition)


def open_answers(content: Mapping[str, Any], edition: CallEdition) -> list[tuple[Question, Any]]:
    """List the public answers of a submitted application's content, by its edition's form."""
    answers = content.get("answers", {})
    open_ones = (q for q in edition.design.form.questions if q.public and not q.personal)
    return [(q, answers[q.key]) for q in open_ones if q.key in answers and not q.kind.single]
