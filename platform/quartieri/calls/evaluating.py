"""The rules of evaluation in words: one sentence for each, for pages, PDF and the editor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from quartieri.calls.design import (
    Aggregation,
    CallDesign,
    Evaluation,
    ImportedResult,
    Normalisation,
    NotApplicable,
    Part,
    Scoring,
    Stage,
    Text,
    WhenMoneyRunsOut,
)
from quartieri.kit.labels import N_, Lazy, lazy
from quartieri.kit.money import Money

Said = Callable[[Text], str]
"""Gives a text of the design in the reader's language."""

AGGREGATIONS = {
    Aggregation.MEDIAN: lazy("The score is the middle one of the sheets' totals (median)."),
    Aggregation.TRIMMED: lazy(
        "The score is the mean of the sheets' totals without the highest and the lowest."
    ),
    Aggregation.SUM: lazy("The score is the sum of the sheets' totals."),
}
NORMALISATIONS = {
    Normalisation.MIN_MAX: lazy(
        "Each reviewer's totals are stretched from 0 to the most before they count."
    ),
    Normalisation.Z: lazy(
        "Each reviewer's totals are brought to the mean and spread of all sheets before they count."
    ),
}
ABSENCES = {
    NotApplicable.RESCALED: lazy(
        "A criterion that does not apply is left out, and the others count for the whole."
    ),
    NotApplicable.ZERO: lazy("A criterion that does not apply counts as 0 points."),
}
RUNS_OUT = {
    WhenMoneyRunsOut.STOP: lazy(
        "When the next project does not fit in the money left, the list stops there."
    ),
    WhenMoneyRunsOut.SKIP: lazy(
        "When the next project does not fit in the money left, it is skipped and the next one that"
        " fits is funded."
    ),
    WhenMoneyRunsOut.PART: lazy(
        "When the next project does not fit in the money left, it gets what is left."
    ),
    WhenMoneyRunsOut.OFFER: lazy(
        "When the next project does not fit in the money left, that is offered to it if it"
        " re-scopes its budget; if it refuses, to the one after it."
    ),
}
TIES = {
    "received": lazy("who applied earlier"),
    "protocol": lazy("the lower protocol number"),
    "draw": lazy("a public draw"),
}


def evaluation_sentences(design: CallDesign, said: Said) -> list[Lazy]:
    """Say how applications are scored and ranked, beside the table of criteria."""
    evaluation = design.evaluation
    return [
        *_groups(evaluation, said),
        *_stages(evaluation, said),
        *_sheets(evaluation),
        *_imported(evaluation, said),
        *_ties(evaluation, said),
        *_lists(evaluation, said, money=not design.money.no_money),
        *_validity(design.sessions.list_months),
    ]


def _validity(months: int) -> Iterator[Lazy]:
    if months:
        yield lazy(
            "A final ranking can be gone down for %(months)s months from its publication.",
            months=months,
        )


