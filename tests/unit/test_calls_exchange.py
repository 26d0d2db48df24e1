"""A call's document: read from anybody, every fault at its place, written as it was read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quartieri.calls.design import CallDesign, SessionRules
from quartieri.calls.exchange import (
    FORMAT,
    MOST_BYTES,
    CallDocument,
    DocumentFile,
    DocumentWindow,
    LevelShare,
    checked,
    faults,
    lacks,
    written,
)
from quartieri.calls.shipped import FOLDER, templates
from tests.factories.calls import CLOSES, OPENS, ready_design

HOSTILE = Path(__file__).parents[1] / "data" / "hostile"
EXPECTED: dict[str, Any] = json.loads((HOSTILE / "expected.json").read_text())
NOW = datetime(2025, 2, 3, 12, tzinfo=UTC)


TERM = SessionRules(term_days=60, term_counts="calendar", leftovers="stay")


def whole() -> CallDocument:
    return CallDocument(
        design=ready_design(sessions=TERM),
        windows=(DocumentWindow(OPENS, CLOSES, 100_00), DocumentWindow()),
        endowment_cents=100_00,
        shares=(LevelShare("E", 60_00), LevelShare("F/1", 40_00)),
        documents=(
            DocumentFile("document", "bando.pdf", "0" * 64, {"it": "Il bando"}, size=12),
            DocumentFile("document", "leggibile.pdf", "1" * 64, readable=True, copy_of=0),
        ),
    )


def test_a_document_is_written_as_it_was_read() -> None:
    for document in (whole(), CallDocument(), *(t.document for t in templates())):
        text = written(document.to_json())
        again, found = checked(text.encode())
        assert (again, found) == (document, [])
        assert written(again.to_json()) == text


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_hostile_document_is_refused_at_its_place(name: str) -> None:
    document, found = checked((HOSTILE / name).read_bytes())
    assert document is None
    assert [note.pointer for note in found] == EXPECTED[name]["pointers"]
    assert EXPECTED[name]["says"] in found[0].message.source


def test_every_hostile_file_is_tried() -> None:
    names = {path.name for path in HOSTILE.iterdir()}
    assert names == {*EXPECTED, "expected.json", "html.json", "bom.json"}


def test_a_byte_order_mark_is_left_out() -> None:
    assert checked((HOSTILE / "bom.json").read_bytes()) == (CallDocument(), [])


def test_html_is_named_and_never_obeyed() -> None:
    document, found = checked((HOSTILE / "html.json").read_bytes())
    assert document is not None
    assert found == []
    named = [n.pointer for n in lacks(document, now=NOW) if "HTML" in n.message.source]
    assert named == [
        "/design/title/it",
        "/design/title/en",
        "/design/summary/it",
        "/design/text/it",
        "/design/requirements/0/text/it",
    ]


def test_what_is_too_long_or_too_deep_is_refused_before_it_is_read() -> None:
    for content in (b" " * (MOST_BYTES + 1), b"[" * 1_000_000, b'{"a":' * 500_000):
        document, found = checked(content)
        assert document is None
        assert [n.pointer for n in found] == [""]


def test_at_most_fifty_faults_are_listed() -> None:
    questions = [{"key": "Ä"} for _n in range(100)]
    document, found = faults({"format": FORMAT, "design": {"questions": questions}})
    assert document is None
    assert [n.pointer for n in found] == [f"/design/questions/{n}/key" for n in range(50)]


def test_what_publication_lacks_has_a_place_in_the_document() -> None:
    document = CallDocument(windows=(DocumentWindow(),))
    value = document.to_json()
    for note in lacks(document, now=NOW):
        steps = note.pointer.split("/")[1:]
        assert steps
        place = value
        for step in steps:
            if step in {"it", "en"}:
                break
            assert step in place or step.isdecimal(), note
            place = place[int(step)] if isinstance(place, list) else place[step]


def test_a_ready_call_lacks_nothing_but_dates() -> None:
    found = [n.pointer for n in lacks(whole(), now=NOW)]
    assert found == ["/windows/1"]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["0.5", "it", "direct", "2026-01-01T00:00:00Z", FORMAT]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the ways to all values of a document."""
    found = [way]
    steps = value.items() if isinstance(value, dict) else ()
    for step, inner in enumerate(value) if isinstance(value, list) else steps:
        found += places(inner, (*way, step))
    return found


def changed(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    """Give a copy with another value at a place."""
    if not way:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = changed(copy[way[0]], way[1:], new)
    return copy


@given(st.data())
def test_any_value_anywhere_is_taken_or_refused_with_places(data: st.DataObject) -> None:
    value = whole().to_json()
    for _n in range(data.draw(st.integers(1, 3))):
        way = data.draw(st.sampled_from(places(value)))
        value = changed(value, way, data.draw(JSON))
    document, found = faults(value)
    assert (document is None) == bool(found)
    assert len({n.pointer for n in found}) == len(found)
    for note in found:
        assert note.pointer == "" or note.pointer.startswith("/")
        assert note.message.source
    if document is not None:
        text = written(document.to_json())
        assert checked(text.encode()) == (document, [])
        lacks(document, now=NOW)


@given(st.binary(max_size=200))
@example(b'{"format":"quartieri-call-1"}')
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    document, found = checked(content)
    assert (document is None) == bool(found)


@given(st.data())
def test_a_damaged_text_is_read_or_refused(data: st.DataObject) -> None:
    text = bytearray(written(whole().to_json()).encode())
    for _n in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=6))
    document, found = checked(bytes(text))
    assert (document is None) == bool(found)


def test_an_old_session_does_not_come_with_a_copy_nor_dates_with_a_template() -> None:
    document = whole()
    assert [w.closes_at for w in document.later_than(CLOSES).windows] == [None]
    assert document.undated() == CallDocument(design=document.design, endowment_cents=100_00)


def test_an_absent_key_is_its_default() -> None:
    assert faults({"format": FORMAT}) == (CallDocument(design=CallDesign()), [])


def test_the_example_of_the_documentation_has_no_fault() -> None:
    text = (Path(__file__).parents[2] / "docs" / "data-formats.md").read_text(encoding="utf-8")
    example = text.partition("```json call\n")[2].partition("```")[0]
    document, found = checked(example.encode())
    assert found == []
    assert document is not None
    assert document.shares == (LevelShare("E1", 50_000_00),)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda p: p.stem)
def test_a_shipped_template_has_warnings_only(path: Path) -> None:
    content = path.read_bytes()
    document, found = checked(content)
    assert found == []
    assert document is not None
    assert written(document.to_json()).encode() == content
    assert lacks(document, now=NOW) != []
