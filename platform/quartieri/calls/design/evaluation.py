"""How applications are scored and ranked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from quartieri.calls.design.criteria import (
    CriterionDesign,
    GroupDesign,
    read_criterion,
    read_group,
)
from quartieri.calls.design.division import Division, read_division
from quartieri.calls.design.reading import (
    MOST_NUMBER,
    TITLE_LIMIT,
    Reader,
    Text,
    code_of,
    different,
    named,
)
from quartieri.calls.design.scoring import Aggregation, Normalisation, NotApplicable, Scoring
from quartieri.kit.labels import N_, LabelEnum, lazy

TIE_FIXED = ("received", "protocol", "draw")


class WhenMoneyRunsOut(LabelEnum):
    """What happens when the next project in the ranking does not fit in the money left."""

    STOP = "stop", N_("The list stops there")
    SKIP = "skip", N_("It is skipped; the next one that fits is funded")
    PART = "part", N_("It gets what is left")
    OFFER = (
        "offer",
        N_("It is offered what is left, if it re-scopes; then the next one is"),
    )


@dataclass(frozen=True, slots=True)
class StageDesign:
    """One of several stages, as the notice writes it."""

    code: str
    title: Text
    criteria: tuple[str, ...] = ()
    """The codes of the criteria that it is judged by; none: all."""
    minimum_total: Decimal | None = None
    """None: none is asked."""
    sheets: int = 0
    """0: as many as the call says."""
    admitted: int | None = None
    """How many go on to the next stage; None: all that reach the minimums."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage as it is run; a call without stages has one, the last.

    ``number`` counts from 1. ``minimum_total`` None: not stated yet, or none is asked.
    """

    number: int
    title: Text
    criteria: tuple[CriterionDesign, ...]
    groups: tuple[GroupDesign, ...]
    minimum_total: Decimal | None
    sheets: int
    admitted: int | None
    last: bool

    @property
    def scored(self) -> tuple[CriterionDesign, ...]:
        """The criteria that reviewers score."""
        return tuple(c for c in self.criteria if c.result is None)

    @property
    def imported(self) -> tuple[CriterionDesign, ...]:
        """The criteria whose result is imported."""
        return tuple(c for c in self.criteria if c.result is not None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How applications are scored and ranked."""

    criteria: tuple[CriterionDesign, ...] = ()
    minimum_total: Decimal | None = None
    """None: not stated yet; 0: none is asked. Of a call without stages."""
    sheets: int = 0
    """How many reviewers' sheets each application needs; 0: not stated yet. Where the commission
    agrees on one sheet: how many of its members must take part."""
    tie_break: tuple[str, ...] = ()
    """In order: ``criterion:<code>``, ``received``, ``protocol``, ``draw``; the last settles."""
    when_money_runs_out: str | None = None
    """``stop``, ``skip``, ``part`` or ``offer``; None: not stated yet."""
    provisional: bool = False
    """True when a provisional ranking, open to objections, comes before the final one."""
    groups: tuple[GroupDesign, ...] = ()
    stated_total: Decimal | None = None
    """What all criteria together are said to give at most; None: nothing is said."""
    scoring: str = Scoring.POINTS.value
    aggregation: str = Aggregation.MEAN.value
    normalisation: str = Normalisation.NONE.value
    not_applicable: str = NotApplicable.REFUSED.value
    blind: bool = False
    """True when reviewers do not see who applies."""
    collegial: bool = False
    """True when the commission agrees on one sheet, which its secretary writes."""
    draw_source: Text = field(default_factory=dict)
    """What the seed of the public draw is taken from, so that nobody can choose it."""
    places: int | None = None
    """How many are funded at most, in all lists together; None: as the money goes."""
    lists: Division = field(default_factory=Division)
    quotas: Division = field(default_factory=Division)
    stages: tuple[StageDesign, ...] = ()
    """Two or more; none: there is one."""

    @property
    def maximum_total(self) -> Decimal:
        """The most points that an application can reach on all criteria."""
        return self.most(self.criteria)

    def most(self, criteria: tuple[CriterionDesign, ...]) -> Decimal:
        """Give the most that a sheet can have on some criteria, weights counted."""
        weighted = self.scoring == Scoring.WEIGHTS
        return sum((c.weight if weighted else c.maximum * c.weight for c in criteria), Decimal(0))

    def most_total(self, stage: Stage) -> Decimal:
        """Give the highest score that a stage can end with: that of a sheet, or of their sum."""
        times = stage.sheets if self.aggregation == Aggregation.SUM and not self.collegial else 1
        return self.most(stage.criteria) * times

    @property
    def run(self) -> tuple[Stage, ...]:
        """The stages in their order, at least one; only the last gives money."""
        if not self.stages:
            return (
                Stage(
                    number=1,
                    title={},
                    criteria=self.criteria,
                    groups=self.groups,
                    minimum_total=self.minimum_total,
                    sheets=self.sheets,
                    admitted=None,
                    last=True,
                ),
            )
        return tuple(
            self._stage(n, one, last=n == len(self.stages))
            for n, one in enumerate(self.stages, start=1)
        )

    def _stage(self, number: int, one: StageDesign, *, last: bool) -> Stage:
        criteria = tuple(c for c in self.criteria if not one.criteria or c.code in one.criteria)
        used = {c.group for c in criteria}
        return Stage(
            number=number,
            title=one.title,
            criteria=criteria,
            groups=tuple(g for g in self.groups if g.code in used),
            minimum_total=one.minimum_total,
            sheets=one.sheets or self.sheets,
            admitted=one.admitted,
            last=last,
        )


