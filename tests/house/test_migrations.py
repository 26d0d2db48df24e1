"""Migrations: one line to one head, both ways, and the same tables as the models, on both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from quartieri.audit.rules import SYSTEM
from quartieri.campaigns.rules import CampaignState
from quartieri.config import ROOT
from quartieri.db import db, unit_of_work
from quartieri.grants import actions as grants
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.proposals.rules import ProposalState
from tests.databases import Database
from tests.doubles import build_app
from tests.factories.campaigns import STARTS, make_live

FOLDER = ROOT / "migrations"
NAME = re.compile(r"^\d{4}_[a-z0-9_]+\.py$")


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(FOLDER))


@pytest.fixture
def bare_app(empty_database: Database, tmp_path: Path) -> Iterator[Flask]:
    """Give the application on a database without any table."""
    app = build_app(empty_database.url, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> list[str]:
    return sorted(set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"})


def differences() -> list[Any]:
    """Give what Alembic would change to bring the database to the models."""
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": False, "render_as_batch": True},
        )
        return list(compare_metadata(context, db.metadata))


def constraints(engine: sa.Engine, table: str) -> set[str]:
    return {str(found["name"]) for found in sa.inspect(engine).get_check_constraints(table)}


def test_there_is_one_head_and_one_beginning() -> None:
    assert len(scripts().get_heads()) == 1
    assert len(scripts().get_bases()) == 1


def test_files_are_numbered_and_their_revision_is_the_number() -> None:
    files = sorted((FOLDER / "versions").glob("*.py"))
    assert [p.name for p in files if not NAME.match(p.name)] == []
    revisions = [revision.revision for revision in scripts().walk_revisions()]
    assert sorted(revisions) == [p.name[:4] for p in files]


def test_every_step_goes_both_ways() -> None:
    for revision in scripts().walk_revisions():
        text = Path(revision.path).read_text()
        assert "def downgrade() -> None:" in text, revision.path
        assert "NotImplementedError" not in text, revision.path


def test_models_and_migrations_agree(bare_app: Flask) -> None:
    upgrade(directory=str(FOLDER))
    assert differences() == []


def test_checks_of_the_models_stand_in_the_database(bare_app: Flask) -> None:
    upgrade(directory=str(FOLDER))
    for table in db.metadata.sorted_tables:
        wanted = {
            str(found.name) for found in table.constraints if isinstance(found, sa.CheckConstraint)
        }
        assert wanted - constraints(db.engine, table.name) == set(), table.name


def test_down_to_nothing_and_up_again(bare_app: Flask) -> None:
    upgrade(directory=str(FOLDER))
    first = tables()
    downgrade(directory=str(FOLDER), revision="base")
    assert tables() == []
    upgrade(directory=str(FOLDER))
    assert tables() == first
    assert differences() == []


def test_each_step_down_and_up_again(bare_app: Flask) -> None:
    upgrade(directory=str(FOLDER))
    for revision in scripts().walk_revisions():
        upgrade(directory=str(FOLDER), revision=revision.revision)
        below = revision.down_revision or "base"
        downgrade(directory=str(FOLDER), revision=str(below))
        upgrade(directory=str(FOLDER), revision=revision.revision)
        downgrade(directory=str(FOLDER), revision=str(below))
    assert tables() == []


def test_a_grant_that_was_released_because_the_crowd_covered_all_waits_for_its_act(
    bare_app: Flask,
) -> None:
    upgrade(directory=str(FOLDER))
    with unit_of_work() as session:
        scene = make_live(session)
        grant, campaign, proposal = scene.grant, scene.campaign, scene.proposal
        grants.release(session, grant, reason="nothing to add", actor=SYSTEM, at=STARTS)
        grant.computed_cents = 0
        campaign.state, campaign.decided_at = CampaignState.PAYING_OUT, STARTS
        missed = make_live(session)
        grants.release(session, missed.grant, reason="target missed", actor=SYSTEM, at=STARTS)
        ids = (grant.id, missed.grant.id)
        assert proposal.state is ProposalState.CAMPAIGNING
    db.session.remove()
    downgrade(directory=str(FOLDER), revision="0016")
    upgrade(directory=str(FOLDER))
    waiting, released = (db.session.get(Grant, one) for one in ids)
    assert waiting is not None
    assert released is not None
    assert (waiting.state, waiting.proposed_at) == (GrantState.RESERVED, STARTS)
    assert released.state is GrantState.RELEASED
