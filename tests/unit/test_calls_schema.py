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
from tests.unit.schemas import STRICT, of_schema
from tests.unit.test_calls_exchange import EXPECTED, HOSTILE, JSON, changed, places, whole

SCHEMA = schema()
DEFS = SCHEMA["$defs"]
VALIDATOR = STRICT(SCHEMA, format_checker=FormatChecker())


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


DOCUMENTS = of_schema(SCHEMA, DEFS)


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
        ({"kind": "fixed_sum"}, "fixed_sum"),
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
