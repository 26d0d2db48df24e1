"""When a session ended while somebody wrote: what was typed is shown back and can be sent again."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, redirect, render_template, request
from flask_login.utils import login_url
from werkzeug.wrappers import Response

from quartieri.extensions import login_manager
from quartieri.people import access

SIGN_IN = "people.sign_in"
UNSEEN = {"csrf_token", "seen", "version", "then"}


def register(app: Flask) -> None:
    """Send whoever is not signed in to the sign-in page, without losing what was typed."""
    del app
    login_manager.unauthorized_handler(_unauthorized)


def _unauthorized() -> Response:
    if worth_keeping():
        return Response(page(), status=401, mimetype="text/html")
    target = request.full_path if request.query_string else request.path
    return redirect(login_url(SIGN_IN, next_url=target if request.method == "GET" else None))


def worth_keeping() -> bool:
    """Tell whether this request is a form of our own pages with something typed in it.

    Never from elsewhere (a forged form must not be offered for sending again), never a password.
    """
    if request.method != "POST" or not any(request.form.values()) or not _from_here():
        return False
    return not any("password" in name or name == "cvc" for name in request.form)


def _from_here() -> bool:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def page() -> str:
    """Draw the page that holds what was typed, with a fresh token, to be sent again."""
    fields = [
        (name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"
    ]
    return render_template(
        "errors/kept.html",
        fields=fields,
        texts=[value for name, value in fields if name not in UNSEEN and value.strip()],
        files=bool(request.files),
        multipart=request.mimetype == "multipart/form-data",
        action=request.full_path if request.query_string else request.path,
        signed_in=access.signed_in_user() is not None,
    )
