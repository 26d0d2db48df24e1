"""The whole rehearsal of a draft call, on a stage of its own."""

from __future__ import annotations

from typing import Any

from quartieri.config import Settings
from quartieri.rehearsal.theatre import Build, stage_app
from quartieri.rehearsal.trial import judging, money, play
from quartieri.rehearsal.trial.copy import CallCopy
from quartieri.rehearsal.trial.report import report
from quartieri.rehearsal.trial.script import script


def rehearse(build: Build, settings: Settings, copy: CallCopy, *, seed: int) -> dict[str, Any]:
    """Play a draft through all phases on a throw-away database; give the report.

    The same copy and seed give the same story. Raises DomainError when the copy cannot be
    published: its checklist says why.
    """
    with stage_app(build, settings, keep=False) as (_app, clock):
        show = play.engage(copy, script(copy, seed), clock)
        _play_sessions(show)
        if show.made:
            money.run_campaigns(show)
            money.award(show)
        return report(show, seed)


def _play_sessions(show: play.Performance) -> None:
    """Play session after session: each is ranked once it closed, unless the next would be missed.

    Then the applications of the next come in first, and both are ranked after it. The campaigns and
    the grants of all follow at the end.
    """
    waiting: list[int] = []
    windows = show.copy.windows
    for number in range(len(windows)):
        show.session = number
        play.apply(show)
        waiting.append(number)
        following = windows[number + 1][1] if number + 1 < len(windows) else None
        if following is not None and following - windows[number][1] < judging.time_for(show):
            continue
        for closed in waiting:
            show.session = closed
            play.check(show)
            if show.applied:
                judging.judge(show)
        waiting.clear()
