"""Settings: read once from the environment, typed, refused when they cannot work."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]

LEAST_SECRET = 24
"""Characters of a secret that signs messages, at least."""

NO_SANDBOX = (
    "The sandbox is not a way to be paid: in production set PAYMENTS=stripe, or PAYMENTS=none "
    "where people give outside of the site."
)


class SettingsError(ValueError):
    """A setting is missing or wrong; the sentence says which and how to mend it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations. Defaults fit the embedded local run."""

    profile: str
    secret_key: str
    database_url: str
    var: Path
    base_url: str
    demo: bool
    payments: str
    stripe_key: str
    stripe_api: str
    stripe_webhook_secret: str
    checkout_origins: tuple[str, ...]
    smtp_url: str
    mail_from: str
    trusted_proxies: int
    ratelimit_storage: str
    mail_bounce_secret: str = ""
    """Signs what a mail service tells of letters that came back; "" takes no such notice."""
    payment_methods: tuple[str, ...] = ("card",)
    """What the provider's pages offer and charges take, by Stripe's names."""
    provider_calls: int = 24
    """How many calls to the provider a worker has under way at once."""
    mail_calls: int = 4
    """How many letters a worker hands to the mail server at once."""
    provider_rate: int = 80
    """Calls a second that one process makes at most; Stripe takes 100 of a whole account."""
    password_profile: str = "strong"  # noqa: S105 -- how costly a hash is, no password
    rate_limits: bool = True
    schema: str = ""
    """PostgreSQL's schema, where it is not the default one (a replay's own)."""
    max_upload_bytes: int = 10 * 1024 * 1024

    @property
    def rehearses_payments(self) -> bool:
        """True where the key is one of Stripe's test mode: test cards alone work."""
        return self.payments == "stripe" and not is_live(self.stripe_key)

    @property
    def production(self) -> bool:
        """True in the profile that faces citizens."""
        return self.profile == "production"

    @property
    def takes_payments(self) -> bool:
        """True where the platform takes payments at all: a city may do without."""
        return self.payments != "none"


def is_live(key: str) -> bool:
    """Tell whether a key of Stripe's moves real money."""
    return "_live_" in key


HERE = "http://127.0.0.1:8000"
"""Where `make run` serves, and what BASE_URL is without being set."""


def read_settings(environ: Mapping[str, str] = os.environ, *, here: str = HERE) -> Settings:
    """Read the settings; raise SettingsError with one sentence when they cannot work.

    ``here`` is the address to take where BASE_URL is not set.
    """
    profile = environ.get("QUARTIERI_PROFILE", "local")
    if profile not in {"local", "production"}:
        msg = f"QUARTIERI_PROFILE is local or production, not {profile!r}."
        raise SettingsError(msg)
    production = profile == "production"
    var = Path(environ.get("QUARTIERI_VAR", str(ROOT / "var"))).resolve()
    payments = environ.get("PAYMENTS", "stripe" if production else "sandbox")
    if payments not in {"none", "sandbox", "stripe"}:
        msg = f"PAYMENTS is none, sandbox or stripe, not {payments!r}."
        raise SettingsError(msg)
    if production and payments == "sandbox":
        raise SettingsError(NO_SANDBOX)
    live = is_live(environ.get("STRIPE_SECRET_KEY", ""))
    if payments == "sandbox" and live:
        msg = (
            "STRIPE_SECRET_KEY is a live key, which cannot stand beside the sandbox: set "
            "PAYMENTS=stripe, or take the key away."
        )
        raise SettingsError(msg)
    demo = not production and environ.get("DEMO", "1") not in {"0", "false", "no"}
    if demo and payments == "stripe" and live:
        msg = (
            "STRIPE_SECRET_KEY is a live key, which cannot stand beside the demo city, its known "
            "passwords and its clock: set DEMO=0."
        )
        raise SettingsError(msg)
    base_url = (environ.get("BASE_URL") or here).rstrip("/")
    return Settings(
        profile=profile,
        secret_key=_secret(environ, var, production=production),
        database_url=_database_url(environ, var, production=production),
        var=var,
        base_url=base_url,
        demo=demo,
        payments=payments,
        stripe_key=_needed(environ, "STRIPE_SECRET_KEY", when=payments == "stripe"),
        stripe_api=environ.get("STRIPE_API", "https://api.stripe.com"),
        stripe_webhook_secret=_needed(environ, "STRIPE_WEBHOOK_SECRET", when=payments == "stripe"),
        checkout_origins=_checkout_origins(environ, payments, base_url),
        smtp_url=environ.get("SMTP_URL", ""),
        mail_from=environ.get("MAIL_FROM", "Quartieri <noreply@quartieri.example>"),
        mail_bounce_secret=_bounce_secret(environ),
        trusted_proxies=int(environ.get("TRUSTED_PROXIES", "0")),
        ratelimit_storage=environ.get("RATELIMIT_STORAGE", "memory://"),
        payment_methods=tuple(environ.get("PAYMENT_METHODS", "card").replace(",", " ").split()),
        provider_calls=_count(environ, "PROVIDER_CALLS", 24),
        mail_calls=_count(environ, "MAIL_CALLS", 4),
        provider_rate=_count(environ, "PROVIDER_RATE", 80),
    )


def _bounce_secret(environ: Mapping[str, str]) -> str:
    value = environ.get("MAIL_BOUNCE_SECRET", "")
    if value and len(value) < LEAST_SECRET:
        msg = f"MAIL_BOUNCE_SECRET has at least {LEAST_SECRET} characters."
        raise SettingsError(msg)
    return value


def _checkout_origins(environ: Mapping[str, str], payments: str, base_url: str) -> tuple[str, ...]:
    """Give where a form may lead to: the provider's pages, which in the sandbox are our own.

    A city may have Stripe's pages at an address of its own (STRIPE_CHECKOUT). A person may have
    come by another of our names (localhost); the sandbox's pages are at BASE_URL.
    """
    own = urlsplit(base_url)
    there = urlsplit(environ.get("STRIPE_CHECKOUT", "https://checkout.stripe.com"))
    places = {
        "stripe": (f"{there.scheme}://{there.netloc}",),
        "sandbox": (f"{own.scheme}://{own.netloc}",),
    }
    return places.get(payments, ())


def _count(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not value.isdecimal() or int(value) < 1:
        msg = f"{name} is a whole number from 1, not {value!r}."
        raise SettingsError(msg)
    return int(value)


def _needed(environ: Mapping[str, str], name: str, *, when: bool) -> str:
    value = environ.get(name, "")
    if when and not value:
        msg = f"{name} is not set."
        raise SettingsError(msg)
    return value


def _database_url(environ: Mapping[str, str], var: Path, *, production: bool) -> str:
    url = environ.get("DATABASE_URL", "")
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    if url.startswith("postgresql://"):
        url = "postgresql+psycopg://" + url.removeprefix("postgresql://")
    if url:
        return url
    if production:
        msg = "DATABASE_URL is not set: the production profile has no default database."
        raise SettingsError(msg)
    var.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{var / 'quartieri.sqlite3'}"


def _secret(environ: Mapping[str, str], var: Path, *, production: bool) -> str:
    """Give SECRET_KEY; locally a generated one is kept under var, readable by its owner alone."""
    given = environ.get("SECRET_KEY", "")
    if given:
        return given
    if production:
        msg = "SECRET_KEY is not set: the production profile never invents one."
        raise SettingsError(msg)
    path = var / "secret"
    var.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()
