"""Pages: the public list, a project's page, the officials' list; against a bare Flask page."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from jinja2 import Environment
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from bench.measure import Line, counted, fetch, seconds
from bench.world import World, build
from quartieri.audit.rules import Role
from quartieri.db import db, unit_of_work
from quartieri.people.rules import Scope
from tests.factories.people import make_official

CARD = """<article class="card"><h3><a href="/p/{{ c.id }}">{{ c.title }}</a></h3>
<p>{{ c.text }}</p><p><strong>{{ c.raised }}</strong> of {{ c.cost }} from {{ c.people }}</p>
<progress max="{{ c.cost }}" value="{{ c.raised }}">{{ c.raised }}</progress></article>
"""
PAGE = "<!doctype html><title>Bare</title><main>{% for c in cards %}" + CARD + "{% endfor %}</main>"
PADDING = "x" * 166


class BareBase(DeclarativeBase):
    """The bare page's own base."""


class BareCard(BareBase):
    """A card of the bare page."""

    __tablename__ = "bare_card"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    raised: Mapped[int]
    cost: Mapped[int]
    people: Mapped[int]


def bare(folder: Path) -> Flask:
    """Build the measure of all pages: 100 cards (33 KB) by Jinja from one ORM query on SQLite."""
    engine = sa.create_engine(f"sqlite:///{folder / 'bare.sqlite3'}")
    BareBase.metadata.create_all(engine)
    with Session(engine, info={"writing": True}) as session:
        session.add_all(
            BareCard(title=f"Project {n}", text=PADDING, raised=n, cost=50, people=n)
            for n in range(100)
        )
        session.commit()
    app = Flask("bare")
    template = Environment(autoescape=True).from_string(PAGE)

    @app.get("/")
    def index() -> str:
        with Session(engine) as session:
            return template.render(cards=session.scalars(sa.select(BareCard)).all())

    return app


def measure(folder: Path) -> Iterator[Line]:
    """Measure the public pages with 100 projects, and the officials' list with 5,000."""
    small = build(folder, proposals=120, campaigns=100)
    plain = bare(folder)
    base = seconds(lambda: fetch(plain, "/"))
    size = len(fetch(plain, "/")) / 1000
    yield Line("the bare page", "–", "–", f"{1 / base:,.0f}/s, {size:.0f} KB")
    yield _page("public list of 100 projects, drawn", small, "/projects", base, kept=False)
    yield _page("one project's page, drawn", small, small.project, base, kept=False)
    yield _page("public list of 100 projects, kept", small, "/projects", base, kept=True)
    yield _page("one project's page, kept", small, small.project, base, kept=True)
    (folder / "large").mkdir()
    large = build(folder / "large", proposals=5_000, campaigns=0)
    yield from _office(large)


BOUNDS = {
    "public list of 100 projects, drawn": ("≥ 0.35 × bare, ≤ 6 queries, ≤ 60 KB", "0.6, ≤ 4"),
    "public list of 100 projects, kept": ("≥ 2.5 × bare, ≤ 1 query", "3.8"),
    "one project's page, drawn": ("≤ 6 queries", "–"),
    "one project's page, kept": ("≥ 0.5 × bare, ≤ 6 queries", "1"),
}


def _page(what: str, world: World, path: str, base: float, *, kept: bool) -> Line:
    def ask() -> bytes:
        if not kept:
            world.app.extensions["pages"].clear()
        return fetch(world.app, path)

    taken = seconds(ask)
    with counted() as statements:
        page = ask()
    must, aim = BOUNDS[what]
    size = f"{len(page) / 1000:.0f} KB, {len(gzip.compress(page, 6)) / 1000:.0f} compressed"
    result = f"{base / taken:.2f} × bare, {len(statements)} queries, {size}"
    return Line(what, must, aim, result)


def _office(world: World) -> Iterator[Line]:
    with world.app.app_context():
        with unit_of_work() as session:
            user = make_official(session, Role.OFFICER, Scope())
            key = f"{user.id}:{user.session_version}"
        db.session.remove()
    client = world.app.test_client()
    with client.session_transaction() as kept:
        kept["_user_id"], kept["_fresh"] = key, True

    def ask() -> bytes:
        answer = client.get("/manage/proposals?sort=-received")
        if answer.status_code != 200:
            raise RuntimeError(answer.status)
        return answer.data

    taken = seconds(ask, runs=10)
    with counted() as statements:
        ask()
    result = f"{taken * 1000:.0f} ms a page of 50, {len(statements)} queries"
    yield Line("officials' list of 5,000", "≤ 100 ms, ≤ 12 queries", "≤ 50 ms", result)
