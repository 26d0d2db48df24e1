"""Letters leave beside all other work; what no try could hand over is found by people."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from quartieri.db import db, unit_of_work
from quartieri.extensions import Services
from quartieri.jobs import registry, worker
from quartieri.jobs.actions import enqueue
from quartieri.jobs.models import Job, JobState
from quartieri.kit.clock import SetClock
from quartieri.mail import jobs
from quartieri.mail.models import Letter, LetterState
from tests.databases import Database
from tests.doubles import NOW, Outbox, build_app, close_database

OTHER = "campaigns.tick"


def write(session: Session, number: int = 1, at: datetime = NOW) -> Letter:
    """Write a letter and plan its sending, as the actions do."""
    letter = Letter(
        key=f"x:{number}",
        to="bea@example.org",
        language="it",
        subject="Grazie",
        text="Ciao\n",
        written_at=at,
    )
    session.add(letter)
    session.flush()
    enqueue(session, "mail.send", {"letter_id": letter.id}, run_at=at, key=f"mail.send:{letter.id}")
    return letter


class Gate(Outbox):
    """A mail server that does not answer before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.asked = threading.Event(), threading.Event()

    def send(self, name: str, **letter: Any) -> None:
        """Wait, then take it."""
        self.asked.set()
        assert self.open.wait(timeout=10)
        super().send(name, **letter)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_server_that_does_not_answer_holds_neither_campaigns_nor_payments_up(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, gate, left = build_app(fresh_database.url, tmp_path), Gate(), {OTHER, "payments.message"}
    services: Services = app.extensions["services"]
    services.email = gate

    def does(kind: str) -> Callable[..., None]:
        def done(**_args: Any) -> None:
            assert gate.asked.wait(timeout=10), "letters go first: they were due first"
            left.discard(kind)
            if not left:
                gate.open.set()

        return done

    monkeypatch.setattr(registry, "PERIODIC", [])
    for kind in left:
        monkeypatch.setitem(registry.HANDLERS, kind, does(kind))
    with app.app_context():
        with unit_of_work() as session:
            for number in range(3 * services.settings.mail_calls):
                write(session, number)
            for kind in left:
                enqueue(session, kind, {}, run_at=NOW)
        worker.loop(stop=gate.open.is_set)
        assert not left
        states = db.session.scalars(sa.select(Letter.state)).all()
    assert len(gate.letters) >= services.settings.mail_calls, "what was begun is ended"
    assert states.count(LetterState.SENT) == len(gate.letters)
    close_database(app)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_letter_that_no_try_could_hand_over_is_listed_as_lost(
    session: Session, services: Services, clock: SetClock
) -> None:
    class Down(Outbox):
        def send(self, name: str, **letter: Any) -> None:
            raise TimeoutError

    services.email = Down()
    letter = write(session)
    session.commit()
    days = 0
    while letter.state is LetterState.WRITTEN and days < 5:
        worker.work_until_idle(most=40)
        jobs.give_up()
        session.expire_all()
        due = session.scalar(sa.select(sa.func.min(Job.run_at)).where(Job.kind == "mail.send"))
        clock.set(max(clock.now(), due or clock.now()))
        days = (clock.now() - NOW).days
    assert letter.state is LetterState.FAILED
    assert letter.failure.startswith("TimeoutError")
    assert letter.failed_at == clock.now()
    assert 2 <= days <= 4
    gone = sa.select(Job.id).where(Job.kind == "mail.send", Job.state == JobState.FAILED)
    assert session.scalars(gone).all() == []


def test_a_report_that_is_here_before_the_sending_was_noted_stays(
    session: Session, services: Services
) -> None:
    class Bounces(Outbox):
        def send(self, name: str, **letter: Any) -> None:
            super().send(name, **letter)
            with unit_of_work() as writing:
                lost = {"state": LetterState.FAILED, "failure": "5.1.1", "failed_at": NOW}
                writing.execute(sa.update(Letter).values(lost))

    services.email = Bounces()
    letter = write(session)
    session.commit()
    jobs.send(letter_id=letter.id)
    session.expire_all()
    assert (letter.state, letter.failure, letter.failed_at) == (LetterState.FAILED, "5.1.1", NOW)
