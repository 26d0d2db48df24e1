"""What the application asks of a payment provider, in its own words.

Every write takes an idempotency key: asked again with the same key and the same words, the
provider gives the same answer and does nothing twice. Amounts are :class:`Money`. Nothing that is
read here comes from a message's body: a message only says which object to read.

Errors, all :class:`PaymentError`: :class:`CardDeclinedError` and
:class:`AuthenticationRequiredError` are answers about a card (they carry the intent as it now is),
:class:`ProviderUnavailableError` may be tried again with the same key, and
:class:`ProviderRefusedError` will be refused again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from quartieri.kit.errors import DomainError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money


class SetupStatus(StrEnum):
    """How far the saving of a card is (Stripe's SetupIntent)."""

    NEEDS_METHOD = "requires_payment_method"
    NEEDS_CONFIRMATION = "requires_confirmation"
    NEEDS_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class IntentStatus(StrEnum):
    """How far one charge is (Stripe's PaymentIntent)."""

    NEEDS_METHOD = "requires_payment_method"
    NEEDS_CONFIRMATION = "requires_confirmation"
    NEEDS_ACTION = "requires_action"
    NEEDS_CAPTURE = "requires_capture"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class CheckoutStatus(StrEnum):
    """Whether a hosted page still waits for the payer."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RefundStatus(StrEnum):
    """How far a refund is; a failed one came back from the payer's bank."""

    PENDING = "pending"
    NEEDS_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Reference:
    """What a provider's object is for: ``subject`` ("pledge:12"), its number ``n`` and our site.

    ``site`` tells two installations apart that share one account; it stands in keys and metadata.
    """

    subject: str
    n: int
    site: str = ""

    def metadata(self) -> dict[str, str]:
        """Give the words that go along with the object, and come back with it."""
        kind, _, key = self.subject.partition(":")
        words = {"subject": self.subject, "n": str(self.n), kind: key}
        return words | ({"site": self.site} if self.site else {})

    @classmethod
    def read(cls, metadata: Mapping[str, str]) -> Reference | None:
        """Read the words back; None for an object that is not ours."""
        subject, n = metadata.get("subject", ""), metadata.get("n", "")
        if not subject or not n.isdecimal():
            return None
        return cls(subject, int(n), metadata.get("site", ""))


@dataclass(frozen=True, slots=True)
class Setup:
    """A card being saved. ``error`` is the code of the last refusal, or empty."""

    id: str
    status: SetupStatus
    reference: Reference | None
    customer: str | None
    method: str | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted page: where to send the payer (``url``, None once it is over), and its outcome."""

    id: str
    url: str | None
    status: CheckoutStatus
    reference: Reference | None
    setup: str | None
    intent: str | None


@dataclass(frozen=True, slots=True)
class Intent:
    """One charge. ``fee`` is what the provider kept, None until known; ``error`` a code or ""."""

    id: str
    status: IntentStatus
    amount: Money
    received: Money
    refunded: Money
    reference: Reference | None
    customer: str | None
    method: str | None
    fee: Money | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Refund:
    """Money sent back. ``reference.n`` counts the refunds of the subject."""

    id: str
    status: RefundStatus
    amount: Money
    intent: str | None
    reference: Reference | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ProviderMessage:
    """An event: which object changed. ``intent`` is the charge that it belongs to, if any."""

    id: str
    kind: str
    object_kind: str
    object_id: str
    intent: str | None
    live: bool
    created: datetime
    body: str


class PaymentError(DomainError):
    """A payment could not be made."""

    status = 402


class CardDeclinedError(PaymentError):
    """The card was refused; ``code`` is the bank's reason, ``intent`` the charge as it now is."""

    def __init__(self, code: str, intent: Intent | None = None) -> None:
        """Keep the reason."""
        super().__init__(lazy("The card was declined."))
        self.code = code
        self.intent = intent


class AuthenticationRequiredError(PaymentError):
    """The bank wants its customer to confirm in person."""

    def __init__(self, intent: Intent | None = None) -> None:
        """Keep the charge as it now is."""
        super().__init__(lazy("The bank asks you to confirm this payment yourself."))
        self.code = "authentication_required"
        self.intent = intent


class ProviderUnavailableError(PaymentError):
    """No clear answer: it may have been done or not. Ask again with the same key."""

    status = 503

    def __init__(self, detail: str = "") -> None:
        """Keep what the transport said, for logs."""
        super().__init__(
            lazy("The payment service does not answer. Please try again in a few minutes.")
        )
        self.detail = detail

    def __str__(self) -> str:
        """Read as the transport's words."""
        return self.detail or super().__str__()


class ProviderRefusedError(PaymentError):
    """The provider will not do this, however often it is asked; ``code`` and ``detail`` say why."""

    status = 502

    def __init__(self, code: str, detail: str = "", message: Lazy | None = None) -> None:
        """Keep the provider's words, for logs."""
        super().__init__(message or lazy("The payment service refused this payment."))
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        """Read as the provider's words."""
        return f"{self.code}: {self.detail}"


class BadSignatureError(PaymentError):
    """A message does not carry the provider's signature, or is too old (400)."""

    status = 400

    def __init__(self, detail: str = "") -> None:
        """Keep what is wrong, for logs."""
        super().__init__(lazy("This message is not signed by the payment service."))
        self.detail = detail


class PaymentProvider(Protocol):
    """The provider; see the module's docstring for keys and errors."""

    test_mode: bool
    """True when no real money moves."""

    def create_customer(self, *, email: str, reference: Reference, key: str) -> str:
        """Register the payer; give the customer's id."""

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

    def refund(self, intent: str, *, amount: Money, reference: Reference, key: str) -> Refund:
        """Send money back to the card."""

    def detach_method(self, method: str) -> None:
        """Forget a saved card; nothing happens if it is forgotten already."""

    def list_events(self, since: datetime) -> Sequence[ProviderMessage]:
        """List what happened at or after ``since``, oldest first (a provider keeps 30 days)."""

    def verify_webhook(self, body: bytes, signature: str) -> ProviderMessage:
        """Check a message's signature on its raw bytes and read it; raise BadSignatureError."""
