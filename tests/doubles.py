"""What the tests hand in instead of the outside: a set time, a mailbox, a shelf for files."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.pool import QueuePool

from quartieri.config import Settings
from quartieri.db import db
from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.provider import SandboxProvider
from quartieri.gateways.sandbox.wire import Fault
from quartieri.kit.clock import Clock, SetClock
from quartieri.wiring import create_app

NOW = datetime(2025, 2, 3, 9, 0, tzinfo=UTC)
"""When every test begins: a Monday, ten o'clock in Rome."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter that was sent."""

    name: str
    to: str
    subject: str
    text: str
    unsubscribe_url: str = ""


class Outbox:
    """A mail service that keeps what it was given; ``letters`` in the order of sending."""

    def __init__(self) -> None:
        """Start empty."""
        self.letters: list[Letter] = []

    def send(
        self, name: str, *, to: str, subject: str, text: str, unsubscribe_url: str = ""
    ) -> None:
        """Keep one letter; the same name again replaces the first, as a mailbox would show it."""
        self.letters = [letter for letter in self.letters if letter.name != name]
        self.letters.append(Letter(name, to, subject, text, unsubscribe_url))

    def to(self, address: str) -> list[Letter]:
        """Give the letters to one address."""
        return [letter for letter in self.letters if letter.to == address]


class Shelf:
    """A file store in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self.contents: dict[str, bytes] = {}

    def put(self, key: str, content: bytes) -> None:
        """Keep the bytes."""
        self.contents.setdefault(key, content)

    def get(self, key: str) -> bytes:
        """Give the bytes; raise FileNotFoundError."""
        try:
            return self.contents[key]
        except KeyError:
            raise FileNotFoundError(key) from None


def settings_for(url: str, var: Path, **over: Any) -> Settings:
    """Give the settings of a test: cheap passwords, no rate limits, no demo, the sandbox."""
    values: dict[str, Any] = {
        "profile": "local",
        "secret_key": "only-for-tests",
        "database_url": url,
        "var": var,
        "base_url": "http://localhost",
        "demo": False,
        "payments": "sandbox",
        "stripe_key": "",
        "stripe_api": "",
        "stripe_webhook_secret": "",
        "checkout_origins": (),
        "smtp_url": "",
        "mail_from": "Quartieri <noreply@quartieri.example>",
        "trusted_proxies": 0,
        "ratelimit_storage": "memory://",
        "password_profile": "cheap",
        "rate_limits": False,
    }
    return Settings(**{**values, **over})


def make_provider(clock: Clock, *, fault: Fault | None = None) -> SandboxProvider:
    """Give a provider whose sandbox is in memory; ``fault`` cuts the line to it."""
    return SandboxProvider(Sandbox(now=clock.now), fault=fault)


def build_app(url: str, var: Path, **over: Any) -> Flask:
    """Build the application as `create_app` does, with doubles for the outside and a set clock."""
    clock = SetClock(NOW)
    app = create_app(
        settings_for(url, var, **over),
        clock=clock,
        payments=make_provider(clock),
        email=Outbox(),
        storage=Shelf(),
    )
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app


def close_database(app: Flask, *, seconds: float = 10.0) -> None:
    """Close all connections of an application, once requests that are under way gave theirs back.

    A connection that is out while its engine is disposed of would be found open by nobody.
    """
    with app.app_context():
        db.session.remove()
        pool = db.engine.pool
        give_up = time.monotonic() + seconds
        while isinstance(pool, QueuePool) and pool.checkedout() and time.monotonic() < give_up:
            time.sleep(0.02)
        db.engine.dispose()
