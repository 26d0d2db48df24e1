"""Arranging a form while it is designed, and its conditions as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quartieri.calls.arranging import (
    arrange,
    change_question,
    change_section,
    duplicate_question,
    move_question,
    move_section,
    new_question,
    new_section,
    places_of,
    question_of,
    remove_question,
    remove_section,
    section_of,
)
from quartieri.calls.design import (
    CallDesign,
    Condition,
    FormSection,
    Op,
    Option,
    Question,
    QuestionKind,
)
from quartieri.calls.forms.conditions import condition_of, lines_of, typed_value
from quartieri.kit.errors import InvalidError, NotFoundError

K = QuestionKind
SECTIONS = tuple(FormSection(key, {"it": key}) for key in ("one", "two", "three"))


def both(text: str) -> dict[str, str]:
    return {"it": text, "en": text}


def design(*places: str) -> CallDesign:
    """Give a form of three sections whose questions q0, q1, … stand in the named ones."""
    questions = tuple(
        Question(f"q{n}", both(f"Q{n}"), section=place) for n, place in enumerate(places)
    )
    return CallDesign(sections=SECTIONS, questions=questions)


def order(of: CallDesign) -> list[str]:
    return [f"{q.section}:{q.key}" for q in of.form.questions]


def test_the_first_change_writes_the_standard_form_out() -> None:
    made, key = new_question(CallDesign(), K.NUMBER, "place", {"it": "Quanti anni?"})
    assert key == "quanti-anni"
    assert [s.key for s in made.sections] == ["place", "team", "budget", "money"]
    assert question_of(made, key).kind is K.NUMBER
    assert CallDesign.from_json(made.to_json()) == made


def test_a_question_moves_over_the_edge_into_the_next_section() -> None:
    form = design("one", "one", "two")
    assert order(move_question(form, "q1", 1)) == ["one:q0", "two:q1", "two:q2"]
    assert order(move_question(form, "q2", -1)) == ["one:q0", "one:q1", "one:q2"]
    assert order(move_question(form, "q1", -1)) == ["one:q1", "one:q0", "two:q2"]
    assert move_question(form, "q0", -1) is form


def test_a_section_moves_with_its_questions() -> None:
    form = move_section(design("one", "two"), "two", -1)
    assert order(form) == ["two:q1", "one:q0"]
    assert move_section(form, "two", -1) is form


def test_a_copy_stands_after_its_question_under_a_key_of_its_own() -> None:
    form, key = duplicate_question(design("one", "one"), "q0")
    assert (key, order(form)) == ("q0-2", ["one:q0", "one:q0-2", "one:q1"])


def test_what_is_asked_once_is_not_copied() -> None:
    form, key = new_question(design("one"), K.PLACE, "one", {"it": "Dove?"})
    with pytest.raises(InvalidError):
        duplicate_question(form, key)
    with pytest.raises(InvalidError):
        new_question(form, K.PLACE, "two", {"it": "Dove ancora?"})


def test_a_question_on_which_another_depends_stays() -> None:
    form = design("one", "two")
    depending = replace(question_of(form, "q1"), shown_if=Condition(Op.ANSWERED, question="q0"))
    form = change_question(form, "q1", depending)
    with pytest.raises(InvalidError, match="Q1"):
        remove_question(form, "q0")
    assert order(remove_question(form, "q1")) == ["one:q0"]


def test_a_circle_of_conditions_is_refused() -> None:
    form = design("one", "two")
    first = replace(question_of(form, "q1"), shown_if=Condition(Op.ANSWERED, question="q0"))
    form = change_question(form, "q1", first)
    second = replace(question_of(form, "q0"), shown_if=Condition(Op.ANSWERED, question="q1"))
    with pytest.raises(InvalidError, match="circle"):
        change_question(form, "q0", second)


def test_a_section_goes_only_when_it_is_empty_and_not_the_last() -> None:
    form = design("one")
    with pytest.raises(InvalidError):
        remove_section(form, "one")
    form = remove_section(remove_section(form, "two"), "three")
    with pytest.raises(InvalidError):
        remove_section(remove_question(form, "q0"), "one")


def test_sections_are_added_and_changed() -> None:
    form, key = new_section(design("one"), {"it": "Il quartiere"})
    assert key == "il-quartiere"
    form = change_section(form, key, FormSection("x", both("Il rione")))
    assert section_of(form, key).title == both("Il rione")
    with pytest.raises(NotFoundError):
        section_of(form, "x")


def test_an_order_that_forgets_or_invents_is_refused() -> None:
    form = design("one", "two")
    for wrong in (
        {"one": ["q0"], "two": [], "three": []},
        {"one": ["q0", "q1", "q1"], "two": [], "three": []},
        {"one": ["q0", "q1"], "two": []},
        {"one": ["q0", "q1"], "two": [], "three": [], "four": []},
    ):
        with pytest.raises(InvalidError):
            arrange(form, wrong)


PLACES = st.lists(st.sampled_from(["one", "two", "three"]), min_size=1, max_size=8)


@given(PLACES, st.data())
def test_moves_lose_no_question_and_a_step_back_undoes_a_step_inside(
    places: list[str], data: st.DataObject
) -> None:
    form = arrange(
        base := design(*places),
        {s.key: [q.key for q in base.questions if q.section == s.key] for s in SECTIONS},
    )
    key = data.draw(st.sampled_from([q.key for q in form.questions]))
    step = data.draw(st.sampled_from([-1, 1]))
    moved = move_question(form, key, step)
    assert sorted(q.key for q in moved.questions) == sorted(q.key for q in form.questions)
    assert CallDesign.from_json(moved.to_json()) == moved
    if moved is not form:
        assert order(move_question(moved, key, -step)) == order(form)


@given(PLACES, st.data())
def test_any_order_can_be_dragged(places: list[str], data: st.DataObject) -> None:
    form = design(*places)
    keys = data.draw(st.permutations([q.key for q in form.questions]))
    there = [data.draw(st.sampled_from(["one", "two", "three"])) for _ in keys]
    wanted: dict[str, list[str]] = {s.key: [] for s in SECTIONS}
    for key, section in zip(keys, there, strict=True):
        wanted[section].append(key)
    assert order(arrange(form, wanted)) == [f"{s}:{k}" for s in wanted for k in wanted[s]]


# -- conditions as rows --------------------------------------------------------------------------

TESTS = st.builds(lambda n: Condition(Op.ANSWERED, question=f"q{n}"), st.integers(0, 5))


def joined(inner: Any) -> Any:
    many = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(
        lambda op, of: Condition(op, of=of[:1] if op is Op.NOT else of),
        st.sampled_from([Op.ALL, Op.ANY, Op.NOT]),
        many,
    )


TREES = st.recursive(TESTS, joined, max_leaves=8)


def simple(condition: Condition) -> Condition:
    """Give a condition without a group of one at its top, which says nothing."""
    while condition.op in {Op.ALL, Op.ANY} and len(condition.of) == 1:
        condition = condition.of[0]
    return condition


@given(TREES)
def test_a_condition_survives_as_rows(condition: Condition) -> None:
    join, lines = lines_of(condition)
    again = condition_of(join, lines)
    assert again is not None
    assert simple(again) == simple(condition)


def test_no_rows_are_no_condition() -> None:
    assert condition_of(*lines_of(None)) is None


def test_rows_without_their_group_are_refused() -> None:
    _join, lines = lines_of(Condition(Op.NOT, of=(Condition(Op.ANSWERED, question="a"),)))
    with pytest.raises(InvalidError):
        condition_of(Op.ALL, lines[1:])
    with pytest.raises(InvalidError):
        condition_of(Op.ALL, lines[:1])


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (K.YES_NO, "Sì", True),
        (K.YES_NO, "no", False),
        (K.CHOICE, "bottega", "shop"),
        (K.CHOICE, "Shop", "shop"),
        (K.MONEY, "1.234,50", "123450"),
        (K.NUMBER, "2,50", "2.5"),
        (K.NUMBER, "10", "10"),
        (K.DATE, "31/01/2026", "2026-01-31"),
        (K.DATE, "2026-01-31", "2026-01-31"),
        (K.SHORT_TEXT, " Dergano ", "Dergano"),
    ],
)
def test_values_are_read_as_people_write_them(kind: QuestionKind, text: str, value: object) -> None:
    options = (Option("shop", {"it": "Bottega", "en": "Shop"}),)
    question = Question("q", both("Q"), kind=kind, options=options)
    assert typed_value(text, question) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (K.YES_NO, "forse"),
        (K.CHOICE, "market"),
        (K.MONEY, "tanto"),
        (K.NUMBER, "dieci"),
        (K.DATE, "32/01/2026"),
        (K.SHORT_TEXT, " "),
    ],
)
def test_values_that_do_not_fit_are_refused(kind: QuestionKind, text: str) -> None:
    with pytest.raises(InvalidError):
        typed_value(text, Question("q", both("Q"), kind=kind))


def test_the_first_question_of_a_blank_form_gets_a_page_for_the_project() -> None:
    blank = CallDesign()
    assert [s.key for s in blank.with_sections().sections][:2] == ["place", "team"]
    assert [s.key for s in places_of(blank)][:2] == ["story", "place"]
    design, key = new_question(blank, QuestionKind.LONG_TEXT, "story", {"it": "Perché?"})
    assert design.form.pages[0].section.key == "story"
    assert [q.key for q in design.form.pages[0].questions] == [key]
    again, _key = new_question(design, QuestionKind.LONG_TEXT, "team", {"it": "Chi?"})
    assert again.sections == design.sections
    other, _key = new_question(blank, QuestionKind.LONG_TEXT, "team", {"it": "Chi?"})
    assert "story" not in [s.key for s in other.sections]
