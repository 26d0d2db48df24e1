"""Generated forms and what people type into them, for the properties of the form engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from quartieri.calls.design import (
    CELL_KINDS,
    CallDesign,
    Column,
    Condition,
    Eligibility,
    FormSection,
    Op,
    Option,
    Question,
    QuestionKind,
    tests_for,
)
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.rules import ApplicantPart, Draft, PlacePart, part_fed_by
from quartieri.proposals.rules.form.draft import fed_answer
from quartieri.proposals.rules.form.values import OWN, cells_of, read_answer

K = QuestionKind
BLANK = Draft(ApplicantPart(OrganisationKind.ASSOCIATION, "Orti", "80078750587"))
AREAS = {"1": 1, "2": 2}
ELIGIBILITY = Eligibility(alliance=True)
OPTIONS = tuple(Option(code, {"it": code.upper()}) for code in ("a", "b", "c"))
COLUMNS = tuple(Column(f"c{n}", {"it": kind.value}, kind) for n, kind in enumerate(CELL_KINDS))
# what people type: words, figures, days, line ends of every system, and what no table holds
texts = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        (
            *("", " ", "12", "1.200,50", "-3", "0,5", "31/01/2026", "2026-01-31", "30/02/2026"),
            *("mille", "uno\r\ndue", "a\rb\nc", "\x00", "😀" * 12, "a", "x" * 320, "yes", "no"),
        )
    ),
)


def _value(question: Question) -> st.SearchStrategy[Any]:
    if question.kind in {K.YES_NO, K.DECLARATION}:
        return st.booleans()
    if question.kind.chosen:
        return st.sampled_from([o.code for o in question.options])
    if question.kind is K.DATE:
        return st.sampled_from(["2026-01-31", "2025-06-01"])
    if question.kind.text:
        return st.sampled_from(["a", "12"])
    return st.sampled_from(["0", "12", "1200"])


@st.composite
def conditions(draw: Any, earlier: list[Question], depth: int = 3) -> Condition:
    """Draw a condition on questions that stand earlier."""
    if depth and draw(st.booleans()):
        op = draw(st.sampled_from([Op.ALL, Op.ANY, Op.NOT]))
        most = 1 if op is Op.NOT else 2
        of = draw(st.lists(conditions(earlier, depth - 1), min_size=1, max_size=most))
        return Condition(op, of=tuple(of))
    question = draw(st.sampled_from(earlier))
    op = draw(st.sampled_from(tests_for(question.kind)))
    value = None if op is Op.ANSWERED else draw(_value(question))
    return Condition(op, question=question.key, value=value)


@st.composite
def questions(draw: Any, n: int, earlier: list[Question]) -> Question:
    """Draw a question that may depend on earlier ones; what feeds figures is always asked."""
    free = [k for k in K if not k.single]
    single = [k for k in K if k.single and k not in {q.kind for q in earlier}]
    kind = draw(st.sampled_from(free + single))
    tested = [q for q in earlier if tests_for(q.kind)]
    hides = bool(tested) and kind not in {K.BUDGET, K.SOURCES, K.PLACE} and draw(st.booleans())
    bounded = kind in {K.NUMBER, K.MONEY, K.CHOICES, K.TABLE, K.FILE} and draw(st.booleans())
    return Question(
        key=f"q{n}",
        label={"it": f"Domanda {n}"},
        kind=kind,
        section=draw(st.sampled_from(["one", "two"])),
        required=draw(st.booleans()),
        limit=draw(st.integers(1, 20)),
        least=Decimal(1) if bounded else None,
        most=Decimal(2) if bounded else None,
        earliest=date(2026, 1, 1) if kind is K.DATE and draw(st.booleans()) else None,
        latest=date(2026, 12, 31) if kind is K.DATE and draw(st.booleans()) else None,
        options=OPTIONS[: draw(st.integers(1, 3))]
        if kind.chosen or (kind in {K.BUDGET, K.SOURCES} and draw(st.booleans()))
        else (),
        columns=COLUMNS[: draw(st.integers(1, len(COLUMNS)))] if kind is K.TABLE else (),
        shown_if=draw(conditions(tested)) if hides else None,
    )


@st.composite
def designs(draw: Any, most: int = 6) -> CallDesign:
    """Draw a call with a form of two sections, as the document's reader gives it."""
    asked: list[Question] = []
    for n in range(draw(st.integers(1, most))):
        asked.append(draw(questions(n, asked)))
    sections = (FormSection("one", {"it": "Uno"}), FormSection("two", {"it": "Due"}))
    design = CallDesign(eligibility=ELIGIBILITY, sections=sections, questions=tuple(asked))
    return CallDesign.from_json(design.to_json())


def raw_answers(question: Question) -> st.SearchStrategy[Any]:
    """Give what a page may send for a question."""
    kind = question.kind
    if kind.rows:
        cells = {cell.code: texts for cell in cells_of(question, ELIGIBILITY)}
        return st.lists(st.fixed_dictionaries(cells), max_size=3)
    if kind is K.PLACE:
        return st.fixed_dictionaries({"place": texts, "area": texts, "months": texts})
    if kind is K.SOURCES:
        own = {o.code: texts for o in question.options} or {OWN: texts}
        return st.fixed_dictionaries(
            {"own": st.fixed_dictionaries(own), "requested": texts, "crowd": texts}
        )
    return _PLAIN.get(kind, texts)


_PLAIN: Mapping[QuestionKind, st.SearchStrategy[Any]] = {
    K.CHOICES: st.lists(st.sampled_from(["a", "b", "c", "gone"]), max_size=4),
    K.CHOICE: st.sampled_from(["", "a", "b", "c", "gone"]),
    K.YES_NO: st.sampled_from(["", "yes", "no", "perhaps"]),
    K.DECLARATION: st.booleans(),
}


# -- drafts ------------------------------------------------------------------------------------


def kept(draft: Draft, question: Question, value: Any) -> Draft:
    """Keep an answer as the actions do: in its part, and beside it what the part cannot hold."""
    answers = {k: v for k, v in draft.answers.items() if k != question.key}
    if question.kind.single:
        part = part_fed_by(question, value, draft, AREAS)
        name = {"PlacePart": "place", "TeamPart": "team", "BudgetPart": "budget"}
        field = name.get(type(part).__name__, "money")
        draft = replace(draft, answers=answers, **{field: part})
        if isinstance(part, PlacePart):
            codes = {n: code for code, n in AREAS.items()}
            draft = replace(draft, area_code=codes.get(part.area_id or 0, ""))
        if fed_answer(draft, question) == value:
            return draft
    return replace(draft, answers=answers if value is None else {**answers, question.key: value})


@st.composite
def filled(draw: Any) -> tuple[CallDesign, Draft, Mapping[str, Any]]:
    """Draw a form and a draft of it; gives what was read of each answer, too."""
    design = draw(designs())
    draft, read = BLANK, {}
    for question in design.form.questions:
        if question.kind is K.FILE:
            draft = replace(draft, files={**draft.files, question.key: draw(st.integers(0, 3))})
        elif question.asks and draw(st.integers(0, 4)):
            value = read_answer(question, ELIGIBILITY, draw(raw_answers(question)))
            draft = kept(draft, question, value)
            if value is not None:
                read[question.key] = value
    return design, draft, read