def evaluation_sha256(document: Mapping[str, Any]) -> str:
    """Give the hash of the rules of evaluation in a frozen design's document, as it was frozen."""
    text = json.dumps(
        document.get("evaluation", {}), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def read_evaluation(given: Reader) -> Evaluation:
    """Read the rules of evaluation; DesignError names the first fault."""
    groups = given.items("groups", read_group)
    different(given, "groups", (g.code for g in groups))
    criteria = given.items("criteria", read_criterion)
    different(given, "criteria", (c.code for c in criteria))
    known = {g.code for g in groups}
    for n, criterion in enumerate(criteria):
        if criterion.group and criterion.group not in known:
            place = f"{given.at('criteria')}/{n}"
            Reader({}, place).contradict("group", lazy("must be the code of a group"))
    ties = (*(f"criterion:{c.code}" for c in criteria), *TIE_FIXED)
    tie_break = given.items("tie_break", named(ties))
    different(given, "tie_break", tie_break)
    evaluation = Evaluation(
        criteria=criteria,
        minimum_total=given.decimal("minimum_total"),
        sheets=given.whole("sheets", most=MOST_NUMBER) or 0,
        tie_break=tie_break,
        when_money_runs_out=given.choice("when_money_runs_out", WhenMoneyRunsOut),
        provisional=given.flag("provisional"),
        groups=groups,
        stated_total=given.decimal("stated_total"),
        scoring=given.choice("scoring", Scoring) or Scoring.POINTS.value,
        aggregation=given.choice("aggregation", Aggregation) or Aggregation.MEAN.value,
        normalisation=given.choice("normalisation", Normalisation) or Normalisation.NONE.value,
        not_applicable=given.choice("not_applicable", NotApplicable) or NotApplicable.REFUSED.value,
        blind=given.flag("blind"),
        collegial=given.flag("collegial"),
        draw_source=given.text("draw_source"),
        places=given.whole("places", most=MOST_NUMBER),
        lists=read_division(given.inner("lists")),
        quotas=read_division(given.inner("quotas")),
        stages=given.items("stages", lambda v, p: _stage_design(v, p, [c.code for c in criteria])),
    )
    different(given, "stages", (s.code for s in evaluation.stages))
    given.done()
    return evaluation


def _stage_design(value: Any, pointer: str, codes: list[str]) -> StageDesign:
    given = Reader(value, pointer)
    stage = StageDesign(
        code=code_of(given, "code"),
        title=given.text("title", most=TITLE_LIMIT),
        criteria=given.items("criteria", named(codes)),
        minimum_total=given.decimal("minimum_total"),
        sheets=given.whole("sheets", most=MOST_NUMBER) or 0,
        admitted=given.whole("admitted", most=MOST_NUMBER),
    )
    different(given, "criteria", stage.criteria)
    given.done()
    return stage
