"""Paying a grant: the officer requests, the manager approves, the treasurer orders and pays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.rules import ActState
from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.db import lock
from quartieri.grants import letters
from quartieri.grants.actions.awarding import refuse_without_entity
from quartieri.grants.models import Disbursement, Grant
from quartieri.grants.queries import asked_cents
from quartieri.grants.rules import (
    DEAD_PAYMENTS,
    DISBURSEMENT,
    GRANT,
    PAYABLE,
    REQUESTABLE,
    TAKEN_BACK,
    DisbursementKind,
    DisbursementState,
    GrantState,
)
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money, share_floor
from quartieri.people.rules import refuse_excluded
from quartieri.programmes import actions as programmes
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL, ProposalState


def request_disbursement(
    session: Session,
    grant: Grant,
    *,
    kind: DisbursementKind,
    cents: int,
    note: str = "",
    token: str | None = None,
    actor: Actor,
    at: datetime,
) -> Disbursement:
    """Request an advance (anticipo) or the balance (saldo) of ``cents``.

    ``token`` is drawn with the form: the same one again gives the same request.

    Refused, with the reason, without legal entity, published act, agreement, report (for the
    balance) or IBAN, and past what is left of the grant or the call's advance share.
    """
    if not actor.holds(Role.OFFICER):
        raise NotYoursError(lazy("Only an officer requests a payment."))
    grant = lock(session, Grant, grant.id)
    known = next((d for d in grant.disbursements if token and d.token == token), None)
    if known is not None:
        return known
    _refuse_unready(grant, kind)
    left = grant.granted_cents - asked_cents(session, grant.id)
    if cents <= 0:
        raise InvalidError(lazy("The amount must be more than zero."), field="amount")
    if cents > left:
        raise InvalidError(
            lazy("Only %(left)s of the grant are left to request.", left=Money(left)),
            field="amount",
        )
    share = grant.proposal.edition.design.money.advance_share
    if kind is DisbursementKind.ADVANCE and share is not None:
        most = share_floor(grant.granted_cents, share) - _advances(grant)
        if cents > most:
            raise InvalidError(
                lazy("The call allows advances of at most %(most)s more.", most=Money(most)),
                field="amount",
            )
    disbursement = Disbursement(
        grant_id=grant.id,
        kind=kind,
        amount_cents=cents,
        note=note,
        token=token or None,
        requested_by=actor.user_id,
        requested_at=at,
    )
    session.add(disbursement)
    session.flush()
    record(
        session,
        "request",
        DISBURSEMENT.name,
        disbursement.id,
        actor=actor,
        at=at,
        after={"kind": kind, "amount": cents, "grant": grant.id},
    )
    return disbursement


def _refuse_unready(grant: Grant, kind: DisbursementKind) -> None:
    if grant.nothing_to_pay:
        raise IllegalMoveError(lazy("The grant is 0 €: no payment is possible."))
    refuse_without_entity(grant)
    if grant.act is None or grant.act.state is not ActState.PUBLISHED:
        raise IllegalMoveError(lazy("The grant act is not published: nothing can be paid."))
    _refuse_taken_back(grant)
    if grant.agreement_on is None:
        raise IllegalMoveError(lazy("The agreement is not signed: nothing can be paid."))
    if grant.state not in REQUESTABLE[kind]:
        if kind is DisbursementKind.BALANCE:
            raise IllegalMoveError(lazy("The balance waits for the approved report."))
        raise IllegalMoveError(lazy("An advance is not possible any more."))
    if not grant.recipient_iban:
        raise IllegalMoveError(lazy("The recipient's IBAN is missing."))


def _advances(grant: Grant) -> int:
    return sum(
        d.amount_cents
        for d in grant.disbursements
        if d.kind is DisbursementKind.ADVANCE and d.state not in DEAD_PAYMENTS
    )


def _locked(session: Session, disbursement: Disbursement) -> tuple[Disbursement, Grant]:
    grant = lock(session, Grant, disbursement.grant_id)
    return lock(session, Disbursement, disbursement.id), grant


def _deeds(row: Disbursement) -> dict[str, int | None]:
    return {"request": row.requested_by, "approve": row.approved_by, "pay": row.ordered_by}


def approve_disbursement(
    session: Session, disbursement: Disbursement, *, actor: Actor, at: datetime
) -> None:
    """Approve a requested payment; never who requested it."""
    row, grant = _locked(session, disbursement)
    _refuse_unready_to_pay(grant)
    refuse_excluded("disbursement", "approve", actor.user_id, {"request": row.requested_by})
    move(session, row, DISBURSEMENT, "approve", actor=actor, at=at, amount=row.amount_cents)
    row.approved_by, row.approved_at = actor.user_id, at


def refuse_disbursement(
    session: Session, disbursement: Disbursement, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Refuse a requested payment, with the reason."""
    row, _grant = _locked(session, disbursement)
    move(session, row, DISBURSEMENT, "refuse", actor=actor, at=at, reason=reason)


