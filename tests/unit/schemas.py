"""Drawing values that a JSON Schema accepts."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from jsonschema.validators import extend

JSON = dict[str, Any]
MOST_DRAWN = 3
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")


STRICT = extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine(
        "integer", lambda _checker, value: type(value) is int
    ),
)
"""A validator to which 1.0 is no whole number: Python tells it from 1, JSON Schema does not."""


def of_schema(part: JSON, defs: JSON, depth: int = 0) -> st.SearchStrategy[Any]:
    """Draw values that a part of the schema accepts; deep down, the fewest."""
    if "$ref" in part:
        return of_schema(defs[part["$ref"].rpartition("/")[2]], defs, depth)
    if "const" in part:
        return st.just(part["const"])
    if "enum" in part:
        return st.sampled_from(part["enum"])
    for key in ("anyOf", "oneOf"):
        if key in part:
            choices = part[key] if depth < 8 else part[key][-1:]
            return st.one_of(*(of_schema(c, defs, depth + 1) for c in choices))
    if "allOf" in part:
        return of_schema(part["allOf"][0], defs, depth)
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    return st.one_of(*(of_kind(kind, part, defs, depth) for kind in kinds))


def of_kind(  # noqa: PLR0911 -- one kind each
    kind: str, part: JSON, defs: JSON, depth: int
) -> st.SearchStrategy[Any]:
    if kind == "object":
        properties, needed = part["properties"], part.get("required", [])
        wanted = {k: of_schema(v, defs, depth + 1) for k, v in properties.items() if k in needed}
        other = {k: of_schema(v, defs, depth + 1) for k, v in properties.items() if k not in needed}
        return st.fixed_dictionaries(wanted, optional=other)
    if kind == "array":
        least = part.get("minItems", 0)
        most = max(least, min(part["maxItems"], MOST_DRAWN if depth < 6 else 0))
        return st.lists(of_schema(part["items"], defs, depth + 1), min_size=least, max_size=most)
    if kind == "integer":
        return st.integers(part["minimum"], part["maximum"])
    if kind == "boolean":
        return st.booleans()
    if kind == "null":
        return st.none()
    if "pattern" in part:
        return st.from_regex(part["pattern"].replace("$(?!\\n)", r"\Z"))
    return st.text(CHARACTERS, min_size=part.get("minLength", 0), max_size=20)
