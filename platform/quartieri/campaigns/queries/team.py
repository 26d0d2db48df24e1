"""Who proposes a project."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.campaigns.rules import Team, mailbox, plain
from quartieri.people.models import Organisation, User
from quartieri.proposals.models import Partner, Proposal, TeamMember


def team_of(session: Session, proposal_id: int) -> Team:
    """Give who stands behind a project: owner, members, and the organisations of the alliance."""
    rows = session.connection().execute(_TEAM, {"proposal_id": proposal_id}).all()
    (owner,) = (row for row in rows if row.owner_id is not None)
    return Team(
        owner_id=owner.owner_id,
        mailbox=mailbox(owner.email),
        tax_codes=frozenset(row.tax_code for row in rows if row.tax_code),
        names=frozenset(plain(row.name) for row in rows),
    )


_OF: sa.BindParameter[int] = sa.bindparam("proposal_id")
_NOBODY, _NOTHING = sa.null().label("owner_id"), sa.literal("").label("email")
_NO_CODE = sa.literal("").label("tax_code")
_TEAM: sa.CompoundSelect[Any] = sa.union_all(
    sa.select(User.id.label("owner_id"), User.email, User.name, _NO_CODE)
    .join(Proposal, Proposal.owner_id == User.id)
    .where(Proposal.id == _OF),
    sa.select(_NOBODY, _NOTHING, Organisation.name, Organisation.tax_code)
    .join(Proposal, Proposal.organisation_id == Organisation.id)
    .where(Proposal.id == _OF),
    sa.select(_NOBODY, _NOTHING, Partner.name, Partner.tax_code).where(Partner.proposal_id == _OF),
    sa.select(_NOBODY, _NOTHING, TeamMember.name, _NO_CODE).where(TeamMember.proposal_id == _OF),
)
