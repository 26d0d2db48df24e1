"""Every fault of a document at once: reading on after each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from quartieri.calls.design.reading import DesignError
from quartieri.kit.labels import Lazy

MOST_FAULTS = 50
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Note:
    """A fault or a warning: its JSON pointer and what it is."""

    pointer: str
    message: Lazy

    def as_json(self) -> dict[str, str]:
        """Give it as commands print it, in English."""
        return {"pointer": self.pointer, "message": self.message.source}


def read_on(value: Any, read: Callable[[Any], Read]) -> tuple[Read | None, list[Note]]:
    """List the faults of a document's values, at most ``MOST_FAULTS``; with none, what was read.

    The reader stops at the first: so what it refused is taken out, and it reads again. What
    refers to something taken out may be named too.
    """
    found: list[Note] = []
    left = _loose(value)
    while len(found) < MOST_FAULTS:
        try:
            document = read(left)
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
