"""Closing a campaign of 10,000 pledges against a provider that takes its time to answer."""

from __future__ import annotations

import multiprocessing
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from bench.measure import Line
from quartieri.campaigns.models import Campaign, Pledge, Receipt
from quartieri.campaigns.rules import CampaignState, PledgeChannel, PledgeState
from quartieri.db import db, get, unit_of_work, upgrade_database
from quartieri.gateways.sandbox import cards
from quartieri.gateways.sandbox.engine import SECRET, Sandbox
from quartieri.gateways.sandbox.wire import Wire
from quartieri.gateways.stripe import Stripe
from quartieri.jobs import worker
from quartieri.jobs.actions import enqueue
from quartieri.jobs.models import Job, JobState
from quartieri.kit.clock import Clock, ShiftedClock, rome
from quartieri.ledger.queries import verify
from quartieri.mail.models import Letter, LetterState
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
LETTERS = 3
"""A pledge's: the payments begin, the receipt, the campaign succeeded."""
LONGEST = 7200
WALKED = timedelta(days=365)
UNDECIDED = frozenset({CampaignState.LIVE, CampaignState.ENDED, CampaignState.COLLECTING})


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


@dataclass(frozen=True, slots=True)
class Effort:
    """What one worker spent: the processor's seconds, memory at its peak, statements, writes."""

    cpu: float
    peak_mib: float
    statements: int
    writes: list[float]
    """How long each transaction that writes was open, in seconds: waits for rows counted."""


def measure(folder: Path) -> Iterator[Line]:
    """Close the same campaign on both databases, with two workers."""
    yield from _lines("SQLite", f"sqlite:///{folder / 'closing.sqlite3'}", folder)
    server = postgres.Server()
    try:
        yield from _lines("PostgreSQL", postgres.url(server.folder, "postgres"), folder)
    finally:
        server.stop()


def _lines(name: str, url: str, folder: Path) -> Iterator[Line]:
    path = Path(tempfile.mkdtemp(dir=folder))
    context = multiprocessing.get_context("spawn")
    with _provider(context, path / "sandbox.sqlite3") as address:
        place = Place(url, path, address, timedelta())
        ends_at, campaign_id = _fill(place, path / "sandbox.sqlite3")
        charged_from = rome(ends_at.date() + timedelta(days=1), datetime.min.time())
        place = Place(url, path, address, charged_from + timedelta(hours=10) - Clock().now())
        decided, told, efforts = _close(context, place, campaign_id)
    shutil.rmtree(path)
    what = f"{PLEDGES:,} pledges of one campaign closed, {name}, provider answers in 300 ms"
    result = f"{decided:.0f} s ({PLEDGES / decided:.0f} charges/s, {WORKERS} workers)"
    yield Line(what, "≤ 600 s", "300 s", f"{result}; all letters sent after {told:.0f} s")
    cpu = sum(one.cpu for one in efforts) / PLEDGES
    each = sum(one.statements for one in efforts) / PLEDGES
    peak = max(one.peak_mib for one in efforts)
    spent = f"{cpu * 1000:.0f} ms of the processor, {each:.0f} statements, {peak:.0f} MiB a worker"
    yield Line(f"a pledge of these, {name}, its three letters counted", "–", "–", spent)
    writes = sorted(second for one in efforts for second in one.writes)
    p99 = writes[int(len(writes) * 0.99)]
    held = (
        f"p50 {median(writes) * 1000:.0f} ms, p99 {p99 * 1000:.0f} ms, {writes[-1]:.1f} s at most"
    )
    yield Line(f"how long a write is open meanwhile, {name}", "–", "–", held)


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
            # the night's comparison of the books has been: it is not due in the waves' hours
            enqueue(session, "payments.walk", run_at=ends_at + WALKED, key="payments.walk")
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


def _work(place: Place, stop: Event, out: Any) -> None:
    app = place.app()
    with app.app_context():
        counted, writes = _watch(db.engine)
        worker.loop(stop=stop.is_set)
        used = resource.getrusage(resource.RUSAGE_SELF)
        cpu = used.ru_utime + used.ru_stime
        out.put(Effort(cpu, used.ru_maxrss / 1024, counted[0], writes))
        db.engine.dispose()


def _watch(engine: Engine) -> tuple[list[int], list[float]]:
    """Count an engine's statements, and time the transactions that write on it."""
    counted, writes = [0], list[float]()

    def asked(_c: object, _cursor: object, statement: str, *_: object) -> None:
        counted[0] += not statement.startswith(("BEGIN", "PRAGMA"))

    def began(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("rw"):
            connection.info["began"] = time.perf_counter()

    def ended(_connection: object, record: Any) -> None:
        began_at = record.info.pop("began", None)
        if began_at is not None:
            writes.append(time.perf_counter() - began_at)

    sa.event.listen(engine, "before_cursor_execute", asked)
    sa.event.listen(engine, "begin", began)
    sa.event.listen(engine.pool, "checkin", ended)
    return counted, writes


def _close(context: Any, place: Place, campaign_id: int) -> tuple[float, float, list[Effort]]:
    """Let the workers go; give when the campaign was decided, when all were told, the efforts."""
    stop, out = context.Event(), context.Queue()
    workers = [context.Process(target=_work, args=(place, stop, out)) for _ in range(WORKERS)]
    app = place.app()
    begun = time.perf_counter()
    for process in workers:
        process.start()
    with app.app_context():
        decided = _until(lambda: _state(campaign_id) not in UNDECIDED) - begun
        told = _until(lambda: _state(campaign_id) is CampaignState.PAYING_OUT and _all_told())
        stop.set()
        efforts = [out.get() for _ in workers]
        for process in workers:
            process.join()
        _check(campaign_id)
        db.engine.dispose()
    return decided, told - begun, efforts


def _until(done: Callable[[], bool]) -> float:
    """Wait until something is so, and give when it was; RuntimeError after a long time."""
    begun = time.perf_counter()
    while not done():
        if time.perf_counter() - begun > LONGEST:
            message = "the campaign does not close"
            raise RuntimeError(message)
        time.sleep(1)
    return time.perf_counter()


def _state(campaign_id: int) -> CampaignState:
    state = get(db.session(), Campaign, campaign_id).state
    db.session.remove()
    return state


def _all_told() -> bool:
    told = db.session.scalar(_TOLD) or 0
    db.session.remove()
    return told >= LETTERS * PLEDGES


_TOLD = sa.select(sa.func.count()).where(
    Letter.subject_kind == "pledge", Letter.state == LetterState.SENT
)


def _check(campaign_id: int) -> None:
    """See that all is done: paid, booked, numbered, told; RuntimeError names what is not."""
    session = db.session()
    campaign = get(session, Campaign, campaign_id)
    paid = sa.select(sa.func.count()).where(Pledge.state == PledgeState.PAID)
    jobs_failed = sa.select(sa.func.count()).where(Job.state == JobState.FAILED)
    found = {
        "paid": session.scalar(paid),
        "collected": campaign.collected_cents // CENTS,
        "receipts": session.scalar(sa.select(sa.func.count(Receipt.id))),
        "last number": session.scalar(sa.select(sa.func.max(Receipt.number))),
        "letters": (session.scalar(_TOLD) or 0) // LETTERS,
        "cards forgotten": session.scalar(sa.select(sa.func.count(PaymentSetup.forgotten_at))),
    }
    wrong = {name: number for name, number in found.items() if number != PLEDGES}
    faults = verify(session).faults
    if wrong or faults or session.scalar(jobs_failed):
        message = f"not closed: {wrong} {faults[:3]}"
        raise RuntimeError(message)
