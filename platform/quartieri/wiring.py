"""Building the application: settings, services, extensions, blueprints, error pages, templates."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click
from flask import Flask, current_app, g, has_request_context, request
from werkzeug.middleware.proxy_fix import ProxyFix

from quartieri import cli, logs
from quartieri.acts import routes as acts_routes
from quartieri.calls import jobs as calls_jobs
from quartieri.calls import routes as calls_routes
from quartieri.campaigns import api as campaigns_api
from quartieri.campaigns import jobs as campaigns_jobs
from quartieri.campaigns import routes as campaigns_routes
from quartieri.config import HERE, ROOT, Settings, read_settings
from quartieri.db import Migrations, db, watch_writes
from quartieri.engine import prepare_engine
from quartieri.extensions import (
    Services,
    babel,
    csrf,
    limiter,
    login_manager,
    services,
)
from quartieri.gateways.choose import provider
from quartieri.gateways.email import EmailGateway, FileEmail, SmtpEmail
from quartieri.gateways.payments import PaymentProvider
from quartieri.gateways.storage import FolderStorage, StorageGateway
from quartieri.grants import routes as grants_routes
from quartieri.jobs.queries import demo_offset, worker_is_late
from quartieri.kit import filters, numbers
from quartieri.kit.clock import Clock, ShiftedClock
from quartieri.kit.routing import LateRule
from quartieri.ledger import jobs as ledger_jobs
from quartieri.mail import jobs as mail_jobs
from quartieri.payments import jobs as payments_jobs
from quartieri.payments import routes as payments_routes
from quartieri.people import access
from quartieri.people import routes as people_routes
from quartieri.people.queries import first_authority
from quartieri.people.session import SessionUser, load
from quartieri.programmes import routes as programmes_routes
from quartieri.proposals import jobs as proposals_jobs
from quartieri.proposals import routes as proposals_routes
from quartieri.rehearsal import jobs as rehearsal_jobs
from quartieri.rehearsal import routes as rehearsal_routes
from quartieri.reviews import jobs as reviews_jobs
from quartieri.reviews import routes as reviews_routes
from quartieri.transparency import routes as transparency_routes
from quartieri.web import errors, headers, kept, navigation, pages
from quartieri.web import routes as web_routes

ROUTES = (
    acts_routes,
    calls_routes,
    campaigns_api,
    campaigns_routes,
    grants_routes,
    payments_routes,
    people_routes,
    programmes_routes,
    proposals_routes,
    rehearsal_routes,
    reviews_routes,
    transparency_routes,
    web_routes,
)
"""The modules whose ``blueprints`` are registered."""

JOBS = (
    calls_jobs,
    campaigns_jobs,
    ledger_jobs,
    mail_jobs,
    payments_jobs,
    proposals_jobs,
    rehearsal_jobs,
    reviews_jobs,
)
"""The modules that register handlers of timed work, by being imported."""

LANGUAGES = ("it", "en")


def create_app(
    settings: Settings | None = None,
    *,
    clock: Clock | None = None,
    payments: PaymentProvider | None = None,
    email: EmailGateway | None = None,
    storage: StorageGateway | None = None,
) -> Flask:
    """Build the application; tests and replays hand in their own settings and services."""
    settings = settings or read_settings(here=served_here())
    logs.configure()
    app = Flask(
        "quartieri",
        root_path=str(ROOT / "platform" / "quartieri"),
        static_folder=str(ROOT / "platform" / "quartieri" / "web" / "static"),
        template_folder=str(ROOT / "templates"),
        instance_path=str(settings.var),
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=settings.production,
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE="it",
        BABEL_DEFAULT_TIMEZONE="Europe/Rome",
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "platform" / "quartieri" / "web" / "translations"),
        RATELIMIT_STORAGE_URI=settings.ratelimit_storage,
        RATELIMIT_ENABLED=settings.rate_limits,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.url_rule_class = LateRule
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    clock = clock or _clock(settings)
    app.extensions["services"] = Services(
        settings=settings,
        clock=clock,
        payments=payments or provider(settings, clock),
        email=email or _email(settings),
        storage=storage or FolderStorage(settings.var / "files"),
    )
    app.extensions["build"] = create_app
    _wire_extensions(app)
    _wire_pages(app)
    app.wsgi_app = _Stamp(app.wsgi_app, clock)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    return app


def served_here() -> str:
    """Give the address at which `flask run` is serving us, or the usual one.

    The hosted pages of the sandbox and the links of letters would lead to another port otherwise.
    """
    context = click.get_current_context(silent=True)
    if context is None or context.info_name != "run" or os.environ.get("BASE_URL"):
        return HERE
    host, port = context.params["host"], context.params["port"]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- looked up, not bound
    address = f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"
    if address != HERE:
        click.echo(
            f"BASE_URL is not set: {address}. The worker needs it: BASE_URL={address}", err=True
        )
    return address


class _Stamp:
    """The outermost layer: notes when a request came in, before its body is read."""

    def __init__(self, wrapped: Any, clock: Clock) -> None:
        self._wrapped = wrapped
        self._clock = clock

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["quartieri.stamp"] = self._clock.stamp()
        return self._wrapped(environ, start_response)


def _engine_options(settings: Settings) -> dict[str, Any]:
    most = 15 + settings.provider_calls
    """Connections of one process: its web threads, or its worker with the crew.

    All are kept once they were needed: to open one takes longer than most of what it is asked.
    """
    kept = {"pool_size": most, "max_overflow": 0}
    if settings.database_url.startswith("sqlite"):
        return {} if ":memory:" in settings.database_url else kept
    options = "-c lock_timeout=10s -c timezone=UTC"
    if settings.schema:
        options += f" -c search_path={settings.schema}"
    return {
        **kept,
        "pool_pre_ping": True,
        "connect_args": {"options": options},
    }


def _clock(settings: Settings) -> Clock:
    if not settings.demo:
        return Clock()
    return ShiftedClock(_demo_offset)


def _demo_offset() -> timedelta:
    """Give how far the demo's clock was moved; a kept page's look-up has read it already."""
    known: timedelta | None = g.get("demo_offset")
    return demo_offset(db.session()) if known is None else known


def _email(settings: Settings) -> EmailGateway:
    if settings.smtp_url:
        return SmtpEmail(settings.smtp_url, settings.mail_from)
    return FileEmail(settings.var / "mail", settings.mail_from)


def _wire_extensions(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
        watch_writes(db.engine)
    Migrations(app)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(app, locale_selector=_language)
    login_manager.init_app(app)
    login_manager.login_view = "people.sign_in"
    login_manager.login_message = ""
    login_manager.user_loader(_load_user)


def _wire_pages(app: Flask) -> None:
    numbers.register(app)
    for module in ROUTES:
        for blueprint in module.blueprints:
            app.register_blueprint(blueprint)
    cli.register(app)
    filters.register(app, access.current_now)
    errors.register(app)
    kept.register(app)
    headers.register(app)
    pages.register(app)
    app.context_processor(_page_context)


def _language() -> str:
    if not has_request_context():
        return "it"
    chosen = request.cookies.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    owner = _owner()
    return request.accept_languages.best_match(LANGUAGES) or (owner.language if owner else "it")


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose site it is: the authority that was installed first."""

    name: str
    accent: str
    language: str


def _owner() -> _Owner | None:
    """Give the site's owner, read once a process: it is chosen at the installation."""
    kept: _Owner | None = current_app.extensions.get("owner")
    if kept is None:
        first = first_authority(db.session())
        if first is None:
            return None
        kept = _Owner(first.name, first.accent, first.language)
        current_app.extensions["owner"] = kept
    return kept


def _load_user(key: str) -> SessionUser | None:
    return load(db.session(), key, demo=services().settings.demo)


def _page_context() -> dict[str, Any]:
    settings = services().settings
    if not has_request_context():
        return {"settings": settings}
    official = access.official()
    return {
        "settings": settings,
        "authority": _owner(),
        "now": access.current_now(),
        "allowed": access.allowed,
        "manage_nav": navigation.manage_nav() if official else [],
        "worker_late": official and worker_is_late(db.session(), system_now=Clock().now()),
    }
