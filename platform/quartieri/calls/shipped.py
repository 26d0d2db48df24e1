"""The shipped templates: calls that Milan and Turin really made, as far as they are known.

What a city never published stays empty, and publication asks for it. Each is a document that can
be imported as well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from quartieri.calls.design import CallDesign, Text
from quartieri.calls.exchange import CallDocument, read_text
from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy

FOLDER = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class CallTemplate:
    """One template: its code and its document."""

    code: str
    document: CallDocument

    @property
    def about(self) -> Text:
        """What it is."""
        return self.document.about

    @property
    def notice(self) -> Text:
        """What is not built of it yet, and how that result comes in; mostly nothing."""
        return self.document.notice

    @property
    def endowment_cents(self) -> int | None:
        """The endowment in cents, if it is known."""
        return self.document.endowment_cents

    @property
    def design(self) -> CallDesign:
        """The design, which names its template."""
        return replace(self.document.design, template=self.code)


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


def notice_of(code: str) -> Text:
    """Give the notice of a template for a call that was made from it; empty for other codes."""
    return next((t.notice for t in templates() if t.code == code), {})


def _read(path: Path) -> CallTemplate:
    return CallTemplate(path.stem, CallDocument.from_json(read_text(path.read_bytes())))
