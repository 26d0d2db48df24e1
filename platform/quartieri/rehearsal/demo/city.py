"""Loading the demo city once, through the same verbs as the interface."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Session

from quartieri.db import db, unit_of_work
from quartieri.extensions import services
from quartieri.gateways.choose import sandbox_path
from quartieri.people.models import User
from quartieri.rehearsal.cast import PARTS, PASSWORD, engage
from quartieri.rehearsal.demo import ground
from quartieri.rehearsal.demo.story import tell
from quartieri.rehearsal.stage import Stage
from quartieri.rehearsal.theatre import stage_app

BEGINS = timedelta(days=240)
"""How long before the first start the demo's story begins."""

Build = Callable[..., Flask]


def is_loaded(session: Session) -> bool:
    """Tell whether the demo city is in the database."""
    return session.scalar(sa.select(User.id).where(User.demo).limit(1)) is not None


def load() -> None:
    """Load the demo city, once; a second call changes nothing.

    The story is told on the installation's own database with a clock that is set and moves on to
    now, so that every date, deadline and ledger entry is as if it had happened then. It is one
    transaction: a start that is killed half-way leaves nothing, and the next one begins anew.
    """
    if is_loaded(db.session()):
        db.session.rollback()
        return
    outside = services()
    now = outside.clock.now()
    db.session.remove()
    build = current_app.extensions["build"]
    with stage_app(build, outside.settings, keep=True, sandbox=sandbox_path(outside.settings)) as (
        app,
        clock,
    ):
        if is_loaded(db.session()):  # meanwhile, by another start
            return
        clock.set(now - BEGINS)
        app.extensions["services"].email = outside.email
        with unit_of_work() as session:
            cities = ground.authorities(session, at=clock.now())
            cast = engage(
                session,
                cities["Milano"],
                at=clock.now(),
                password_profile=outside.settings.password_profile,
                demo=True,
            )
            manager = cast.actor("manager")
            lines = ground.ground(session, cities["Milano"], manager=manager, at=clock.now())
            ground.history(session, cities, manager=manager, at=clock.now())
            milano = cities["Milano"].id
        tell(Stage(cast, clock), milano, lines, today=now)


def accounts_text() -> str:
    """Say the demo's accounts: address, role, and the password of all."""
    lines = [f"  {p.email:<28} {p.role.label if p.role else 'Citizen'}" for p in PARTS]
    return "\n".join(["Demo accounts (password of all: " + PASSWORD + "):", *lines])
