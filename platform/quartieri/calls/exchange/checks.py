"""Every fault of a document at once, and what publication still lacks, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from quartieri.calls.design import LANGUAGES
from quartieri.calls.design.reading import DesignError
from quartieri.calls.exchange.document import CallDocument
from quartieri.calls.exchange.faults import Note, read_on
from quartieri.calls.exchange.text import read_text
from quartieri.calls.gaps import City, Gap, PoolDraft, Share, Step, WindowDates
from quartieri.calls.publication import missing_for_publication
from quartieri.kit.labels import lazy

_MARKUP = re.compile(r"<[a-zA-Z/!?]")


def checked(content: bytes) -> tuple[CallDocument | None, list[Note]]:
    """Read what somebody sent: the document, or its faults (at most fifty)."""
    try:
        value = read_text(content)
    except DesignError as error:
        return None, [Note(error.pointer, error.fault)]
    return faults(value)


def faults(value: Any) -> tuple[CallDocument | None, list[Note]]:
    """List the faults of a document's values; with none, give the document."""
    return read_on(value, CallDocument.from_json)


def lacks(document: CallDocument, *, now: datetime, city: City | None = None) -> list[Note]:
    """List what publication would still lack of a document that has no fault, with its places.

    Without ``city`` no area is missed: nobody knows which ones there are.
    """
    who = document.design.eligibility
    city = city or City(frozenset((*who.allowed_areas, *who.excluded_areas)))
    windows = [
        WindowDates(n, w.opens_at, w.closes_at, w.endowment_cents)
        for n, w in enumerate(document.windows, 1)
        if w.opens_at and w.closes_at
    ]
    pool = PoolDraft(
        document.endowment_cents, tuple(Share(s.level, s.cents) for s in document.shares)
    )
    gaps = missing_for_publication(document.design, windows, pool, now, city)
    return [*_undated(document), *notes(document, gaps), *_markup(document.design.to_json())]


def notes(document: CallDocument, gaps: Iterable[Gap]) -> list[Note]:
    """Give the gaps of a call as notes on its document."""
    value = document.to_json()
    return [Note(_place(value, gap), gap.message) for gap in gaps]


def _undated(document: CallDocument) -> Iterator[Note]:
    for n, window in enumerate(document.windows):
        if not (window.opens_at and window.closes_at):
            yield Note(
                f"/windows/{n}",
                lazy("Session %(number)s has no dates yet: it is left out.", number=n + 1),
            )


def _markup(value: Any, pointer: str = "/design") -> Iterator[Note]:
    """Name the texts with HTML, which is shown as it is written or left out, never obeyed."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _markup(item, f"{pointer}/{key}")
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _markup(item, f"{pointer}/{n}")
    elif isinstance(value, str) and _MARKUP.search(value):
        yield Note(pointer, lazy("There is HTML in this text: only Markdown is understood."))


# -- the place of a gap ------------------------------------------------------------------------

_HOME = {
    Step.IDENTITY: ("/design",),
    Step.WINDOWS: ("", "/design/sessions"),
    Step.WHO: ("/design/eligibility", "/design"),
    Step.APPLICATION: ("/design",),
    Step.EVALUATION: ("/design/evaluation",),
    Step.MONEY: ("/design/money", "/design/money/rule", "/design/campaign", ""),
}
_ELSEWHERE = {"endowment": "/endowment_cents", "kind": "/design/money/rule"}


def _place(value: Mapping[str, Any], gap: Gap) -> str:
    """Find what the gap's field names in the document; else the part that its step edits."""
    path = gap.field.replace("-", "/")
    texts = [path] + [
        f"{path.removesuffix(f'_{language}')}/{language}"
        for language in LANGUAGES
        if path.endswith(f"_{language}")
    ]
    for home in _HOME.get(gap.where, ("",)):
        for text in texts:
            if path and _holds(value, f"{home}/{text}"):
                return f"{home}/{text}"
    return _ELSEWHERE.get(gap.field, _HOME.get(gap.where, ("",))[0])


def _holds(value: Any, pointer: str) -> bool:
    """Tell whether a pointer leads somewhere; a text's language may be absent."""
    steps = pointer.split("/")[1:]
    for n, step in enumerate(steps):
        if isinstance(value, Mapping):
            if step not in value:
                return n == len(steps) - 1 and step in LANGUAGES
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return False
    return True
