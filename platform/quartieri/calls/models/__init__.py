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
from quartieri.calls.models.files import CallFile
from quartieri.calls.models.followers import Follower
from quartieri.calls.models.meetings import Meeting, MeetingCall, MeetingMaterial, MeetingPlace
from quartieri.calls.models.pauses import WindowPause
from quartieri.calls.models.questions import CallQuestion
from quartieri.calls.models.rectification import KeptTemplate, Rectification
from quartieri.calls.models.tokens import ApiToken

__all__ = [
    "ApiToken",
    "Call",
    "CallAct",
    "CallEdition",
    "CallFile",
    "CallQuestion",
    "Criterion",
    "Follower",
    "HistoricalProject",
    "KeptTemplate",
    "Meeting",
    "MeetingCall",
    "MeetingMaterial",
    "MeetingPlace",
    "Rectification",
    "Window",
    "WindowExtension",
    "WindowPause",
]
