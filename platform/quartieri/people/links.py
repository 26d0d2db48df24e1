"""Signed links: to confirm an address, to set a new password."""

from __future__ import annotations

from typing import NoReturn

from itsdangerous import BadSignature, URLSafeTimedSerializer

from quartieri.kit.errors import NotFoundError
from quartieri.kit.labels import lazy

CONFIRM_DAYS = 7
RESET_HOURS = 2


def sign(secret: str, purpose: str, payload: str) -> str:
    """Give a token that only this installation can make, good for one purpose."""
    return URLSafeTimedSerializer(secret, salt=purpose).dumps(payload)


def read(secret: str, purpose: str, token: str, *, seconds: int) -> str:
    """Give the payload; raise NotFoundError for a forged or expired token."""
    try:
        payload = URLSafeTimedSerializer(secret, salt=purpose).loads(token, max_age=seconds)
    except BadSignature:
        refuse()
    return str(payload)


def refuse() -> NoReturn:
    """Say that a link is forged, expired or used (NotFoundError)."""
    raise NotFoundError(lazy("This link is not valid any more. Ask for a new one."))
