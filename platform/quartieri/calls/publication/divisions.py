"""Lists and quotas: whether every application belongs, and places and money hold together."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from quartieri.calls.design import CallDesign, DividedBy, Division, Part
from quartieri.calls.design.form import QuestionKind
from quartieri.calls.funding import FundingKind, FundingRule
from quartieri.calls.gaps import City, Gap, PoolDraft, Step
from quartieri.calls.publication.texts import row
from quartieri.kit.labels import N_, Lazy, lazy
from quartieri.kit.money import Money

HERE = Step.EVALUATION


def of_divisions(design: CallDesign, pool: PoolDraft, city: City) -> Iterator[Gap]:
    """List what cannot be in the lists and quotas of a call."""
    lists, quotas = design.evaluation.lists, design.evaluation.quotas
    yield from _parts(lists, "lists", N_("List %(n)s"))
    yield from _parts(quotas, "quotas", N_("Quota %(n)s"))
    if lists.by:
        yield from _covered(design, city)
        yield from _asked(design, lists, "lists")
    if quotas.by:
        yield from _asked(design, quotas, "quotas")
    yield from _places(design)
    for name, division in (("lists", lists), ("quotas", quotas)):
        yield from _of_rule(design.money.rule, name, division)
    money = sum(p.endowment_cents or 0 for p in lists.parts) if lists.by else 0
    if pool.endowment_cents and money > pool.endowment_cents:
        yield Gap(
            HERE,
            lazy(
                "The lists have %(lists)s together, but the endowment is %(endowment)s.",
                lists=Money(money),
                endowment=Money(pool.endowment_cents),
            ),
            "lists",
        )
    for n, quota in enumerate(quotas.parts):
        cents = quota.endowment_cents or 0
        if quotas.by and pool.endowment_cents and cents > pool.endowment_cents:
            yield _gap(
                "quotas", n, "endowment", lazy("Quota %(n)s is above the endowment.", n=n + 1)
            )


def _of_rule(rule: FundingRule | None, name: str, division: Division) -> Iterator[Gap]:
    """List the sums that a rule does not know: what it gives is not given by the ranking."""
    if rule is None or not division.by:
        return
    for n, part in enumerate(division.parts):
        if part.endowment_cents and rule.kind is FundingKind.QUADRATIC:
            words = lazy(
                "A quadratic round shares one pool among all: no list and no quota has money of"
                " its own."
            )
            yield _gap(name, n, "endowment", words)
        if part.flat_cents and rule.kind in {FundingKind.QUADRATIC, FundingKind.LIVE_MATCH}:
            words = lazy("What a project gets follows from what people give: there is no flat sum.")
            yield _gap(name, n, "flat", words)


def _gap(name: str, n: int, field: str, message: Lazy, *, blocking: bool = True) -> Gap:
    return Gap(HERE, message, f"{name}-{n}-{field}", blocking=blocking)


def _parts(division: Division, name: str, what: str) -> Iterator[Gap]:
    if division.parts and not division.by:
        yield Gap(HERE, lazy("Say what the lists or quotas go by."), f"{name}_by")
    for n, part in enumerate(division.parts):
        yield from row(HERE, f"{name}-{n}-title", what, n, part.title)
        low, high = part.from_cents, part.to_cents
        if low is not None and high is not None and high < low:
            yield _gap(name, n, "to_amount", lazy("The highest cost is below the lowest."))


def _places(design: CallDesign) -> Iterator[Gap]:
    evaluation = design.evaluation
    whole = evaluation.places
    counted = [p.places for p in evaluation.lists.parts] if evaluation.lists.by else []
    if counted and None not in counted:
        total = sum(p or 0 for p in counted)
        whole = total if whole is None else min(whole, total)
    if whole == 0:
        yield Gap(HERE, lazy("Nobody could be funded: there is no place."), "places")
    for n, part in enumerate(evaluation.lists.parts):
        most = evaluation.places
        if most is not None and part.places is not None and part.places > most:
            yield _gap(
                "lists", n, "places", lazy("List %(n)s has more places than there are.", n=n + 1)
            )
    for name, division in (("lists", evaluation.lists), ("quotas", evaluation.quotas)):
        for n, part in enumerate(division.parts):
            if part.admitted is not None and not evaluation.stages:
                yield _gap(
                    name,
                    n,
                    "admitted",
                    lazy("There is one stage: nobody goes on to a next one."),
                )
    for n, part in enumerate(evaluation.quotas.parts):
        if whole is not None and part.places is not None and part.places > whole:
            yield _gap(
                "quotas",
                n,
                "places",
                lazy("Quota %(n)s is above the %(places)s places.", n=n + 1, places=whole),
            )


def _asked(design: CallDesign, division: Division, name: str) -> Iterator[Gap]:
    """Ask that the deciding question is a required choice, and that its answers are its options."""
    if division.by != DividedBy.QUESTION:
        return
    found = next((q for q in design.form.questions if q.key == division.question), None)
    if found is None or found.kind is not QuestionKind.CHOICE:
        yield Gap(HERE, lazy("Name a question with one of several choices."), f"{name}_question")
        return
    if not found.required or found.shown_if is not None:
        yield Gap(
            HERE, lazy("The question that decides must always be answered."), f"{name}_question"
        )
    options = {o.code for o in found.options}
    for n, part in enumerate(division.parts):
        if set(part.values) - options:
            yield _gap(name, n, "values", lazy("That is not among the question's choices."))


def _covered(design: CallDesign, city: City) -> Iterator[Gap]:
    """Ask that each application belongs to a list, whatever its cost, area or answer."""
    lists = design.evaluation.lists
    if lists.by == DividedBy.COST:
        yield from _bands(design, lists.parts)
        return
    named = {value for part in lists.parts for value in part.values}
    if lists.by == DividedBy.AREA:
        wanted = city.areas - set(design.eligibility.excluded_areas)
        for n, part in enumerate(lists.parts):
            if set(part.values) - city.areas:
                yield _gap("lists", n, "values", lazy("That is not among the city's areas."))
    else:
        question = next((q for q in design.form.questions if q.key == lists.question), None)
        wanted = frozenset(o.code for o in question.options) if question else frozenset()
    if any(not part.values for part in lists.parts) or not wanted - named:
        return
    yield Gap(
        HERE,
        lazy(
            "Some applications belong to no list: %(missing)s. Name them, or leave one list open to"
            " all others.",
            missing=", ".join(sorted(wanted - named)),
        ),
        "lists",
    )


def _bands(design: CallDesign, parts: tuple[Part, ...]) -> Iterator[Gap]:
    ordered = sorted(parts, key=lambda p: p.from_cents or 0)
    if not ordered:
        return
    least = design.eligibility.cost_min_cents or 0
    most = design.eligibility.cost_max_cents
    first, last = ordered[0], ordered[-1]
    gapless = all(
        a.to_cents is not None and (b.from_cents or 0) <= a.to_cents + 1
        for a, b in pairwise(ordered)
    )
    ends = last.to_cents is None or (most is not None and last.to_cents >= most)
    if not gapless or not ends or (first.from_cents or 0) > least:
        yield Gap(
            HERE,
            lazy("The lists leave out some costs: each begins a cent above where one ends."),
            "lists",
        )
