"""The form as its pages: sections with their questions, and what must fit together in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from quartieri.calls.design.conditions import Condition, Op, Value, holds, is_figure
from quartieri.calls.design.form import (
    OWN_PAGES,
    FormSection,
    Question,
    QuestionKind,
)
from quartieri.calls.design.reading import Reader, different
from quartieri.calls.design.who import AUTOMATIC
from quartieri.kit.labels import Lazy, lazy

K = QuestionKind
ALWAYS_ASKED = frozenset({K.BUDGET, K.SOURCES, K.PLACE})
"""Cost, money and place are the project's: everything later counts on them."""


@dataclass(frozen=True, slots=True)
class FormPage:
    """A section with its questions, in their order."""

    section: FormSection
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class ApplicationForm:
    """The whole form of a call, without the pages that every application has."""

    pages: tuple[FormPage, ...]

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions in the order in which they are met."""
        return tuple(q for page in self.pages for q in page.questions)

    @cached_property
    def by_key(self) -> Mapping[str, Question]:
        """The questions by their key."""
        return {q.key: q for q in self.questions}

    @cached_property
    def conditions(self) -> Mapping[str, Condition | None]:
        """When each question is shown: its own condition and that of its section, together."""
        return {
            q.key: _both(page.section.shown_if, q.shown_if)
            for page in self.pages
            for q in page.questions
        }

    def page(self, key: str) -> FormPage | None:
        """Give the page of a section, None if there is none."""
        return next((p for p in self.pages if p.section.key == key), None)

    def of_kind(self, kind: QuestionKind) -> Question | None:
        """Give the first question of a kind, None if nothing of it is asked."""
        return next((q for q in self.questions if q.kind is kind), None)


def _both(first: Condition | None, second: Condition | None) -> Condition | None:
    if first is None or second is None:
        return first or second
    return Condition(Op.ALL, of=(first, second))


def form_of(
    sections: tuple[FormSection, ...], questions: tuple[Question, ...], *, alliance: bool
) -> ApplicationForm:
    """Put sections and questions together; without sections it is the standard form.

    The standard form asks the questions on one page and then for place, people, cost and money.
    """
    if not sections:
        sections, questions = standard_form(questions, alliance=alliance)
    return ApplicationForm(
        tuple(FormPage(s, tuple(q for q in questions if q.section == s.key)) for s in sections)
    )


STORY = FormSection("story", {"it": "Il progetto in dettaglio", "en": "The project in detail"})
_STANDARD: tuple[tuple[FormSection, tuple[Question, ...]], ...] = (
    (
        FormSection("place", {"it": "Dove e per quanto tempo", "en": "Where and for how long"}),
        (
            Question(
                "place",
                {"it": "Dove si svolge?", "en": "Where does it take place?"},
                {
                    "it": "Una via, una piazza, un edificio, o le vie di un quartiere.",
                    "en": "A street, a square, a building, or the streets of a neighbourhood.",
                },
                kind=K.PLACE,
                public=True,
            ),
        ),
    ),
    (
        FormSection("team", {"it": "Chi partecipa", "en": "Who takes part"}),
        (
            Question(
                "members",
                {"it": "Persone", "en": "People"},
                {
                    "it": "Chi realizza il progetto e che cosa fa.",
                    "en": "Who carries the project out, and what each one does.",
                },
                required=False,
                kind=K.MEMBERS,
                personal=True,
            ),
            Question(
                "partners",
                {"it": "Partner", "en": "Partners"},
                {
                    "it": "Chi si candida è il capofila: scrivi qui gli altri.",
                    "en": "Whoever applies is the lead partner: write the others here.",
                },
                required=False,
                kind=K.PARTNERS,
            ),
        ),
    ),
    (
        FormSection("budget", {"it": "Quanto costa", "en": "What it costs"}),
        (
            Question(
                "budget",
                {"it": "Preventivo", "en": "Budget"},
                {
                    "it": "Una riga per ogni tipo di spesa, IVA inclusa se la paghi.",
                    "en": "One line for each kind of cost, VAT included if you pay it.",
                },
                kind=K.BUDGET,
            ),
        ),
    ),
    (
        FormSection("money", {"it": "Da dove vengono i soldi", "en": "Where the money comes from"}),
        (
            Question(
                "sources",
                {"it": "Da dove vengono i soldi", "en": "Where the money comes from"},
                kind=K.SOURCES,
            ),
        ),
    ),
)


def standard_form(
    questions: Iterable[Question], *, alliance: bool
) -> tuple[tuple[FormSection, ...], tuple[Question, ...]]:
    """Write the standard form out as sections and questions, with a call's own questions first.

    Without any of its own there is no section for them.

    Partners are asked only where the call is open to alliances. A call's own question whose key
    the standard ones use keeps it, and theirs gets another.
    """
    own = tuple(replace(q, section=STORY.key) for q in questions)
    taken = {q.key for q in own}
    usual = tuple(
        replace(q, section=section.key, key=_free(q.key, taken))
        for section, asked in _STANDARD
        for q in asked
        if alliance or q.kind is not K.PARTNERS
    )
    first = (STORY,) if own else ()
    return (*first, *(section for section, _asked in _STANDARD)), (*own, *usual)


def _free(key: str, taken: set[str]) -> str:
    return key if key not in taken else f"standard-{key}"


# -- what must fit together --------------------------------------------------------------------


def check_form(sections: tuple[FormSection, ...], questions: tuple[Question, ...]) -> None:
    """Refuse a form that contradicts itself; raises MeaningError with the pointer of the fault.

    Keys twice, an unknown section or question, a test that its question cannot pass, options
    twice, bounds that cross, a kind asked twice that feeds the project's figures, conditions that
    depend on each other in a circle.
    """
    different(Reader({}), "sections", (s.key for s in sections))
    different(Reader({}), "questions", (q.key for q in questions))
    by_key = {q.key: q for q in questions}
    for n, section in enumerate(sections):
        if section.key in OWN_PAGES:
            Reader({}, f"/sections/{n}").contradict(
                "key",
                lazy("every application has a page %(key)s already", key=section.key),
            )
        _check_condition(section.shown_if, f"/sections/{n}/shown_if", by_key)
        _not_automatic(section.key, f"/sections/{n}")
    keys = {s.key for s in sections}
    single: set[QuestionKind] = set()
    for n, question in enumerate(questions):
        at = f"/questions/{n}"
        _not_automatic(question.key, at)
        if question.section not in (keys or {""}):
            Reader({}, at).contradict("section", lazy("names no section of this form"))
        if not sections and (question.kind.single or question.kind is K.HEADING):
            Reader({}, at).contradict("kind", lazy("is asked only in a form with sections"))
        if question.kind in ALWAYS_ASKED and _hidden(sections, question):
            Reader({}, at).contradict("shown_if", lazy("is asked of everybody: no condition"))
        if question.kind.single and question.kind in single:
            Reader({}, at).contradict("kind", lazy("is asked once in a form"))
        single.add(question.kind)
        _check_question(question, at)
        _check_condition(question.shown_if, f"{at}/shown_if", by_key)
    _check_circles(form_of(sections, questions, alliance=True), questions)


def _not_automatic(key: str, at: str) -> None:
    if key.startswith(AUTOMATIC):
        Reader({}, at).contradict("key", lazy("must not begin with %(word)s", word=AUTOMATIC))


def _hidden(sections: tuple[FormSection, ...], question: Question) -> bool:
    section = next((s for s in sections if s.key == question.section), None)
    return question.shown_if is not None or (section is not None and section.shown_if is not None)


def _check_question(question: Question, at: str) -> None:
    different(Reader({}, at), "options", (o.code for o in question.options))
    different(Reader({}, at), "columns", (c.code for c in question.columns))
    least, most = question.least, question.most
    if least is not None and most is not None and least > most:
        Reader({}, at).contradict("most", lazy("is less than the least"))
    if question.earliest and question.latest and question.earliest > question.latest:
        Reader({}, at).contradict("latest", lazy("is before the earliest day"))
    whole = question.kind is not K.NUMBER
    for name, bound in (("least", least), ("most", most)):
        if whole and bound is not None and bound != bound.to_integral_value():
            Reader({}, at).contradict(name, lazy("must be a whole number here"))


_TESTED: Mapping[Op, frozenset[QuestionKind]] = {
    Op.IS: frozenset(
        {K.SHORT_TEXT, K.NUMBER, K.MONEY, K.DATE, K.CHOICE, K.YES_NO, K.DECLARATION, K.BUDGET}
    ),
    Op.HAS: frozenset({K.CHOICES}),
    Op.LEAST: frozenset({K.NUMBER, K.MONEY, K.DATE, K.BUDGET}),
    Op.MOST: frozenset({K.NUMBER, K.MONEY, K.DATE, K.BUDGET}),
    Op.ANSWERED: frozenset(QuestionKind) - {K.HEADING},
}
"""Which kinds each test can ask of; a budget is its whole cost in cents."""


def tests_for(kind: QuestionKind) -> tuple[Op, ...]:
    """Give the tests that a condition can make on a question of a kind."""
    return tuple(op for op, kinds in _TESTED.items() if kind in kinds)


def _check_condition(condition: Condition | None, at: str, by_key: Mapping[str, Question]) -> None:
    for place, test in _placed(condition, at):
        question = by_key.get(test.question)
        if question is None:
            Reader({}, place).contradict("question", lazy("names no question of this form"))
        if question.kind not in _TESTED[test.op]:
            Reader({}, place).contradict("op", lazy("does not fit the kind of that question"))
        fault = _misfit(question, test)
        if fault is not None:
            Reader({}, place).contradict("value", fault)


def _placed(condition: Condition | None, at: str) -> Iterator[tuple[str, Condition]]:
    if condition is None:
        return
    if not condition.op.joins:
        yield at, condition
    for n, inner in enumerate(condition.of):
        yield from _placed(inner, f"{at}/of/{n}")


def _misfit(question: Question, test: Condition) -> Lazy | None:
    value = test.value
    if test.op is Op.ANSWERED:
        return None
    if question.kind in {K.YES_NO, K.DECLARATION}:
        return None if isinstance(value, bool) else lazy("must be true or false")
    if not isinstance(value, str):
        return lazy("must be a string here")
    fits, fault = True, lazy("names no choice of that question")
    if question.kind.chosen:
        fits = value in {o.code for o in question.options}
    elif question.kind is K.DATE:
        fits, fault = _is_day(value), lazy("must be a day such as 2026-01-31")
    elif not question.kind.text:
        fits, fault = is_figure(value), lazy('must be a decimal in quotes, such as "0.5"')
    return None if fits else fault


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_circles(form: ApplicationForm, questions: tuple[Question, ...]) -> None:
    """Refuse a question that is shown, by any way, only depending on itself."""
    needs = {key: c.questions if c else frozenset() for key, c in form.conditions.items()}
    settled: set[str] = set()
    for n, question in enumerate(questions):
        if _circular(question.key, needs, settled, ()):
            Reader({}, f"/questions/{n}").contradict(
                "shown_if", lazy("depends, in a circle, on its own answer")
            )


def _circular(
    key: str, needs: Mapping[str, frozenset[str]], settled: set[str], way: tuple[str, ...]
) -> bool:
    if key in way:
        return True
    if key in settled:
        return False
    if any(_circular(n, needs, settled, (*way, key)) for n in sorted(needs.get(key, ()))):
        return True
    settled.add(key)
    return False


def shown_questions(form: ApplicationForm, answers: Mapping[str, Value]) -> frozenset[str]:
    """Give the keys of the questions that are shown, given the answers as conditions see them.

    What is hidden counts as not answered, so a question that depends on a hidden one is settled
    by that. Every form read by the document's reader is free of circles.
    """
    known: dict[str, bool] = {}

    def answer(key: str) -> Value | None:
        return answers.get(key) if shown(key) else None

    def shown(key: str) -> bool:
        if key not in known:
            known[key] = holds(form.conditions.get(key), answer)
        return known[key]

    return frozenset(q.key for q in form.questions if shown(q.key))
