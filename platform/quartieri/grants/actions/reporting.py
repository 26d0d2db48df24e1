"""The expense report at the end: approved, for all or for less, and opened again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.db import lock
from quartieri.grants import letters
from quartieri.grants.actions.awarding import refuse_others
from quartieri.grants.models import Grant
from quartieri.grants.queries import asked_cents
from quartieri.grants.rules import (
    GRANT,
    UNDER_WAY,
    DisbursementKind,
    GrantState,
)
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.programmes import actions as programmes
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL


def approve_report(
    session: Session,
    grant: Grant,
    *,
    final_cents: int,
    act: ActData | None = None,
    actor: Actor,
    at: datetime,
) -> None:
    """Approve the expense report (rendicontazione) for ``final_cents`` in all.

    Less than was granted is a reduction: it needs an act, and goes back to the pool. What is paid,
    or on its way, cannot be cut.
    """
    proposal = lock(session, Proposal, grant.proposal_id)
    grant = lock(session, Grant, grant.id)
    refuse_others(actor)
    if grant.state is not GrantState.AGREED:
        GRANT.find("approve_report", grant.state)
    _check_final(session, grant, final_cents)
    cut = grant.granted_cents - final_cents
    if cut and act is None:
        raise InvalidError(lazy("A reduction needs an act."), field="number")
    if grant.state is GrantState.AGREED:
        move(session, grant, GRANT, "activate", actor=actor, at=at)
    move(session, grant, GRANT, "approve_report", actor=actor, at=at, final=final_cents)
    if cut and act is not None:
        _reduce(session, grant, proposal, cut, act, actor=actor, at=at)
    grant.report_approved_on = in_rome(at).date()
    move(session, proposal, PROPOSAL, "report", actor=actor, at=at)
    letters.report_approved(session, grant, proposal, cut, at=at)
    if grant.paid_cents == grant.granted_cents:
        move(session, grant, GRANT, "settle", actor=actor, at=at)
        move(session, proposal, PROPOSAL, "complete", actor=actor, at=at)


def _check_final(session: Session, grant: Grant, final_cents: int) -> None:
    if final_cents > grant.granted_cents:
        raise InvalidError(
            lazy(
                "The report cannot be approved for more than the grant of %(granted)s.",
                granted=Money(grant.granted_cents),
            ),
            field="final",
        )
    if final_cents < grant.paid_cents:
        raise InvalidError(
            lazy(
                "%(paid)s are paid already: less than that must be recovered by revocation.",
                paid=Money(grant.paid_cents),
            ),
            field="final",
        )
    asked = asked_cents(session, grant.id)
    if final_cents < asked:
        raise InvalidError(
            lazy(
                "Payments of %(asked)s are requested: cancel one, or approve at least that.",
                asked=Money(asked),
            ),
            field="final",
        )


def _reduce(
    session: Session,
    grant: Grant,
    proposal: Proposal,
    cut: int,
    data: ActData,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    authority_id = proposal.call.authority_id
    act = record_act(session, authority_id, ActKind.REVOCATION, data, actor=actor, at=at)
    grant.granted_cents -= cut
    programmes.decommit(
        session,
        grant.pool_id,
        cut,
        key=f"grant:{grant.id}:reduction:{act.id}",
        about=f"grant:{grant.id}",
        actor=actor,
        at=at,
        act_id=act.id,
    )


def reopen_report(
    session: Session, grant: Grant, *, reason: str, actor: Actor, at: datetime
) -> None:
    """Open an approved report again, with the reason, before the balance is asked for.

    What its approval cut from the grant stays cut: that was decided by an act.
    """
    proposal = lock(session, Proposal, grant.proposal_id)
    grant = lock(session, Grant, grant.id)
    refuse_others(actor)
    GRANT.find("reopen_report", grant.state)
    if not reason.strip():
        raise InvalidError(lazy("Say why."), field="reason")
    balances = [d for d in grant.disbursements if d.kind is DisbursementKind.BALANCE]
    if any(d.state in UNDER_WAY for d in balances):
        raise IllegalMoveError(
            lazy("The balance is requested already: cancel that payment, then reopen the report.")
        )
    move(session, grant, GRANT, "reopen_report", actor=actor, at=at, reason=reason.strip())
    grant.report_approved_on = None
    move(session, proposal, PROPOSAL, "return_report", actor=actor, at=at, reason=reason.strip())
    letters.report_reopened(session, grant, proposal, reason=reason.strip(), at=at)
