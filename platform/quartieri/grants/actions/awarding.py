"""The grant act, the agreement, the new legal entity of a group, the approved report."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from quartieri.acts.actions import ActData, publish_act
from quartieri.acts.actions import record as record_act
from quartieri.acts.models import Act
from quartieri.acts.rules import ActKind, ActState
from quartieri.audit.actions import record
from quartieri.audit.moves import move
from quartieri.audit.rules import Actor, Role
from quartieri.db import lock
from quartieri.files.models import StoredFile
from quartieri.grants import letters
from quartieri.grants.models import Grant
from quartieri.grants.rules import (
    DEAD_PAYMENTS,
    GRANT,
    PAYABLE,
    DisbursementState,
    GrantState,
    check_iban,
    check_tax_code,
)
from quartieri.kit.clock import in_rome
from quartieri.kit.errors import IllegalMoveError, InvalidError, NotYoursError
from quartieri.kit.labels import lazy
from quartieri.programmes import actions as programmes
from quartieri.proposals.models import Proposal
from quartieri.proposals.rules import PROPOSAL


def record_grant_act(
    session: Session, grant: Grant, data: ActData, *, actor: Actor, at: datetime
) -> Act:
    """Record the signed grant act (atto di concessione): this, and nothing else, commits.

    An act for 0 € (the rule gives nothing) takes note of it and commits nothing.
    Refused to all but officers, while the grant is not proposed (the campaign has not succeeded),
    and for an informal group that has not become a legal entity: its grant stays reserved.
    """
    proposal = lock(session, Proposal, grant.proposal_id)
    grant = lock(session, Grant, grant.id)
    refuse_others(actor)
    GRANT.find("grant", grant.state)
    if grant.state is GrantState.RESERVED and grant.proposed_at is None:
        raise IllegalMoveError(
            lazy("The grant is conditional: it can be granted once the campaign has succeeded.")
        )
    if grant.waits_for_body:
        raise IllegalMoveError(_NO_ENTITY)
    act = record_act(
        session,
        proposal.call.authority_id,
        ActKind.GRANT,
        data,
        actor=actor,
        at=at,
        publish=False,
    )
    cents = grant.reserved_cents
    move(session, grant, GRANT, "grant", actor=actor, at=at, granted=cents, act=act.id)
    grant.granted_cents, grant.reserved_cents = cents, 0
    grant.act_id = act.id
    if not grant.recipient_name:
        grant.recipient_name = proposal.organisation.name
        grant.recipient_tax_code = proposal.organisation.tax_code or ""
        grant.recipient_iban = proposal.organisation.iban or ""
    if cents:
        programmes.commit(
            session,
            grant.pool_id,
            cents,
            key=f"grant:{grant.id}:commit",
            about=f"grant:{grant.id}",
            actor=actor,
            at=at,
            act_id=act.id,
        )
    move(session, proposal, PROPOSAL, "award", actor=actor, at=at)
    letters.granted(session, grant, proposal, act, at=at)
    return act


def refuse_others(actor: Actor) -> None:
    """Refuse whoever is not an officer (NotYoursError)."""
    if not actor.holds(Role.OFFICER):
        raise NotYoursError(lazy("Only an officer records acts of a grant."))


_NO_ENTITY = lazy(
    "The informal group is not a legal entity yet: first record by act the new body's "
    "tax code, statute and IBAN. Until then the grant stays reserved and nothing is paid."
)


def refuse_without_entity(grant: Grant) -> None:
    """Refuse a payment to an informal group that has not become a legal entity."""
    if grant.waits_for_body:
        raise IllegalMoveError(_NO_ENTITY)


def publish_grant_act(session: Session, grant: Grant, *, actor: Actor, at: datetime) -> None:
    """Publish the grant act (d.lgs. 33/2013, art. 26): payment waits for it."""
    grant = lock(session, Grant, grant.id)
    if grant.act is None:
        raise IllegalMoveError(lazy("There is no grant act yet."))
    publish_act(session, grant.act, actor=actor, at=at)


def record_legal_entity(
    session: Session,
    grant: Grant,
    data: ActData,
    *,
    name: str,
    tax_code: str,
    iban: str,
    statute: StoredFile,
    actor: Actor,
    at: datetime,
) -> Act:
    """Move an informal group's grant to the body that it became, by act, before any payment.

    Raises InvalidError for a tax code or an IBAN that cannot be right.
    """
    grant = lock(session, Grant, grant.id)
    refuse_others(actor)
    if not grant.proposal.organisation.informal:
        raise IllegalMoveError(lazy("The applicant is a legal entity already."))
    started = any(d.state not in DEAD_PAYMENTS for d in grant.disbursements)
    if grant.state not in {GrantState.RESERVED, GrantState.GRANTED, GrantState.AGREED} or started:
        raise IllegalMoveError(lazy("The grant cannot move to another body any more."))
    if not name.strip():
        raise InvalidError(lazy("Write the name of the new body."), field="name")
    checked_code, checked_iban = check_tax_code(tax_code), check_iban(iban)
    act = record_act(
        session,
        grant.proposal.call.authority_id,
        ActKind.LEGAL_ENTITY,
        data,
        actor=actor,
        at=at,
    )
    before = {"recipient": grant.recipient_name}
    grant.recipient_name = name.strip()
    grant.recipient_tax_code = checked_code
    grant.recipient_iban = checked_iban
    grant.recipient_statute_file_id = statute.id
    grant.recipient_act_id = act.id
    session.flush()
    record(
        session,
        "move_to_legal_entity",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        before=before,
        after={"recipient": grant.recipient_name, "tax_code": checked_code, "act": act.id},
    )
    return act


def record_agreement(
    session: Session,
    grant: Grant,
    *,
    signed_on: date,
    file: StoredFile,
    iban: str,
    actor: Actor,
    at: datetime,
) -> None:
    """Record the agreement (convenzione) that both signed; the project starts.

    The recipient's IBAN must be known by now: ``iban`` may be empty only where it is, or where
    nothing is to be paid.
    """
    proposal = lock(session, Proposal, grant.proposal_id)
    grant = lock(session, Grant, grant.id)
    GRANT.find("agree", grant.state)
    if grant.act is None or grant.act.state is not ActState.PUBLISHED:
        raise IllegalMoveError(lazy("The grant act is not published yet: publish it first."))
    if signed_on < grant.act.dated:
        raise InvalidError(
            lazy("The agreement cannot be older than the grant act."), field="signed_on"
        )
    if signed_on > in_rome(at).date():
        raise InvalidError(lazy("This day has not come yet."), field="signed_on")
    checked = check_iban(iban) if iban.strip() else grant.recipient_iban
    if not checked and grant.granted_cents:
        raise InvalidError(lazy("Write the IBAN to which the grant is paid."), field="iban")
    move(session, grant, GRANT, "agree", actor=actor, at=at, signed_on=signed_on.isoformat())
    grant.agreement_on = signed_on
    grant.agreement_file_id = file.id
    grant.recipient_iban = checked
    move(session, proposal, PROPOSAL, "start", actor=actor, at=at)


def change_iban(session: Session, grant: Grant, *, iban: str, actor: Actor, at: datetime) -> None:
    """Change the account to which the grant is paid; never under a payment that is on its way."""
    grant = lock(session, Grant, grant.id)
    refuse_others(actor)
    if grant.state not in PAYABLE:
        raise IllegalMoveError(lazy("The IBAN is recorded with the agreement."))
    waiting = {DisbursementState.REQUESTED, DisbursementState.APPROVED, DisbursementState.ORDERED}
    if any(d.state in waiting for d in grant.disbursements):
        raise IllegalMoveError(
            lazy("A payment to the present IBAN is on its way: wait for it, or cancel it, first.")
        )
    before, after = grant.recipient_iban, check_iban(iban)
    grant.recipient_iban = after
    session.flush()
    record(
        session,
        "change_iban",
        GRANT.name,
        grant.id,
        actor=actor,
        at=at,
        before={"iban": before[-4:]},
        after={"iban": after[-4:]},
    )
