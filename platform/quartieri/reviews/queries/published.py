"""Rankings as they are shown: to the office, and to everybody once published."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload

from quartieri.calls.models import Window
from quartieri.people.models import Organisation
from quartieri.proposals.models import Proposal
from quartieri.reviews.models import Ranking, RankingEntry
from quartieri.reviews.ranking import Entry
from quartieri.reviews.ranking import Ranking as Result
from quartieri.reviews.rules import PUBLIC_RANKING_STATES, RankingOutcome


def rankings_of(session: Session, window_id: int) -> list[Ranking]:
    """List every ranking of a window, the newest first, without their inputs."""
    return list(
        session.scalars(
            sa.select(Ranking)
            .where(Ranking.window_id == window_id)
            .options(defer(Ranking.inputs), joinedload(Ranking.act))
            .order_by(Ranking.number.desc())
        )
    )


def public_rankings(session: Session, window_id: int) -> list[Ranking]:
    """List the published rankings of a window, the newest first, without their inputs."""
    return [r for r in rankings_of(session, window_id) if r.state in PUBLIC_RANKING_STATES]


class Shown(NamedTuple):
    """One line as a page shows it. The public sees title and name of the eligible alone."""

    entry: Entry
    proposal_id: int
    slug: str
    title: str
    organisation: str


def result_document(ranking: Ranking) -> dict[str, Any]:
    """Give the published result as ``ranking.rank`` writes it, from the stored entries."""
    allotted = sum(e.amount_cents for e in ranking.entries)
    return {
        "format": "quartieri-ranking-1",
        "input_sha256": ranking.inputs_sha256,
        "endowment_cents": ranking.endowment_cents,
        "allotted_cents": allotted,
        "left_cents": ranking.endowment_cents - allotted,
        "entries": [e.detail for e in ranking.entries],
    }


ELIGIBLE = frozenset({RankingOutcome.FUNDED, RankingOutcome.ELIGIBLE_UNFUNDED})


def published_entries(session: Session, ranking: Ranking, *, office: bool = False) -> list[Shown]:
    """List a ranking's lines in their order; one query.

    Before the public an application that is not eligible, excluded or withdrawn has its protocol
    number alone; the office sees all.
    """
    rows = session.execute(
        sa.select(
            RankingEntry.detail,
            RankingEntry.outcome,
            Proposal.id,
            Proposal.slug,
            Proposal.title,
            Organisation.name,
        )
        .join(Proposal, Proposal.id == RankingEntry.proposal_id)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(RankingEntry.ranking_id == ranking.id)
        .order_by(RankingEntry.line)
    ).all()
    entries = Result.from_json(
        {
            "format": "quartieri-ranking-1",
            "input_sha256": ranking.inputs_sha256,
            "endowment_cents": ranking.endowment_cents,
            "entries": [row[0] for row in rows],
        }
    ).entries
    shown = []
    for entry, (_, outcome, proposal_id, slug, title, name) in zip(entries, rows, strict=True):
        named = office or outcome in ELIGIBLE
        shown.append(
            Shown(
                entry,
                proposal_id,
                slug,
                title if named else "",
                name if named else "",
            )
        )
    return shown


def titles_of(session: Session, ranking: Ranking) -> dict[str, str]:
    """Give the public titles by protocol number: those of the eligible."""
    return {
        shown.entry.key: shown.title for shown in published_entries(session, ranking) if shown.title
    }


def ranking_by_number(session: Session, window: Window, number: int | None) -> Ranking | None:
    """Give a published ranking of a window by its number; None as number: the newest."""
    found = public_rankings(session, window.id)
    if number is None:
        return found[0] if found else None
    return next((r for r in found if r.number == number), None)
