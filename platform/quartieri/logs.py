"""Logs for machines: JSON lines with the event's name first and the request's id.

They stand on the standard library alone. A kit for logs would load consoles, colours and an event
loop into every worker: a fourteenth of its memory and of its start.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

_request: ContextVar[str] = ContextVar("request", default="")
_logger = logging.getLogger("quartieri")


def configure(*, level: int = logging.INFO) -> None:
    """Send our logs, and the warnings of libraries, to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(level, logging.WARNING))
    _logger.setLevel(level)


def of_request(request_id: str) -> None:
    """Note which request this thread answers: its lines carry the id."""
    _request.set(request_id)


def logger() -> Log:
    """Give the logger: ``logger().info("pledge.confirmed", pledge=12)``; ids, never names."""
    return _log


class Log:
    """Writes events with their facts."""

    def debug(self, event: str, **facts: Any) -> None:
        """Write what only a developer looks for."""
        _logger.debug(event, extra={"facts": facts})

    def info(self, event: str, **facts: Any) -> None:
        """Write what happened."""
        _logger.info(event, extra={"facts": facts})

    def warning(self, event: str, **facts: Any) -> None:
        """Write what somebody should look at one day."""
        _logger.warning(event, extra={"facts": facts})

    def error(self, event: str, **facts: Any) -> None:
        """Write what somebody must mend."""
        _logger.error(event, extra={"facts": facts})

    def exception(self, event: str, **facts: Any) -> None:
        """Write a fault with the traceback of the exception that is being handled."""
        _logger.exception(event, extra={"facts": facts})  # noqa: LOG004 -- its caller handles one


_log = Log()


class _Line(logging.Formatter):
    """One JSON object on one line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
        }
        if request := _request.get():
            line["request"] = request
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=repr)
