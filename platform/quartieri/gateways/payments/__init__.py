"""What the application asks of a payment provider, in its own words.

Every write takes an idempotency key: asked again with the same key and the same words, the
provider gives the same answer and does nothing twice. Amounts are :class:`Money`. Nothing that is
read here comes from a message's body: a message only says which object to read.

Errors, all :class:`PaymentError`: :class:`CardDeclinedError` and
:class:`AuthenticationRequiredError` are answers about a card (they carry the intent as it now is),
:class:`ProviderUnavailableError` may be tried again with the same key, and
:class:`ProviderRefusedError` will be refused again.
"""

from quartieri.gateways.payments.errors import (
    AuthenticationRequiredError,
    BadSignatureError,
    CardDeclinedError,
    PaymentError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from quartieri.gateways.payments.objects import (
    Checkout,
    CheckoutStatus,
    Dispute,
    DisputeStatus,
    FraudWarning,
    Intent,
    IntentStatus,
    Method,
    Movement,
    MovementKind,
    ProviderMessage,
    Reference,
    Refund,
    RefundStatus,
    Setup,
    SetupStatus,
)
from quartieri.gateways.payments.protocol import PaymentProvider

__all__ = [
    "AuthenticationRequiredError",
    "BadSignatureError",
    "CardDeclinedError",
    "Checkout",
    "CheckoutStatus",
    "Dispute",
    "DisputeStatus",
    "FraudWarning",
    "Intent",
    "IntentStatus",
    "Method",
    "Movement",
    "MovementKind",
    "PaymentError",
    "PaymentProvider",
    "ProviderMessage",
    "ProviderRefusedError",
    "ProviderUnavailableError",
    "Reference",
    "Refund",
    "RefundStatus",
    "Setup",
    "SetupStatus",
]
