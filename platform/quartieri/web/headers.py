"""Headers of every answer: strict CSP, no third party, nothing cached that is personal."""

from __future__ import annotations

import uuid

from flask import Flask, abort, g, request, session
from werkzeug.wrappers import Response

from quartieri.extensions import services
from quartieri.kit.policy import page_policy
from quartieri.logs import of_request


def register(app: Flask) -> None:
    """Add the headers and the request's id."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.request_id = uuid.uuid4().hex[:16]
    of_request(g.request_id)
    if "\x00" in request.path or b"%00" in request.query_string:
        abort(404)  # no text that the database keeps has this character


def _finish(response: Response) -> Response:
    response.headers.setdefault(
        "Content-Security-Policy", page_policy(services().settings.checkout_origins)
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("X-Request-ID", g.get("request_id", ""))
    if services().settings.production:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint == "static":
        response.headers["Cache-Control"] = "public, max-age=3600"
    elif "_user_id" in session or request.method != "GET":
        response.headers.setdefault("Cache-Control", "no-store")
    return response
