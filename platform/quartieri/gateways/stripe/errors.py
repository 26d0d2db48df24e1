"""The library's errors under our names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    CardDeclinedError,
    Intent,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from quartieri.gateways.stripe import shapes

SERVER_FAULT = 500
WALLET = "payment_method_"
"""How codes begin by which PayPal and other wallets decline: answers like those about a card."""


@contextmanager
def named_errors() -> Iterator[None]:
    """Give the library's errors our names. What is not clearly a refusal may be asked again."""
    try:
        yield
    except stripe.CardError as error:
        raise _card_error(error) from error
    except stripe.RateLimitError as error:
        raise ProviderUnavailableError(str(error)) from error
    except stripe.IdempotencyError as error:
        raise _refused(error, "idempotency_error") from error
    except stripe.InvalidRequestError as error:
        if error.code in {"lock_timeout", "idempotency_key_in_use"}:
            raise ProviderUnavailableError(str(error)) from error
        if (error.code or "").startswith(WALLET) and _intent_in(error) is not None:
            raise CardDeclinedError(str(error.code), _intent_in(error)) from error
        raise _refused(error, error.code or "invalid_request") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise _refused(error, "no_permission") from error
    except stripe.StripeError as error:
        broken = (error.http_status or 0) >= SERVER_FAULT
        raise ProviderUnavailableError(str(error), broken=broken) from error


def _refused(error: stripe.StripeError, code: str) -> ProviderRefusedError:
    return ProviderRefusedError(code, str(error))


def _words_in(error: stripe.StripeError) -> Mapping[str, Any]:
    body: Any = error.json_body
    words: Mapping[str, Any] = body["error"] if isinstance(body, dict) else {}
    return words


def _intent_in(error: stripe.StripeError) -> Intent | None:
    found = _words_in(error).get("payment_intent")
    return shapes.read_intent(found) if found else None


def _card_error(error: stripe.CardError) -> CardDeclinedError | AuthenticationRequiredError:
    words, intent = _words_in(error), _intent_in(error)
    if words.get("code") in shapes.AUTHENTICATION:
        return AuthenticationRequiredError(intent)
    code = words.get("decline_code") or words.get("code") or "card_declined"
    return CardDeclinedError(str(code), intent)
