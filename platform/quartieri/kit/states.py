"""State machines as data: one declared table each, and the lookup of a lawful move.

The table is the whole truth about a machine: from, to, verb, who, guard. ``audit.moves.move``
is the one place that executes a move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quartieri.kit.errors import IllegalMoveError
from quartieri.kit.labels import LabelEnum, Lazy, lazy

Facts = Mapping[str, Any]
Guard = Callable[[Facts], Lazy | None]
"""Looks at the facts of a move; gives None when it may pass, else the sentence that refuses it."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a table: ``verb`` brings any state of ``sources`` to ``target``."""

    verb: str
    sources: frozenset[LabelEnum]
    target: LabelEnum
    who: frozenset[str]
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """The lawful moves of one kind of thing; ``name`` is its audit subject."""

    name: str
    label: str
    states: type[LabelEnum]
    moves: tuple[Move, ...]
    _by_verb: dict[tuple[str, str], Move] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the table; a verb may lead from one state to one target only."""
        index: dict[tuple[str, str], Move] = {}
        for move in self.moves:
            for source in move.sources:
                key = (move.verb, str(source))
                if key in index:
                    msg = f"{self.name}: {move.verb} from {source} stands twice"
                    raise ValueError(msg)
                index[key] = move
        object.__setattr__(self, "_by_verb", index)

    def find(self, verb: str, state: str) -> Move:
        """Give the move for ``verb`` from ``state``; raise IllegalMoveError with a sentence."""
        found = self._by_verb.get((verb, str(state)))
        if found is None:
            raise IllegalMoveError(
                lazy(
                    "This step is not possible now. %(thing)s: %(state)s.",
                    thing=Lazy(self.label),
                    state=Lazy(self.states(str(state)).label),
                )
            )
        return found

    def verbs_from(self, state: str) -> list[str]:
        """List the verbs that lead on from ``state``, in the table's order."""
        return list(dict.fromkeys(m.verb for m in self.moves if state in m.sources))

    def edges(self) -> set[tuple[str, str]]:
        """Give every (from, to) pair of the table, for tests and documentation."""
        return {(str(s), str(m.target)) for m in self.moves for s in m.sources}


def step(
    verb: str,
    sources: LabelEnum | Iterable[LabelEnum],
    target: LabelEnum,
    *who: str,
    guard: Guard | None = None,
) -> Move:
    """Write one line of a table: verb, from, to, the roles that may, a guard on the facts."""
    many = frozenset([sources]) if isinstance(sources, LabelEnum) else frozenset(sources)
    return Move(verb, many, target, frozenset(who), guard)
