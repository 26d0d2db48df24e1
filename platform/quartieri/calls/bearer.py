"""Who writes through ``/api/v1``: a program with a bearer token (RFC 6750) for the call."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request

from quartieri.audit.rules import Actor
from quartieri.calls.models import ApiToken, Call
from quartieri.calls.queries.tokens import token_by_secret
from quartieri.db import db
from quartieri.kit.errors import HiddenError, UnknownCallerError
from quartieri.kit.labels import lazy
from quartieri.people.access import current_now, marked

View = Callable[..., Any]


def machine(load: Callable[..., Call | None]) -> Callable[[View], View]:
    """Let in a program whose token is for the call that ``load`` gives; both go to the view.

    To a program with a token for another call it does not exist (404). Raises UnknownCallerError
    without a token, and for one that is unknown, revoked or past its end.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(**kwargs: Any) -> Any:
            token = _token()
            call = load(**kwargs)
            if call is None or call.id != token.call_id:
                raise HiddenError(lazy("There is nothing at this address."))
            return view(call, token)

        return marked(wrapped, "token")

    return decorate


def _token() -> ApiToken:
    sent = request.authorization
    secret = sent.token if sent is not None and sent.type == "bearer" else None
    if not secret:
        raise UnknownCallerError(lazy("Send a token: Authorization: Bearer …"))
    token = token_by_secret(db.session(), secret)
    if token is None or not token.works(current_now()):
        raise UnknownCallerError(lazy("This token is not valid: ask the office for another."))
    return token


def program(token: ApiToken) -> Actor:
    """Give who acts: a program, by the name that the office gave it."""
    return Actor(None, f"API: {token.label}", frozenset())