def cancel_disbursement(
    session: Session, disbursement: Disbursement, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Give a payment up: before it is ordered, or after the bank sent it back."""
    row, _grant = _locked(session, disbursement)
    returned = row.state is DisbursementState.RETURNED
    verb = "cancel_returned" if returned else "cancel"
    move(session, row, DISBURSEMENT, verb, actor=actor, at=at, reason=reason)


def order_disbursement(
    session: Session, disbursement: Disbursement, *, actor: Actor, at: datetime
) -> None:
    """Order the payment at the bank; never who requested or approved it."""
    row, grant = _locked(session, disbursement)
    _refuse_unready_to_pay(grant)
    refuse_excluded("disbursement", "pay", actor.user_id, _deeds(row) | {"pay": None})
    verb = "order_again" if row.state is DisbursementState.RETURNED else "order"
    move(session, row, DISBURSEMENT, verb, actor=actor, at=at, amount=row.amount_cents)
    row.ordered_by, row.ordered_at = actor.user_id, at


def _refuse_unready_to_pay(grant: Grant) -> None:
    refuse_without_entity(grant)
    _refuse_taken_back(grant)
    if grant.state not in PAYABLE:
        raise IllegalMoveError(lazy("The agreement is not signed: nothing can be paid."))


def _refuse_taken_back(grant: Grant) -> None:
    if grant.state in TAKEN_BACK:
        raise IllegalMoveError(lazy("The grant was revoked or renounced: nothing can be paid."))


def pay_disbursement(
    session: Session,
    disbursement: Disbursement,
    *,
    reference: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Record that the bank paid: the money is disbursed. Paid twice is refused by its state."""
    proposal = lock(session, Proposal, disbursement.grant.proposal_id)
    row, grant = _locked(session, disbursement)
    if not reference.strip():
        raise InvalidError(lazy("Write the bank's reference."), field="reference")
    refuse_excluded("disbursement", "pay", actor.user_id, _deeds(row) | {"pay": None})
    move(session, row, DISBURSEMENT, "pay", actor=actor, at=at, amount=row.amount_cents)
    row.paid_by, row.paid_at, row.payment_reference = actor.user_id, at, reference.strip()
    grant.paid_cents += row.amount_cents
    session.flush()
    programmes.disburse(
        session,
        grant.pool_id,
        row.amount_cents,
        key=f"disbursement:{row.id}:paid:{row.returns}",
        about=f"grant:{grant.id}",
        actor=actor,
        at=at,
        act_id=grant.act_id,
    )
    if grant.state is GrantState.AGREED:
        move(session, grant, GRANT, "activate", actor=actor, at=at)
    letters.paid(session, grant, proposal, row, at=at)
    if grant.state is GrantState.REPORTED and grant.paid_cents == grant.granted_cents:
        move(session, grant, GRANT, "settle", actor=actor, at=at)
        if proposal.state is ProposalState.REPORTING:
            move(session, proposal, PROPOSAL, "complete", actor=actor.with_role(Role.SYSTEM), at=at)


def return_disbursement(
    session: Session, disbursement: Disbursement, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Record that the bank sent the payment back; a paid one is committed again.

    Once the grant was taken back nothing can be committed again: money that comes back then is a
    recovery.
    """
    proposal = lock(session, Proposal, disbursement.grant.proposal_id)
    row, grant = _locked(session, disbursement)
    was_paid = row.state is DisbursementState.PAID
    if was_paid and grant.state in TAKEN_BACK:
        raise IllegalMoveError(
            lazy("The grant was taken back: record the money that came back as a recovery.")
        )
    move(session, row, DISBURSEMENT, "return", actor=actor, at=at, reason=reason)
    tries = row.returns
    row.returns = tries + 1
    if was_paid:
        grant.paid_cents -= row.amount_cents
        row.paid_at = None
        session.flush()
        programmes.return_payment(
            session,
            grant.pool_id,
            row.amount_cents,
            key=f"disbursement:{row.id}:returned:{tries}",
            about=f"grant:{grant.id}",
            actor=actor,
            at=at,
            act_id=grant.act_id,
        )
    letters.returned(session, grant, proposal, row, at=at)
