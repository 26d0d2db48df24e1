"""Giving programs access to one call, and taking it back."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quartieri.audit.actions import record
from quartieri.audit.rules import Actor
from quartieri.calls.models import ApiToken, Call
from quartieri.calls.rules import BEGINNING, secret_sha256
from quartieri.db import lock
from quartieri.kit.errors import IllegalMoveError, InvalidError
from quartieri.kit.labels import lazy

LONGEST = timedelta(days=400)
"""No token works for longer: somebody has to think of it again."""
SECRET_BYTES = 32
SHOWN = len(BEGINNING) + 6
KIND = "api_token"


def make_token(
    session: Session, call: Call, *, label: str, until: datetime, actor: Actor, at: datetime
) -> tuple[ApiToken, str]:
    """Give a program access to a call; the secret is given here and never again.

    Raises InvalidError for an end that has passed or lies more than 400 days ahead.
    """
    if not at < until <= at + LONGEST:
        raise InvalidError(lazy("The end must lie within the next 400 days."), field="until")
    secret = BEGINNING + secrets.token_urlsafe(SECRET_BYTES)
    token = ApiToken(
        call_id=call.id,
        label=label.strip(),
        beginning=secret[:SHOWN],
        secret_sha256=secret_sha256(secret),
        made_by=actor.user_id,
        made_at=at,
        until=until,
    )
    session.add(token)
    session.flush()
    facts = {"label": token.label, "beginning": token.beginning, "until": until.isoformat()}
    record(session, "make", KIND, token.id, actor=actor, at=at, after=facts)
    return token, secret


def revoke_token(session: Session, token: ApiToken, *, actor: Actor, at: datetime) -> None:
    """Take a program's access back, at once."""
    token = lock(session, ApiToken, token.id)
    if token.revoked_at is not None:
        raise IllegalMoveError(lazy("This access was taken back already."))
    token.revoked_by, token.revoked_at = actor.user_id, at
    session.flush()
    facts = {"label": token.label, "beginning": token.beginning}
    record(session, "revoke", KIND, token.id, actor=actor, at=at, before=facts)
