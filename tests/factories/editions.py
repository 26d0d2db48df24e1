"""Editions as documents, for tests of the replay."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from quartieri.rehearsal.document import (
    Edition,
    ProjectRow,
    ReplayInputError,
    forecast,
    parse_document,
    report,
)

DOCS = Path(__file__).parents[2] / "docs" / "data-formats.md"


CALL: dict[str, Any] = {
    "id": "test",
    "published_on": "2025-01-01",
    "application_windows": [{"opens": "2025-01-01", "closes": "2025-01-31"}],
    "endowment_eur": 100000,
    "crowdfunding_share": 0.5,
    "grant_share": 0.5,
    "campaign_days": 60,
    "rule": "fixed_share",
}


def schema(name: str) -> dict[str, Any]:
    text = (files("quartieri.rehearsal") / "data" / f"replay-{name}.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def fenced(name: str) -> dict[str, Any]:
    found = re.search(rf"```json replay-{name}\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    document: dict[str, Any] = json.loads(found.group(1))
    return document


def document(*rows: object, **call: Any) -> str:
    return json.dumps({"call": {**CALL, **call}, "projects": list(rows)})


def edition(*rows: object, **call: Any) -> Edition:
    return parse_document(document(*rows, **call))


def row(**over: Any) -> dict[str, Any]:
    given_row: dict[str, Any] = {
        "project": "Lab Barona",
        "total_cost_eur": 20000,
        "target_eur": 10000,
        "raised_eur": 10000,
    }
    return {**given_row, **over}


def only(**over: Any) -> ProjectRow:
    return edition(row(**over)).rows[0]


def told(found: Edition) -> dict[str, Any]:
    return report(found, forecast(found))


def project(found: dict[str, Any], start: str) -> dict[str, Any]:
    one: dict[str, Any] = next(p for p in found["projects"] if p["project"].startswith(start))
    return one


def refusal(content: str | bytes) -> str:
    with pytest.raises(ReplayInputError) as caught:
        parse_document(content)
    line = str(caught.value)
    assert line.isprintable()
    return line


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
