"""The application form and the admissibility checklist."""

from __future__ import annotations

from collections.abc import Iterator

from quartieri.calls.design import (
    ApplicationForm,
    CallDesign,
    Question,
    QuestionKind,
    Text,
    can_hold,
)
from quartieri.calls.gaps import Gap, Step
from quartieri.calls.publication.texts import LANGUAGE_NAMES, row
from quartieri.kit.labels import N_, Lazy, lazy

HERE = Step.APPLICATION
K = QuestionKind


def of_form(design: CallDesign) -> Iterator[Gap]:
    """List what the application form and the checklist lack."""
    form = design.form
    if not any(q.asks for q in design.questions):
        yield Gap(HERE, lazy("The application form has no question."), "questions")
    for page in form.pages:
        section = page.section
        place = f"section-{section.key}"
        yield from _texts(section.title, _name(section.title, section.key), place)
    for question in form.questions:
        yield from _of_question(question)
    yield from _of_conditions(form)
    yield from _of_money(design, form)
    if not design.requirements:
        yield Gap(HERE, lazy("The checklist of the admissibility check is empty."), "requirements")
    for n, line in enumerate(design.requirements):
        yield from row(HERE, f"requirements-{n}-text", N_("Requirement %(n)s"), n, line.text)


def _name(text: Text, key: str) -> Lazy:
    return Lazy(text.get("it") or text.get("en") or key)


def _texts(text: Text, what: Lazy, place: str) -> Iterator[Gap]:
    for language, name in LANGUAGE_NAMES.items():
        if not text.get(language, "").strip():
            yield Gap(
                HERE,
                lazy(
                    "%(what)s: the text in %(language)s is missing.",
                    what=what,
                    language=Lazy(name),
                ),
                place,
            )


def _of_question(question: Question) -> Iterator[Gap]:
    """List what one question lacks: its words, choices, columns."""
    place, what = f"question-{question.key}", _name(question.label, question.key)
    yield from _texts(question.label, what, place)
    if question.kind.chosen and not question.options:
        yield Gap(HERE, lazy("%(what)s: there is nothing to choose from.", what=what), place)
    if question.kind is K.TABLE and not question.columns:
        yield Gap(HERE, lazy("%(what)s: the table has no column.", what=what), place)
    named = [(option.label, option.code) for option in question.options]
    named += [(column.label, column.code) for column in question.columns]
    for label, code in named:
        yield from _texts(label, _name(label, code), place)
    if question.unlockable and question.kind in {K.BUDGET, K.SOURCES}:
        message = lazy("%(what)s: cost and sources do not change in an integration.", what=what)
        yield Gap(HERE, message, place, blocking=False)
    if question.public and question.personal:
        yield Gap(
            HERE,
            lazy("%(what)s: personal data are never published.", what=what),
            place,
            blocking=False,
        )


def _of_conditions(form: ApplicationForm) -> Iterator[Gap]:
    """List conditions on what stands later, and required questions that nobody can ever see."""
    order = {q.key: n for n, q in enumerate(form.questions)}
    for question in form.questions:
        condition = form.conditions[question.key]
        if condition is None:
            continue
        place, what = f"question-{question.key}", _name(question.label, question.key)
        for key in sorted(condition.questions):
            if order[key] >= order[question.key]:
                yield Gap(
                    HERE,
                    lazy(
                        "%(what)s: its condition asks for “%(other)s”, which stands later.",
                        what=what,
                        other=_name(form.by_key[key].label, key),
                    ),
                    place,
                )
        if question.required and not can_hold(condition, form.conditions):
            yield Gap(
                HERE,
                lazy("%(what)s: it is required, but its condition always hides it.", what=what),
                place,
            )


def _of_money(design: CallDesign, form: ApplicationForm) -> Iterator[Gap]:
    """List what a form must ask for a call that gives money; limits are looked at with their step.

    A form without a question whose answer has limits is named by the rules on who may apply.
    """
    who = design.eligibility
    if design.money.rule is None:
        return
    limited = who.cost_min_cents or who.cost_max_cents
    if not limited and form.of_kind(K.BUDGET) is None:
        message = lazy("The call gives money, but its form does not ask for the budget.")
        yield Gap(HERE, message, "questions")
    if not who.own_share_min and form.of_kind(K.SOURCES) is None:
        message = lazy("The call gives money, but its form does not ask for its sources.")
        yield Gap(HERE, message, "questions")
