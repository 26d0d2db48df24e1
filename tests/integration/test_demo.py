"""The demo city: every phase stands in it, its books are right, and time can be moved on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from shutil import copytree

import pytest
import sqlalchemy as sa
from flask import Flask

from quartieri.calls.models import Call
from quartieri.calls.rules import CallState, WindowState
from quartieri.campaigns.models import Campaign
from quartieri.campaigns.rules import CampaignState
from quartieri.db import db
from quartieri.extensions import Services, services
from quartieri.gateways.choose import sandbox_path
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.grants.models import Grant
from quartieri.grants.rules import GrantState
from quartieri.jobs.models import Job, JobState
from quartieri.jobs.worker import plan_periodic, work_until_idle
from quartieri.kit.clock import SetClock
from quartieri.ledger import queries as ledger
from quartieri.ledger.models import LedgerAccount
from quartieri.people.models import Authority, User
from quartieri.programmes import queries as programmes
from quartieri.rehearsal.cast import PASSWORD
from quartieri.rehearsal.crowd import pledge
from quartieri.rehearsal.demo import city, is_loaded, load
from quartieri.rehearsal.replay import replay
from quartieri.rehearsal.stage import Stage
from quartieri.rehearsal.theatre import one_transaction
from quartieri.transparency.queries import site_money
from tests import postgres
from tests.databases import KINDS, Database, Databases
from tests.doubles import NOW, build_app, settings_for
from tests.integration.test_replay import Undo, edition

INVENTED = ("demo-scuola", "demo-civico", "demo-alleanze")


def demo_app(database: Database, var: Path, *, demo: bool = True) -> Flask:
    """Build the site on a database, with the sandbox that the demo's cards are kept in."""
    app = build_app(database.url, var, demo=demo)
    outside: Services = app.extensions["services"]
    path = sandbox_path(settings_for(database.url, var))
    outside.payments = SandboxProvider(Sandbox(path, now=outside.clock.now))
    return app


