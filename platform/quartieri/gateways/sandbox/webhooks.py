"""Signed messages about events, and their delivery."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable

from quartieri.gateways.sandbox.desk import Desk, Mode, public
from quartieri.gateways.sandbox.store import Doc

Post = Callable[[bytes, str], bool]
"""Sends a body with its signature; tells whether it was taken (answered with 2xx)."""

FIRST_WAIT = 5
MOST_TRIES = 12


def deliver(desk: Desk, post: Post, secret: str) -> int:
    """Send what is due and give how many were taken; what is not taken is tried again later.

    Out of order, the last one goes first. Two processes may send the same one: receivers must
    stand that anyway. Nothing is held while a message is under way.
    """
    with desk.store.unit():
        due = desk.store.due_deliveries(now=desk.now())
    if desk.mode is Mode.OUT_OF_ORDER:
        due = due[::-1]
    taken = 0
    for number, event, tries in due:
        body, signature = signed(event, secret)
        done = post(body, signature) or tries >= MOST_TRIES
        with desk.store.unit():
            if done:
                desk.store.delivered(number)
            else:
                wait = FIRST_WAIT * 2**tries
                desk.store.deliver_later(number, due=desk.now() + wait)
        taken += done
    return taken


def signed(event: Doc, secret: str) -> tuple[bytes, str]:
    """Give a message's body and its Stripe-Signature header (HMAC-SHA256 over time and body).

    The time is the system's, as receivers compare it with theirs.
    """
    body = json.dumps(public(event), separators=(",", ":")).encode()
    at = int(time.time())
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return body, f"t={at},v1={digest}"
