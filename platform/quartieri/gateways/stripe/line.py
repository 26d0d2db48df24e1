"""How the library's requests travel: over a socket at a pace, or to a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import stripe

from quartieri.gateways.pace import Pace

Line = Callable[[str, str, Mapping[str, str], str], tuple[int, Mapping[str, str], bytes]]
"""Answers (method, url, headers, body) with (status, headers, body); ConnectionError if cut."""


class InProcess(stripe.HTTPClient):
    """Stripe's library without a socket: requests go to a function."""

    name = "in process"

    def __init__(self, line: Line) -> None:
        """Keep the function that answers."""
        super().__init__()
        self._line = line

    def request(  # type: ignore[override] # the library's own clients answer bytes as well
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Answer one request."""
        try:
            status, more, body = self._line(method, url, headers or {}, post_data or "")
        except ConnectionError as error:
            broken = stripe.APIConnectionError(str(error))  # type: ignore[no-untyped-call] # theirs
            raise broken from error
        return body, status, more

    def close(self) -> None:
        """Nothing is held open."""


class Paced(stripe.RequestsClient):
    """The library's own transport, under the provider's rate limit: its retries wait as well."""

    def __init__(self, pace: Pace, timeout: tuple[float, float]) -> None:
        """Keep the pace; the two time limits are for connecting and for the answer."""
        super().__init__(timeout=timeout)
        self._pace = pace

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Wait for one's turn, then ask."""
        self._pace.wait()
        return super().request(*args, **kwargs)
