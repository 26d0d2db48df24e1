"""A session's dates as a timeline: opening, deadlines, extensions, what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.kit.labels import Lazy, lazy

_AFTER = (
    (WindowState.CHECKING, lazy("Admissibility check")),
    (WindowState.EVALUATION, lazy("Evaluation by the commission")),
    (WindowState.FINAL, lazy("Ranking")),
    (WindowState.RUNNING, lazy("Projects under way")),
    (WindowState.CONCLUDED, lazy("Concluded")),
)
_REACHED = {WindowState.PROVISIONAL: WindowState.FINAL}
_STOPPED = frozenset({WindowState.DESERTED, WindowState.CANCELLED})


def call_timeline(window: Window, now: datetime) -> list[dict[str, Any]]:
    """List a session's steps for the timeline macro: label, when, text, state."""
    state = window.state_at(now)
    steps = [
        {
            "label": lazy("Applications open"),
            "when": window.opens_at,
            "state": "next" if state is WindowState.SCHEDULED else "done",
        },
        {
            "label": lazy("Deadline for applications"),
            "when": window.closes_at,
            "deadline": True,
            "text": _extended(window),
            "state": _deadline_state(state),
        },
    ]
    if state in _STOPPED:
        return [*steps, {"label": Lazy(state.label), "state": "now"}]
    return steps + _following(_REACHED.get(state, state))


def _deadline_state(state: WindowState) -> str:
    if state is WindowState.SCHEDULED:
        return "next"
    return "now" if state is WindowState.OPEN else "done"


def _following(state: WindowState) -> list[dict[str, Any]]:
    order = [s for s, _label in _AFTER]
    reached = order.index(state) if state in order else -1
    return [
        {
            "label": label,
            "state": "done" if n < reached else "now" if n == reached else "next",
        }
        for n, (_state, label) in enumerate(_AFTER)
    ]


def _extended(window: Window) -> Lazy | None:
    if not window.extensions:
        return None
    last = window.extensions[-1]
    return lazy(
        "Moved by act no. %(number)s of %(day)s; it was %(old)s.",
        number=last.act.number,
        day=last.act.dated,
        old=last.old_closes_at,
    )
