"""One page of the form: which of its questions are on it, and on what they depend there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quartieri.calls.design import (
    ApplicationForm,
    Condition,
    FormPage,
    Op,
    Question,
    QuestionKind,
    Value,
    holds,
)
from quartieri.proposals.rules.form.draft import condition_values, shown_in
from quartieri.proposals.rules.parts import Draft


@dataclass(frozen=True, slots=True)
class Placed:
    """A question on its page; ``when``: shown there only if this holds of answers on the page."""

    question: Question
    when: Condition | None = None
    shown: bool = True
    """What the saved answers make of ``when``."""

    @property
    def rule(self) -> Mapping[str, Any] | None:
        """The condition as plain JSON, for the script that shows and hides."""
        return self.when.to_json() if self.when else None


def placed(draft: Draft, form: ApplicationForm, page: FormPage) -> list[Placed]:
    """Give the questions of a page: what other pages' answers hide is not there.

    What depends on answers of the same page is there, with its condition: it may be shown or
    hidden while one types, and without a script its words say when it is to be answered.
    """
    values = condition_values(draft, form)
    shown = shown_in(draft, form)
    here = {q.key for q in page.questions}
    found: list[Placed] = []
    gone: set[str] = set()

    def answer(key: str) -> Value | None:
        return values.get(key) if key in shown else None

    for question in _inner_first(form, page):
        left = _reduced(form.conditions[question.key], here - gone, answer)
        if left is False:
            gone.add(question.key)
        else:
            when = left if isinstance(left, Condition) else None
            found.append(Placed(question, when, question.key in shown))
    order = {q.key: n for n, q in enumerate(page.questions)}
    return sorted(found, key=lambda one: order[one.question.key])


def _inner_first(form: ApplicationForm, page: FormPage) -> list[Question]:
    """Give the questions of a page so that each comes after those it depends on."""
    by_key = {q.key: q for q in page.questions}
    done: dict[str, Question] = {}

    def visit(question: Question) -> None:
        condition = form.conditions[question.key]
        for key in sorted(condition.questions if condition else ()):
            if key in by_key and key not in done:
                visit(by_key[key])
        done.setdefault(question.key, question)

    for question in page.questions:
        visit(question)
    return list(done.values())


def _reduced(
    condition: Condition | None, here: set[str], answer: Callable[[str], Value | None]
) -> Condition | bool:
    """Settle the tests of a condition that no answer of the page can change."""
    if condition is None:
        return True
    if not condition.op.joins:
        return condition if condition.question in here else holds(condition, answer)
    parts = [_reduced(inner, here, answer) for inner in condition.of]
    if condition.op is Op.NOT:
        only = parts[0]
        return not only if isinstance(only, bool) else Condition(Op.NOT, of=(only,))
    settles = condition.op is Op.ANY
    if settles in [p for p in parts if isinstance(p, bool)]:
        return settles
    left = tuple(p for p in parts if isinstance(p, Condition))
    if not left:
        return not settles
    return left[0] if len(left) == 1 else Condition(condition.op, of=left)


FIXED = frozenset({QuestionKind.BUDGET, QuestionKind.SOURCES})
"""What never changes after submission, whatever the call says: others' money counts on it."""


def unlocked_questions(draft: Draft, form: ApplicationForm) -> list[Question]:
    """Give the questions that may be answered anew in an integration, of those that are shown."""
    shown = shown_in(draft, form)
    free = (q for q in form.questions if q.unlockable and q.asks and q.kind not in FIXED)
    return [q for q in free if q.key in shown]


def money_questions(draft: Draft, form: ApplicationForm) -> list[Question]:
    """Give the questions that make a project's cost and its sources, of those that are shown."""
    shown = shown_in(draft, form)
    kinds = {QuestionKind.BUDGET, QuestionKind.SOURCES}
    return [q for q in form.questions if q.kind in kinds and q.key in shown]


NAMELESS = frozenset({QuestionKind.MEMBERS, QuestionKind.PARTNERS})
"""What names people and organisations, and so is hidden where the evaluation is blind.

A document is shown unless its question says that it is blind or has personal data.
"""


def hidden_from_reviewers(question: Question, *, nameless: bool) -> bool:
    """Say whether a reviewer may not read an answer; ``nameless``: the evaluation is blind."""
    return question.blind or (nameless and (question.personal or question.kind in NAMELESS))


def readable_pages(
    draft: Draft, form: ApplicationForm, *, may_read: Callable[[Question], bool]
) -> list[FormPage]:
    """Give the pages with what was asked and a reader may see, without those left empty."""
    shown = shown_in(draft, form)
    pages = (
        FormPage(page.section, tuple(q for q in page.questions if q.key in shown and may_read(q)))
        for page in form.pages
    )
    return [page for page in pages if any(q.asks for q in page.questions)]
