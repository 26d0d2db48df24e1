"""How applications are scored and ranked: whether the rules add up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from quartieri.calls.design import CallDesign, CriterionDesign, WhenMoneyRunsOut
from quartieri.calls.gaps import Gap, Step
from quartieri.calls.publication.texts import row
from quartieri.kit.labels import N_, lazy


def of_evaluation(design: CallDesign) -> Iterator[Gap]:
    """List what cannot be in the rules of evaluation."""
    here, evaluation = Step.EVALUATION, design.evaluation
    complete = all(c.maximum > 0 and c.weight > 0 for c in evaluation.criteria)
    if not evaluation.criteria:
        yield Gap(here, lazy("There are no evaluation criteria."), "criteria")
    for n, criterion in enumerate(evaluation.criteria):
        yield from _criterion(n, criterion)
    if evaluation.minimum_total is None:
        yield Gap(
            here,
            lazy("State the lowest total score that can be funded (0: none is asked)."),
            "minimum_total",
        )
    elif complete and evaluation.minimum_total > evaluation.maximum_total:
        yield Gap(
            here,
            lazy(
                "Nobody can reach the minimum of %(minimum)s points: all criteria together"
                " give at most %(maximum)s.",
                minimum=_points(evaluation.minimum_total),
                maximum=_points(evaluation.maximum_total),
            ),
            "minimum_total",
        )
    if evaluation.sheets < 1:
        yield Gap(here, lazy("State how many reviewers score each application."), "sheets")
    if not evaluation.tie_break:
        yield Gap(here, lazy("State how ties are broken."), "tie_break")
    elif evaluation.tie_break[-1] != "protocol":
        yield Gap(
            here,
            lazy("The last way to break a tie must be the protocol number: it settles each one."),
            "tie_break",
        )
    yield from _money_out(design)


def _money_out(design: CallDesign) -> Iterator[Gap]:
    rule, stated = design.money.rule, design.evaluation.when_money_runs_out
    if stated is None:
        yield Gap(
            Step.EVALUATION,
            lazy("State what happens when the money runs out."),
            "when_money_runs_out",
        )
    elif rule is not None and rule.part_funding != (stated == WhenMoneyRunsOut.PART):
        yield Gap(
            Step.EVALUATION,
            lazy("What happens when the money runs out does not agree with the money rule."),
            "when_money_runs_out",
        )


def _criterion(n: int, criterion: CriterionDesign) -> Iterator[Gap]:
    here = Step.EVALUATION
    yield from row(here, f"criteria-{n}-title", N_("Criterion %(n)s"), n, criterion.title)
    if criterion.maximum <= 0:
        yield Gap(
            here,
            lazy("Criterion %(n)s: state its highest points.", n=n + 1),
            f"criteria-{n}-maximum",
        )
    elif criterion.minimum is not None and criterion.minimum > criterion.maximum:
        yield Gap(
            here,
            lazy("Criterion %(n)s: its minimum is above its highest points.", n=n + 1),
            f"criteria-{n}-minimum",
        )
    if criterion.weight <= 0:
        yield Gap(
            here,
            lazy("Criterion %(n)s: its weight must be more than zero.", n=n + 1),
            f"criteria-{n}-weight",
        )


def _points(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
