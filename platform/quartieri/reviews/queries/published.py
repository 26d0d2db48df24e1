"""Rankings as they are shown: to the office, and to everybody once published."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, defer, joinedload

from quartieri.calls.models import Criterion, Window
from quartieri.people.models import Organisation
from quartieri.proposals.models import Proposal
from quartieri.reviews.models import Assignment, Ranking, RankingEntry, Score
from quartieri.reviews.ranking import Entry
from quartieri.reviews.ranking.documents import result_format
from quartieri.reviews.rules import PUBLIC_RANKING_STATES, Line, RankingOutcome


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
    line: int
    proposal_id: int
    slug: str
    title: str
    organisation: str


def result_document(ranking: Ranking) -> dict[str, Any]:
    """Give the published result as ``ranking.rank`` writes it, from the stored entries."""
    allotted = sum(e.amount_cents for e in ranking.entries)
    return {
        "format": result_format(ranking.inputs),
        "input_sha256": ranking.inputs_sha256,
        "endowment_cents": ranking.endowment_cents,
        "allotted_cents": allotted,
        "left_cents": ranking.endowment_cents - allotted,
        "entries": [e.detail for e in ranking.entries],
    }


PAGE = 250
ELIGIBLE = frozenset(
    {RankingOutcome.FUNDED, RankingOutcome.ELIGIBLE_UNFUNDED, RankingOutcome.ADMITTED}
)
"""Whom the public reads by name; whoever does not go on stays a protocol number."""


class Summary(NamedTuple):
    """A ranking at a glance: lines, money reserved (cents), where money or places end."""

    lines: int
    eligible: int
    allotted_cents: int
    last_funded: int


def summary(session: Session, ranking: Ranking) -> Summary:
    """Add up a ranking's lines; one query.

    ``last_funded`` is the number of the last line that is funded, or admitted; 0 when none is.
    """
    funded = RankingEntry.outcome.in_((RankingOutcome.FUNDED, RankingOutcome.ADMITTED))
    row = session.execute(
        sa.select(
            sa.func.count(RankingEntry.id),
            sa.func.count(RankingEntry.position),
            sa.func.coalesce(sa.func.sum(RankingEntry.amount_cents), 0),
            sa.func.coalesce(sa.func.max(sa.case((funded, RankingEntry.line))), 0),
        ).where(RankingEntry.ranking_id == ranking.id)
    ).one()
    return Summary(*(int(v) for v in row))


def published_entries(
    session: Session,
    ranking: Ranking,
    *,
    office: bool = False,
    page: int | None = None,
    size: int = PAGE,
) -> list[Shown]:
    """List a ranking's lines in their order, or one page of them; one query.

    Before the public an application that is not eligible, excluded or withdrawn has its protocol
    number alone; the office sees all.
    """
    query = (
        sa.select(
            RankingEntry.detail,
            RankingEntry.outcome,
            RankingEntry.line,
            Proposal.id,
            Proposal.slug,
            Proposal.title,
            Organisation.name,
        )
        .join(Proposal, Proposal.id == RankingEntry.proposal_id)
        .join(Organisation, Organisation.id == Proposal.organisation_id)
        .where(RankingEntry.ranking_id == ranking.id)
        .order_by(RankingEntry.line)
    )
    if page is not None:
        query = query.offset((page - 1) * size).limit(size)
    rows = session.execute(query).all()
    entries = [Entry.from_json(row[0]) for row in rows]
    shown = []
    for entry, (_, outcome, number, proposal_id, slug, title, name) in zip(
        entries, rows, strict=True
    ):
        named = office or outcome in ELIGIBLE
        shown.append(
            Shown(
                entry,
                number,
                proposal_id,
                slug,
                title if named else "",
                name if named else "",
            )
        )
    return shown


def as_entry(entry: RankingEntry) -> Entry:
    """Give a stored line as the value that ``ranking.rank`` gives."""
    return Entry.from_json(entry.detail)


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


def entry_of(session: Session, ranking: Ranking, proposal_id: int) -> RankingEntry | None:
    """Give an application's line in a ranking."""
    return session.scalars(
        sa.select(RankingEntry).where(
            RankingEntry.ranking_id == ranking.id, RankingEntry.proposal_id == proposal_id
        )
    ).one_or_none()


def published_sheets(
    session: Session, ranking: Ranking, entry: RankingEntry
) -> list[dict[str, Line]]:
    """Give an application's sheets as a ranking counted them, by criterion; nobody is named.

    The points are the published inputs; the comments those that stood beside them when it was
    computed, whatever was reopened or voided later.
    """
    found = next((c for c in ranking.inputs["candidates"] if c["key"] == entry.detail["key"]), None)
    if found is None:
        return []
    rows = session.execute(
        sa.select(
            Score.assignment_id,
            Criterion.code,
            Score.points,
            Score.comment,
            Score.not_applicable,
        )
        .join(Criterion, Criterion.id == Score.criterion_id)
        .join(Assignment, Assignment.id == Score.assignment_id)
        .where(Assignment.proposal_id == entry.proposal_id, Score.at <= ranking.computed_at)
        .where(Assignment.stage == ranking.stage)
        .order_by(Score.assignment_id, Score.version, Score.id)
    )
    written: dict[int, dict[str, Line]] = {}
    for assignment_id, code, points, comment, absent in rows:
        written.setdefault(assignment_id, {})[code] = Line(points, comment, absent)
    sheets = []
    for sheet in found["sheets"]:
        given: dict[str, Decimal | None] = {
            code: Decimal(points) for code, points in sheet["points"].items()
        }
        given |= dict.fromkeys(sheet.get("not_applicable", ()))
        match = next(
            (a for a, lines in written.items() if {c: v.points for c, v in lines.items()} == given),
            None,
        )
        comments = written.pop(match) if match is not None else {}
        sheets.append(
            {
                code: Line(points, comments.get(code, Line()).comment, points is None)
                for code, points in given.items()
            }
        )
    return sheets
