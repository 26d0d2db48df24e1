"""What is read of Stripe: objects, lists (all pages of them) and signed messages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import stripe

from quartieri.gateways.payments import (
    BadSignatureError,
    Checkout,
    Dispute,
    FraudWarning,
    Intent,
    Method,
    Movement,
    ProviderMessage,
    Refund,
    Setup,
)
from quartieri.gateways.stripe import shapes
from quartieri.gateways.stripe.errors import named_errors

TOLERANCE_SECONDS = 300
PAGE: Final = 100
FEE: Final = "latest_charge.balance_transaction"


class Reading:
    """The half of the provider that changes nothing."""

    def __init__(self, client: stripe.StripeClient, webhook_secrets: Sequence[str]) -> None:
        """Keep the client and the secrets one of which messages are signed with."""
        self._stripe = client
        self._secrets = webhook_secrets

    def read_setup(self, setup: str) -> Setup:
        """Read the saving of a card."""
        with named_errors():
            return shapes.read_setup(self._stripe.v1.setup_intents.retrieve(setup).to_dict())

    def read_checkout(self, session: str) -> Checkout:
        """Read a hosted page."""
        with named_errors():
            return shapes.read_checkout(
                self._stripe.v1.checkout.sessions.retrieve(session).to_dict()
            )

    def read_intent(self, intent: str) -> Intent:
        """Read a charge with its fee."""
        with named_errors():
            found = self._stripe.v1.payment_intents.retrieve(intent, {"expand": [FEE]})
        return shapes.read_intent(found.to_dict())

    def read_refund(self, refund: str) -> Refund:
        """Read a refund."""
        with named_errors():
            return shapes.read_refund(self._stripe.v1.refunds.retrieve(refund).to_dict())

    def list_refunds(self, intent: str) -> Sequence[Refund]:
        """List the refunds of a charge, oldest first."""
        with named_errors():
            found = self._stripe.v1.refunds.list({"payment_intent": intent, "limit": PAGE})
            listed = [shapes.read_refund(one.to_dict()) for one in found.auto_paging_iter()]
        return listed[::-1]

    def list_events(self, since: datetime) -> Sequence[ProviderMessage]:
        """List what happened at or after ``since``, oldest first."""
        with named_errors():
            found = self._stripe.v1.events.list(
                {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
            )
            listed = [
                shapes.read_message(one.to_dict(), str(one)) for one in found.auto_paging_iter()
            ]
        return listed[::-1]

    # -- complaints, methods, the balance ------------------------------------------------------

    def read_dispute(self, dispute: str) -> Dispute:
        """Read a payer's complaint with what was taken for it."""
        with named_errors():
            return shapes.read_dispute(self._stripe.v1.disputes.retrieve(dispute).to_dict())

    def list_disputes(self, intent: str) -> Sequence[Dispute]:
        """List the complaints about a charge, oldest first."""
        with named_errors():
            found = self._stripe.v1.disputes.list({"payment_intent": intent, "limit": PAGE})
            listed = [shapes.read_dispute(one.to_dict()) for one in found.auto_paging_iter()]
        return listed[::-1]

    def read_warning(self, warning: str) -> FraudWarning:
        """Read a bank's early warning of fraud."""
        with named_errors():
            found = self._stripe.v1.radar.early_fraud_warnings.retrieve(warning)
        return shapes.read_warning(found.to_dict())

    def read_method(self, method: str) -> Method:
        """Read a saved card or wallet."""
        with named_errors():
            return shapes.read_method(self._stripe.v1.payment_methods.retrieve(method).to_dict())

    def list_movements(self, since: datetime) -> Sequence[Movement]:
        """List what changed the balance at or after ``since``, oldest first."""
        with named_errors():
            found = self._stripe.v1.balance_transactions.list(
                {
                    "created": {"gte": int(since.timestamp())},
                    "limit": PAGE,
                    "expand": ["data.source"],
                }
            )
            listed = [shapes.read_movement(one.to_dict()) for one in found.auto_paging_iter()]
        return listed[::-1]

    # -- messages ------------------------------------------------------------------------------

    def verify_webhook(self, body: bytes, signature: str) -> ProviderMessage:
        """Check a message's signature on its raw bytes and read it; raise BadSignatureError."""
        if not any(_is_signed(body, signature, secret) for secret in self._secrets):
            raise BadSignatureError
        text = body.decode()
        try:
            said = json.loads(text)
        except (ValueError, RecursionError):
            said = None
        return shapes.read_message(said, text)


def _is_signed(body: bytes, signature: str, secret: str) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE_SECONDS)
    except (stripe.SignatureVerificationError, ValueError, TypeError):
        return False
    return True
