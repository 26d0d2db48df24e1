"""Answers that every slice's routes give."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import redirect
from werkzeug.wrappers import Response


def seeother(url: str) -> Response:
    """Answer a POST with 303: the browser fetches ``url`` anew."""
    return redirect(url, code=303)


def local_target(target: str | None, default: str) -> str:
    """Give a path on this site to go back to, or ``default`` for anything else."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    parts = urlsplit(target)
    return default if parts.netloc or parts.scheme else target
