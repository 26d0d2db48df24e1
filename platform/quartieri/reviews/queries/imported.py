"""Imported results of a window: the files, what they say, what is in force."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.design import CriterionDesign, ImportedResult, Stage
from quartieri.calls.models import Window
from quartieri.proposals.models import Proposal
from quartieri.reviews.models import ImportedFile, ImportedPoints
from quartieri.reviews.queries.inputs import EXCLUDED, GONE, evaluated, results_in_force
from quartieri.reviews.queries.notice import edition_of, stage_of
from quartieri.reviews.ranking.imported import Reading, points_of, read_result


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do: what it says, the points that follow, and for whom."""

    criterion: CriterionDesign
    reading: Reading
    points: dict[str, Decimal]
    titles: dict[str, str]
    ids: dict[str, int]


def imported_files(session: Session, window_id: int) -> list[ImportedFile]:
    """List a window's files, the newest first, without what they hold."""
    return list(
        session.scalars(
            sa.select(ImportedFile)
            .where(ImportedFile.window_id == window_id)
            .options(sa.orm.defer(ImportedFile.content), joinedload(ImportedFile.act))
            .order_by(ImportedFile.id.desc())
        )
    )


def criterion_of(session: Session, window: Window, stage: int, code: str) -> CriterionDesign | None:
    """Give a criterion of a stage whose result is imported, by its code."""
    found = stage_of(edition_of(session, window).design, stage)
    return next((c for c in found.imported if c.code == code), None)


def preview(session: Session, file: ImportedFile) -> Preview | None:
    """Read a file against the applications of its stage; nothing is stored."""
    criterion = criterion_of(session, file.window, file.stage, file.criterion)
    if criterion is None or criterion.result is None:
        return None
    keys = evaluated(session, file.window_id, file.stage)
    rows = session.execute(
        sa.select(Proposal.id, Proposal.title, Proposal.state)
        .where(Proposal.id.in_(keys.values()))
        .order_by(Proposal.id)
    ).all()
    out = {row.id for row in rows if row.state in EXCLUDED | GONE}
    titles = {row.id: row.title for row in rows}
    taking = {key: i for key, i in keys.items() if i not in out}
    kind = ImportedResult(criterion.result)
    gone = {key: i for key, i in keys.items() if i in out}
    reading = read_result(file.content, kind, criterion.maximum, taking, gone)
    return Preview(
        criterion,
        reading,
        points_of(reading.values, kind, criterion.maximum),
        {key: titles[i] for key, i in keys.items()},
        keys,
    )


def missing_results(session: Session, window: Window, stage: Stage) -> list[CriterionDesign]:
    """List the criteria of a stage whose result is not imported yet, in their order."""
    found = results_in_force(session, window.id, stage.number)
    done = {code for given in found.values() for code, _points in given}
    return [c for c in stage.imported if c.code not in done]


def files_in_force(session: Session, window_id: int, stage: int) -> dict[str, ImportedFile]:
    """Give the confirmed file of each criterion of a stage that counts now: the newest."""
    rows = session.scalars(
        sa.select(ImportedFile)
        .where(ImportedFile.window_id == window_id, ImportedFile.stage == stage)
        .where(ImportedFile.confirmed_at.is_not(None))
        .options(sa.orm.defer(ImportedFile.content), joinedload(ImportedFile.act))
        .order_by(ImportedFile.confirmed_at, ImportedFile.id)
    )
    return {row.criterion: row for row in rows}


def values_of(session: Session, file: ImportedFile) -> dict[int, Decimal]:
    """Give what a confirmed file said of each application, by id."""
    found: dict[int, Decimal] = defaultdict(Decimal)
    for row in session.scalars(sa.select(ImportedPoints).where(ImportedPoints.file_id == file.id)):
        found[row.proposal_id] = row.value
    return found
