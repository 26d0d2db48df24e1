"""Keeping under a provider's rate limit: a bucket of tokens, shared by the threads of a process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


class Pace:
    """Lets ``rate`` calls a second through, as many at once after a rest; the others wait."""

    def __init__(
        self,
        rate: int,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start full."""
        self._rate = rate
        self._now = now
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = float(rate)
        self._seen = now()

    def wait(self) -> None:
        """Take a token, or wait until there is one; those who wait come in turn."""
        with self._lock:
            now = self._now()
            self._tokens = min(self._rate, self._tokens + (now - self._seen) * self._rate)
            self._seen = now
            self._tokens -= 1
            late = -self._tokens / self._rate
        if late > 0:
            self._sleep(late)
