"""Who proposes a project."""

from __future__ import annotations

from sqlalchemy.orm import Session

from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import Team, mailbox, plain
from quartieri.db import get
from quartieri.proposals.models import Proposal


def team_of(session: Session, campaign: Campaign) -> Team:
    """Give who stands behind a campaign: owner, members, and the organisations of the alliance."""
    proposal = get(session, Proposal, campaign.proposal_id)
    owner, lead = proposal.owner, proposal.organisation
    codes = {lead.tax_code or "", *(p.tax_code for p in proposal.partners)} - {""}
    names = {owner.name, lead.name, *(p.name for p in proposal.partners)}
    names |= {m.name for m in proposal.members}
    return Team(
        owner_id=owner.id,
        mailbox=mailbox(owner.email),
        tax_codes=frozenset(codes),
        names=frozenset(plain(n) for n in names),
    )
