"""How a provider may fail to do what is asked; the package's docstring says which is which."""

from __future__ import annotations

from quartieri.gateways.payments.objects import Intent
from quartieri.kit.errors import DomainError
from quartieri.kit.labels import Lazy, lazy


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
    """No clear answer: it may have been done or not. Ask again with the same key.

    ``broken``: the provider answered that it failed itself. It keeps that answer for a day, and
    gives it to whoever asks with the same key.
    """

    status = 503

    def __init__(self, detail: str = "", *, broken: bool = False) -> None:
        """Keep what the transport said, for logs."""
        super().__init__(
            lazy("The payment service does not answer. Please try again in a few minutes.")
        )
        self.detail = detail
        self.broken = broken

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
