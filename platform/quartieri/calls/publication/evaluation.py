"""How applications are scored and ranked: whether the rules add up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from quartieri.calls.design import (
    Aggregation,
    CallDesign,
    CriterionDesign,
    Evaluation,
    GroupDesign,
    Normalisation,
    Stage,
    WhenMoneyRunsOut,
)
from quartieri.calls.gaps import City, Gap, PoolDraft, Step
from quartieri.calls.publication.divisions import of_divisions
from quartieri.calls.publication.texts import row
from quartieri.kit.labels import N_, lazy

HERE = Step.EVALUATION


def of_evaluation(design: CallDesign, pool: PoolDraft, city: City) -> Iterator[Gap]:
    """List what cannot be in the rules of evaluation."""
    evaluation = design.evaluation
    if not evaluation.criteria:
        yield Gap(HERE, lazy("There are no evaluation criteria."), "criteria")
    for n, criterion in enumerate(evaluation.criteria):
        yield from _criterion(n, criterion)
    for n, group in enumerate(evaluation.groups):
        yield from _group(n, group, evaluation)
    yield from _totals(evaluation)
    yield from _stages(evaluation)
    yield from _imported(evaluation)
    scored = not evaluation.criteria or any(c.result is None for c in evaluation.criteria)
    if evaluation.sheets < 1 and scored:
        yield Gap(HERE, lazy("State how many reviewers score each application."), "sheets")
    yield from _ties(evaluation)
    yield from of_divisions(design, pool, city)
    yield from _money_out(design)


def _totals(evaluation: Evaluation) -> Iterator[Gap]:
    complete = all(c.maximum > 0 and c.weight > 0 for c in evaluation.criteria)
    stated, most = evaluation.stated_total, evaluation.maximum_total
    if complete and stated is not None and stated != most:
        yield Gap(
            HERE,
            lazy(
                "The criteria add up to %(sum)s points, but %(stated)s are stated.",
                sum=_points(most),
                stated=_points(stated),
            ),
            "stated_total",
        )
    if evaluation.stages:
        return
    if evaluation.minimum_total is None:
        yield Gap(
            HERE,
            lazy("State the lowest total score that can be funded (0: none is asked)."),
            "minimum_total",
        )
    elif complete:
        yield from _reach(evaluation, evaluation.run[0], "minimum_total")


def _reach(evaluation: Evaluation, stage: Stage, name: str) -> Iterator[Gap]:
    minimum, most = stage.minimum_total, evaluation.most_total(stage)
    if minimum is not None and minimum > most:
        yield Gap(
            HERE,
            lazy(
                "Nobody can reach the minimum of %(minimum)s points: all criteria together"
                " give at most %(maximum)s.",
                minimum=_points(minimum),
                maximum=_points(most),
            ),
            name,
        )


def _stages(evaluation: Evaluation) -> Iterator[Gap]:
    if not evaluation.stages:
        return
    if len(evaluation.stages) == 1:
        yield Gap(HERE, lazy("One stage alone is no stage: add a second, or none."), "stages")
    used: set[str] = set()
    before: int | None = None
    for n, (one, stage) in enumerate(zip(evaluation.stages, evaluation.run, strict=True)):
        yield from row(HERE, f"stages-{n}-title", N_("Stage %(n)s"), n, one.title)
        yield from _reach(evaluation, stage, f"stages-{n}-minimum_total")
        used |= {c.code for c in stage.criteria}
        if stage.last and one.admitted is not None:
            yield Gap(
                HERE,
                lazy("The last stage admits to nothing: say of its lists how many are funded."),
                f"stages-{n}-admitted",
            )
        if not stage.last and one.admitted == 0:
            yield Gap(
                HERE, lazy("Stage %(n)s would admit nobody.", n=n + 1), f"stages-{n}-admitted"
            )
        if before is not None and one.admitted is not None and one.admitted > before:
            yield Gap(
                HERE,
                lazy("Stage %(n)s admits more than the one before.", n=n + 1),
                f"stages-{n}-admitted",
            )
        before = one.admitted if one.admitted is not None else before
        held = {c.minimum for c in stage.criteria} | {g.minimum for g in stage.groups}
        if not stage.last and one.admitted is None and not one.minimum_total and held <= {None}:
            yield Gap(
                HERE,
                lazy("Stage %(n)s stops nobody: state how many it admits, or a minimum.", n=n + 1),
                f"stages-{n}-admitted",
                blocking=False,
            )
    for n, criterion in enumerate(evaluation.criteria):
        if criterion.code not in used:
            yield Gap(
                HERE,
                lazy("Criterion %(n)s counts in no stage.", n=n + 1),
                f"criteria-{n}-title_it",
            )


def _imported(evaluation: Evaluation) -> Iterator[Gap]:
    """List what an imported result does not go with."""
    if all(c.result is None for c in evaluation.criteria):
        return
    if evaluation.aggregation == Aggregation.SUM:
        yield Gap(
            HERE,
            lazy("An imported result would count once for each sheet: do not add sheets up."),
            "aggregation",
        )
    if evaluation.normalisation != Normalisation.NONE:
        yield Gap(
            HERE,
            lazy("An imported result does not go with bringing reviewers together."),
            "normalisation",
        )


def _ties(evaluation: Evaluation) -> Iterator[Gap]:
    ties = evaluation.tie_break
    if not ties:
        yield Gap(HERE, lazy("State how ties are broken."), "tie_break")
    elif ties[-1] not in {"protocol", "draw"}:
        yield Gap(
            HERE,
            lazy(
                "The last way to break a tie must settle each one: the protocol number, or a public"
                " draw."
            ),
            "tie_break",
        )
    if "draw" in ties:
        for language in ("it", "en"):
            if not evaluation.draw_source.get(language, "").strip():
                yield Gap(
                    HERE,
                    lazy("Say what the seed of the public draw is taken from."),
                    f"draw_source_{language}",
                )
    last = {c.code for c in evaluation.run[-1].criteria}
    for rule in ties:
        kind, _colon, code = rule.partition(":")
        if kind == "criterion" and code not in last:
            yield Gap(
                HERE,
                lazy("Ties go by a criterion that does not count in the last stage."),
                "tie_break",
                blocking=False,
            )


def _money_out(design: CallDesign) -> Iterator[Gap]:
    rule, stated = design.money.rule, design.evaluation.when_money_runs_out
    if stated is None and not design.money.no_money:
        yield Gap(
            HERE,
            lazy("State what happens when the money runs out."),
            "when_money_runs_out",
        )
    elif rule is not None and rule.part_funding != (stated == WhenMoneyRunsOut.PART):
        yield Gap(
            HERE,
            lazy("What happens when the money runs out does not agree with the money rule."),
            "when_money_runs_out",
        )


def _criterion(n: int, criterion: CriterionDesign) -> Iterator[Gap]:
    yield from row(HERE, f"criteria-{n}-title", N_("Criterion %(n)s"), n, criterion.title)
    if criterion.maximum <= 0:
        yield Gap(
            HERE,
            lazy("Criterion %(n)s: state its highest points.", n=n + 1),
            f"criteria-{n}-maximum",
        )
    elif criterion.minimum is not None and criterion.minimum > criterion.maximum:
        yield Gap(
            HERE,
            lazy("Criterion %(n)s: its minimum is above its highest points.", n=n + 1),
            f"criteria-{n}-minimum",
        )
    if criterion.weight <= 0:
        yield Gap(
            HERE,
            lazy("Criterion %(n)s: its weight must be more than zero.", n=n + 1),
            f"criteria-{n}-weight",
        )
    if criterion.step and criterion.maximum % criterion.step:
        yield Gap(
            HERE,
            lazy("Criterion %(n)s: its highest points are not reached by its step.", n=n + 1),
            f"criteria-{n}-step",
        )
    yield from _bands(n, criterion)


def _bands(n: int, criterion: CriterionDesign) -> Iterator[Gap]:
    reached: Decimal | None = None
    for band in sorted(criterion.bands, key=lambda b: b.low):
        if band.high > criterion.maximum or (reached is not None and band.low <= reached):
            yield Gap(
                HERE,
                lazy(
                    "Criterion %(n)s: the guidance from %(low)s to %(high)s points overlaps, or is"
                    " above the highest points.",
                    n=n + 1,
                    low=_points(band.low),
                    high=_points(band.high),
                ),
                f"criteria-{n}-bands_it",
            )
        reached = band.high
        for language in ("it", "en"):
            if not band.text.get(language):
                yield Gap(
                    HERE,
                    lazy(
                        "Criterion %(n)s: the guidance from %(low)s points lacks a language.",
                        n=n + 1,
                        low=_points(band.low),
                    ),
                    f"criteria-{n}-bands_{language}",
                    blocking=False,
                )


def _group(n: int, group: GroupDesign, evaluation: Evaluation) -> Iterator[Gap]:
    yield from row(HERE, f"groups-{n}-title", N_("Group %(n)s"), n, group.title)
    for stage in evaluation.run:
        members = tuple(c for c in stage.criteria if c.group == group.code)
        if members and group.minimum is not None and group.minimum > evaluation.most(members):
            yield Gap(
                HERE,
                lazy("Group %(n)s: nobody can reach its minimum.", n=n + 1),
                f"groups-{n}-minimum",
            )
    if not any(c.group == group.code for c in evaluation.criteria):
        yield Gap(
            HERE,
            lazy("Group %(n)s has no criterion.", n=n + 1),
            f"groups-{n}-title_it",
        )
    if group.gate and group.minimum is None:
        yield Gap(
            HERE,
            lazy("Group %(n)s is a gate: state its minimum.", n=n + 1),
            f"groups-{n}-minimum",
        )


def _points(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
