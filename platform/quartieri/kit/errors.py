"""Errors that a person reads: each has an HTTP status, a sentence and maybe a field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quartieri.kit.labels import Lazy


class DomainError(Exception):
    """Something a person asked for cannot be done; ``message`` says why and what to do.

    ``message`` is a :class:`Lazy` text, translated when it is shown; ``field`` is the name of the
    form field that it belongs to, if any; ``status`` the HTTP answer.
    """

    status = 409

    def __init__(self, message: Lazy, *, field: str | None = None) -> None:
        """Keep the sentence and its field."""
        super().__init__(message.source)
        self.message = message
        self.field = field


class IllegalMoveError(DomainError):
    """The object's state does not allow the verb (409)."""


class NotYoursError(DomainError):
    """The actor may not do this (403)."""

    status = 403


class UnknownCallerError(DomainError):
    """A program did not say who it is, or not in a way that is accepted (401)."""

    status = 401


class NotFoundError(DomainError):
    """No such thing, or none that the asker may know of (404)."""

    status = 404


class HiddenError(NotFoundError):
    """There, but not for this person to know of: looks like nothing, and is kept as a refusal."""


class InvalidError(DomainError):
    """What was typed does not fit (422)."""

    status = 422


class FaultsError(InvalidError):
    """A program sent a wrong document; ``faults``: JSON pointers and what is wrong there."""

    def __init__(self, message: Lazy, faults: Sequence[tuple[str, Lazy]]) -> None:
        """Keep the faults."""
        super().__init__(message)
        self.faults = faults


class ConflictError(DomainError):
    """Somebody else changed the same thing meanwhile (409)."""


class InsufficientFundsError(DomainError):
    """There is less money than asked for (409). ``missing_cents`` says how much."""

    def __init__(self, message: Lazy, *, missing_cents: int, **kwargs: Any) -> None:
        """Keep the missing amount in cents."""
        super().__init__(message, **kwargs)
        self.missing_cents = missing_cents


class BusyError(DomainError):
    """The database is taken for too long (503 with Retry-After)."""

    status = 503
