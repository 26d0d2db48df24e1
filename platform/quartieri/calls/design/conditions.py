"""When a question or a section is shown: a small tree of tests on other answers.

In the document a condition is ``{"op": "all", "of": […]}`` (also ``any`` and, of one, ``not``), or
a test ``{"op": "is", "question": "kind", "value": "shop"}``. A question that is hidden counts as
not answered, and a test on what is not answered is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from quartieri.calls.design.reading import MeaningError, Reader, code_of, plain
from quartieri.kit.labels import N_, LabelEnum, lazy

MOST_DEPTH = 5
MOST_NODES = 30
MOST_CASES = 400
_FIGURE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")

Value = str | bool | Decimal | tuple[str, ...]
"""An answer as conditions see it: a text, code or ISO day, yes or no, a figure, several codes."""


class Op(LabelEnum):
    """How a condition joins others, or tests an answer."""

    ALL = "all", N_("all of these")
    ANY = "any", N_("at least one of these")
    NOT = "not", N_("not this")
    IS = "is", N_("is")
    HAS = "has", N_("includes")
    LEAST = "least", N_("is at least")
    MOST = "most", N_("is at most")
    ANSWERED = "answered", N_("is answered")

    @property
    def joins(self) -> bool:
        """True for those that join conditions, false for tests."""
        return self in {Op.ALL, Op.ANY, Op.NOT}


@dataclass(frozen=True, slots=True)
class Condition:
    """A node of the tree: it joins those in ``of``, or tests the answer of ``question``.

    ``value``: a code, text or ISO day, a figure in digits (money in cents), or true and false.
    """

    op: Op
    of: tuple[Condition, ...] = ()
    question: str = ""
    value: str | bool | None = None

    def tests(self) -> Iterator[Condition]:
        """Give the tests of the tree, in the order in which they are written."""
        if not self.op.joins:
            yield self
        for inner in self.of:
            yield from inner.tests()

    @property
    def questions(self) -> frozenset[str]:
        """The keys of the questions that it depends on."""
        return frozenset(test.question for test in self.tests())

    def to_json(self) -> dict[str, Any]:
        """Give the tree as plain JSON values."""
        if self.op.joins:
            return {"op": self.op.value, "of": [inner.to_json() for inner in self.of]}
        document: dict[str, Any] = {"op": self.op.value, "question": self.question}
        if self.value is not None:
            document["value"] = plain(self.value)
        return document


def read_condition(value: Any, pointer: str) -> Condition | None:
    """Read a condition; None where there is none. Raises DesignError (depth, number, shape)."""
    if value is None:
        return None
    budget = [MOST_NODES]
    return _node(value, pointer, 1, budget)


def _node(value: Any, pointer: str, depth: int, budget: list[int]) -> Condition:
    given = Reader(value, pointer)
    budget[0] -= 1
    if depth > MOST_DEPTH or budget[0] < 0:
        raise MeaningError(
            pointer,
            lazy(
                "a condition has at most %(depth)s levels and %(nodes)s parts",
                depth=MOST_DEPTH,
                nodes=MOST_NODES,
            ),
        )
    word = given.choice("op", Op)
    if word is None:
        given.refuse("op", lazy("is missing"))
    op = Op(word)
    if op.joins:
        of = given.items("of", lambda item, at: _node(item, at, depth + 1, budget))
        if not of or (op is Op.NOT and len(of) > 1):
            given.refuse("of", lazy("must hold conditions; not holds one"))
        node = Condition(op, of=of)
    else:
        question = code_of(given, "question")
        node = Condition(op, question=question, value=_value(given, op))
    given.done()
    return node


def _value(given: Reader, op: Op) -> str | bool | None:
    value = given.take("value")
    if op is Op.ANSWERED:
        if value is not None:
            given.refuse("value", lazy("is not asked for here"))
        return None
    if isinstance(value, bool) and op is Op.IS:
        return value
    if not isinstance(value, str) or not value or len(value) > 100:  # noqa: PLR2004 -- a short word
        given.refuse("value", lazy("must be a short string, or true or false"))
    return value


def holds(condition: Condition | None, answer: Callable[[str], Value | None]) -> bool:
    """Say whether a condition holds; ``answer`` gives None for what is hidden or not answered."""
    if condition is None:
        return True
    match condition.op:
        case Op.ALL:
            return all(holds(inner, answer) for inner in condition.of)
        case Op.ANY:
            return any(holds(inner, answer) for inner in condition.of)
        case Op.NOT:
            return not holds(condition.of[0], answer)
    return passes(condition, answer(condition.question))


def passes(test: Condition, answer: Value | None) -> bool:
    """Say whether an answer passes a test; none passes none."""
    if answer is None:
        return False
    if test.op is Op.ANSWERED:
        return True
    if test.op is Op.HAS:
        return isinstance(answer, tuple) and test.value in answer
    order = _compared(answer, test.value)
    if order is None:
        return False
    return order == 0 or (test.op is Op.LEAST and order > 0) or (test.op is Op.MOST and order < 0)


def _compared(answer: Value, value: Value | None) -> int | None:
    """Compare an answer with a test's value: -1, 0, 1; None where they are of different kinds."""
    if isinstance(answer, Decimal) and isinstance(value, str) and is_figure(value):
        figure = Decimal(value)
        return (answer > figure) - (answer < figure)
    if isinstance(answer, str) and isinstance(value, str):
        return (answer > value) - (answer < value)
    if isinstance(answer, bool) and isinstance(value, bool):
        return answer - value
    return None


