"""The register under load: real connections, threads and processes; no gap, no double, no loss."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import Window
from quartieri.calls.rules import WindowState
from quartieri.config import ROOT
from quartieri.db import db, unit_of_work
from quartieri.kit.errors import DomainError
from quartieri.mail.models import Letter
from quartieri.proposals import actions
from quartieri.proposals.models import Proposal, ProtocolCounter, ProtocolEntry, Snapshot
from quartieri.proposals.rules import ProposalState
from tests.databases import Database
from tests.doubles import NOW
from tests.factories.calls import CLOSES, make_published_call
from tests.factories.proposals import make_draft

MANY = 12


def prepare(app: Flask, count: int) -> list[int]:
    """Add ``count`` whole drafts of one call, committed."""
    with app.app_context(), unit_of_work() as session:
        call = make_published_call(session)
        return [make_draft(session, call).id for _n in range(count)]


def submit_one(app: Flask, proposal_id: int) -> str:
    with app.app_context():
        try:
            with unit_of_work() as session:
                proposal = session.get_one(Proposal, proposal_id)
                who = Actor(proposal.owner_id, "", frozenset({Role.APPLICANT}))
                entry = actions.submit(session, proposal, received_at=CLOSES, actor=who, at=CLOSES)
                return entry.shown
        finally:
            db.session.remove()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start every work at the same moment, each in its own thread; give what each ended with."""
    start = threading.Barrier(len(works))
    ended: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        start.wait()
        try:
            ended[place] = work()
        except Exception as error:  # noqa: BLE001 -- an error is a result here
            ended[place] = error

    threads = [threading.Thread(target=run, args=(n, w)) for n, w in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def register(app: Flask) -> list[int]:
    with app.app_context():
        found = db.session.scalars(
            sa.select(ProtocolEntry.number).order_by(ProtocolEntry.number)
        ).all()
        db.session.remove()
        return list(found)


def test_many_at_once_get_each_number_once_without_a_gap(fresh_app: Flask) -> None:
    drafts = prepare(fresh_app, MANY)
    given = at_once(*(lambda i=i: submit_one(fresh_app, i) for i in drafts))
    assert sorted(given) == [f"2025/{n:06d}" for n in range(1, MANY + 1)]
    assert register(fresh_app) == list(range(1, MANY + 1))


def test_clicks_on_one_draft_at_once_give_one_number(fresh_app: Flask) -> None:
    [draft] = prepare(fresh_app, 1)
    given = at_once(*(lambda: submit_one(fresh_app, draft) for _n in range(6)))
    assert given == ["2025/000001"] * 6
    with fresh_app.app_context():
        session = db.session()
        assert session.scalar(sa.select(sa.func.count(Snapshot.id))) == 1
        assert session.scalar(sa.select(sa.func.count(Letter.id))) == 1
        assert session.scalar(sa.select(ProtocolCounter.last)) == 1
        session.rollback()
    assert register(fresh_app) == [1]


def submit_and_break_off(proposal_id: int) -> None:
    with unit_of_work() as session:
        proposal = session.get_one(Proposal, proposal_id)
        who = Actor(proposal.owner_id, "", frozenset({Role.APPLICANT}))
        actions.submit(session, proposal, received_at=NOW, actor=who, at=NOW)
        message = "the power went"
        raise RuntimeError(message)


def test_a_submission_that_breaks_off_gives_its_number_back(fresh_app: Flask) -> None:
    first, second = prepare(fresh_app, 2)
    with fresh_app.app_context(), pytest.raises(RuntimeError, match="power"):
        submit_and_break_off(first)
    assert submit_one(fresh_app, second) == "2025/000001"
    assert submit_one(fresh_app, first) == "2025/000002"
    assert register(fresh_app) == [1, 2]


def test_closing_the_intake_meets_submissions_in_time_without_losing_one(
    fresh_app: Flask,
) -> None:
    drafts = prepare(fresh_app, 6)

    def close() -> int:
        with fresh_app.app_context():
            try:
                with unit_of_work() as session:
                    window = session.scalars(sa.select(Window)).one()
                    officer = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
                    later = CLOSES + timedelta(seconds=1)
                    return actions.start_checking(session, window, actor=officer, at=later)
            finally:
                db.session.remove()

    ended = at_once(close, *(lambda i=i: submit_one(fresh_app, i) for i in drafts))
    assert not [e for e in ended if isinstance(e, Exception)]
    assert register(fresh_app) == list(range(1, 7))
    with fresh_app.app_context():
        window = db.session.scalars(sa.select(Window)).one()
        assert window.state is WindowState.CHECKING
        states = db.session.scalars(sa.select(Proposal.state)).all()
        assert set(states) <= {ProposalState.IN_CHECK, ProposalState.SUBMITTED}
        assert states.count(ProposalState.IN_CHECK) == ended[0]
        db.session.rollback()


def test_a_submission_and_a_discard_at_once_leave_one_of_the_two(fresh_app: Flask) -> None:
    [draft] = prepare(fresh_app, 1)

    def discard() -> None:
        with fresh_app.app_context():
            try:
                with unit_of_work() as session:
                    proposal = session.get_one(Proposal, draft)
                    who = Actor(proposal.owner_id, "", frozenset({Role.APPLICANT}))
                    actions.discard(session, proposal, actor=who, at=NOW)
            finally:
                db.session.remove()

    given, thrown = at_once(lambda: submit_one(fresh_app, draft), discard)
    assert [isinstance(e, DomainError) for e in (given, thrown)].count(True) == 1
    assert len(register(fresh_app)) == (0 if isinstance(given, DomainError) else 1)


WORKER = """
import sys
from pathlib import Path
from tests.doubles import build_app
from tests.integration.test_proposals_register import submit_one

app = build_app(sys.argv[1], Path(sys.argv[2]))
sys.stdin.readline()
print(" ".join(submit_one(app, int(i)) for i in sys.argv[3:]))
"""


def test_processes_share_one_register(
    fresh_app: Flask, fresh_database: Database, tmp_path: Path
) -> None:
    drafts = prepare(fresh_app, 12)
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, fresh_database.url, str(tmp_path)]
            + [str(i) for i in drafts[n::2]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": "/usr/bin:/bin"},
        )
        for n in range(2)
    ]
    given = [worker.communicate("go\n")[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * 2
    assert sorted(n for numbers in given for n in numbers) == [
        f"2025/{n:06d}" for n in range(1, 13)
    ]
    assert register(fresh_app) == list(range(1, 13))
