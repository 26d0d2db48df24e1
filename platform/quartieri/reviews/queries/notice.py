"""What the published notice says of a window's evaluation: criteria, stages, ranking rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from quartieri.calls.design import (
    Aggregation,
    CallDesign,
    CriterionDesign,
    Division,
    GroupDesign,
    Normalisation,
    NotApplicable,
    Scoring,
    Stage,
)
from quartieri.calls.models import CallEdition, Criterion, Window
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.reviews.models import Ranking
from quartieri.reviews.ranking import (
    CriterionRule,
    GroupRule,
    ListRule,
    Quota,
    RankingRules,
    RunsOut,
)
from quartieri.reviews.rules import Scale


def edition_of(session: Session, window: Window) -> CallEdition:
    """Give the edition that a window is judged by: the call's last one at the window's deadline.

    A rectification after it changes nothing for those who applied in time.
    """
    edition = session.scalars(
        sa.select(CallEdition)
        .where(CallEdition.call_id == window.call_id, CallEdition.published_at <= window.closes_at)
        .order_by(CallEdition.number.desc())
        .limit(1)
    ).first()
    if edition is None:
        raise InvalidError(lazy("This call is not published."))
    return edition


def stage_of(design: CallDesign, number: int) -> Stage:
    """Give a stage of an evaluation by its number; past the last, the last."""
    stages = design.evaluation.run
    return stages[min(max(number, 1), len(stages)) - 1]


def criteria_in(criteria: Iterable[Criterion], stage: Stage) -> list[Criterion]:
    """Keep the criteria that a stage is judged by, in their order."""
    wanted = {c.code for c in stage.criteria}
    return [c for c in criteria if c.code in wanted]


def rules_of(design: CallDesign, number: int = 1, *, seed: str | None = None) -> RankingRules:
    """Give the rules of a stage's ranking as a published design states them; raise InvalidError.

    A stage before the last is a gate: it admits, without money, and by lists and quotas only where
    they say how many go on. ``seed`` is that of the public draw.
    """
    evaluation, stage = design.evaluation, stage_of(design, number)
    runs_out = evaluation.when_money_runs_out
    if design.money.no_money:
        runs_out = RunsOut.STOP.value
    if runs_out is None:
        raise InvalidError(lazy("The call does not say what happens when the money runs out."))
    codes = {c.code for c in stage.criteria}
    return RankingRules(
        criteria=tuple(
            CriterionRule(c.code, c.maximum, c.weight, c.minimum, c.group or None)
            for c in stage.criteria
        ),
        when_money_runs_out=RunsOut(runs_out),
        minimum_total=stage.minimum_total,
        minimum_sheets=1 if evaluation.collegial or not stage.scored else stage.sheets,
        groups=tuple(GroupRule(g.code, g.minimum, g.gate) for g in stage.groups),
        tie_break=tuple(
            rule
            for rule in evaluation.tie_break
            if not rule.startswith("criterion:") or rule.partition(":")[2] in codes
        ),
        quotas=_quotas(evaluation.quotas, stage),
        draw_seed=seed,
        aggregation=Aggregation(evaluation.aggregation),
        scoring=Scoring(evaluation.scoring),
        normalisation=Normalisation(evaluation.normalisation),
        not_applicable=NotApplicable(evaluation.not_applicable),
        lists=_lists(evaluation.lists, stage),
        places=evaluation.places if stage.last else stage.admitted,
        gate=not stage.last,
    )


def _lists(lists: Division, stage: Stage) -> tuple[ListRule, ...]:
    if stage.last and lists.by:
        return tuple(
            ListRule(p.code, p.places, p.endowment_cents, p.flat_cents) for p in lists.parts
        )
    return tuple(ListRule(p.code, p.admitted) for p in lists.parts) if lists.admits else ()


def _quotas(quotas: Division, stage: Stage) -> tuple[Quota, ...]:
    if stage.last and quotas.by:
        return tuple(Quota(p.code, p.places, p.endowment_cents) for p in quotas.parts)
    return tuple(Quota(p.code, p.admitted) for p in quotas.parts) if quotas.admits else ()


def drawn_seed(session: Session, window_id: int, stage: int) -> str | None:
    """Give the seed that a stage's draw was first held with; it is never chosen again."""
    seed = Ranking.inputs["rules"]["draw_seed"].as_string()
    return session.scalar(
        sa.select(seed)
        .where(Ranking.window_id == window_id, Ranking.stage == stage, seed.is_not(None))
        .order_by(Ranking.number)
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class SheetNotice:
    """What the notice says of the sheets of one stage; ``criteria`` are the edition's rows."""

    design: CallDesign
    stage: Stage
    criteria: tuple[Criterion, ...]

    @property
    def scored(self) -> tuple[Criterion, ...]:
        """The criteria that reviewers score; the others have imported results."""
        wanted = {c.code for c in self.stage.scored}
        return tuple(c for c in self.criteria if c.code in wanted)

    @property
    def rules(self) -> RankingRules:
        """What a sheet is added up by: the rules of the criteria that reviewers score."""
        whole = rules_of(self.design, self.stage.number)
        scales = self.scales
        kept = tuple(c for c in whole.criteria if c.code in scales)
        ties = tuple(t for t in whole.tie_break if not t.startswith("criterion:"))
        return replace(whole, criteria=kept, tie_break=ties)

    @property
    def scales(self) -> dict[str, Scale]:
        """How points are given on each criterion, in their order."""
        absent = self.design.evaluation.not_applicable != NotApplicable.REFUSED
        return {c.code: Scale(c.code, c.maximum, c.step, absent) for c in self.stage.scored}

    @property
    def marks(self) -> dict[str, CriterionDesign]:
        """The criteria as they were designed, with their bands and steps, by code."""
        return {c.code: c for c in self.stage.criteria}

    @property
    def grouped(self) -> list[tuple[GroupDesign | None, list[Criterion]]]:
        """The criteria by group, in the order of the first of each; None: of no group."""
        groups = {g.code: g for g in self.stage.groups}
        marks = self.marks
        found: dict[str, list[Criterion]] = {}
        for criterion in self.scored:
            group = marks[criterion.code].group
            found.setdefault(group or f":{criterion.code}", []).append(criterion)
        return [(groups.get(code), many) for code, many in found.items()]


def sheet_notice(session: Session, window: Window, stage: int) -> SheetNotice:
    """Give what the notice says of the sheets of a window's stage; one query."""
    edition = (
        session.scalars(
            sa.select(CallEdition)
            .where(CallEdition.id == _newest(window))
            .options(joinedload(CallEdition.criteria))
            .execution_options(populate_existing=True)
        )
        .unique()
        .first()
    )
    if edition is None:
        raise InvalidError(lazy("This call is not published."))
    design = edition.design
    found = stage_of(design, stage)
    return SheetNotice(design, found, tuple(criteria_in(edition.criteria, found)))


def _newest(window: Window) -> sa.ScalarSelect[int]:
    return (
        sa.select(CallEdition.id)
        .where(CallEdition.call_id == window.call_id)
        .order_by(CallEdition.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def designs_of(session: Session, call_ids: Iterable[int]) -> dict[int, CallDesign]:
    """Give the last published design of some calls, by call id; one query."""
    rows = session.execute(
        sa.select(CallEdition)
        .where(CallEdition.call_id.in_(list(call_ids)))
        .order_by(CallEdition.number)
    ).scalars()
    return {edition.call_id: edition.design for edition in rows}
