"""Closing a campaign of 10,000 pledges against a provider that takes its time to answer."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.measure import Line
from quartieri.campaigns.models import Campaign, Pledge
from quartieri.campaigns.rules import CampaignState, PledgeChannel, PledgeState
from quartieri.db import db, get, unit_of_work, upgrade_database
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.engine import SECRET, Sandbox
from quartieri.gateways.sandbox.wire import Wire
from quartieri.gateways.stripe import Stripe
from quartieri.jobs import worker
from quartieri.kit.clock import Clock, ShiftedClock, rome
from quartieri.payments.models import PaymentSetup
from quartieri.payments.rules import CardStatus
from quartieri.wiring import create_app
from tests import postgres
from tests.doubles import Outbox, Shelf, settings_for
from tests.factories.campaigns import STARTS, make_live
from tests.factories.payments import serving

PLEDGES = 10_000
ANSWERS_IN = 0.3
WORKERS = 2
CENTS = 25_00
LONGEST = 1800


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is; handed to the processes."""

    url: str
    folder: Path
    provider: str
    clock_ahead: timedelta

    def app(self) -> Flask:
        """Build the application as a worker has it."""
        return create_app(
            settings_for(self.url, self.folder),
            clock=ShiftedClock(lambda: self.clock_ahead),
            payments=Stripe("sk_test_bench", SECRET, api=self.provider),
            email=Outbox(),
            storage=Shelf(),
        )


def measure(folder: Path) -> Iterator[Line]:
    """Close the same campaign on both databases, with two workers."""
    yield _line("SQLite", f"sqlite:///{folder / 'closing.sqlite3'}", folder)
    server = postgres.Server()
    try:
        yield _line("PostgreSQL", postgres.url(server.folder, "postgres"), folder)
    finally:
        server.stop()


def _line(name: str, url: str, folder: Path) -> Line:
    path = Path(tempfile.mkdtemp(dir=folder))
    context = multiprocessing.get_context("spawn")
    with _provider(context, path / "sandbox.sqlite3") as address:
        place = Place(url, path, address, timedelta())
        ends_at, campaign_id = _fill(place, path / "sandbox.sqlite3")
        charged_from = rome(ends_at.date() + timedelta(days=1), datetime.min.time())
        place = Place(url, path, address, charged_from + timedelta(hours=10) - Clock().now())
        taken, paid = _close(context, place, campaign_id)
    shutil.rmtree(path)
    result = f"{taken:.0f} s ({paid / taken:.0f} charges/s, {WORKERS} workers)"
    what = f"{PLEDGES:,} pledges of one campaign closed, {name}, provider answers in 300 ms"
    return Line(what, "≤ 600 s", "300 s", result)


def _serve(path: Path, out: Any, stop: Event) -> None:
    wire = Wire(Sandbox(path, now=Clock().now), fault=_slowly)
    with serving(wire) as address:
        out.put(address)
        stop.wait()


def _slowly(when: str, _name: str) -> None:
    if when == "before":
        time.sleep(ANSWERS_IN)


@contextmanager
def _provider(context: Any, path: Path) -> Iterator[str]:
    out, stop = context.Queue(), context.Event()
    process = context.Process(target=_serve, args=(path, out, stop))
    process.start()
    try:
        yield out.get()
    finally:
        stop.set()
        process.join()


def _fill(place: Place, sandbox: Path) -> tuple[datetime, int]:
    """Add a campaign whose backers have promised its target, each with a card saved there."""
    saved = _saved_cards(sandbox)
    app = place.app()
    with app.app_context():
        upgrade_database()
        with unit_of_work() as session:
            campaign = make_live(session).campaign
            campaign.target_cents = campaign.promised_cents = PLEDGES * CENTS
            campaign.backers = PLEDGES
            campaign_id, ends_at = campaign.id, campaign.ends_at or STARTS
        with unit_of_work() as session:
            session.execute(sa.insert(Pledge), [_pledge(n, campaign_id) for n in range(PLEDGES)])
            ids = session.scalars(sa.select(Pledge.id).order_by(Pledge.id)).all()
            cards_of = [_setup(key, *saved[n]) for n, key in enumerate(ids)]
            session.execute(sa.insert(PaymentSetup), cards_of)
        db.session.remove()
        db.engine.dispose()
    return ends_at, campaign_id


def _pledge(n: int, campaign_id: int) -> dict[str, Any]:
    return {
        "code": f"B-{n}",
        "campaign_id": campaign_id,
        "channel": PledgeChannel.CARD,
        "state": PledgeState.CONFIRMED,
        "amount_cents": CENTS,
        "email": f"backer{n}@example.org",
        "name": "Bea Sostenitrice",
        "consent": "Sì.",
        "started_at": STARTS,
        "confirmed_at": STARTS,
        "card": 1,
    }


def _setup(pledge_id: int, customer: str, method: str) -> dict[str, Any]:
    return {
        "subject": f"pledge:{pledge_id}",
        "n": 1,
        "status": CardStatus.SAVED,
        "customer_id": customer,
        "session_id": f"cs_{pledge_id}",
        "setup_id": f"seti_{pledge_id}",
        "method_id": method,
        "success_url": "",
        "cancel_url": "",
        "locale": "it",
        "expires_at": STARTS,
        "created_at": STARTS,
        "looked_at": STARTS,
    }


def _saved_cards(path: Path) -> list[tuple[str, str]]:
    return Sandbox(path, now=Clock().now).fill(PLEDGES, cards.SUCCEEDS)


def _work(place: Place, stop: Event) -> None:
    app = place.app()
    with app.app_context():
        worker.loop(stop=stop.is_set)


def _close(context: Any, place: Place, campaign_id: int) -> tuple[float, int]:
    """Let the workers go, and wait until the campaign is decided; give seconds and charges."""
    stop = context.Event()
    workers = [context.Process(target=_work, args=(place, stop)) for _ in range(WORKERS)]
    app = place.app()
    begun = time.perf_counter()
    for process in workers:
        process.start()
    with app.app_context():
        while time.perf_counter() - begun < LONGEST:
            session = db.session()
            state = get(session, Campaign, campaign_id).state
            paid = session.scalar(
                sa.select(sa.func.count()).where(Pledge.state == PledgeState.PAID)
            )
            db.session.remove()
            if state not in {CampaignState.LIVE, CampaignState.ENDED, CampaignState.COLLECTING}:
                break
            time.sleep(0.5)
        taken = time.perf_counter() - begun
        stop.set()
        for process in workers:
            process.join()
        db.engine.dispose()
    return taken, int(paid or 0)
