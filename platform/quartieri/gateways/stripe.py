"""Stripe. The only module that imports its library, and the only one that reads its numbers.

The sandbox speaks the same language, so this is also how the application talks to it: in process
(``InProcess``) or at another address. Time limits are short and every write carries its
key, so that the library's own retries and ours do nothing twice.

Source: https://docs.stripe.com/api, /payments/save-and-reuse, /payments/checkout, /webhooks,
/api/idempotent_requests; API version as pinned by the library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

import stripe

from quartieri.gateways import stripe_json
from quartieri.gateways.payments import (
    AuthenticationRequiredError,
    BadSignatureError,
    CardDeclinedError,
    Checkout,
    CheckoutStatus,
    Intent,
    ProviderMessage,
    ProviderRefusedError,
    ProviderUnavailableError,
    Reference,
    Refund,
    Setup,
)
from quartieri.kit.money import Money

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
RETRIES = 2
TOLERANCE_SECONDS = 300
PAGE = 100
CARD_ONLY: Final = "card"
OVER = "payment_intent_unexpected_state"
FEE = "latest_charge.balance_transaction"

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


class Stripe:
    """The provider over Stripe's API; see :class:`PaymentProvider` for what each verb does."""

    def __init__(
        self,
        key: str,
        webhook_secret: str,
        *,
        api: str = "https://api.stripe.com",
        client: stripe.HTTPClient | None = None,
        retries: int = RETRIES,
    ) -> None:
        """Set the address (``api``) and, for other transports than HTTP, the ``client``."""
        self.test_mode = not key.startswith(("sk_live_", "rk_live_"))
        self._secret = webhook_secret
        self._stripe = stripe.StripeClient(
            key,
            base_addresses={"api": api},
            http_client=client or stripe.RequestsClient(timeout=(CONNECT_SECONDS, ANSWER_SECONDS)),
            max_network_retries=retries,
        )

    # -- payers and hosted pages ---------------------------------------------------------------

    def create_customer(self, *, email: str, reference: Reference, key: str) -> str:
        """Register the payer; give the customer's id."""
        with _named_errors():
            made = self._stripe.v1.customers.create(
                {"email": email, "metadata": reference.metadata()}, {"idempotency_key": key}
            )
        return made.id

    def create_setup_checkout(
        self,
        *,
        customer: str,
        reference: Reference,
        success_url: str,
        cancel_url: str,
        locale: str,
        expires_at: datetime,
        key: str,
    ) -> Checkout:
        """Open a hosted page that saves a card for a later charge."""
        metadata = reference.metadata()
        with _named_errors():
            made = self._stripe.v1.checkout.sessions.create(
                {
                    "mode": "setup",
                    "currency": "eur",
                    "customer": customer,
                    "client_reference_id": reference.subject,
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "locale": "it" if locale == "it" else "en",
                    "expires_at": int(expires_at.timestamp()),
                    "metadata": metadata,
                    "setup_intent_data": {"metadata": metadata},
                    "allowed_payment_method_types": [CARD_ONLY],
                },
                {"idempotency_key": key},
            )
        return stripe_json.read_checkout(made.to_dict())

    def create_payment_checkout(
        self,
        *,
        customer: str,
        amount: Money,
        description: str,
        reference: Reference,
        success_url: str,
        cancel_url: str,
        locale: str,
        expires_at: datetime,
        key: str,
    ) -> Checkout:
        """Open a hosted page that charges at once."""
        metadata = reference.metadata()
        with _named_errors():
            made = self._stripe.v1.checkout.sessions.create(
                {
                    "mode": "payment",
                    "currency": "eur",
                    "customer": customer,
                    "client_reference_id": reference.subject,
                    "success_url": success_url,
                    "cancel_url": cancel_url,
                    "locale": "it" if locale == "it" else "en",
                    "expires_at": int(expires_at.timestamp()),
                    "metadata": metadata,
                    "payment_intent_data": {"metadata": metadata, "description": description},
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": amount.currency.lower(),
                                "unit_amount": amount.cents,
                                "product_data": {"name": description},
                            },
                        }
                    ],
                    "allowed_payment_method_types": [CARD_ONLY],
                },
                {"idempotency_key": key},
            )
        return stripe_json.read_checkout(made.to_dict())

    def expire_checkout(self, session: str, *, key: str) -> Checkout:
        """Close a hosted page; give it as it is if it was over already."""
        try:
            with _named_errors():
                made = self._stripe.v1.checkout.sessions.expire(
                    session, {}, {"idempotency_key": key}
                )
        except ProviderRefusedError:
            found = self.read_checkout(session)
            if found.status is CheckoutStatus.OPEN:
                raise
            return found
        return stripe_json.read_checkout(made.to_dict())

    # -- charges -------------------------------------------------------------------------------

    def create_intent(
        self,
        *,
        customer: str,
        method: str,
        amount: Money,
        description: str,
        reference: Reference,
        key: str,
    ) -> Intent:
        """Prepare a charge without making it."""
        with _named_errors():
            made = self._stripe.v1.payment_intents.create(
                {
                    "amount": amount.cents,
                    "currency": amount.currency.lower(),
                    "customer": customer,
                    "payment_method": method,
                    "description": description,
                    "metadata": reference.metadata(),
                    "allowed_payment_method_types": [CARD_ONLY],
                },
                {"idempotency_key": key},
            )
        return stripe_json.read_intent(made.to_dict())

    def confirm_intent(self, intent: str, *, method: str, key: str) -> Intent:
        """Charge a saved card with the payer absent; raise the two card errors."""
        try:
            with _named_errors():
                made = self._stripe.v1.payment_intents.confirm(
                    intent,
                    {"payment_method": method, "off_session": True, "expand": [FEE]},
                    {"idempotency_key": key},
                )
        except ProviderRefusedError as error:
            if error.code != OVER:
                raise
            return self.read_intent(intent)
        return stripe_json.read_intent(made.to_dict())

    def cancel_intent(self, intent: str, *, key: str) -> Intent:
        """Cancel a charge; give it as it is if it can't be canceled any more."""
        try:
            with _named_errors():
                made = self._stripe.v1.payment_intents.cancel(intent, {}, {"idempotency_key": key})
        except ProviderRefusedError as error:
            if error.code != OVER:
                raise
            return self.read_intent(intent)
        return stripe_json.read_intent(made.to_dict())

    # -- reading -------------------------------------------------------------------------------

    def read_setup(self, setup: str) -> Setup:
        """Read the saving of a card."""
        with _named_errors():
            return stripe_json.read_setup(self._stripe.v1.setup_intents.retrieve(setup).to_dict())

    def read_checkout(self, session: str) -> Checkout:
        """Read a hosted page."""
        with _named_errors():
            return stripe_json.read_checkout(
                self._stripe.v1.checkout.sessions.retrieve(session).to_dict()
            )

    def read_intent(self, intent: str) -> Intent:
        """Read a charge with its fee."""
        with _named_errors():
            found = self._stripe.v1.payment_intents.retrieve(intent, {"expand": [FEE]})
        return stripe_json.read_intent(found.to_dict())

    def read_refund(self, refund: str) -> Refund:
        """Read a refund."""
        with _named_errors():
            return stripe_json.read_refund(self._stripe.v1.refunds.retrieve(refund).to_dict())

    def list_refunds(self, intent: str) -> Sequence[Refund]:
        """List the refunds of a charge, oldest first."""
        with _named_errors():
            found = self._stripe.v1.refunds.list({"payment_intent": intent, "limit": PAGE})
            listed = [stripe_json.read_refund(one.to_dict()) for one in found.auto_paging_iter()]
        return listed[::-1]

    def list_events(self, since: datetime) -> Sequence[ProviderMessage]:
        """List what happened at or after ``since``, oldest first."""
        with _named_errors():
            found = self._stripe.v1.events.list(
                {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
            )
            listed = [
                stripe_json.read_message(one.to_dict(), str(one))
                for one in found.auto_paging_iter()
            ]
        return listed[::-1]

    # -- money back ----------------------------------------------------------------------------

    def refund(self, intent: str, *, amount: Money, reference: Reference, key: str) -> Refund:
        """Send money back to the card."""
        with _named_errors():
            made = self._stripe.v1.refunds.create(
                {
                    "payment_intent": intent,
                    "amount": amount.cents,
                    "metadata": reference.metadata(),
                },
                {"idempotency_key": key},
            )
        return stripe_json.read_refund(made.to_dict())

    def detach_method(self, method: str) -> None:
        """Forget a saved card; nothing happens if it is forgotten already."""
        try:
            with _named_errors():
                self._stripe.v1.payment_methods.detach(method)
        except ProviderRefusedError:
            with _named_errors():
                found = self._stripe.v1.payment_methods.retrieve(method)
            if found.customer is not None:
                raise

    # -- messages ------------------------------------------------------------------------------

    def verify_webhook(self, body: bytes, signature: str) -> ProviderMessage:
        """Check a message's signature on its raw bytes and read it; raise BadSignatureError."""
        try:
            event = stripe.Webhook.construct_event(
                body, signature, self._secret, TOLERANCE_SECONDS, api_key="unused"
            )
            return stripe_json.read_message(event.to_dict(), body.decode())
        except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
            raise BadSignatureError(type(error).__name__) from error


# -- errors ------------------------------------------------------------------------------------


@contextmanager
def _named_errors() -> Iterator[None]:
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
        raise _refused(error, error.code or "invalid_request") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise _refused(error, "no_permission") from error
    except stripe.StripeError as error:
        raise ProviderUnavailableError(str(error)) from error


def _refused(error: stripe.StripeError, code: str) -> ProviderRefusedError:
    return ProviderRefusedError(code, str(error))


def _card_error(error: stripe.CardError) -> CardDeclinedError | AuthenticationRequiredError:
    body: Any = error.json_body
    words: Mapping[str, Any] = body["error"] if isinstance(body, dict) else {}
    found = words.get("payment_intent")
    intent = stripe_json.read_intent(found) if found else None
    if words.get("code") in stripe_json.AUTHENTICATION:
        return AuthenticationRequiredError(intent)
    code = words.get("decline_code") or words.get("code") or "card_declined"
    return CardDeclinedError(str(code), intent)
