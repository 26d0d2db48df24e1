"""Re-scoping (rimodulazione): cost and sources of a ranked project written anew, kept whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.audit.rules import Actor
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import InvalidError
from quartieri.proposals.actions.parts import put
from quartieri.proposals.actions.submission import register
from quartieri.proposals.models import Proposal, ProtocolEntry
from quartieri.proposals.queries import draft_of
from quartieri.proposals.rules import AnswersPart, money_questions, plan, problems


def rescope(
    session: Session,
    proposal: Proposal,
    answers: Mapping[str, Any],
    *,
    received_at: datetime,
    actor: Actor,
    at: datetime,
) -> ProtocolEntry:
    """Write cost and sources anew, with a snapshot and a protocol number of their own.

    ``answers`` go by question; any other than those of cost and sources is left aside. The rules of
    the call hold as at the submission: raises InvalidError at the question that breaks one. The
    earlier figures stay in the earlier snapshot. The proposal is locked by the caller.
    """
    design = proposal.edition.design
    keys = [q.key for q in money_questions(draft_of(session, proposal), design.form)]
    given = {k: answers[k] for k in keys if k in answers}
    # the cost comes before its sources, which are looked at against it
    put(session, proposal, AnswersPart(given))
    session.flush()
    session.expire(proposal, ["budget"])
    draft = draft_of(session, proposal)
    submitted = proposal.received_at or proposal.saved_at
    for problem in problems(draft, design, today=in_rome(submitted).date()):
        if problem.field in keys:
            raise InvalidError(problem.message, field=f"q_{problem.field}")
    planned = plan(design.money.rule, proposal.cost_cents, draft.money)
    proposal.requested_cents = planned.grant_cents
    return register(session, proposal, received_at=received_at, actor=actor, at=at)
