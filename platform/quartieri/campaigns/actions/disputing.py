"""Disputes, fraud warnings and what else of a payment needs a person: cases, opened and closed.

Like everything about payments this reads the present facts only. A dispute about a part of a pledge
is an amount; about all that is left of it, it is a state.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import SYSTEM, Actor
from quartieri.campaigns import bank_letters
from quartieri.campaigns.actions import dispute_books, match, receipts, refunding
from quartieri.campaigns.actions.books import decided_against
from quartieri.campaigns.actions.costs import settle_costs
from quartieri.campaigns.actions.extending import has_lapsed
from quartieri.campaigns.actions.sums import follow_kept, locked, move_pledge, wake
from quartieri.campaigns.models import Campaign, Pledge, PledgeCase
from quartieri.campaigns.rules import (
    PLEDGE,
    PledgeState,
)
from quartieri.campaigns.rules.cases import CaseKind, CaseState, Withheld, due_at
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.payments import queries as payments
from quartieri.payments.rules import DisputeFact, DisputeStanding, PaymentFacts, ReturnStatus

DISPUTABLE = frozenset({PledgeState.PAID, PledgeState.REFUND_PENDING, PledgeState.REFUNDED})
WANTED = {
    DisputeStanding.INQUIRY: Withheld.NOTHING,
    DisputeStanding.OPEN: Withheld.HELD,
    DisputeStanding.WON: Withheld.NOTHING,
    DisputeStanding.LOST: Withheld.GONE,
}
STATES = {DisputeStanding.WON: CaseState.WON, DisputeStanding.LOST: CaseState.LOST}


def follow(
    session: Session, campaign: Campaign, pledge: Pledge, known: PaymentFacts, *, at: datetime
) -> None:
    """Bring a locked pledge, its disputes and the book to what banks are known to say."""
    if pledge.paid_at is None:
        return
    for fact in known.disputes:
        _follow_dispute(session, campaign, pledge, fact, at=at)
    if known.disputes:
        settle_costs(session, campaign, at=at)


def follow_up(session: Session, pledge: Pledge, known: PaymentFacts, *, at: datetime) -> None:
    """Open and close the cases that are no disputes, once a locked pledge is where it belongs."""
    if pledge.paid_at is None:
        return
    for warning in known.warnings:
        case = _case(
            session,
            pledge,
            CaseKind.WARNING,
            warning.id,
            pledge.kept_cents,
            reason=warning.kind,
            at=at,
        )
        if case.state is CaseState.OPEN and (not warning.actionable or not pledge.kept_cents):
            _close(case, CaseState.DONE, at=at)
    for refund in known.refunds:
        if refund.status is ReturnStatus.FAILED and refund.n and pledge.state is PledgeState.PAID:
            source = f"refund:{refund.n}"
            reason, cents = refund.error[:100], refund.amount_cents
            _case(session, pledge, CaseKind.REFUND, source, cents, reason=reason, at=at)


def note_part(
    session: Session, campaign: Campaign, pledge: Pledge, received_cents: int, *, at: datetime
) -> None:
    """Let a pledge of which the provider took less count for what came, and open a case."""
    if not 0 < received_cents < pledge.amount_cents:
        return
    before, pledge.amount_cents = pledge.amount_cents, received_cents
    pledge.cover_cents = max(pledge.cover_cents - (before - received_cents), 0)
    campaign.promised_cents -= before - received_cents
    campaign.collected_cents -= before - received_cents
    session.flush()
    record(
        session,
        "take_part",
        PLEDGE.name,
        pledge.id,
        actor=SYSTEM,
        at=at,
        before={"amount": before},
        after={"amount": received_cents},
    )
    match.resize(session, campaign, pledge, before_cents=before, actor=SYSTEM, at=at)
    missing = before - received_cents
    _case(session, pledge, CaseKind.PART, "capture", missing, at=at)
    bank_letters.taken_in_part(session, campaign, pledge, missing, at=at)


def _find(session: Session, pledge: Pledge, kind: CaseKind, source: str) -> PledgeCase | None:
    found = session.scalars(
        sa.select(PledgeCase).where(
            PledgeCase.pledge_id == pledge.id,
            PledgeCase.kind == kind,
            PledgeCase.source == source,
        )
    ).first()
    return found and lock(session, PledgeCase, found.id)


def _case(
    session: Session,
    pledge: Pledge,
    kind: CaseKind,
    source: str,
    cents: int,
    *,
    at: datetime,
    reason: str = "",
    due_by: datetime | None = None,
    decided: bool = False,
) -> PledgeCase:
    """Give a case; a new one is given to somebody, who is told.

    ``decided``: the bank has decided it already, so that there is nothing to see to any more.
    """
    case = _find(session, pledge, kind, source)
    if case is not None:
        case.reason = reason
        return case
    case = PledgeCase(
        pledge=pledge,
        kind=kind,
        source=source,
        state=CaseState.OPEN,
        reason=reason,
        withheld=Withheld.NOTHING,
        amount_cents=cents,
        fee_cents=0,
        due_at=due_at(kind, at, due_by),
        opened_at=at,
    )
    case.owner = refunding.who_sees_to(session, pledge, at=at)
    session.add(case)
    session.flush()
    record(session, f"open_{kind.value}", PLEDGE.name, pledge.id, actor=SYSTEM, at=at)
    if not decided:
        bank_letters.case_opened(session, pledge.campaign, case, at=at)
    return case


def _close(case: PledgeCase, state: CaseState, *, at: datetime) -> None:
    case.state, case.closed_at = state, at


# -- disputes ----------------------------------------------------------------------------------


def _follow_dispute(
    session: Session, campaign: Campaign, pledge: Pledge, fact: DisputeFact, *, at: datetime
) -> None:
    """Bring a dispute to what the bank says; who backs and who sees to it hear of each change."""
    cents, state = fact.amount_cents, STATES.get(fact.standing, CaseState.OPEN)
    known = _find(session, pledge, CaseKind.DISPUTE, fact.id)
    before = _mark(known) if known is not None else None
    case = _case(
        session,
        pledge,
        CaseKind.DISPUTE,
        fact.id,
        cents,
        reason=fact.reason,
        due_by=fact.due_by,
        decided=state is not CaseState.OPEN,
        at=at,
    )
    if fact.due_by is not None:
        case.due_at = fact.due_by
    wanted = WANTED[fact.standing]
    if case.amount_cents != cents:
        _shift(session, campaign, case, Withheld.NOTHING, at=at)
        case.amount_cents = cents
    _shift(session, campaign, case, wanted, at=at)
    dispute_books.fee_noted(session, case, fact.fee_cents, at=at)
    if case.state is not state:
        case.state, case.closed_at = state, None if state is CaseState.OPEN else at
    session.flush()
    if before != _mark(case):
        bank_letters.disputed(session, campaign, case, at=at)
        if state is not CaseState.OPEN:
            bank_letters.case_decided(session, campaign, case, at=at)


def _mark(case: PledgeCase) -> tuple[CaseState, Withheld, int]:
    return case.state, case.withheld, case.amount_cents


def _shift(
    session: Session, campaign: Campaign, case: PledgeCase, wanted: Withheld, *, at: datetime
) -> None:
    """Bring the money of a dispute to where it is, a step at a time."""
    if case.withheld is wanted:
        return
    if case.withheld is Withheld.GONE:
        _reinstate(session, campaign, case, at=at)
    if case.withheld is Withheld.NOTHING and wanted is not Withheld.NOTHING:
        _hold(session, campaign, case, at=at)
    if case.withheld is Withheld.HELD and wanted is Withheld.GONE:
        _lose(session, campaign, case, at=at)
    if case.withheld is Withheld.HELD and wanted is Withheld.NOTHING:
        _release(session, campaign, case, at=at)


def _hold(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    pledge = case.pledge
    case.part_cents = min(case.amount_cents, pledge.kept_cents)
    case.whole = case.part_cents == pledge.kept_cents and pledge.state in DISPUTABLE
    dispute_books.held_back(session, campaign, case, at=at)
    case.withheld = Withheld.HELD
    if case.whole:
        pledge.disputed_from = pledge.state.value
        move_pledge(session, campaign, pledge, "dispute", actor=SYSTEM, at=at, reason=case.reason)
        pledge.disputed_cents += case.part_cents
    else:
        before = pledge.kept_cents
        pledge.disputed_cents += case.part_cents
        follow_kept(campaign, pledge, before)
    session.flush()


def _release(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Give the money back to where it was, and the pledge to the state before."""
    pledge = case.pledge
    before = pledge.kept_cents
    pledge.disputed_cents -= case.part_cents
    gained = pledge.kept_cents - before
    dispute_books.came_back(session, campaign, case, case.part_cents - gained, at=at)
    case.withheld = Withheld.NOTHING
    if case.whole and pledge.state is PledgeState.DISPUTED:
        verb = f"win_to_{_state_before(pledge)}"
        move_pledge(session, campaign, pledge, verb, actor=SYSTEM, at=at)
    else:
        follow_kept(campaign, pledge, before)
    session.flush()
    _go_on(session, campaign, pledge, at=at)


