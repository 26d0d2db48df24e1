"""Letters about grants."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quartieri.acts.models import Act
from quartieri.grants.models import Disbursement, Grant
from quartieri.kit.money import Money
from quartieri.mail.actions import write
from quartieri.proposals.models import Proposal


def _tell(
    session: Session,
    grant: Grant,
    proposal: Proposal,
    template: str,
    *,
    key: str,
    at: datetime,
    **values: Any,
) -> None:
    write(
        session,
        template,
        to=proposal.owner.email,
        language=proposal.owner.language,
        key=key,
        at=at,
        about=("grant", grant.id),
        name=proposal.owner.name,
        title=proposal.title,
        **values,
    )


def granted(session: Session, grant: Grant, proposal: Proposal, act: Act, *, at: datetime) -> None:
    """Tell the applicant that the grant act is signed and what comes next."""
    key, amount = f"grant-granted:{grant.id}", Money(grant.granted_cents)
    template = "pact_approved" if proposal.edition.design.money.no_money else "grant_granted"
    _tell(session, grant, proposal, template, key=key, at=at, amount=amount, act=act)


def paid(
    session: Session, grant: Grant, proposal: Proposal, row: Disbursement, *, at: datetime
) -> None:
    """Tell the applicant that a payment left; once for each time that it leaves."""
    key, amount = f"grant-paid:{row.id}:{row.returns}", Money(row.amount_cents)
    _tell(session, grant, proposal, "grant_paid", key=key, at=at, amount=amount, kind=row.kind)


def returned(
    session: Session, grant: Grant, proposal: Proposal, row: Disbursement, *, at: datetime
) -> None:
    """Tell the applicant that the bank sent a payment back, and to check the account."""
    key, amount = f"grant-returned:{row.id}:{row.returns}", Money(row.amount_cents)
    last = grant.recipient_iban[-4:]
    _tell(session, grant, proposal, "grant_returned", key=key, at=at, amount=amount, last=last)


def report_approved(
    session: Session, grant: Grant, proposal: Proposal, cut: int, *, at: datetime
) -> None:
    """Tell the applicant for how much the report was approved, and what is still to come."""
    no_money = proposal.edition.design.money.no_money
    _tell(
        session,
        grant,
        proposal,
        "pact_concluded" if no_money else "grant_report",
        key=f"grant-report:{grant.id}:{at.isoformat()}",
        at=at,
        amount=Money(grant.granted_cents),
        cut=Money(cut),
        left=Money(grant.granted_cents - grant.paid_cents),
    )


def taken_back(
    session: Session, grant: Grant, proposal: Proposal, act: Act, *, at: datetime
) -> None:
    """Tell the applicant that the grant was revoked or renounced, and what is to be given back."""
    key, owed = f"grant-taken-back:{grant.id}", Money(grant.paid_cents - grant.recovered_cents)
    _tell(session, grant, proposal, "grant_taken_back", key=key, at=at, act=act, owed=owed)


def report_reopened(
    session: Session, grant: Grant, proposal: Proposal, *, reason: str, at: datetime
) -> None:
    """Tell the applicant that the approved report is open again, and why."""
    key = f"grant-report-reopened:{grant.id}:{at.isoformat()}"
    _tell(session, grant, proposal, "grant_report_reopened", key=key, at=at, reason=reason)


def written_off(
    session: Session, grant: Grant, proposal: Proposal, act: Act, lost: int, *, at: datetime
) -> None:
    """Tell the applicant that the rest is not asked for any more."""
    key, amount = f"grant-written-off:{grant.id}", Money(lost)
    _tell(session, grant, proposal, "grant_written_off", key=key, at=at, amount=amount, act=act)


def renounced_in_time(
    session: Session, proposal: Proposal, act: Act | None, *, at: datetime
) -> None:
    """Confirm that a selected project was given up before its grant act."""
    owner = proposal.owner
    write(
        session,
        "project_renounced",
        to=owner.email,
        language=owner.language,
        key=f"project-renounced:{proposal.id}:{at.isoformat()}",
        at=at,
        about=("proposal", proposal.id),
        name=owner.name,
        title=proposal.title,
        act=act,
    )
