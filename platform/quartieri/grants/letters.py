"""Letters about grants."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from quartieri.acts.models import Act
from quartieri.grants.models import Disbursement, Grant
from quartieri.kit.money import Money
from quartieri.mail.actions import write
from quartieri.proposals.models import Proposal


def granted(session: Session, grant: Grant, proposal: Proposal, act: Act, *, at: datetime) -> None:
    """Tell the applicant that the grant act is signed and what comes next."""
    write(
        session,
        "grant_granted",
        to=proposal.owner.email,
        language=proposal.owner.language,
        key=f"grant-granted:{grant.id}",
        at=at,
        about=("grant", grant.id),
        name=proposal.owner.name,
        title=proposal.title,
        amount=Money(grant.granted_cents),
        act=act,
    )


def paid(
    session: Session, grant: Grant, proposal: Proposal, row: Disbursement, *, at: datetime
) -> None:
    """Tell the applicant that a payment left."""
    write(
        session,
        "grant_paid",
        to=proposal.owner.email,
        language=proposal.owner.language,
        key=f"grant-paid:{row.id}:{at.isoformat()}",
        at=at,
        about=("grant", grant.id),
        name=proposal.owner.name,
        title=proposal.title,
        amount=Money(row.amount_cents),
        kind=row.kind,
    )