def close(app: Flask) -> None:
    """Let go of the database."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(
    scope="module",
    params=[pytest.param(kind, marks=pytest.mark.xdist_group(f"demo-{kind}")) for kind in KINDS],
)
def base(
    request: pytest.FixtureRequest, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Path]]:
    """Load the demo city once for this file; tests must leave it as it is.

    Tests of one database stay in one process: loading takes as long as all of them.
    """
    try:
        database = databases.fresh(request.param)
    except postgres.MissingError as missing:
        pytest.skip(str(missing))
    var = tmp_path_factory.mktemp("var")
    app = demo_app(database, var)
    with app.app_context():
        load()
        db.session.remove()
        db.engine.dispose()
    yield database, var
    databases.drop(database)


@pytest.fixture
def milan(base: tuple[Database, Path], tmp_path: Path) -> Iterator[Flask]:
    """Give the application on the demo city, inside its context, with a sandbox of its own."""
    database, var = base
    copytree(var, tmp_path, dirs_exist_ok=True)
    app = demo_app(database, tmp_path)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@contextmanager
def undone() -> Iterator[None]:
    """Let what follows happen, and then not have happened."""
    with suppress(Undo), one_transaction():
        yield
        raise Undo


def invented() -> list[Call]:
    return list(db.session.scalars(sa.select(Call).where(Call.slug.in_(INVENTED))))


def states() -> dict[str, CampaignState]:
    return {one.title: one.state for one in db.session.scalars(sa.select(Campaign))}


# -- what stands in it -------------------------------------------------------------------------


def test_a_call_or_a_session_stands_in_each_phase(milan: Flask) -> None:
    found = {w.state_at(NOW) for call in invented() for w in call.windows}
    assert found >= {
        WindowState.SCHEDULED,
        WindowState.OPEN,
        WindowState.CLOSED,
        WindowState.CHECKING,
        WindowState.EVALUATION,
        WindowState.PROVISIONAL,
        WindowState.FINAL,
        WindowState.RUNNING,
    }
    calls = set(db.session.scalars(sa.select(Call.state)))
    assert calls == {CallState.DRAFT, CallState.PUBLISHED, CallState.CONCLUDED}


def test_each_template_has_an_invented_open_call(milan: Flask) -> None:
    for call in invented():
        assert call.invented
        assert call.state is CallState.PUBLISHED
        assert [w for w in call.windows if w.state_at(NOW) is WindowState.OPEN], call.slug


def test_the_school_has_one_session_running_one_evaluated_one_open(milan: Flask) -> None:
    school = next(call for call in invented() if call.slug == "demo-scuola")
    found = [w.state_at(NOW) for w in school.windows]
    assert found[:3] == [WindowState.RUNNING, WindowState.EVALUATION, WindowState.OPEN]


def test_campaigns_and_grants_stand_in_their_phases(milan: Flask) -> None:
    assert set(states().values()) == {
        CampaignState.IN_REVIEW,
        CampaignState.SCHEDULED,
        CampaignState.LIVE,
        CampaignState.COLLECTING,
        CampaignState.PAYING_OUT,
        CampaignState.SETTLED,
    }
    found = set(db.session.scalars(sa.select(Grant.state)))
    assert found >= {GrantState.RESERVED, GrantState.AGREED, GrantState.ACTIVE, GrantState.RELEASED}


def test_past_calls_are_history_and_outside_of_the_money(milan: Flask) -> None:
    past = db.session.scalars(sa.select(Call).where(Call.historical)).all()
    assert len(past) == 15
    assert {call.pool_id for call in past} == {None}
    cities = set(db.session.scalars(sa.select(Authority.name)))
    assert cities == {"Comune di Milano", "Città di Torino"}
    assert any(call.authority.name == "Città di Torino" for call in past)


def test_the_programme_counts_what_is_published_of_it_and_says_what_is_not(milan: Flask) -> None:
    (tree,) = site_money(db.session()).trees
    assert [(k.value, n) for k, n in tree.counted] == [
        ("programme", 1),
        ("line", 8),
        ("instrument", 18),
        ("action", 30),
    ]
    assert tree.levels[0][1].planned_cents == 15_000_000_00
    counted = [(level.kind.value, number) for _depth, level, number in tree.shown if number]
    assert counted == [("instrument", 18), ("action", 30)]
    shown = milan.test_client().get("/money").text
    assert all(f"{n} {what}" in shown for n, what in ((8, "linee"), (18, "strumenti"), (30, "azi")))


def test_the_book_is_right_and_sealed(milan: Flask) -> None:
    report = ledger.verify(db.session())
    assert report.faults == []
    assert report.unsealed == 0
    assert report.transactions > 50


def test_no_pool_and_no_level_is_overdrawn(milan: Flask) -> None:
    for call in invented():
        assert call.pool_id is not None
        money = programmes.pool_balances(db.session(), call.pool_id)
        bound = money.reserved_cents + money.committed_cents + money.disbursed_cents
        assert money.available_cents == money.endowment_cents + money.put_back_cents - bound >= 0
    milano = invented()[0].authority_id
    for level in programmes.tree(db.session(), milano):
        assert level.available_cents is None or level.available_cents >= 0
    balances = db.session.scalars(
        sa.select(LedgerAccount.balance_cents).where(LedgerAccount.floor_cents == 0)
    )
    assert min(balances) >= 0


def test_no_work_is_left_over(milan: Flask) -> None:
    now = services().clock.now()
    due = sa.select(Job.kind).where(Job.state != JobState.DONE, Job.run_at <= now)
    assert db.session.scalars(due).all() == []


# -- loading -----------------------------------------------------------------------------------


def test_loading_again_changes_nothing_and_takes_no_time(milan: Flask) -> None:
    before = db.session.scalar(sa.select(sa.func.count(User.id)))
    db.session.rollback()
    began = time.monotonic()
    load()
    assert time.monotonic() - began < 2
    assert db.session.scalar(sa.select(sa.func.count(User.id))) == before


def test_a_load_that_is_cut_off_leaves_nothing(
    fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(stage: Stage, *_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(city, "tell", cut)
    app = demo_app(fresh_database, tmp_path)
    with app.app_context():
        with pytest.raises(KeyboardInterrupt):
            load()
        assert not is_loaded(db.session())
        assert db.session.scalar(sa.select(sa.func.count(Authority.id))) == 0
        monkeypatch.setattr(city, "tell", lambda *_, **__: None)
        load()
        assert is_loaded(db.session())
        db.session.remove()
        db.engine.dispose()


# -- time moves on -----------------------------------------------------------------------------


def move(by: timedelta) -> None:
    clock = services().clock
    assert isinstance(clock, SetClock)
    clock.advance(by)
    plan_periodic()
    work_until_idle()
    assert ledger.verify(db.session()).faults == []
    db.session.rollback()


def test_time_closes_the_campaigns_one_after_the_other(milan: Flask) -> None:
    """After two days one is collecting, after twenty it has succeeded and another has missed."""
    with undone():
        move(timedelta(days=2))
        assert states()["Via Vitruvio si accende"] is CampaignState.COLLECTING
        assert states()["Il mercato che cucina"] is CampaignState.LIVE
        move(timedelta(days=3))
        assert states()["Botteghe in rete a Lambrate"] is CampaignState.LIVE
        move(timedelta(days=15))
        assert states()["Via Vitruvio si accende"] is CampaignState.PAYING_OUT
        assert states()["Il mercato che cucina"] is CampaignState.SETTLED
        assert states()["Piazza Dergano, tutti i giorni"] is CampaignState.LIVE
        move(timedelta(days=60))
        assert states()["Piazza Dergano, tutti i giorni"] is CampaignState.SETTLED
        assert states()["Botteghe in rete a Lambrate"] is CampaignState.SETTLED


def test_a_visitor_can_bring_the_one_that_is_nearly_there_home(milan: Flask) -> None:
    with undone():
        clock = services().clock
        assert isinstance(clock, SetClock)
        title = "Piazza Dergano, tutti i giorni"
        campaign_id = db.session.scalars(
            sa.select(Campaign.id).where(Campaign.title == title)
        ).one()
        pledge(clock.now(), campaign_id, 600_00, email="visitor@example.org", name="Vera")
        for _ in range(3):
            move(timedelta(days=12))
        assert states()[title] is CampaignState.PAYING_OUT


def test_a_replay_in_the_future_leaves_the_citys_campaigns_alone(milan: Flask) -> None:
    before = states()
    db.session.rollback()
    later = edition(
        {"total_cost_eur": 1000, "raised_eur": 500, "backers": 2},
        application_windows=[{"opens": "2031-01-01", "closes": "2031-02-01"}],
        published_on="2031-01-01",
    )
    with undone():
        clock = services().clock
        assert isinstance(clock, SetClock)
        replay(later, clock)
        after = states()
        assert after.pop("Project 1") is CampaignState.PAYING_OUT
        assert after == before


# -- only in the demo --------------------------------------------------------------------------


def test_demo_accounts_sign_in_only_in_the_demo(base: tuple[Database, Path]) -> None:
    for demo in (True, False):
        app = demo_app(*base, demo=demo)
        answer = app.test_client().post(
            "/sign-in", data={"email": "admin@demo.example", "password": PASSWORD}
        )
        close(app)
        assert (answer.status_code == 303) is demo


def test_outside_of_the_demo_nothing_is_loaded(base: tuple[Database, Path]) -> None:
    app = demo_app(*base, demo=False)
    done = app.test_cli_runner().invoke(args=["prepare", "--demo"])
    close(app)
    assert done.exit_code != 0
    assert "holds the demo city" in done.output
