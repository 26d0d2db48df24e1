"""The JSON Schema of the document, as it is shipped and served."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

PATH = Path(__file__).parents[1] / "schema" / "quartieri-call-1.schema.json"


@cache
def schema_text() -> str:
    """Give the schema as it is shipped."""
    return PATH.read_text(encoding="utf-8")


def schema() -> dict[str, Any]:
    """Give the schema's values."""
    return cast("dict[str, Any]", json.loads(schema_text()))
