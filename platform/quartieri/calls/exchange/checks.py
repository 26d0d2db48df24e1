"""Every fault of a document at once, and what publication still lacks, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quartieri.calls.design import LANGUAGES
from quartieri.calls.design.reading import DesignError
from quartieri.calls.exchange.document import CallDocument
from quartieri.calls.exchange.text import read_text
from quartieri.calls.gaps import City, Gap, PoolDraft, Share, Step, WindowDates
from quartieri.calls.publication import missing_for_publication
from quartieri.kit.labels import Lazy, lazy

MOST_FAULTS = 50
_MARKUP = re.compile(r"<[a-zA-Z/!?]")


@dataclass(frozen=True, slots=True)
class Note:
    """A fault or a warning: its JSON pointer and what it is."""

    pointer: str
    message: Lazy

    def as_json(self) -> dict[str, str]:
        """Give it as commands print it, in English."""
        return {"pointer": self.pointer, "message": self.message.source}


def checked(content: bytes) -> tuple[CallDocument | None, list[Note]]:
    """Read what somebody sent: the document, or its faults (at most ``MOST_FAULTS``)."""
    try:
        value = read_text(content)
    except DesignError as error:
        return None, [Note(error.pointer, error.fault)]
    return faults(value)


def faults(value: Any) -> tuple[CallDocument | None, list[Note]]:
    """List the faults of a document's values; with none, give the document.

    The reader stops at the first: so what it refused is taken out, and it reads again. What
    refers to something taken out may be named too.
    """
    found: list[Note] = []
    left = _loose(value)
    while len(found) < MOST_FAULTS:
        try:
            document = CallDocument.from_json(left)
        except DesignError as error:
            note = Note(_original(left, error.pointer), error.fault)
            again = any(n.pointer == note.pointer for n in found)
            # a fault around one that was found is mostly what taking that out left behind
            if not any(f"{n.pointer}/".startswith(f"{note.pointer}/") for n in found):
                found.append(note)
            if not _drop(left, error.pointer, itself=not again):
                break
        else:
            return (document if not found else None), found
    return None, found


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


# -- reading on after a fault ------------------------------------------------------------------


class _Items(list[Any]):
    """A list that remembers which place each item had."""

    def __init__(self, items: Iterable[Any]) -> None:
        super().__init__(items)
        self.places = list(range(len(self)))


def _loose(value: Any) -> Any:
    """Copy the values so that faulty ones can be taken out."""
    if isinstance(value, Mapping):
        return {k: _loose(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return _Items(_loose(v) for v in value)
    return value


def _walk(left: Any, pointer: str) -> list[tuple[Any, str | int]]:
    """Give each container on the way with the key or the number that is followed in it."""
    way: list[tuple[Any, str | int]] = []
    for text in pointer.split("/")[1:]:
        step: str | int = text.replace("~1", "/").replace("~0", "~")
        if isinstance(left, _Items):
            step = int(step) if str(step).isdecimal() else -1
            way.append((left, step))
            if not 0 <= step < len(left):
                break
            left = left[step]
        elif isinstance(left, dict):
            way.append((left, step))
            left = left.get(str(step))
        else:
            break
    return way


def _original(left: Any, pointer: str) -> str:
    """Give the pointer into the document as it came."""
    steps = pointer.split("/")
    for n, (container, step) in enumerate(_walk(left, pointer), 1):
        if isinstance(container, _Items) and isinstance(step, int) and step < len(container):
            steps[n] = str(container.places[step])
    return "/".join(steps)


def _drop(left: Any, pointer: str, *, itself: bool) -> bool:
    """Take out what a pointer names, or the list's item around it; False if nothing can be."""
    way = _walk(left, pointer)
    if itself and way:
        container, step = way[-1]
        whole = len(way) == pointer.count("/")
        if whole and isinstance(container, dict) and str(step) in container:
            del container[str(step)]
            return True
    for container, step in reversed(way):
        if isinstance(container, _Items) and isinstance(step, int) and step < len(container):
            del container[step]
            del container.places[step]
            return True
    return False
