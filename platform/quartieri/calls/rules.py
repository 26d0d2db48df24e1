"""States of calls and windows, and what follows from dates and the clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from quartieri.audit.rules import Role
from quartieri.kit.clock import is_late
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.states import Facts, Machine, step


class CallState(LabelEnum):
    """Where a call stands."""

    DRAFT = "draft", N_("Draft")
    PUBLISHED = "published", N_("Published")
    SUSPENDED = "suspended", N_("Suspended")
    CONCLUDED = "concluded", N_("Concluded")
    CANCELLED = "cancelled", N_("Cancelled")
    ANNULLED = "annulled", N_("Annulled")
    DISCARDED = "discarded", N_("Discarded")


_MANAGER = (Role.CALL_MANAGER, Role.SYSTEM)

CALL = Machine(
    "call",
    N_("call"),
    CallState,
    (
        step("publish", CallState.DRAFT, CallState.PUBLISHED, *_MANAGER),
        step("discard", CallState.DRAFT, CallState.DISCARDED, *_MANAGER),
        step("suspend", CallState.PUBLISHED, CallState.SUSPENDED, *_MANAGER),
        step("resume", CallState.SUSPENDED, CallState.PUBLISHED, *_MANAGER),
        step("conclude", CallState.PUBLISHED, CallState.CONCLUDED, *_MANAGER),
        step(
            "cancel",
            (CallState.PUBLISHED, CallState.SUSPENDED),
            CallState.CANCELLED,
            *_MANAGER,
        ),
        step(
            "annul",
            (CallState.PUBLISHED, CallState.SUSPENDED, CallState.CONCLUDED),
            CallState.ANNULLED,
            *_MANAGER,
        ),
    ),
)

PUBLIC_CALL_STATES = frozenset(
    {
        CallState.PUBLISHED,
        CallState.SUSPENDED,
        CallState.CONCLUDED,
        CallState.CANCELLED,
        CallState.ANNULLED,
    }
)


class CallPhase(LabelEnum):
    """What a visitor reads of a call; it follows from its state, its windows and the clock."""

    OPEN = "open", N_("Open")
    COMING = "coming", N_("Opens soon")
    WORKING = "working", N_("Closed, at work")
    SUSPENDED = "suspended", N_("Suspended")
    CONCLUDED = "concluded", N_("Concluded")
    CANCELLED = "cancelled", N_("Cancelled")
    HISTORY = "history", N_("Past edition")
    DRAFT = "draft", N_("Draft")


_PHASE_OF_STATE = {
    CallState.SUSPENDED: CallPhase.SUSPENDED,
    CallState.CONCLUDED: CallPhase.CONCLUDED,
    CallState.CANCELLED: CallPhase.CANCELLED,
    CallState.ANNULLED: CallPhase.CANCELLED,
    CallState.DRAFT: CallPhase.DRAFT,
    CallState.DISCARDED: CallPhase.DRAFT,
}


class WindowState(LabelEnum):
    """Where a window (sessione) stands; the first three follow from the clock, never stored."""

    SCHEDULED = "scheduled", N_("Not open yet")
    OPEN = "open", N_("Taking applications")
    CLOSED = "closed", N_("Closed to applications")
    CHECKING = "checking", N_("Admissibility check")
    EVALUATION = "evaluation", N_("Evaluation")
    PROVISIONAL = "provisional", N_("Provisional ranking")
    FINAL = "final", N_("Final ranking")
    RUNNING = "running", N_("Projects under way")
    CONCLUDED = "concluded", N_("Session concluded")
    DESERTED = "deserted", N_("Deserted")
    CANCELLED = "cancelled", N_("Session cancelled")


COMPUTED_WINDOW_STATES = frozenset({WindowState.SCHEDULED, WindowState.OPEN, WindowState.CLOSED})
_BEFORE_END = (
    WindowState.SCHEDULED,
    WindowState.OPEN,
    WindowState.CLOSED,
    WindowState.CHECKING,
    WindowState.EVALUATION,
    WindowState.PROVISIONAL,
    WindowState.FINAL,
    WindowState.RUNNING,
    WindowState.CONCLUDED,
    WindowState.DESERTED,
)
_WINDOW_WHO = (Role.CALL_MANAGER, Role.OFFICER, Role.SYSTEM)


def _none_left(facts: Facts) -> Lazy | None:
    """Refuse while applications are left; whoever did not count them is refused as well."""
    left = facts.get("left")
    if left == 0:
        return None
    return lazy("%(number)s applications of this session are not over yet.", number=left)


WINDOW = Machine(
    "window",
    N_("session"),
    WindowState,
    (
        step("start_checking", WindowState.CLOSED, WindowState.CHECKING, *_WINDOW_WHO),
        step("start_evaluation", WindowState.CHECKING, WindowState.EVALUATION, *_WINDOW_WHO),
        step(
            "desert",
            (WindowState.CHECKING, WindowState.EVALUATION),
            WindowState.DESERTED,
            *_MANAGER,
            guard=_none_left,
        ),
        step("publish_provisional", WindowState.EVALUATION, WindowState.PROVISIONAL, *_MANAGER),
        step(
            "publish_final",
            (WindowState.EVALUATION, WindowState.PROVISIONAL),
            WindowState.FINAL,
            *_MANAGER,
        ),
        step("reopen_evaluation", WindowState.PROVISIONAL, WindowState.EVALUATION, *_MANAGER),
        step("start_projects", WindowState.FINAL, WindowState.RUNNING, *_WINDOW_WHO),
        step(
            "conclude",
            WindowState.RUNNING,
            WindowState.CONCLUDED,
            *_MANAGER,
            guard=_none_left,
        ),
        step("cancel", _BEFORE_END, WindowState.CANCELLED, *_MANAGER),
    ),
)


def window_state(
    stored: WindowState | None, *, opens_at: datetime, closes_at: datetime, now: datetime
) -> WindowState:
    """Give a window's state: the stored one, or what its dates and the clock say.

    Both ends are inclusive: at ``opens_at`` and at ``closes_at`` it is open.
    """
    if stored is not None:
        return stored
    if now < opens_at:
        return WindowState.SCHEDULED
    if is_late(now, closes_at):
        return WindowState.CLOSED
    return WindowState.OPEN


def call_phase(
    state: CallState, windows: Iterable[WindowState], *, historical: bool = False
) -> CallPhase:
    """Give a call's phase from its stored state and its windows' states at the same instant."""
    if historical:
        return CallPhase.HISTORY
    if state is not CallState.PUBLISHED:
        return _PHASE_OF_STATE[state]
    found = set(windows)
    if WindowState.OPEN in found:
        return CallPhase.OPEN
    return CallPhase.COMING if WindowState.SCHEDULED in found else CallPhase.WORKING


class CallFileKind(LabelEnum):
    """What a file of a call is."""

    COVER = "cover", N_("Cover picture")
    DOCUMENT = "document", N_("Document")


class RectificationState(LabelEnum):
    """Where a change of a published call stands."""

    DRAFT = "draft", N_("Being written")
    PUBLISHED = "published", N_("Published")
    DISCARDED = "discarded", N_("Discarded")


RECTIFICATION = Machine(
    "rectification",
    N_("rectification"),
    RectificationState,
    (
        step("publish", RectificationState.DRAFT, RectificationState.PUBLISHED, *_MANAGER),
        step("discard", RectificationState.DRAFT, RectificationState.DISCARDED, *_MANAGER),
    ),
)


class MeetingState(LabelEnum):
    """Where a presentation meeting stands; past or coming follows from the clock."""

    PLANNED = "planned", N_("Planned")
    CANCELLED = "cancelled", N_("Cancelled")


_OFFICE = (Role.CALL_MANAGER, Role.OFFICER, Role.SYSTEM)

MEETING = Machine(
    "meeting",
    N_("meeting"),
    MeetingState,
    (step("cancel", MeetingState.PLANNED, MeetingState.CANCELLED, *_OFFICE),),
)


class PlaceState(LabelEnum):
    """Where a sign-up to a meeting stands."""

    ASKED = "asked", N_("Address to be confirmed")
    PLACED = "placed", N_("Has a place")
    WAITING = "waiting", N_("On the waiting list")
    GIVEN_UP = "given_up", N_("Place given up")


PLACE = Machine(
    "meeting_place",
    N_("place at a meeting"),
    PlaceState,
    (
        step("place", (PlaceState.ASKED, PlaceState.GIVEN_UP), PlaceState.PLACED, Role.SYSTEM),
        step("queue", (PlaceState.ASKED, PlaceState.GIVEN_UP), PlaceState.WAITING, Role.SYSTEM),
        step("move_up", PlaceState.WAITING, PlaceState.PLACED, Role.SYSTEM),
        step(
            "give_up",
            (PlaceState.PLACED, PlaceState.WAITING),
            PlaceState.GIVEN_UP,
            Role.SYSTEM,
        ),
    ),
)
"""Whoever follows the link of the letter acts as the system: nobody needs an account."""


class QuestionState(LabelEnum):
    """Where a question to the office stands."""

    ASKED = "asked", N_("Address to be confirmed")
    WAITING = "waiting", N_("Waiting for an answer")
    ANSWERED = "answered", N_("Answered")
    DISCARDED = "discarded", N_("Discarded")


CALL_QUESTION = Machine(
    "call_question",
    N_("question"),
    QuestionState,
    (
        step("confirm", QuestionState.ASKED, QuestionState.WAITING, Role.SYSTEM),
        step("answer", QuestionState.WAITING, QuestionState.ANSWERED, *_OFFICE),
        step("discard", QuestionState.WAITING, QuestionState.DISCARDED, *_OFFICE),
    ),
)


def takes_questions(state: CallState, until: datetime | None, now: datetime) -> bool:
    """Tell whether a call takes questions to its office through the site; ``until`` is inclusive.

    A suspended call takes them too: that is when people ask most.
    """
    return (
        state in {CallState.PUBLISHED, CallState.SUSPENDED}
        and until is not None
        and not is_late(now, until)
    )


RANKED_WINDOW_STATES = frozenset(
    {WindowState.PROVISIONAL, WindowState.FINAL, WindowState.RUNNING, WindowState.CONCLUDED}
)
"""A ranking of the window was published."""

ENDED_WINDOW_STATES = frozenset(
    {WindowState.CONCLUDED, WindowState.DESERTED, WindowState.CANCELLED}
)
"""Nothing happens in the window any more."""


def refuse_new_deadline(
    state: WindowState,
    *,
    closes_at: datetime,
    new_closes_at: datetime,
    next_opens_at: datetime | None,
    at: datetime,
) -> None:
    """Refuse a deadline that an act cannot set (IllegalMoveError, InvalidError).

    Later only; before checking began; in the future; before the next window opens. After closing
    it reopens the window.
    """
    if state not in COMPUTED_WINDOW_STATES:
        raise IllegalMoveError(
            lazy("The deadline can no longer move: the check of the applications has begun.")
        )
    if new_closes_at <= closes_at:
        raise InvalidError(
            lazy("The new deadline must be later than the present one."), field="new_closes_at"
        )
    if new_closes_at <= at:
        raise InvalidError(lazy("The new deadline must be in the future."), field="new_closes_at")
    if next_opens_at is not None and new_closes_at >= next_opens_at:
        raise InvalidError(
            lazy("The new deadline runs into the next session."), field="new_closes_at"
        )


BEGINNING = "quartieri_"
"""How a program's secret begins, so that scanners of leaked secrets know it."""


def secret_sha256(secret: str) -> str:
    """Give what is kept of a program's secret; it is drawn, so nobody can try likely ones."""
    return sha256(secret.encode()).hexdigest()
