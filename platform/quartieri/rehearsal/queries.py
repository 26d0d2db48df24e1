"""Reading rehearsals, and what a rehearsal takes along of a draft."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.calls.models import Call, HistoricalProject
from quartieri.calls.queries import pool_draft
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.queries.persons import gifts_by_person
from quartieri.campaigns.rules import PledgeState
from quartieri.db import get
from quartieri.people.models import User
from quartieri.programmes.queries import areas
from quartieri.proposals.models import Proposal
from quartieri.rehearsal.models import Rehearsal
from quartieri.rehearsal.simulation import Past
from quartieri.rehearsal.trial.copy import CallCopy

MOST = 10
"""How many rehearsals of a call are listed, and kept."""
MOST_SEED = 999_999
"""The largest number of a story."""


def rehearsal_by_id(session: Session, rehearsal_id: int) -> Rehearsal:
    """Give a rehearsal; raise NotFoundError."""
    return get(session, Rehearsal, rehearsal_id)


def rehearsals(session: Session, call_id: int) -> list[tuple[Rehearsal, str]]:
    """List a call's rehearsals without their reports, the latest first: (rehearsal, who asked)."""
    rows = session.execute(
        sa.select(Rehearsal, User.name)
        .options(sa.orm.defer(Rehearsal.report))
        .outerjoin(User, User.id == Rehearsal.asked_by)
        .where(Rehearsal.call_id == call_id)
        .order_by(Rehearsal.id.desc())
        .limit(MOST)
    )
    return [(rehearsal, name or "") for rehearsal, name in rows]


def copy_of(session: Session, call: Call, *, at: datetime) -> CallCopy:
    """Take a draft along as it stands; ``at`` is when it is published in the rehearsal."""
    return CallCopy(
        authority=call.authority.name,
        areas=tuple((a.code, a.name_it) for a in areas(session, call.authority_id)),
        design=call.design,
        windows=tuple((w.opens_at, w.closes_at) for w in call.windows),
        endowment_cents=pool_draft(session, call).endowment_cents or 0,
        at=at,
        endowments=tuple(w.endowment_cents for w in call.windows),
    )


def past_campaigns(session: Session, authority_id: int) -> tuple[list[Past], int]:
    """Give an authority's campaigns that ended with all figures that a rule needs.

    Those of past editions as public sources tell them, then this site's own; and how many of the
    past editions are left out because their cost, target or sum was never published.
    """
    rows = session.execute(
        sa.select(HistoricalProject, Call.title_it)
        .join(Call, Call.id == HistoricalProject.call_id)
        .where(Call.authority_id == authority_id)
        .order_by(HistoricalProject.call_id, HistoricalProject.position)
    ).all()
    found = [
        Past(
            title=one.title,
            call=title,
            cost_cents=one.cost_cents,
            target_cents=one.target_cents,
            raised_cents=one.raised_cents,
            backers=one.backers,
            real=True,
            source_url=one.source_url,
        )
        for one, title in rows
        if one.cost_cents and one.target_cents and one.raised_cents is not None
    ]
    return [*found, *_own(session, authority_id)], len(rows) - len(found)


def _own(session: Session, authority_id: int) -> list[Past]:
    rows = session.execute(
        sa.select(
            Campaign.id,
            Campaign.title,
            Campaign.cost_cents,
            Campaign.target_cents,
            Campaign.decided_cents,
            Campaign.decided_backers,
            Call.title_it,
            Call.invented,
        )
        .join(Proposal, Proposal.id == Campaign.proposal_id)
        .join(Call, Call.id == Proposal.call_id)
        .where(Call.authority_id == authority_id, Campaign.decided_cents.is_not(None))
        .order_by(Campaign.id)
    ).all()
    gifts = gifts_by_person(session, [row.id for row in rows], frozenset({PledgeState.PAID}))
    return [
        Past(
            title=row.title,
            call=row.title_it,
            cost_cents=row.cost_cents,
            target_cents=row.target_cents,
            raised_cents=row.decided_cents,
            backers=row.decided_backers,
            real=not row.invented,
            gifts=_all_of(tuple(gifts.get(row.id, {}).values()), row.decided_cents),
        )
        for row in rows
    ]


def _all_of(gifts: tuple[int, ...], decided_cents: int) -> tuple[int, ...]:
    """Give the gifts if they make up what was decided on; a campaign that failed has none left."""
    return tuple(cents for cents in gifts if cents) if sum(gifts) == decided_cents else ()
