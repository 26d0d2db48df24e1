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
        play.apply(show)
        play.check(show)
        if show.made:
            judging.judge(show)
            money.run_campaigns(show)
            money.award(show)
        return report(show, seed)
