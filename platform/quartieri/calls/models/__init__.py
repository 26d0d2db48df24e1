"""The tables of the slice, a file for each noun."""

from quartieri.calls.models.call import (
    Call,
    CallAct,
    CallEdition,
    Criterion,
    HistoricalProject,
    Window,
    WindowExtension,
)

__all__ = [
    "Call",
    "CallAct",
    "CallEdition",
    "Criterion",
    "HistoricalProject",
    "Window",
    "WindowExtension",
]
