"""Taking a grant back: revocation, renunciation, recovery of what was paid, or its loss."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData
from quartieri.acts.actions import record as record_act
from quartieri.acts.rules import ActKind
from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.db import get, lock
from quartieri.grants import letters
from quartieri.grants.actions.awarding import refuse_others
from quartieri.grants.models import Grant, Recovery
from quartieri.grants.rules import (
    DISBURSEMENT,
    GRANT,
    UNDER_WAY,
    DisbursementState,
    GrantState,
)
from quartieri.kit.errors import ConflictError, IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money
from quartieri.programmes import actions as programmes
from quartieri.programmes.models import EndowmentPool
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
    GRANT.find(verb, grant.state)
    if any(d.state is DisbursementState.ORDERED for d in grant.disbursements):
        raise IllegalMoveError(
            lazy("A payment is ordered at the bank: wait for it, or have it returned, first.")
        )
    act = record_act(session, proposal.call.authority_id, kind, data, actor=actor, at=at)
    grant.closing_act_id = act.id
    for row in [d for d in grant.disbursements if d.state in UNDER_WAY]:
        how = "cancel_returned" if row.state is DisbursementState.RETURNED else "cancel"
        move(session, row, DISBURSEMENT, how, actor=actor, at=at, reason=f"act {act.number}")
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
    letters.taken_back(session, grant, proposal, act, at=at)


def record_recovery(
    session: Session,
    grant: Grant,
    *,
    cents: int,
    reference: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Record money that came back (``cents``); it is spendable again only by an act.

    The same bank transfer (``reference``) twice is refused: two clicks book it once.
    """
    grant = lock(session, Grant, grant.id)
    if not actor.holds(Role.TREASURER):
        raise NotYoursError(lazy("Only the treasurer books money that came back."))
    said = reference.strip()
    if not said:
        raise InvalidError(lazy("Write the bank's reference."), field="reference")
    if any(r.reference == said for r in grant.recoveries):
        raise ConflictError(lazy("This bank transfer is booked already."), field="reference")
    if grant.state is not GrantState.RECOVERING:
        raise IllegalMoveError(lazy("Nothing is being recovered from this grant."))
    left = grant.paid_cents - grant.recovered_cents
    if not 0 < cents <= left:
        raise InvalidError(
            lazy("Between one cent and %(left)s can come back.", left=Money(left)), field="amount"
        )
    recovery = Recovery(
        grant_id=grant.id, amount_cents=cents, reference=said, recorded_by=actor.user_id, at=at
    )
    session.add(recovery)
    grant.recovered_cents += cents
    session.flush()
    programmes.recover(
        session,
        grant.pool_id,
        cents,
        key=f"grant:{grant.id}:recovery:{recovery.id}",
        about=f"grant:{grant.id}",
        actor=actor,
        at=at,
    )
    record(
        session,
        "record_recovery",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        after={"recovered": grant.recovered_cents, "reference": said},
    )
    if grant.recovered_cents == grant.paid_cents:
        move(session, grant, GRANT, "receive_recovery", actor=actor, at=at)


def put_back(
    session: Session, grant: Grant, data: ActData, *, cents: int, actor: Actor, at: datetime
) -> None:
    """Make recovered money (``cents``) available again by act, in the endowment it came from.

    If the call gave its endowment back to the programme meanwhile, this goes there as well.
    Raises InvalidError for more than was recovered from this grant and not put back yet.
    """
    refuse_others(actor)
    pool = get(session, EndowmentPool, grant.pool_id)
    proposal = grant.proposal
    act = record_act(session, proposal.call.authority_id, ActKind.BUDGET, data, actor=actor, at=at)
    over = pool.unbound_at is not None
    if over:  # takes the locks of the tree and of the pool, which come before the grant's
        programmes.unbind_pool(session, pool, act_id=act.id, actor=actor, at=at)
    grant = lock(session, Grant, grant.id)
    left = grant.recovered_cents - grant.put_back_cents
    if not 0 < cents <= left:
        raise InvalidError(
            lazy("Between one cent and %(left)s can be put back.", left=Money(left)),
            field="amount",
        )
    before = grant.put_back_cents
    grant.put_back_cents += cents
    session.flush()
    programmes.put_back(
        session,
        grant.pool_id,
        cents,
        key=f"grant:{grant.id}:put_back:{act.id}",
        about=f"grant:{grant.id}",
        actor=actor,
        at=at,
        act_id=act.id,
    )
    if over:
        programmes.unbind_pool(session, pool, act_id=act.id, actor=actor, at=at)
    record(
        session,
        "put_back",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        before={"put_back": before},
        after={"put_back": grant.put_back_cents, "act": act.id},
    )


def write_off(session: Session, grant: Grant, data: ActData, *, actor: Actor, at: datetime) -> None:
    """Give up by act what cannot be recovered; what came back stays recovered."""
    proposal = lock(session, Proposal, grant.proposal_id)
    grant = lock(session, Grant, grant.id)
    refuse_others(actor)
    GRANT.find("write_off", grant.state)
    authority_id = proposal.call.authority_id
    act = record_act(session, authority_id, ActKind.BUDGET, data, actor=actor, at=at)
    lost = grant.paid_cents - grant.recovered_cents
    why = f"act {act.number}"
    move(session, grant, GRANT, "write_off", actor=actor, at=at, act=act.id, lost=lost, reason=why)
    letters.written_off(session, grant, proposal, act, lost, at=at)
