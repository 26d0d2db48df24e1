"""Requests for papers of before make the legal term of their session stand still."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from quartieri.audit.rules import Actor, Role
from quartieri.calls.models import WindowPause
from quartieri.config import ROOT
from quartieri.db import db, unit_of_work
from quartieri.proposals import actions
from quartieri.proposals.rules import IntegrationState, ProposalState
from tests.databases import Database
from tests.doubles import NOW, build_app
from tests.factories.proposals import make_submitted

FOLDER = ROOT / "migrations"
OFFICER = Actor(None, "Ufficio", frozenset({Role.OFFICER}))
DUE = NOW + timedelta(days=10)


@pytest.fixture
def bare_app(empty_database: Database, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database without any table."""
    app = build_app(empty_database.url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_each_request_is_a_pause_that_ended_when_it_was_answered_or_lapsed(
    bare_app: Flask,
) -> None:
    upgrade(directory=str(FOLDER))
    wanted = []
    with unit_of_work() as session:
        for answered, state in (
            (None, IntegrationState.REQUESTED),
            (NOW + timedelta(days=3), IntegrationState.ANSWERED),
            (None, IntegrationState.LAPSED),
        ):
            proposal = make_submitted(session)
            proposal.state = ProposalState.IN_CHECK
            session.flush()
            request = actions.request_integration(
                session, proposal, items="Lo statuto", due_at=DUE, actor=OFFICER, at=NOW
            )
            request.state, request.answered_at = state, answered
            ended = DUE if state is IntegrationState.LAPSED else answered
            wanted.append((proposal.window_id, f"integration:{request.id}", NOW, ended))
    db.session.remove()
    downgrade(directory=str(FOLDER), revision="0015")
    db.session.remove()
    upgrade(directory=str(FOLDER))
    found = db.session.scalars(sa.select(WindowPause).order_by(WindowPause.id)).all()
    assert [(p.window_id, p.key, p.began_at, p.ended_at) for p in found] == wanted
