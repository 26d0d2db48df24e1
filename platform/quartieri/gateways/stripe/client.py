"""What is asked of Stripe.

Time limits are short and every write carries its key, so that the library's own retries and ours
do nothing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import stripe

from quartieri.gateways.pace import Pace
from quartieri.gateways.payments import (
    Checkout,
    CheckoutStatus,
    Intent,
    ProviderRefusedError,
    Reference,
    Refund,
)
from quartieri.gateways.stripe import shapes
from quartieri.gateways.stripe.errors import named_errors
from quartieri.gateways.stripe.line import Paced
from quartieri.gateways.stripe.reading import FEE, Reading
from quartieri.kit.money import Money

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
RETRIES = 2
RATE = 80
OVER = "payment_intent_unexpected_state"


class Stripe(Reading):
    """The provider over Stripe's API; see :class:`PaymentProvider` for what each verb does."""

    def __init__(
        self,
        key: str,
        webhook_secret: str,
        *,
        api: str = "https://api.stripe.com",
        client: stripe.HTTPClient | None = None,
        retries: int = RETRIES,
        methods: Sequence[str] = ("card",),
        rate: int = RATE,
    ) -> None:
        """Set the address (``api``) and, for other transports than HTTP, the ``client``.

        At most ``rate`` calls a second go out. ``methods`` are the kinds of payment that pages
        offer and charges take, by Stripe's names. ``webhook_secret`` may be several words: while
        an endpoint is replaced by another one, messages of both are taken.
        """
        self.test_mode = not key.startswith(("sk_live_", "rk_live_"))
        self._methods: list[Any] = list(methods)
        made = stripe.StripeClient(
            key,
            base_addresses={"api": api},
            http_client=client or Paced(Pace(rate), (CONNECT_SECONDS, ANSWER_SECONDS)),
            max_network_retries=retries,
        )
        super().__init__(made, webhook_secret.replace(",", " ").split())

    # -- payers and hosted pages ---------------------------------------------------------------

    def create_customer(self, *, email: str, reference: Reference, key: str) -> str:
        """Register the payer; give the customer's id."""
        with named_errors():
            made = self._stripe.v1.customers.create(
                {"email": email, "metadata": reference.metadata()}, {"idempotency_key": key}
            )
        return made.id

    def correct_customer(self, customer: str, *, email: str, key: str) -> None:
        """Write another address of the payer down."""
        with named_errors():
            self._stripe.v1.customers.update(customer, {"email": email}, {"idempotency_key": key})

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
        with named_errors():
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
                    "allowed_payment_method_types": self._methods,
                },
                {"idempotency_key": key},
            )
        return shapes.read_checkout(made.to_dict())

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
        with named_errors():
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
                    "allowed_payment_method_types": self._methods,
                },
                {"idempotency_key": key},
            )
        return shapes.read_checkout(made.to_dict())

    def expire_checkout(self, session: str, *, key: str) -> Checkout:
        """Close a hosted page; give it as it is if it was over already."""
        try:
            with named_errors():
                made = self._stripe.v1.checkout.sessions.expire(
                    session, {}, {"idempotency_key": key}
                )
        except ProviderRefusedError:
            found = self.read_checkout(session)
            if found.status is CheckoutStatus.OPEN:
                raise
            return found
        return shapes.read_checkout(made.to_dict())

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
        with named_errors():
            made = self._stripe.v1.payment_intents.create(
                {
                    "amount": amount.cents,
                    "currency": amount.currency.lower(),
                    "customer": customer,
                    "payment_method": method,
                    "description": description,
                    "metadata": reference.metadata(),
                    "allowed_payment_method_types": self._methods,
                },
                {"idempotency_key": key},
            )
        return shapes.read_intent(made.to_dict())

    def confirm_intent(self, intent: str, *, method: str, key: str) -> Intent:
        """Charge a saved card with the payer absent; raise the two card errors."""
        try:
            with named_errors():
                made = self._stripe.v1.payment_intents.confirm(
                    intent,
                    {"payment_method": method, "off_session": True, "expand": [FEE]},
                    {"idempotency_key": key},
                )
        except ProviderRefusedError as error:
            if error.code != OVER:
                raise
            return self.read_intent(intent)
        return shapes.read_intent(made.to_dict())

    def cancel_intent(self, intent: str, *, key: str) -> Intent:
        """Cancel a charge; give it as it is if it can't be canceled any more."""
        try:
            with named_errors():
                made = self._stripe.v1.payment_intents.cancel(intent, {}, {"idempotency_key": key})
        except ProviderRefusedError as error:
            if error.code != OVER:
                raise
            return self.read_intent(intent)
        return shapes.read_intent(made.to_dict())

    # -- money back ----------------------------------------------------------------------------

    def refund(self, intent: str, *, amount: Money, reference: Reference, key: str) -> Refund:
        """Send money back to the card."""
        with named_errors():
            made = self._stripe.v1.refunds.create(
                {
                    "payment_intent": intent,
                    "amount": amount.cents,
                    "metadata": reference.metadata(),
                },
                {"idempotency_key": key},
            )
        return shapes.read_refund(made.to_dict())

    def detach_method(self, method: str) -> None:
        """Forget a saved card; nothing happens if it is forgotten already."""
        try:
            with named_errors():
                self._stripe.v1.payment_methods.detach(method)
        except ProviderRefusedError:
            with named_errors():
                found = self._stripe.v1.payment_methods.retrieve(method)
            if found.customer is not None:
                raise