# -- can it ever hold? -------------------------------------------------------------------------

Case = tuple[tuple[Condition, bool], ...]
"""Tests with what they must come to, all at once."""


def can_hold(condition: Condition | None, conditions: Mapping[str, Condition | None]) -> bool:
    """Say whether any answers make a condition true; in doubt, yes.

    ``conditions``: when each question is shown. A test asks for a shown question, so the condition
    of that question must hold as well. Trees with too many cases are taken to be possible.
    """
    cases = _cases(condition, conditions, wanted=True)
    return cases is None or any(_possible(case) for case in cases)


def _cases(
    condition: Condition | None, conditions: Mapping[str, Condition | None], *, wanted: bool
) -> list[Case] | None:
    """Give the cases in which a condition comes to what is wanted; None: too many to tell."""
    if condition is None:
        return [()] if wanted else []
    if condition.op is Op.NOT:
        return _cases(condition.of[0], conditions, wanted=not wanted)
    if condition.op.joins:
        parts = [_cases(inner, conditions, wanted=wanted) for inner in condition.of]
        return _together(parts) if (condition.op is Op.ALL) is wanted else _either(parts)
    own: list[Case] = [((condition, wanted),)]
    if not wanted:
        return own
    return _together([own, _cases(conditions.get(condition.question), conditions, wanted=True)])


def _either(parts: list[list[Case] | None]) -> list[Case] | None:
    known = [cases for cases in parts if cases is not None]
    found = [case for cases in known for case in cases]
    return found if len(known) == len(parts) and len(found) <= MOST_CASES else None


def _together(parts: list[list[Case] | None]) -> list[Case] | None:
    found: list[Case] = [()]
    for cases in parts:
        if cases is None:
            return None
        found = [(*left, *right) for left in found for right in cases]
        if len(found) > MOST_CASES:
            return None
    return found


def _possible(case: Case) -> bool:
    """Say whether one answer to each question can pass and fail what the case wants."""
    by_question: dict[str, list[tuple[Condition, bool]]] = {}
    for test, wanted in case:
        by_question.setdefault(test.question, []).append((test, wanted))
    return all(_answerable(wants) for wants in by_question.values())


def _answerable(wants: list[tuple[Condition, bool]]) -> bool:
    tests = [test for test, _wanted in wants]
    return any(
        all(passes(test, answer) is wanted for test, wanted in wants)
        for answer in _candidates(tests, [test for test, wanted in wants if wanted])
    )


def _candidates(tests: list[Condition], wanted: list[Condition]) -> Iterator[Value | None]:
    """Give answers enough to tell every lawful mix of tests apart: values, and their neighbours."""
    yield None
    yield from (True, False)
    yield tuple(t.value for t in wanted if t.op is Op.HAS and isinstance(t.value, str))
    for test in tests:
        if not isinstance(test.value, str):
            continue
        yield test.value
        yield from (f"{test.value}\x00", test.value[:-1])
        if is_figure(test.value):
            figure = Decimal(test.value)
            step = Decimal(1).scaleb(-9)
            yield from (figure, figure + step, figure - step)
    yield "\x00"


def is_figure(text: str) -> bool:
    """Say whether a text is a figure in digits, such as 10 or 0.5."""
    return _FIGURE.fullmatch(text) is not None
