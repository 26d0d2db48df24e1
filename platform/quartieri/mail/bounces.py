"""Reading what says that a letter came back, and why: a report (RFC 3464), or a notice in JSON."""

from __future__ import annotations

import email
import email.policy
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from email.message import EmailMessage

OURS = re.compile(r"<letter-(\d{1,18})(?:-\d{1,4})?\.[0-9a-f]{24}@quartieri\.invalid>")
SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")
TOLERANCE = 300
"""Seconds that a signature holds: nobody posts an old report again much later."""
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Bounce:
    """One letter that did not arrive, for good."""

    letter_id: int
    message_id: str
    reason: str


def is_signed(body: bytes, signature: str, *, secret: str, now: int) -> bool:
    """Tell whether ``signature`` ("t=<seconds>,v1=<hex>") is good for these bytes at ``now``.

    It is the HMAC-SHA256, under the secret that both sides keep, of "<seconds>.<body>".
    """
    found = SIGNATURE.fullmatch(signature.strip())
    if found is None or abs(now - int(found[1])) > TOLERANCE:
        return False
    signed = hmac.new(secret.encode(), found[1].encode() + b"." + body, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest(), found[2])


def read_notice(notice: bytes) -> Bounce | None:
    """Give the letter that a notice in JSON says was given up; None for anything else.

    ``{"message_id": "<letter-…>", "permanent": true, "reason": "5.1.1 User unknown"}``: what a
    mail service's own notice is turned into, where it does not hand on the report.
    """
    try:
        told = json.loads(notice)
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("permanent") is not True:
        return None
    sent = OURS.search(str(told.get("message_id", "")))
    reason = " ".join(str(told.get("reason", "")).split())[:LONGEST]
    return Bounce(int(sent[1]), sent[0], reason) if sent is not None else None


def read_report(report: bytes) -> Bounce | None:
    """Give the letter that a report says was given up; None for anything else.

    A delay (Action: delayed) is no failure; neither is a status that is not permanent (5.x.x).
    """
    message = email.message_from_bytes(report, policy=email.policy.default)
    if message.get_content_type() != "multipart/report":
        return None
    parts = list(message.walk())
    status = next((p for p in parts if p.get_content_type() == "message/delivery-status"), None)
    reason = _failure(status) if status is not None else None
    sent = next((found for part in parts if (found := _message_id(part)) is not None), None)
    if reason is None or sent is None:
        return None
    return Bounce(int(sent[1]), sent[0], reason)


def _failure(status: EmailMessage) -> str | None:
    for fields in status.iter_parts() if status.is_multipart() else ():
        action = str(fields.get("Action", "")).strip().lower()
        code = str(fields.get("Status", "")).strip()
        if action == "failed" and code.startswith("5."):
            said = str(fields.get("Diagnostic-Code", "")).partition(";")[2].strip()
            return " ".join(f"{code} {said}".split())[:LONGEST]
    return None


def _message_id(part: EmailMessage) -> re.Match[str] | None:
    """Find our own message id in the letter that came back, or in its headers alone."""
    if part.get_content_type() == "text/rfc822-headers":
        return OURS.search(str(part.get_payload()))
    if part.get_content_type() == "message/rfc822":
        (letter,) = part.iter_parts()
        return OURS.search(str(letter.get("Message-ID", "")))
    return None
