"""Answering anew, in an integration, the questions that the call unlocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from quartieri.files.models import StoredFile
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import InvalidError
from quartieri.proposals.actions.parts import put
from quartieri.proposals.models import Attachment, Proposal
from quartieri.proposals.queries import draft_of
from quartieri.proposals.rules import AnswersPart, answers_of, problems, unlocked_questions


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What was answered anew: values by question, files added by question, documents taken off."""

    answers: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, StoredFile], ...] = ()
    removed: frozenset[int] = frozenset()


def unlock(session: Session, proposal: Proposal, given: Unlocked) -> bool:
    """Write the new answers; tell whether anything changed.

    What the call does not unlock is left aside. Raises InvalidError at the question whose new
    answer is not complete. The earlier answers stay in the earlier snapshot.
    """
    design = proposal.edition.design
    keys = {q.key for q in unlocked_questions(draft_of(session, proposal), design.form)}
    before = answers_of(draft_of(session, proposal), design.form)
    put(session, proposal, AnswersPart({k: v for k, v in given.answers.items() if k in keys}))
    for attachment in list(proposal.attachments):
        if attachment.id in given.removed and attachment.question in keys:
            proposal.attachments.remove(attachment)
    for key, stored in given.files:
        if key in keys:
            proposal.attachments.append(
                Attachment(file_id=stored.id, title=stored.name, question=key)
            )
    session.flush()
    session.expire(proposal, ["attachments"])
    draft = draft_of(session, proposal)
    received = proposal.received_at or proposal.saved_at
    for problem in problems(draft, design, today=in_rome(received).date()):
        if problem.field in keys:
            raise InvalidError(problem.message, field=f"q_{problem.field}")
    return bool(given.files or given.removed) or before != answers_of(draft, design.form)
