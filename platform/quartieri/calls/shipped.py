"""The shipped templates: calls that Milan really made, as far as they are known.

What the city never published stays empty, and publication asks for it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from quartieri.calls.design import CallDesign, Reader, Text
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class CallTemplate:
    """One template: its code, what it is, the endowment (cents) if known, and the design."""

    code: str
    about: Text
    endowment_cents: int | None
    design: CallDesign


@cache
def templates() -> tuple[CallTemplate, ...]:
    """List the shipped templates, by code; a bad document raises DesignError."""
    return tuple(_read(path) for path in sorted(FOLDER.glob("*.json")))


def template(code: str) -> CallTemplate:
    """Give a template; raise NotFoundError."""
    for found in templates():
        if found.code == code:
            return found
    raise NotFoundError(lazy("There is no template with this name."))


def _read(path: Path) -> CallTemplate:
    given = Reader(json.loads(path.read_text(encoding="utf-8")))
    found = CallTemplate(
        code=path.stem,
        about=given.text("about"),
        endowment_cents=given.whole("endowment_cents"),
        design=CallDesign.from_json({**given.take("design"), "template": path.stem}),
    )
    given.done()
    return found
