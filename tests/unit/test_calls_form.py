"""The form of a call: read, written, refused where it contradicts itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quartieri.calls.design import (
    CallDesign,
    DesignError,
    QuestionKind,
    can_hold,
    shown_questions,
)
from quartieri.calls.publication.form import of_form

SECTIONS = [{"key": "idea", "title": {"it": "L'idea"}}, {"key": "cost", "title": {"it": "Costo"}}]


def asked(key: str, **more: Any) -> dict[str, Any]:
    """Give a question of the first section as JSON."""
    return {"key": key, "label": {"it": key}, "section": "idea", **more}


def when(question: str, value: Any, op: str = "is") -> dict[str, Any]:
    """Give a test as JSON."""
    return {"op": op, "question": question, "value": value}


def form(*questions: dict[str, Any], sections: Any = SECTIONS) -> CallDesign:
    """Read a design with these questions."""
    return CallDesign.from_json({"sections": sections, "questions": list(questions)})


def test_a_form_survives_writing_and_reading() -> None:
    kind = {"kind": "choice", "options": [{"code": "shop", "label": {"it": "Negozio"}}]}
    design = form(
        asked("what", **kind, public=True),
        asked("sign", kind="file", file_kinds=["pdf"], most="2", file_megabytes=5),
        asked(
            "when",
            kind="date",
            earliest="2026-01-31",
            shown_if={
                "op": "any",
                "of": [
                    when("what", "shop"),
                    {"op": "not", "of": [{"op": "answered", "question": "sign"}]},
                ],
            },
        ),
        asked("rows", kind="table", columns=[{"code": "a", "label": {}, "kind": "money"}]),
        {
            **asked("budget", kind="budget"),
            "section": "cost",
            "options": [{"code": "staff", "label": {}, "ceiling_share": "0.5"}],
        },
    )
    again = CallDesign.from_json(json.loads(json.dumps(design.to_json())))
    assert again == design
    assert [p.section.key for p in again.form.pages] == ["idea", "cost"]
    assert again.with_sections() is again


def test_a_document_without_sections_is_the_standard_form() -> None:
    old = CallDesign.from_json(
        {"questions": [{"key": "why", "label": {"it": "Perché?"}, "limit": 20, "required": True}]}
    )
    pages = {p.section.key: [q.kind for q in p.questions] for p in old.form.pages}
    assert pages == {
        "story": [QuestionKind.LONG_TEXT],
        "place": [QuestionKind.PLACE],
        "team": [QuestionKind.MEMBERS],
        "budget": [QuestionKind.BUDGET],
        "money": [QuestionKind.SOURCES],
    }
    written = CallDesign.from_json(old.with_sections().to_json())
    assert written.form.pages == old.form.pages
    allied = CallDesign.from_json({"eligibility": {"alliance": True}})
    assert allied.form.of_kind(QuestionKind.PARTNERS) is not None


CIRCLE = [
    asked("a", kind="yes_no", shown_if=when("b", value=True)),
    asked("b", kind="yes_no", shown_if=when("a", value=True)),
]
DEEP: dict[str, Any] = {"op": "answered", "question": "a"}
for _n in range(5):
    DEEP = {"op": "not", "of": [DEEP]}
WIDE = {"op": "all", "of": [{"op": "answered", "question": "a"}] * 30}

WRONG: list[tuple[list[dict[str, Any]], str]] = [
    ([{"key": "a", "label": {}}], "/questions/0/section"),
    ([asked("a", section="none")], "/questions/0/section"),
    ([asked("a", kind="king")], "/questions/0/kind"),
    ([asked("a", kind="place"), asked("b", kind="place")], "/questions/1/kind"),
    ([asked("a", kind="number", least="3", most="2")], "/questions/0/most"),
    ([asked("a", kind="money", least="1.5")], "/questions/0/least"),
    ([asked("a", kind="date", earliest="2026-02-30")], "/questions/0/earliest"),
    (
        [asked("a", kind="date", earliest="2026-02-02", latest="2026-02-01")],
        "/questions/0/latest",
    ),
    ([asked("a", options=[{"code": "x"}, {"code": "x"}])], "/questions/0/options/1"),
    ([asked("a", columns=[{"code": "x", "kind": "file"}])], "/questions/0/columns/0/kind"),
    ([asked("a", file_kinds=["exe"])], "/questions/0/file_kinds/0"),
    ([asked("a", shown_if=when("b", "x"))], "/questions/0/shown_if/question"),
    ([asked("a"), asked("b", shown_if=when("a", "x"))], "/questions/1/shown_if/op"),
    (
        [asked("a", kind="yes_no"), asked("b", shown_if=when("a", "x"))],
        "/questions/1/shown_if/value",
    ),
    (
        [
            asked("a", kind="choices", options=[{"code": "x"}]),
            asked("b", shown_if={"op": "all", "of": [when("a", "y", "has")]}),
        ],
        "/questions/1/shown_if/of/0/value",
    ),
    (
        [asked("a", kind="number"), asked("b", shown_if=when("a", "Infinity"))],
        "/questions/1/shown_if/value",
    ),
    (CIRCLE, "/questions/0/shown_if"),
    ([asked("a", kind="yes_no", shown_if=when("a", value=True))], "/questions/0/shown_if"),
    ([asked("a"), asked("b", shown_if=DEEP)], "/questions/1/shown_if" + "/of/0" * 5),
    ([asked("a"), asked("b", shown_if=WIDE)], "/questions/1/shown_if/of/29"),
    ([asked("a", shown_if={"op": "not", "of": []})], "/questions/0/shown_if/of"),
]


@pytest.mark.parametrize(("questions", "pointer"), WRONG)
def test_a_form_that_contradicts_itself_names_the_place(
    questions: list[dict[str, Any]], pointer: str
) -> None:
    with pytest.raises(DesignError) as refused:
        form(*questions)
    assert refused.value.pointer == pointer


def test_no_section_has_the_name_of_a_page_of_every_application() -> None:
    with pytest.raises(DesignError) as refused:
        form(sections=[{"key": "applicant", "title": {}}])
    assert refused.value.pointer == "/sections/0/key"


def test_what_depends_on_a_hidden_question_is_hidden_too() -> None:
    design = form(
        asked("shop", kind="yes_no"),
        asked("open", kind="yes_no", shown_if=when("shop", value=True)),
        asked("hours", shown_if=when("open", value=True)),
    )
    assert shown_questions(design.form, {"shop": False, "open": True}) == {"shop"}
    assert shown_questions(design.form, {"shop": True, "open": True}) == {"shop", "open", "hours"}


NEVER = [
    {"op": "all", "of": [when("n", "5", "least"), when("n", "4.5", "most")]},
    {"op": "all", "of": [when("c", "x"), when("c", "y")]},
    {"op": "all", "of": [when("late", value=True), when("c", "y")]},
    {
        "op": "not",
        "of": [
            {
                "op": "any",
                "of": [when("y", value=True), {"op": "not", "of": [when("y", value=True)]}],
            }
        ],
    },
]
SOMETIMES = [
    {"op": "all", "of": [when("n", "5", "least"), when("n", "5", "most")]},
    {"op": "any", "of": [when("c", "x"), when("c", "y")]},
    {"op": "all", "of": [when("late", value=True), when("c", "x")]},
    {"op": "not", "of": [when("c", "x")]},
    {"op": "all", "of": [when("d", "2026-01-01", "least"), when("d", "2026-01-02", "most")]},
]


@pytest.mark.parametrize(
    ("condition", "possible"), [(c, False) for c in NEVER] + [(c, True) for c in SOMETIMES]
)
def test_a_condition_that_can_never_hold_is_known(
    condition: dict[str, Any], *, possible: bool
) -> None:
    options = [{"code": "x"}, {"code": "y"}]
    design = form(
        asked("n", kind="number"),
        asked("c", kind="choice", options=options),
        asked("y", kind="yes_no"),
        asked("d", kind="date"),
        asked("late", kind="yes_no", shown_if=when("c", "x")),
        asked("last", shown_if=condition),
    )
    conditions = design.form.conditions
    assert can_hold(conditions["last"], conditions) is possible


def gaps(*questions: dict[str, Any], rule: Any = None) -> list[tuple[str, str, bool]]:
    """List what the form lacks for publication: the place, the sentence, whether it blocks."""
    document: dict[str, Any] = {"sections": SECTIONS, "questions": list(questions)}
    design = CallDesign.from_json(document | {"money": {"rule": rule}, "requirements": [LINE]})
    found = of_form(design)
    return [
        (g.field, g.message.source, g.blocking)
        for g in found
        if "the text in" not in g.message.source
    ]


LINE = {"code": "seat", "text": {"it": "Sede", "en": "Seat"}}
LATER = [asked("first", shown_if=when("second", value=True)), asked("second", kind="yes_no")]
HIDDEN = [asked("n", kind="number"), asked("never", shown_if=NEVER[0])]


def test_a_condition_on_what_stands_later_blocks_publication() -> None:
    assert gaps(*LATER) == [
        ("question-first", "first: its condition asks for “second”, which stands later.", True)
    ]


def test_a_required_question_that_is_always_hidden_blocks_publication() -> None:
    sentence = "never: it is required, but its condition always hides it."
    assert gaps(*HIDDEN) == [("question-never", sentence, True)]
    assert gaps(HIDDEN[0], {**HIDDEN[1], "required": False}) == []


def test_what_a_form_lacks_is_said_at_its_place() -> None:
    assert gaps(asked("what", kind="choice"), asked("rows", kind="table")) == [
        ("question-what", "what: there is nothing to choose from.", True),
        ("question-rows", "rows: the table has no column.", True),
    ]
    assert gaps(asked("title", kind="heading")) == [
        ("questions", "The application form has no question.", True)
    ]
    assert gaps(asked("who", personal=True, public=True)) == [
        ("question-who", "who: personal data are never published.", False)
    ]


def test_a_call_that_gives_money_asks_for_cost_and_sources() -> None:
    rule = {"kind": "direct", "grant_cap_cents": 100}
    found = gaps(asked("why"), rule=rule)
    assert [place for place, _sentence, _blocks in found] == ["questions", "questions"]
    assert gaps(asked("b", kind="budget"), asked("s", kind="sources"), rule=rule) == []
