"""Error pages: what happened, what was kept, what to do; never a stack trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wrappers import Response

from quartieri.audit.actions import record
from quartieri.db import db, unit_of_work
from quartieri.kit.errors import (
    BusyError,
    DomainError,
    FaultsError,
    HiddenError,
    NotYoursError,
    UnknownCallerError,
)
from quartieri.kit.filters import say_filter as say
from quartieri.kit.labels import Lazy, lazy
from quartieri.logs import logger
from quartieri.people import access
from quartieri.web import kept
from quartieri.web.migrated import UPGRADE, is_behind

Answer = tuple[str | Response, int, dict[str, str]]
Fault = tuple[str, Lazy]
RETRY_SECONDS = "3"
UNKNOWN = 401
TOO_MANY = 429
A_MINUTE = 60
UNAVAILABLE = 503
SERVER_ERROR = 500
HEADERS = {
    UNKNOWN: {"WWW-Authenticate": "Bearer"},
    UNAVAILABLE: {"Retry-After": RETRY_SECONDS},
}
UPGRADE_SECONDS = "60"
NOT_WELL = """
<p>Il sito non risponde bene in questo momento: niente è andato perso. Riprova fra un minuto.</p>
<p lang="en">The site is not well at this moment: nothing was lost. Try again in a minute.</p>"""
BEHIND = """
<p>Il sito viene aggiornato: niente è andato perso. Torna fra qualche minuto.</p>
<p lang="en">The site is being updated: nothing was lost. Come back in a few minutes.</p>"""
PLAIN_PAGE = """<!doctype html>
<html lang="it"><head><meta charset="utf-8"><title>Quartieri</title></head>
<body><main><h1>{status}</h1>{words}
<p><a href="/">Quartieri</a></p></main></body></html>
"""


def register(app: Flask) -> None:
    """Draw every error once, for people and for programs."""
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(ProgrammingError, _programming_error)
    app.register_error_handler(Exception, _unexpected)


def wants_json() -> bool:
    """Tell whether a program asks: the API's paths, or an explicit wish for JSON."""
    if request.path.startswith("/api/") or request.path.endswith(".json"):
        return True
    return request.accept_mimetypes.best == "application/json"


def page(status: int, message: str = "", *, faults: Sequence[Fault] = ()) -> Answer:
    """Give the error page, or problem details (RFC 9457) for a program."""
    if wants_json():
        body = jsonify(_problem(status, message, faults))
        body.content_type = "application/problem+json"
        return body, status, {}
    try:
        drawn = render_template("errors/page.html", status=status, sentence=message)
    except Exception:  # noqa: BLE001 -- the page asks the database, which may be what is broken
        logger().exception("error_page.failed", status=status)
        drawn = PLAIN_PAGE.format(status=status, words=NOT_WELL)
    return drawn, status, {}


def _problem(status: int, message: str, faults: Sequence[Fault]) -> dict[str, Any]:
    """Give a problem's members; the pointers of ``errors`` are fragments, as RFC 9457 has them."""
    found: dict[str, Any] = {"type": "about:blank", "title": _phrase(status), "status": status}
    if message:
        found["detail"] = message
    if faults:
        found["errors"] = [{"pointer": f"#{at}", "detail": str(say(why))} for at, why in faults]
    return found


def _phrase(status: int) -> str:
    return HTTP_STATUS_CODES.get(status, str(status))


def told_path() -> str:
    """Give the path for logs: without the signed part of a link, which opens a page by itself."""
    token = (request.view_args or {}).get("token")
    return request.path.replace(str(token), "…") if token else request.path


def _domain_error(error: DomainError) -> Answer:
    db.session.rollback()
    if isinstance(error, HiddenError | NotYoursError | UnknownCallerError):
        _record_refusal(error)
    faults = error.faults if isinstance(error, FaultsError) else ()
    body, status, headers = page(error.status, say(error.message), faults=faults)
    return body, status, headers | HEADERS.get(error.status, {})


def _record_refusal(error: DomainError) -> None:
    """Keep a refusal in a unit of work of its own, so that no rollback erases it."""
    actor = access.actor()
    try:
        with unit_of_work() as session:
            record(
                session,
                "refused",
                "page",
                None,
                actor=actor,
                at=access.current_now(),
                after={"method": request.method, "path": told_path()[:300]},
                reason=error.message.source[:500],
                refused=True,
            )
    except BusyError:
        logger().warning("audit.refusal_lost", path=told_path())


def _csrf_error(error: CSRFError) -> Answer:
    db.session.rollback()
    if kept.worth_keeping():
        return kept.page(), 400, {}
    return page(400, say(str(error.description)))


def _http_error(error: HTTPException) -> Any:
    db.session.rollback()
    code = error.code or SERVER_ERROR
    if code < 400:  # noqa: PLR2004 -- redirects are no errors
        return error
    body, status, headers = page(code, _wait(error) if code == TOO_MANY else "")
    extra = {
        k: v for k, v in error.get_headers() if k in {"Allow", "Retry-After", "WWW-Authenticate"}
    }
    return body, status, headers | extra


def _wait(error: HTTPException) -> str:
    """Say how long a limit keeps somebody out at most: the span over which it counts."""
    limit = getattr(error, "limit", None)
    if limit is not None and limit.limit.get_expiry() > A_MINUTE:
        return say(lazy("You can try again within an hour."))
    return say(lazy("You can try again in a minute."))


def _database_error(error: OperationalError) -> Answer:
    db.session.rollback()
    if _is_behind():
        return _behind(error)
    logger().exception("database.error", error=str(error.orig)[:300])
    body, status, headers = page(UNAVAILABLE)
    return body, status, headers | HEADERS[UNAVAILABLE]


def _programming_error(error: ProgrammingError) -> Answer:
    """Tell a table that is not there yet from a fault of ours."""
    db.session.rollback()
    return _behind(error) if _is_behind() else _unexpected(error)


def _is_behind() -> bool:
    try:
        return is_behind(db.session())
    except DBAPIError:
        return False
    finally:
        db.session.rollback()


def _behind(error: DBAPIError) -> Answer:
    """Answer while the database waits for its migrations: no page of ours can be drawn."""
    logger().error("database.not_migrated", run=UPGRADE, error=str(error.orig)[:300])
    headers = {"Retry-After": UPGRADE_SECONDS}
    if wants_json():
        body, status, _ = page(UNAVAILABLE, "The database waits for its migrations.")
        return body, status, headers
    return PLAIN_PAGE.format(status=UNAVAILABLE, words=BEHIND), UNAVAILABLE, headers


def _unexpected(error: Exception) -> Answer:
    db.session.rollback()
    logger().exception("request.failed", path=told_path(), error=type(error).__name__)
    return page(SERVER_ERROR)
