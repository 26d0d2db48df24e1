"""The site that is served to the browser, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask

from quartieri.extensions import Services
from quartieri.jobs.worker import plan_periodic, work_until_idle
from quartieri.kit.clock import SetClock
from tests.doubles import Outbox

WAIT_MS = 30_000
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
"""A short journey is about its pages, which are the same on both databases: it is walked on one,
in turn; only that on SQLite is looked at. The longest journey is walked on both."""


@dataclass(slots=True)
class Site:
    """A running site: where it is, and what stands behind it."""

    url: str
    app: Flask

    @property
    def services(self) -> Services:
        """What the application asks of the outside."""
        found: Services = self.app.extensions["services"]
        return found

    @property
    def clock(self) -> SetClock:
        """The site's clock."""
        assert isinstance(self.services.clock, SetClock)
        return self.services.clock

    @property
    def outbox(self) -> Outbox:
        """The letters that were sent."""
        assert isinstance(self.services.email, Outbox)
        return self.services.email

    def work(self) -> int:
        """Do all jobs that are due at the clock's time, the periodic ones too."""
        with self.app.app_context():
            plan_periodic()
            return work_until_idle()

    def go_to(self, instant: datetime) -> None:
        """Move the clock on, and let the worker follow."""
        self.clock.set(instant)
        self.work()
