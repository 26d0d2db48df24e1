"""Carrying a draft over to a new edition of its call."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.design import QuestionKind
from quartieri.calls.models import CallEdition
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import lazy
from quartieri.proposals.actions.parts import put
from quartieri.proposals.models import Proposal
from quartieri.proposals.queries import draft_of
from quartieri.proposals.rules import (
    CARRIED,
    BudgetPart,
    MoneyPart,
    Part,
    PlacePart,
    ProposalState,
    TeamPart,
    answers_of,
    kept_json,
    migrate,
)

K = QuestionKind


def carry_over(
    session: Session, proposal: Proposal, edition: CallEdition, *, actor: Actor, at: datetime
) -> int:
    """Bring a draft to another edition of its call with every answer; give how many do not fit.

    What has no place in the new form stays readable on the draft's page until it is submitted,
    and never becomes part of the application. Raises IllegalMoveError for what is no draft.
    """
    proposal = lock(session, Proposal, proposal.id)
    if proposal.state is not ProposalState.DRAFT or edition.call_id != proposal.call_id:
        raise IllegalMoveError(lazy("Only a draft follows the changes of its call."))
    if proposal.edition_id == edition.id:
        return 0
    old, new = proposal.edition, edition
    old_form, new_form = old.design.form, new.design.form
    draft = draft_of(session, proposal)
    beside = set(proposal.answers)
    before = proposal.answers.get(CARRIED, {})
    result = migrate(old.design, new.design, answers_of(draft, old_form))
    gone = {q.kind for q in old_form.questions if q.kind.single and not new_form.of_kind(q.kind)}
    renamed = {q.key for q in old_form.questions if q.kind.single and q.key in beside}
    kinds_beside = {old_form.by_key[key].kind for key in renamed}
    answers = {
        key: value
        for key, value in result.answers.items()
        if not new_form.by_key[key].kind.single or new_form.by_key[key].kind in kinds_beside
    }
    for part in _emptied(draft.team, gone):
        put(session, proposal, part)
    proposal.edition = edition
    proposal.answers = {
        **answers,
        CARRIED: {
            "edition": new.number,
            "at": at.isoformat(),
            "kept": [*before.get("kept", ()), *map(kept_json, result.kept)],
            "changed": [q.key for q in result.changed],
        },
    }
    for attachment in proposal.attachments:
        asked = new_form.by_key.get(attachment.question)
        if attachment.question and (asked is None or asked.kind is not K.FILE):
            attachment.question = ""
    proposal.version += 1
    session.flush()
    record(
        session,
        "carry_over",
        "proposal",
        proposal.id,
        actor=actor,
        at=at,
        before={"edition": old.number},
        after={"edition": new.number, "kept_apart": len(result.kept)},
    )
    return len(result.kept)


def _emptied(team: TeamPart, gone: set[QuestionKind]) -> list[Part]:
    """Give the empty parts of what is asked no more: its answer is kept apart."""
    parts: list[Part] = []
    if K.PLACE in gone:
        parts.append(PlacePart())
    if K.BUDGET in gone:
        parts.append(BudgetPart())
    if K.SOURCES in gone:
        parts.append(MoneyPart())
    if gone & {K.MEMBERS, K.PARTNERS}:
        members = () if K.MEMBERS in gone else team.members
        leads = tuple(p for p in team.partners if p.lead)
        parts.append(TeamPart(members, leads if K.PARTNERS in gone else team.partners))
    return parts