def points(value: Decimal) -> str:
    """Write points or a weight without trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _groups(evaluation: Evaluation, said: Said) -> Iterator[Lazy]:
    if evaluation.scoring == Scoring.WEIGHTS:
        yield lazy(
            "Each criterion counts for its weight: the share of its highest points that was given."
        )
    for group in evaluation.groups:
        titles = ", ".join(said(c.title) for c in evaluation.criteria if c.group == group.code)
        if not titles:
            continue
        facts = {"name": said(group.title), "criteria": titles}
        if group.minimum is None:
            yield lazy("%(name)s is: %(criteria)s.", **facts)
        elif group.gate:
            yield lazy(
                "%(name)s (%(criteria)s): at least %(minimum)s points, or the other criteria do"
                " not count.",
                minimum=points(group.minimum),
                **facts,
            )
        else:
            yield lazy(
                "%(name)s (%(criteria)s): at least %(minimum)s points.",
                minimum=points(group.minimum),
                **facts,
            )


def _stages(evaluation: Evaluation, said: Said) -> Iterator[Lazy]:
    for stage in evaluation.run:
        if evaluation.stages:
            yield _stage(stage, said)
        if stage.minimum_total:
            yield lazy(
                "At least %(points)s points of %(most)s are needed.",
                points=points(stage.minimum_total),
                most=points(evaluation.most_total(stage)),
            )
        elif not evaluation.stages:
            yield lazy("No minimum total is asked.")


def _stage(stage: Stage, said: Said) -> Lazy:
    facts = {
        "number": stage.number,
        "title": said(stage.title),
        "criteria": ", ".join(said(c.title) for c in stage.criteria),
    }
    if stage.last:
        return lazy("Stage %(number)s, the last: %(title)s (%(criteria)s).", **facts)
    if stage.admitted is None:
        return lazy(
            "Stage %(number)s: %(title)s (%(criteria)s). Whoever reaches the minimums goes on.",
            **facts,
        )
    return lazy(
        "Stage %(number)s: %(title)s (%(criteria)s). The best go on, at most %(admitted)s.",
        admitted=stage.admitted,
        **facts,
    )


def _sheets(evaluation: Evaluation) -> Iterator[Lazy]:
    if evaluation.sheets and evaluation.collegial:
        yield lazy(
            "The commission agrees on one sheet; members who take part, at least: %(num)s.",
            num=evaluation.sheets,
        )
    elif evaluation.sheets:
        yield lazy("Reviewers who score each application: %(num)s.", num=evaluation.sheets)
    if evaluation.blind:
        yield lazy("Reviewers do not see who applies.")
    for words, code in (
        (AGGREGATIONS, evaluation.aggregation),
        (NORMALISATIONS, evaluation.normalisation),
        (ABSENCES, evaluation.not_applicable),
    ):
        if code in words:
            yield words[code]  # type: ignore[index]  # a code is its enum's value


def _imported(evaluation: Evaluation, said: Said) -> Iterator[Lazy]:
    for criterion in evaluation.criteria:
        if criterion.result == ImportedResult.VOTES:
            yield lazy(
                "%(criterion)s is not scored by the commission: its votes are imported by act. Most"
                " votes get all points, the others their share of them.",
                criterion=said(criterion.title),
            )
        elif criterion.result:
            yield lazy(
                "%(criterion)s is not scored by the commission: its points are imported by act.",
                criterion=said(criterion.title),
            )


def _ties(evaluation: Evaluation, said: Said) -> Iterator[Lazy]:
    if not evaluation.tie_break:
        return
    rules = [_tie(rule, evaluation, said) for rule in evaluation.tie_break]
    found = rules[-1]
    for rule in reversed(rules[:-1]):
        found = lazy("%(first)s; then %(second)s", first=rule, second=found)
    yield lazy("At the same score, first comes: %(ties)s.", ties=found)
    if "draw" in evaluation.tie_break and evaluation.draw_source:
        yield lazy(
            "The seed of the draw is taken from: %(source)s", source=said(evaluation.draw_source)
        )


def _tie(rule: str, evaluation: Evaluation, said: Said) -> Lazy:
    kind, _colon, code = rule.partition(":")
    if kind != "criterion":
        return TIES[kind]
    title = next((said(c.title) for c in evaluation.criteria if c.code == code), code)
    return lazy("more points in: %(criterion)s", criterion=title)


def _lists(evaluation: Evaluation, said: Said, *, money: bool) -> Iterator[Lazy]:
    if evaluation.places is not None and money:
        yield lazy("Projects funded, at most: %(places)s.", places=evaluation.places)
    elif evaluation.places is not None:
        yield lazy("Projects selected, at most: %(places)s.", places=evaluation.places)
    for division, word in (
        (evaluation.lists, N_("List %(name)s: %(limits)s.")),
        (evaluation.quotas, N_("Quota for %(name)s: %(limits)s.")),
    ):
        for part in division.parts if division.by else ():
            yield Lazy(word, {"name": said(part.title) or part.code, "limits": _limits(part)})
    if evaluation.when_money_runs_out and money:
        yield RUNS_OUT[WhenMoneyRunsOut(evaluation.when_money_runs_out)]


def _limits(part: Part) -> Lazy:
    """Say what a list or quota holds, one limit after the other."""
    found = [
        Lazy(words, {name: Money(value) if name == "amount" else value})
        for words, name, value in (
            (N_("cost from %(amount)s"), "amount", part.from_cents),
            (N_("cost up to %(amount)s"), "amount", part.to_cents),
            (N_("places: %(places)s"), "places", part.places),
            (N_("go on to the next stage, at most: %(places)s"), "places", part.admitted),
            (N_("at most %(amount)s in all"), "amount", part.endowment_cents),
            (N_("%(amount)s each"), "amount", part.flat_cents),
        )
        if value is not None
    ] or [lazy("no limit of its own")]
    said = found[-1]
    for one in reversed(found[:-1]):
        said = lazy("%(first)s, %(second)s", first=one, second=said)
    return said