def _state_before(pledge: Pledge) -> str:
    """Say where a won pledge stands: where it stood, or refunded if all went back meanwhile."""
    refunded = pledge.refunded_cents >= pledge.amount_cents
    return PledgeState.REFUNDED.value if refunded else pledge.disputed_from


def _lose(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    pledge = case.pledge
    dispute_books.gone(session, campaign, case, at=at)
    case.withheld = Withheld.GONE
    pledge.disputed_cents -= case.part_cents
    stood = pledge.standing_cents
    pledge.lost_cents += case.part_cents
    if case.whole and pledge.state is PledgeState.DISPUTED:
        # what a bank sent back meanwhile, of a refund, is still here: the pledge goes on for that
        verb = f"win_to_{_state_before(pledge)}" if pledge.kept_cents else "charge_back"
        move_pledge(session, campaign, pledge, verb, actor=SYSTEM, at=at, reason=case.reason)
    session.flush()
    match.resize(session, campaign, pledge, before_cents=stood, actor=SYSTEM, at=at)
    _go_on(session, campaign, pledge, at=at)


def _reinstate(session: Session, campaign: Campaign, case: PledgeCase, *, at: datetime) -> None:
    """Give back what a bank had taken for good: it took its decision back. A person looks at it."""
    pledge = case.pledge
    dispute_books.not_gone(session, case, at=at)
    case.withheld = Withheld.HELD
    stood = pledge.standing_cents
    pledge.lost_cents -= case.part_cents
    pledge.disputed_cents += case.part_cents
    if pledge.state is PledgeState.CHARGED_BACK:
        case.whole = True
        move_pledge(session, campaign, pledge, "reinstate", actor=SYSTEM, at=at)
    session.flush()
    match.resize(session, campaign, pledge, before_cents=stood, actor=SYSTEM, at=at)
    _release(session, campaign, case, at=at)
    dispute_books.relief_back(session, campaign, case, at=at)
    _case(session, pledge, CaseKind.BACK, case.source, case.amount_cents, at=at)


def _go_on(session: Session, campaign: Campaign, pledge: Pledge, *, at: datetime) -> None:
    """Do what had to wait for the dispute: give back what a failed campaign owes, or go on."""
    failed = decided_against(campaign)
    if pledge.state in refunding.WAITS:
        if pledge.is_returned:
            refunding.record_refunded(session, pledge.id, actor=SYSTEM, at=at)
        elif pledge.state is PledgeState.REFUND_PENDING:
            refunding.refund_soon(session, pledge, at=at)
    elif pledge.state is PledgeState.REFUNDED and not pledge.is_returned:
        reason = "sent back"
        refunding.record_refund_stuck(session, pledge.id, reason=reason, actor=SYSTEM, at=at)
    elif pledge.state is PledgeState.PAID and (failed or has_lapsed(session, campaign, pledge)):
        reason = "campaign failed" if failed else "end was moved"
        refunding.begin_refund(session, campaign, pledge, reason=reason, actor=SYSTEM, at=at)
    wake(session, campaign, at=at)


# -- what people do ----------------------------------------------------------------------------


def close_case(
    session: Session,
    case: PledgeCase,
    *,
    note: str,
    by_hand: bool = False,
    actor: Actor,
    at: datetime,
) -> None:
    """Close a case that is not the bank's to decide, saying what was done.

    ``by_hand``: a part whose refund failed went back to the backer another way.
    """
    campaign, pledge = locked(session, case.pledge_id)
    case = lock(session, PledgeCase, case.id)
    if case.state is not CaseState.OPEN:
        raise IllegalMoveError(lazy("This case is closed already."))
    if case.kind is CaseKind.DISPUTE:
        raise IllegalMoveError(lazy("A dispute ends when the bank decides it."))
    if not note.strip():
        raise InvalidError(lazy("Say what was done."), field="note")
    if by_hand and case.kind is CaseKind.REFUND:
        known = payments.facts(session, pledge.subject)
        if pledge.state is PledgeState.REFUND_PENDING or known.returning_cents:
            raise IllegalMoveError(
                lazy("Money is on its way back through the payment service: wait for its end.")
            )
        pledge.hand_cents += min(case.amount_cents, pledge.kept_cents)
        session.flush()
        refunding.record_returned(session, pledge.id, known.returned_cents, actor=actor, at=at)
        receipts.follow(session, campaign, pledge, at=at)
    case.note = note.strip()
    _close(case, CaseState.DONE, at=at)
    session.flush()
    record(session, "close_case", PLEDGE.name, pledge.id, actor=actor, at=at, reason=case.note)


def take_case_over(session: Session, case: PledgeCase, *, actor: Actor, at: datetime) -> None:
    """Make oneself the owner of a case."""
    locked(session, case.pledge_id)
    case = lock(session, PledgeCase, case.id)
    if case.state is not CaseState.OPEN:
        raise IllegalMoveError(lazy("This case is closed already."))
    case.owner_id = actor.user_id
    session.flush()
    record(session, "take_case_over", PLEDGE.name, case.pledge_id, actor=actor, at=at)
