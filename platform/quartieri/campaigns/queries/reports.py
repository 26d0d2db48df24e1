"""Reports of campaigns, for the office."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.models import Call
from quartieri.campaigns.models import Campaign, Report
from quartieri.campaigns.queries.manage import scoped
from quartieri.campaigns.rules import ReportState
from quartieri.people.rules import Scope
from quartieri.proposals.models import Proposal

MOST = 200


def reports_to_see_to(session: Session, *, scopes: Sequence[Scope] | None) -> list[Report]:
    """List the reports in ``scopes``: the open ones first, the oldest at the top; then decided."""
    return list(
        session.scalars(
            sa.select(Report)
            .join(Campaign, Campaign.id == Report.campaign_id)
            .join(Proposal, Proposal.id == Campaign.proposal_id)
            .join(Call, Call.id == Proposal.call_id)
            .where(*scoped(scopes))
            .options(
                joinedload(Report.campaign)
                .joinedload(Campaign.proposal)
                .load_only(Proposal.call_id)
                .joinedload(Proposal.call)
                .load_only(Call.authority_id),
                joinedload(Report.decider),
            )
            .order_by(Report.state != ReportState.OPEN, Report.id)
            .limit(MOST)
        )
    )
