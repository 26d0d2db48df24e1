"""The sandbox's wire: Stripe's form-encoded requests in, JSON out; in process or over HTTP."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

from quartieri.gateways.sandbox.engine import Sandbox
from quartieri.gateways.sandbox.store import Doc

Fault = Callable[[str, str], None]
"""Called with ("before" | "after", "POST /v1/refunds"); raises ConnectionError to cut the line."""

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required"}


class Wire:
    """Answers requests as they stand on the line. ``fault`` cuts it before or after the deed."""

    def __init__(self, sandbox: Sandbox, *, fault: Fault | None = None) -> None:
        """Speak for one sandbox."""
        self.sandbox = sandbox
        self.fault = fault

    def answer(
        self, method: str, url: str, headers: Mapping[str, str], body: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Answer one request; raise ConnectionError where the line is cut."""
        parts = urlsplit(url)
        name = f"{method.upper()} {parts.path}"
        if self.fault:
            self.fault("before", name)
        if not headers.get("Authorization", "").startswith("Bearer sk_test_"):
            status, doc = 401, {"error": {"type": "invalid_request_error", "message": "No key."}}
        else:
            params = nested(parse_qsl(body or parts.query, keep_blank_values=True))
            key = headers.get("Idempotency-Key", "")
            found = self.sandbox.request(method.upper(), parts.path, params, key)
            status, doc = found.status, found.body
        if self.fault:
            self.fault("after", name)
        more = {"Content-Type": "application/json", "Request-Id": f"req_{secrets.token_hex(7)}"}
        return status, more, json.dumps(doc).encode()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Serve as a WSGI application."""
        size = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(size).decode()
        url = environ["PATH_INFO"] + "?" + environ.get("QUERY_STRING", "")
        headers = {
            "Authorization": environ.get("HTTP_AUTHORIZATION", ""),
            "Idempotency-Key": environ.get("HTTP_IDEMPOTENCY_KEY", ""),
        }
        try:
            status, more, answer = self.answer(environ["REQUEST_METHOD"], url, headers, body)
        except ConnectionError:
            status, more, answer = 500, {}, b"{}"
        start(f"{status} {REASONS.get(status, 'Answer')}", list(more.items()))
        return [answer]


_PARTS = re.compile(r"[^\[\]]+")


def nested(pairs: Iterable[tuple[str, str]]) -> Doc:
    """Read ``a[b][0][c]=d`` pairs as objects and lists; a repeated or numbered name is a list."""
    root: Doc = {}
    for name, value in pairs:
        here: Any = root
        steps = _PARTS.findall(name)
        for step in steps[:-1]:
            here = here.setdefault(step, {})
        if name.endswith("[]"):
            here = here.setdefault(steps[-1], {})
            here[str(len(here))] = value
        else:
            here[steps[-1]] = value
    listed: Doc = _listed(root)
    return listed


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(name.isdecimal() for name in value):
        return [_listed(value[name]) for name in sorted(value, key=int)]
    return {name: _listed(inner) for name, inner in value.items()}
