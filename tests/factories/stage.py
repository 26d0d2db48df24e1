"""A campaign with its provider and worker, on which a test or a machine acts, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from quartieri.campaigns import jobs
from quartieri.db import db
from quartieri.extensions import Services
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.jobs import worker
from quartieri.kit.clock import SetClock
from quartieri.payments import jobs as payment_jobs
from tests.conftest import renew_services
from tests.databases import Database
from tests.doubles import build_app


def shared_app(database: Database, apps: dict[str, Flask], var: Path) -> Flask:
    """Give the application of a shared database, outside of any transaction."""
    if database.url not in apps:
        apps[database.url] = build_app(database.url, var)
    return apps[database.url]


LEASE_OVER = timedelta(seconds=61)


class Killed(BaseException):
    """The process died here."""


@contextmanager
def rolled_back(app: Flask) -> Iterator[Services]:
    """Give the application inside one transaction that is rolled back, with a new outside."""
    renew_services(app)
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with app.app_context():
        engines = db.engines
        engine = engines[None]
        with engine.connect().execution_options(rw=True) as connection:
            outer = connection.begin()
            engines[None] = connection  # type: ignore[assignment] # as the fixture app does
            try:
                yield app.extensions["services"]
            finally:
                db.session.remove()
                engines[None] = engine
                outer.rollback()


class Killer:
    """Lets the process die at its n-th commit from now, or at every n-th: just before or after."""

    def __init__(self, *, every: int = 0) -> None:
        self.every = every
        self.left = every
        self.deaths = 0

    def arm(self, commits: int) -> None:
        self.left = commits

    @contextmanager
    def watching(self) -> Iterator[Killer]:
        commit = Session.commit

        def deadly(session: Session) -> None:
            if self.left <= 0:
                commit(session)
                return
            self.left -= 1
            if self.left:
                commit(session)
                return
            self.left = self.every
            self.deaths += 1
            if self.deaths % 2:
                commit(session)
            raise Killed

        Session.commit = deadly  # type: ignore[method-assign] # put back below
        try:
            yield self
        finally:
            Session.commit = commit  # type: ignore[method-assign] # as it was


class Worker:
    """A worker that may die and is started again."""

    def __init__(self, services: Services) -> None:
        self.services = services
        assert isinstance(services.clock, SetClock)
        assert isinstance(services.payments, SandboxProvider)
        self.clock = services.clock
        self.provider = services.payments

    def run(self, *, most: int = 100_000) -> bool:
        """Do what is due now; False if the process died on the way."""
        try:
            payment_jobs.deliver()
            worker.work_until_idle(most=most)
            jobs.tick()
            payment_jobs.deliver()
            worker.work_until_idle(most=most)
        except Killed:
            db.session.remove()
            self.clock.advance(LEASE_OVER)
            return False
        finally:
            with suppress(sa.exc.SQLAlchemyError):
                db.session.remove()
        return True

    def run_until_quiet(self) -> None:
        """Start it again and again until it ends by itself."""
        for _ in range(200):
            if self.run():
                return
        raise AssertionError("it never ends")  # noqa: EM101, TRY003 -- of a test

    def repair(self) -> None:
        """Do what comes back every ten minutes: reconciliation, and planning anew."""
        with suppress(Killed):
            payment_jobs.reconcile()
            jobs.mend()
        db.session.remove()
