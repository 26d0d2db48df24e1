"""What each session may promise of the call's endowment: pure arithmetic on whole cents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quartieri.calls.design import Leftovers
from quartieri.calls.rules import WindowState

SETTLED = frozenset(
    {
        WindowState.FINAL,
        WindowState.RUNNING,
        WindowState.CONCLUDED,
        WindowState.DESERTED,
        WindowState.CANCELLED,
    }
)
"""When a session's ranking is final, or there will be none: what it did not use is left over."""


@dataclass(frozen=True, slots=True)
class SessionMoney:
    """A session's own endowment and what its grants hold of it, in cents."""

    number: int
    endowment_cents: int | None
    held_cents: int = 0
    settled: bool = False


def session_limits(
    sessions: Iterable[SessionMoney], leftovers: str | None
) -> Mapping[int, int | None]:
    """Give the most that each session's grants may hold together, by its number, in cents.

    None: the session has no endowment of its own and shares the call's. Where leftovers move, a
    settled session keeps what it holds and hands the rest to the next one, the last keeps it.
    """
    found: dict[int, int | None] = {}
    ordered = sorted(sessions, key=lambda s: s.number)
    carried = 0
    for n, session in enumerate(ordered):
        if session.endowment_cents is None:
            found[session.number] = None
            continue
        limit = session.endowment_cents + carried
        carried = 0
        moves = leftovers == Leftovers.MOVE and session.settled
        if moves and any(s.endowment_cents is not None for s in ordered[n + 1 :]):
            carried = max(limit - session.held_cents, 0)
            limit -= carried
        found[session.number] = limit
    return found
