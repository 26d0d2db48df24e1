"""Threads for work that waits for the outside: a bounded number of calls at once.

One thread feeds the others: it leases some jobs in one short transaction, and marks those that
ended in another. Each job opens its own units of work, so nothing is held while a call is made.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.jobs import actions
from quartieri.jobs.actions import LEASE, Taken
from quartieri.jobs.attempts import attempt, end
from quartieri.kit.errors import BusyError
from quartieri.logs import logger

IDLE_SECONDS = 0.5
GATHER_SECONDS = 0.05
"""How long the feeder lets ended jobs gather before it marks them in one transaction."""
AHEAD = 2
"""Jobs leased for each thread, the one that it works on counted."""
SHARE = 4
"""One of so many is taken as they are due, whatever is urgent: nothing waits for ever."""


class Crew:
    """Works on jobs of some kinds from entering to leaving; leaving waits for what is under way."""

    def __init__(
        self, size: int, kinds: Collection[str], *, urgent: Collection[str] = (), name: str = "crew"
    ) -> None:
        """Give it the application of the present context and a number of threads.

        ``urgent`` names those of the kinds that go first.
        """
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 -- Flask's way to hand it to a thread
        self._size = size
        self._kinds, self._urgent = kinds, urgent
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=name)
        self._feeder = threading.Thread(target=self._feed, name=f"{name}-feeder", daemon=True)
        self._under_way: dict[Future[str], Taken] = {}
        self._wake = threading.Event()
        self._left = threading.Event()
        self._renewed = time.monotonic()

    def __enter__(self) -> Self:
        """Begin."""
        self._feeder.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take nothing more, end what was begun."""
        self._left.set()
        self._wake.set()
        self._feeder.join()

    def _feed(self) -> None:
        with self._app.app_context():
            while not self._left.is_set():
                self._wake.wait(GATHER_SECONDS if self._under_way else IDLE_SECONDS)
                self._wake.clear()
                try:
                    self._turn()
                except (BusyError, SQLAlchemyError):
                    logger().exception("crew.turn")
                finally:
                    db.session.remove()
            self._threads.shutdown(wait=True, cancel_futures=True)
            self._mark()

    def _turn(self) -> None:
        """Mark what ended, take what is due, hold on to the rest."""
        busy = True
        while busy and not self._left.is_set():
            self._mark()
            busy = self._take() and len(self._under_way) < self._size
        if time.monotonic() - self._renewed > LEASE.total_seconds() / 3:
            with unit_of_work() as session:
                actions.renew(session, self._under_way.values(), now=services().clock.now())
            self._renewed = time.monotonic()

    def _mark(self) -> None:
        ended = [future for future in self._under_way if future.done()]
        if not ended:
            return
        with unit_of_work() as session:
            done = [future for future in ended if not future.cancelled()]
            end(session, [(self._under_way[future], future.result()) for future in done])
        for future in ended:
            del self._under_way[future]

    def _take(self) -> bool:
        """Lease the next jobs and hand them out; tell whether there were any."""
        free = self._size * AHEAD - len(self._under_way)
        if free < self._size:
            return False
        with unit_of_work() as session:
            now = services().clock.now()
            taken = []
            if self._urgent:
                before = free - free // SHARE
                taken = actions.take(session, now=now, most=before, kinds=self._urgent)
            left = free - len(taken)
            taken += actions.take(session, now=now, most=left, kinds=self._kinds)
        for job in taken:
            self._under_way[self._threads.submit(self._work, job)] = job
        return bool(taken)

    def _work(self, job: Taken) -> str:
        with self._app.app_context():
            return attempt(job)
