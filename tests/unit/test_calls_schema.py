"""The published schema and the reader accept the same documents."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from quartieri.calls.design import CallDesign, DesignError, MeaningError, MoneyRules
from quartieri.calls.exchange import CallDocument, faults, schema
from quartieri.calls.funding import FundingRule
from quartieri.calls.shipped import templates
from tests.factories.funding import EVERY_KIND
from tests.unit.test_calls_exchange import EXPECTED, HOSTILE, JSON, changed, places, whole

SCHEMA = schema()
DEFS = SCHEMA["$defs"]
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
MOST_DRAWN = 3
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


def accepts(value: Any) -> bool:
    found: bool = VALIDATOR.is_valid(value)
    return found


def reads(value: Any) -> bool:
    """Tell whether the reader finds the shape right, whatever is meant by it."""
    try:
        CallDocument.from_json(value)
    except MeaningError:
        return True
    except DesignError:
        return False
    return True


def of_schema(part: dict[str, Any], depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw values that a part of the schema accepts; deep down, the fewest."""
    if "$ref" in part:
        return of_schema(DEFS[part["$ref"].rpartition("/")[2]], depth)
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    for key in ("anyOf", "oneOf"):
        if key in part:
            choices = part[key] if depth < 8 else part[key][-1:]
            return st.one_of(*(of_schema(c, depth + 1) for c in choices))
    if "allOf" in part:
        return of_schema(part["allOf"][0], depth)
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    return st.one_of(*(of_kind(kind, part, depth) for kind in kinds))


def of_kind(  # noqa: PLR0911 -- one kind each
    kind: str, part: dict[str, Any], depth: int
) -> st.SearchStrategy[Any]:
    if kind == "object":
        properties, needed = part["properties"], part.get("required", [])
        wanted = {k: of_schema(v, depth + 1) for k, v in properties.items() if k in needed}
        other = {k: of_schema(v, depth + 1) for k, v in properties.items() if k not in needed}
        return st.fixed_dictionaries(wanted, optional=other)
    if kind == "array":
        least = part.get("minItems", 0)
        most = max(least, min(part["maxItems"], MOST_DRAWN if depth < 6 else 0))
        return st.lists(of_schema(part["items"], depth + 1), min_size=least, max_size=most)
    if kind == "integer":
        return st.integers(part["minimum"], part["maximum"])
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if "pattern" in part:
        return st.from_regex(part["pattern"].replace("$(?!\\n)", r"\Z"))
    return st.text(CHARACTERS, min_size=part.get("minLength", 0), max_size=20)


DOCUMENTS = of_schema(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"]


def test_every_template_and_every_full_document_fits_the_schema() -> None:
    for document in (whole(), CallDocument(), *(t.document for t in templates())):
        assert list(VALIDATOR.iter_errors(document.to_json())) == []


@pytest.mark.parametrize("rule", EVERY_KIND, ids=lambda rule: rule.kind.value)
def test_every_kind_of_rule_is_written_as_it_was_read(rule: FundingRule) -> None:
    document = CallDocument(design=CallDesign(money=MoneyRules(rule)))
    written = json.loads(json.dumps(document.to_json()))
    assert list(VALIDATOR.iter_errors(written)) == []
    assert CallDocument.from_json(written) == document


@pytest.mark.parametrize(
    "change, pointer",
    [
        ({"kind": "live_match"}, "live"),
        ({"kind": "direct", "live": {}}, "live"),
        ({"kind": "city_backer"}, "grant_cap_cents"),
        ({"kind": "live_match", "live": {"factor": "101"}}, "live/factor"),
        ({"kind": "live_match", "live": {"factor": 1.5}}, "live/factor"),
        ({"kind": "live_match", "live": {"multipliers": [{}]}}, "live/multipliers/0/starts_at"),
        ({"kind": "fixed_sum", "fixed_sum": {}}, "fixed_sum/sum_cents"),
        ({"kind": "fixed_sum", "fixed_sum": {"sum_cents": 1, "of": "all"}}, "fixed_sum/of"),
        ({"kind": "quadratic", "quadratic": {"method": "roots"}}, "quadratic/method"),
        ({"kind": "quadratic", "quadratic": {"cap": 1}}, "quadratic/cap"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_place(
    change: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(DesignError) as caught:
        CallDesign.from_json({"money": {"rule": change}})
    assert caught.value.pointer == f"/money/rule/{pointer}"


@given(DOCUMENTS)
def test_what_the_schema_accepts_has_the_right_shape_for_the_reader(value: Any) -> None:
    if accepts(value):
        assert reads(value), faults(value)[1][:1]


@given(st.data())
def test_a_changed_document_is_accepted_by_both_or_by_neither(data: st.DataObject) -> None:
    value = whole().to_json()
    for _n in range(data.draw(st.integers(1, 2))):
        way = data.draw(st.sampled_from(places(value)))
        value = changed(value, way, data.draw(JSON))
    if accepts(value):
        assert reads(value), faults(value)[1][:1]
    else:
        assert faults(value)[0] is None


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_schema_refuses_what_is_hostile_by_shape(name: str) -> None:
    content = (HOSTILE / name).read_bytes()
    try:
        value = json.loads(content, parse_int=lambda t: int(t[:30]))
    except ValueError:
        return
    assert accepts(value) <= reads(value)


def parts(hint: Any) -> list[Any]:
    """List the dataclasses in a type."""
    if is_dataclass(hint):
        return [hint]
    return [found for inner in get_args(hint) for found in parts(inner)]


def test_every_field_of_a_document_is_in_the_schema_and_no_other() -> None:
    asked = {tuple(sorted(d["properties"])) for d in (SCHEMA, *DEFS.values()) if "properties" in d}
    for choice in DEFS["condition"]["oneOf"]:
        asked.add(tuple(sorted(choice["properties"])))
    seen: set[Any] = set()
    left: list[Any] = [CallDocument]
    while left:
        kind = left.pop()
        if kind in seen or kind.__name__ == "Condition":
            continue
        seen.add(kind)
        names = {f.name for f in fields(kind)} | ({"format"} if kind is CallDocument else set())
        assert tuple(sorted(names)) in asked, (kind, names)
        for hint in get_type_hints(kind).values():
            left += parts(hint)


def test_the_schema_is_shipped_beside_the_reader() -> None:
    path = Path("platform/quartieri/calls/schema/quartieri-call-1.schema.json")
    assert json.loads(path.read_text(encoding="utf-8")) == SCHEMA
