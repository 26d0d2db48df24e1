"""Telling applicants what a published ranking says of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.extensions import services
from quartieri.kit.money import Money
from quartieri.mail import actions as mail
from quartieri.proposals.models import Proposal
from quartieri.reviews.models import Ranking, RankingEntry
from quartieri.reviews.queries.notice import edition_of, stage_of
from quartieri.reviews.rules import RankingOutcome

BATCH = 50
"""Letters in one unit of work: the writer's lock on SQLite is short."""


def tell(
    session: Session,
    ranking: Ranking,
    *,
    final: bool,
    corrected: bool,
    after: int,
    at: datetime,
) -> int | None:
    """Write the next letters after a line of the ranking; give where to go on, None at the end.

    A letter is written once for each publication, however often this is asked.
    """
    entries = list(
        session.scalars(
            sa.select(RankingEntry)
            .where(RankingEntry.ranking_id == ranking.id, RankingEntry.line > after)
            .options(joinedload(RankingEntry.proposal).joinedload(Proposal.owner))
            .order_by(RankingEntry.line)
            .limit(BATCH)
        )
    )
    window = ranking.window
    design = edition_of(session, window).design
    base = services().settings.base_url
    occasion = "final" if final else "provisional"
    stage = stage_of(design, ranking.stage)
    following = stage_of(design, ranking.stage + 1).title
    for entry in entries:
        if entry.outcome is RankingOutcome.WITHDRAWN:
            continue
        owner = entry.proposal.owner
        mail.write(
            session,
            "ranking_outcome",
            to=owner.email,
            language=owner.language,
            key=f"ranking-{occasion}:{ranking.id}:{entry.proposal_id}",
            at=at,
            about=("proposal", entry.proposal_id),
            name=owner.name,
            proposal=entry.proposal,
            call=window.call,
            window=window,
            outcome=entry.outcome,
            position=entry.position,
            score=entry.total,
            amount=Money(entry.amount_cents),
            campaigns=design.has_campaigns,
            no_money=design.money.no_money,
            gate=not stage.last,
            next_stage=following.get(owner.language) or following.get("it", ""),
            provisional=not final,
            corrected=corrected,
            contact=design.contact or window.call.authority.contact,
            url=f"{base}/calls/{window.call.slug}/ranking/{window.number}",
            sheet_url=f"{base}/applications/{entry.proposal_id}/scores",
        )
    return entries[-1].line if len(entries) == BATCH else None
