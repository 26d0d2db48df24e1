"""Handlers by name. Slices' ``jobs`` modules register theirs; wiring imports those modules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

Handler = Callable[..., None]
"""Called inside an application context as ``handler(**args)``; opens its own units of work."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes back: the next run is set when one ends."""

    kind: str
    every: timedelta


HANDLERS: dict[str, Handler] = {}
PERIODIC: list[Periodic] = []
POOLED: set[str] = set()
"""Kinds that spend their time waiting for the outside: a worker runs several at once."""
URGENT: set[str] = set()
"""Pooled kinds that go before the others, as long as these get their share too."""
POSTED: set[str] = set()
"""Kinds that wait for the mail server: others do them, so that a slow one holds nothing else up."""
MOST_TRIES = 12
TRIES: dict[str, int] = {}
"""How often a kind is tried before it is left to a person, where that is not MOST_TRIES."""


def handler(
    kind: str,
    *,
    every: timedelta | None = None,
    pooled: bool = False,
    urgent: bool = False,
    posted: bool = False,
    tries: int = MOST_TRIES,
) -> Callable[[Handler], Handler]:
    """Register a function for jobs of ``kind``; with ``every`` it also runs periodically.

    ``pooled``: it waits for the outside, so a worker runs it beside others of its sort; ``urgent``:
    before those of them that are not. ``posted``: the same for what waits for the mail server.
    ``tries``: how often it is tried before a person has to look.
    """

    def register(function: Handler) -> Handler:
        if kind in HANDLERS and HANDLERS[kind] is not function:
            msg = f"two handlers for {kind}"
            raise ValueError(msg)
        HANDLERS[kind] = function
        if pooled:
            POOLED.add(kind)
        if urgent:
            URGENT.add(kind)
        if posted:
            POSTED.add(kind)
        if tries != MOST_TRIES:
            TRIES[kind] = tries
        if every is not None:
            PERIODIC.append(Periodic(kind, every))
        return function

    return register


def run(kind: str, args: dict[str, Any]) -> None:
    """Call the handler of a kind; raise LookupError if there is none."""
    HANDLERS[kind](**args)
