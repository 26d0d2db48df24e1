"""What is asked of a provider; see the package's docstring for keys and errors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from quartieri.gateways.payments.objects import (
    Checkout,
    Dispute,
    FraudWarning,
    Intent,
    Method,
    Movement,
    ProviderMessage,
    Reference,
    Refund,
    Setup,
)
from quartieri.kit.money import Money


class PaymentProvider(Protocol):
    """The provider."""

    test_mode: bool
    """True when no real money moves."""

    def create_customer(self, *, email: str, reference: Reference, key: str) -> str:
        """Register the payer; give the customer's id."""

    def correct_customer(self, customer: str, *, email: str, key: str) -> None:
        """Write another address of the payer down; ProviderRefusedError: there is no such payer."""

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
        """Open a hosted page that saves a card for a later charge; ``expires_at`` within 24 h."""

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
        """Open a hosted page that charges at once (a rescue, or a pledge charged now)."""

    def expire_checkout(self, session: str, *, key: str) -> Checkout:
        """Close a hosted page and cancel its charge; give it as it is if it was over already."""

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

    def confirm_intent(self, intent: str, *, method: str, key: str) -> Intent:
        """Charge a saved card with the payer absent; raise the two card errors.

        Asked of a charge that is already made or canceled it gives it as it is.
        """

    def cancel_intent(self, intent: str, *, key: str) -> Intent:
        """Cancel a charge that is not made; give it as it is if it can't be canceled any more."""

    def read_setup(self, setup: str) -> Setup:
        """Read the saving of a card."""

    def read_checkout(self, session: str) -> Checkout:
        """Read a hosted page."""

    def read_intent(self, intent: str) -> Intent:
        """Read a charge with its fee."""

    def read_refund(self, refund: str) -> Refund:
        """Read a refund."""

    def list_refunds(self, intent: str) -> Sequence[Refund]:
        """List the refunds of a charge, oldest first, also those made outside of this site."""

    def read_dispute(self, dispute: str) -> Dispute:
        """Read a payer's complaint with what was taken for it."""

    def list_disputes(self, intent: str) -> Sequence[Dispute]:
        """List the complaints about a charge, oldest first."""

    def read_warning(self, warning: str) -> FraudWarning:
        """Read a bank's early warning of fraud."""

    def read_method(self, method: str) -> Method:
        """Read a saved card or wallet."""

    def list_movements(self, since: datetime) -> Sequence[Movement]:
        """List what changed the balance at or after ``since``, oldest first."""

    def refund(self, intent: str, *, amount: Money, reference: Reference, key: str) -> Refund:
        """Send money back to the card."""

    def detach_method(self, method: str) -> None:
        """Forget a saved card; nothing happens if it is forgotten already."""

    def list_events(self, since: datetime) -> Sequence[ProviderMessage]:
        """List what happened at or after ``since``, oldest first (a provider keeps 30 days)."""

    def verify_webhook(self, body: bytes, signature: str) -> ProviderMessage:
        """Check a message's signature on its raw bytes and read it; raise BadSignatureError."""
