"""The JSON Schemas of the documents, as they are shipped and served."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, cast

from quartieri.calls.exchange.document import FORMAT

FOLDER = Path(__file__).parents[1] / "schema"


@cache
def schema_text(name: str = FORMAT) -> str:
    """Give a format's schema as it is shipped."""
    return (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8")


def schema(name: str = FORMAT) -> dict[str, Any]:
    """Give the values of a format's schema."""
    return cast("dict[str, Any]", json.loads(schema_text(name)))
