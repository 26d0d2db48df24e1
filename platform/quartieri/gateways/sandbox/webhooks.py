"""Signed messages about events, and their delivery."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException

from quartieri.gateways.sandbox.desk import Desk, Mode, public
from quartieri.gateways.sandbox.store import Doc

Post = Callable[[bytes, str], bool]
"""Sends a body with its signature; tells whether it was taken (answered with 2xx)."""

FIRST_WAIT = 5
MOST_TRIES = 12
POST_SECONDS = 5


def deliver(desk: Desk, post: Post, secret: str) -> int:
    """Send what is due and give how many were taken; what is not taken is tried again later.

    Of those that go out of order the last one goes first. Two processes may send the same one:
    receivers must stand that anyway. Nothing is held while a message is under way.
    """
    with desk.store.unit():
        due = desk.store.due_deliveries(now=desk.now())
    shuffled = [one for one in due if _goes_wrong(one[1])]
    taken = 0
    for one in due:
        number, event, tries = shuffled.pop() if _goes_wrong(one[1]) else one
        done = post(*signed(event, secret)) or tries >= MOST_TRIES
        with desk.store.unit():
            if done:
                desk.store.delivered(number)
            else:
                wait = FIRST_WAIT * 2**tries
                desk.store.deliver_later(number, due=desk.now() + wait)
        taken += done
    return taken


def _goes_wrong(event: Doc) -> bool:
    return bool(event["_mode"] == Mode.OUT_OF_ORDER.value)


def signed(event: Doc, secret: str) -> tuple[bytes, str]:
    """Give a message's body and its signature."""
    body = json.dumps(public(event), separators=(",", ":")).encode()
    return body, signature(body, secret)


def signature(body: bytes, secret: str) -> str:
    """Give the header Stripe-Signature of a body: HMAC-SHA256 over time and body.

    The time is the system's, as receivers compare it with theirs.
    """
    at = int(time.time())
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def over_http(address: str) -> Post:
    """Give a function that posts messages to an address and tells whether it answered 2xx."""

    def post(body: bytes, signature: str) -> bool:
        words = {"Content-Type": "application/json", "Stripe-Signature": signature}
        request = urllib.request.Request(address, data=body, headers=words, method="POST")  # noqa: S310 -- our own site, from the settings
        try:
            with urllib.request.urlopen(request, timeout=POST_SECONDS):  # noqa: S310 -- the same
                return True
        except (OSError, HTTPException):
            return False

    return post
