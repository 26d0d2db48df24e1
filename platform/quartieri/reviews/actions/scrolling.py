"""Going down the list (scorrimento): fund the next by act, offer it what is left, take its answer.

Money that comes free (a project that is renounced, a campaign that fails, more endowment) goes down
the list in its order. What is offered is reserved at once, so that nobody else is promised it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.moves import move
from quartieri.audit.rules import SYSTEM, Actor, Role
from quartieri.calls.funding import reserved_at_ranking
from quartieri.calls.models import Window
from quartieri.campaigns import actions as campaigns
from quartieri.db import get, lock
from quartieri.grants import actions as grants
from quartieri.grants.queries import live_grant
from quartieri.kit.clock import is_late
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy, until
from quartieri.kit.money import Money
from quartieri.proposals import actions as proposals
from quartieri.proposals.actions.letters import tell
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState
from quartieri.reviews.actions.rankings import refuse_standing_still
from quartieri.reviews.models import ListAct
from quartieri.reviews.queries.waiting import Waiting, WaitingList, open_offer, waiting_list
from quartieri.reviews.rules import ListAnswer

ON_THE_WAY = timedelta(minutes=10)
"""An answer that came in before its last instant may still be on its way."""
_CLOSED = lazy("There is no open offer for this application.")


def scroll(
    session: Session, proposal: Proposal, data: ActData, *, actor: Actor, at: datetime
) -> ListAct:
    """Fund the next on the list by act, whole, or with what is left where the call says so.

    Raises IllegalMoveError when it is not its turn or the money does not reach it.
    Locks: window, proposal, then those of the money.
    """
    found, line, proposal = _turn(session, proposal, actor, at)
    if line.gives_cents is None:
        raise IllegalMoveError(
            lazy("It is not the turn of this application, or the money left does not reach it.")
        )
    done = _record(session, found, line, data, cents=line.gives_cents, actor=actor, at=at)
    move(session, proposal, PROPOSAL, "scroll", actor=actor, at=at, act=done.act_id)
    _bind(session, line, done, actor=actor, at=at)
    tell(session, proposal, "scrolled", occasion=done.id, at=at, **_facts(proposal, done))
    return done


def offer(
    session: Session,
    proposal: Proposal,
    data: ActData,
    *,
    cents: int,
    due_at: datetime,
    actor: Actor,
    at: datetime,
) -> ListAct:
    """Offer what is left to the next on the list by act, if it re-scopes; ``due_at`` inclusive.

    Raises IllegalMoveError when nothing can be offered to it, InvalidError for a sum that is not
    left or a time that is past.
    """
    found, line, proposal = _turn(session, proposal, actor, at)
    if line.offer_cents is None:
        raise IllegalMoveError(
            lazy("Nothing can be offered to this application: it is not its turn, or no rest fits.")
        )
    if not 0 < cents <= line.offer_cents:
        raise InvalidError(
            lazy("Between one cent and %(left)s can be offered.", left=Money(line.offer_cents)),
            field="amount",
        )
    if due_at <= at:
        raise InvalidError(lazy("This day has passed."), field="due")
    done = _record(session, found, line, data, cents=cents, due_at=due_at, actor=actor, at=at)
    move(session, proposal, PROPOSAL, "offer", actor=actor, at=at, act=done.act_id, offered=cents)
    _reserve(session, line, done, actor=actor, at=at)
    tell(session, proposal, "offer", occasion=done.id, at=at, **_facts(proposal, done))
    return done


def accept_offer(
    session: Session,
    proposal: Proposal,
    answers: Mapping[str, Any],
    *,
    received_at: datetime,
    actor: Actor,
    at: datetime,
) -> None:
    """Accept an offer with cost and sources written anew; what the new cost leaves is released.

    Raises InvalidError at the question that breaks a rule of the call, or when the grant for the
    new cost is above what is offered; IllegalMoveError when it is too late.
    """
    proposal, made = _answered(session, proposal, received_at)
    entry = proposals.rescope(
        session, proposal, answers, received_at=received_at, actor=actor, at=at
    )
    design = proposal.edition.design
    rule = design.money.rule
    if rule is None:
        raise IllegalMoveError(_CLOSED)
    wanted = reserved_at_ranking(rule, proposal.cost_cents, proposal.requested_cents)
    if wanted > made.cents:
        raise InvalidError(
            lazy(
                "With this budget the grant would be %(wanted)s, but %(offered)s are offered:"
                " lower the cost, or ask for less.",
                wanted=Money(wanted),
                offered=Money(made.cents),
            )
        )
    _end(made, ListAnswer.ACCEPTED, received_at)
    move(
        session,
        proposal,
        PROPOSAL,
        "accept_offer",
        actor=actor,
        at=at,
        act=made.act_id,
        protocol=entry.shown,
    )
    grant = live_grant(session, proposal.id)
    if grant is None:
        raise IllegalMoveError(_CLOSED)
    if design.has_campaigns:
        key = f"list:{made.id}:rescoped"
        grants.adjust(session, grant, cents=wanted, key=key, actor=SYSTEM, at=at)
        campaigns.open_draft(session, proposal, actor=SYSTEM, at=at)
    else:
        grants.propose(session, grant, computed_cents=wanted, actor=SYSTEM, at=at)
    tell(session, proposal, "scrolled", occasion=made.id, at=at, **_facts(proposal, made))


def refuse_offer(
    session: Session,
    proposal: Proposal,
    *,
    reason: str,
    received_at: datetime,
    actor: Actor,
) -> None:
    """Refuse an offer: the project is passed over, and what was reserved for it is free."""
    proposal, made = _answered(session, proposal, received_at)
    made.reason = reason.strip()
    pass_over(session, proposal, made, ListAnswer.REFUSED, at=received_at, actor=actor)


def lapse_offer(session: Session, made_id: int, *, at: datetime) -> bool:
    """Let an unanswered offer lapse; tell whether it did. Waits ten minutes for slow answers."""
    proposal = lock(session, Proposal, get(session, ListAct, made_id).proposal_id)
    made = lock(session, ListAct, made_id)
    if made.answer is not None or made.due_at is None or not is_late(at, made.due_at + ON_THE_WAY):
        return False
    pass_over(session, proposal, made, ListAnswer.LAPSED, at=at, actor=SYSTEM)
    return True


def pass_over(
    session: Session,
    proposal: Proposal,
    made: ListAct,
    answer: ListAnswer,
    *,
    at: datetime,
    actor: Actor,
    reason: str = "",
) -> None:
    """End an open offer without a grant: what was reserved goes back; the applicant is told."""
    _end(made, answer, at)
    why = reason or made.reason
    move(session, proposal, PROPOSAL, "pass_over", actor=actor, at=at, reason=why, act=made.act_id)
    grant = live_grant(session, proposal.id)
    if grant is not None:
        grants.release(session, grant, reason=f"offer {answer.value}", actor=actor, at=at)
    facts = _facts(proposal, made) | {"lapsed": answer is ListAnswer.LAPSED}
    tell(session, proposal, "passed_over", occasion=made.id, at=at, **facts)


def _turn(
    session: Session, proposal: Proposal, actor: Actor, at: datetime
) -> tuple[WaitingList, Waiting, Proposal]:
    """Lock an application that waits, and give its line on the list."""
    if not actor.holds(Role.CALL_MANAGER, Role.SYSTEM):
        raise NotYoursError(lazy("Your role does not allow this step."))
    window = lock(session, Window, proposal.window_id)
    refuse_standing_still(window)
    proposal = lock(session, Proposal, proposal.id)
    found = waiting_list(session, window)
    over = found.over(at) if found is not None else None
    if over is not None:
        raise IllegalMoveError(over)
    line = found.of(proposal.id) if found is not None else None
    if found is None or line is None or proposal.state is not ProposalState.WAITING:
        raise IllegalMoveError(lazy("This application does not wait on a list in force."))
    return found, line, proposal


def _record(
    session: Session,
    found: WaitingList,
    line: Waiting,
    data: ActData,
    *,
    cents: int,
    due_at: datetime | None = None,
    actor: Actor,
    at: datetime,
) -> ListAct:
    authority_id = line.proposal.call.authority_id
    act = record_act(session, authority_id, ActKind.SCROLLING, data, actor=actor, at=at)
    done = ListAct(
        ranking_id=found.ranking.id,
        proposal_id=line.proposal.id,
        act_id=act.id,
        cents=cents,
        due_at=due_at,
        at=at,
    )
    session.add(done)
    session.flush()
    return done


def _reserve(session: Session, line: Waiting, done: ListAct, *, actor: Actor, at: datetime) -> None:
    proposal = line.proposal
    pool_id = proposal.call.pool_id
    if pool_id is None:
        raise InvalidError(lazy("The call has no endowment."))
    grants.reserve(
        session,
        proposal,
        pool_id=pool_id,
        cents=done.cents,
        key=f"list:{done.id}:proposal:{proposal.id}",
        list_code=line.entry.detail.get("list_code") or "",
        quota_code=line.quota,
        actor=actor,
        at=at,
    )


def _bind(session: Session, line: Waiting, done: ListAct, *, actor: Actor, at: datetime) -> None:
    proposal = line.proposal
    _reserve(session, line, done, actor=actor, at=at)
    grant = live_grant(session, proposal.id)
    if proposal.edition.design.has_campaigns:
        campaigns.open_draft(session, proposal, actor=actor, at=at)
    elif grant is not None:
        grants.propose(session, grant, computed_cents=done.cents, actor=actor, at=at)


def _answered(
    session: Session, proposal: Proposal, received_at: datetime
) -> tuple[Proposal, ListAct]:
    """Lock an application and its open offer, which is answered in time."""
    lock(session, Window, proposal.window_id)
    proposal = lock(session, Proposal, proposal.id)
    made = open_offer(session, proposal.id)
    if made is None or made.due_at is None:
        raise IllegalMoveError(_CLOSED)
    made = lock(session, ListAct, made.id)
    if made.answer is not None:
        raise IllegalMoveError(_CLOSED)
    if made.due_at is not None and is_late(received_at, made.due_at):
        raise IllegalMoveError(
            lazy("The time for this answer ended on %(day)s.", day=until(made.due_at))
        )
    return proposal, made


def _end(made: ListAct, answer: ListAnswer, at: datetime) -> None:
    made.answer, made.answered_at = answer, at


def _facts(proposal: Proposal, done: ListAct) -> dict[str, Any]:
    design = proposal.edition.design
    return {
        "act": done.act,
        "amount": Money(done.cents),
        "due_at": done.due_at,
        "accepted": done.answer is ListAnswer.ACCEPTED,
        "campaigns": design.has_campaigns,
        "no_money": design.money.no_money,
    }
