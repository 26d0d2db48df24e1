"""Taking a grant back: revocation, renunciation, recovery of what was paid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor
from quartieri.db import lock
from quartieri.grants.models import Grant
from quartieri.grants.rules import GRANT, GrantState
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.programmes import actions as programmes
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL


def revoke(session: Session, grant: Grant, data: ActData, *, actor: Actor, at: datetime) -> None:
    """Revoke a grant by act (revoca): the unpaid part goes back, the paid part is recovered."""
    _take_back(session, grant, data, ActKind.REVOCATION, "revoke", actor=actor, at=at)


def renounce(session: Session, grant: Grant, data: ActData, *, actor: Actor, at: datetime) -> None:
    """Take note by act that the beneficiary renounces."""
    _take_back(session, grant, data, ActKind.RENUNCIATION, "renounce", actor=actor, at=at)


def _take_back(
    session: Session,
    grant: Grant,
    data: ActData,
    kind: ActKind,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
) -> None:
    proposal = lock(session, Proposal, grant.proposal_id)
    grant = lock(session, Grant, grant.id)
    if any(d.state.value == "ordered" for d in grant.disbursements):
        raise IllegalMoveError(
            lazy("A payment is ordered at the bank: wait for it, or have it returned, first.")
        )
    act = record_act(session, proposal.call.authority_id, kind, data, actor=actor, at=at)
    unpaid = grant.granted_cents - grant.paid_cents
    move(session, grant, GRANT, verb, actor=actor, at=at, act=act.id, unpaid=unpaid)
    move(session, proposal, PROPOSAL, verb, actor=actor, at=at)
    if unpaid:
        programmes.decommit(
            session,
            grant.pool_id,
            unpaid,
            key=f"grant:{grant.id}:{verb}",
            about=f"grant:{grant.id}",
            actor=actor,
            at=at,
            act_id=act.id,
        )
    after = "recover" if grant.paid_cents else "close"
    move(session, grant, GRANT, after, actor=actor, at=at)


def record_recovery(
    session: Session,
    grant: Grant,
    *,
    cents: int,
    reference: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Record money that came back (``cents``); it is spendable again only by an act."""
    grant = lock(session, Grant, grant.id)
    if grant.state is not GrantState.RECOVERING:
        raise IllegalMoveError(lazy("Nothing is being recovered from this grant."))
    left = grant.paid_cents - grant.recovered_cents
    if not 0 < cents <= left:
        raise InvalidError(
            lazy("Between one cent and %(left)s can come back.", left=Money(left)), field="amount"
        )
    grant.recovered_cents += cents
    programmes.recover(
        session,
        grant.pool_id,
        cents,
        key=f"grant:{grant.id}:recovered:{grant.recovered_cents}",
        about=f"grant:{grant.id}",
        actor=actor,
        at=at,
    )
    if grant.recovered_cents == grant.paid_cents:
        move(session, grant, GRANT, "receive_recovery", actor=actor, at=at, reference=reference)
