"""The provider's objects in the application's words; all frozen, amounts are :class:`Money`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


class DisputeStatus(StrEnum):
    """Where a payer's complaint stands. ``WARNING``: only asked about, no money has moved.

    An inquiry that the bank ended is ``WON``: it took nothing and asks no more.
    """

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    WARNING = "warning"


class MovementKind(StrEnum):
    """Why the balance at the provider changed (Stripe's reporting categories)."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILED = "refund_failure"
    DISPUTE = "dispute"
    DISPUTE_REVERSED = "dispute_reversal"
    FEE = "fee"
    PAYOUT = "payout"
    OTHER = "other"


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
    """An event: which object changed. ``intent`` is the charge that it belongs to, if any.

    ``account`` names another account than our own at the provider (Connect), or is empty.
    ``created`` is None, and all but ``body`` says nothing, where it could not be read.
    """

    id: str
    kind: str
    object_kind: str
    object_id: str
    intent: str | None
    live: bool
    created: datetime | None
    body: str
    account: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A payer's complaint at the bank, about a charge or a part of it (``amount``).

    ``taken`` is what the provider holds back of it now (nothing after it was won, and never for a
    warning), ``fee`` what it asks for its work, None until known. ``reason`` is the bank's code,
    ``due_by`` when evidence must be there, None once it is over.
    """

    id: str
    status: DisputeStatus
    amount: Money
    taken: Money
    fee: Money | None
    intent: str | None
    reason: str
    due_by: datetime | None


@dataclass(frozen=True, slots=True)
class FraudWarning:
    """A bank's word that a charge was not its customer's; ``actionable``: a refund still helps."""

    id: str
    intent: str | None
    kind: str
    actionable: bool


@dataclass(frozen=True, slots=True)
class Movement:
    """One line of the balance at the provider; ``net`` is ``amount`` less ``fee``.

    ``source`` is the object that moved it, ``intent`` the charge that this belongs to, if any.
    """

    id: str
    kind: MovementKind
    amount: Money
    fee: Money
    net: Money
    source: str
    intent: str | None
    created: datetime


@dataclass(frozen=True, slots=True)
class Method:
    """A saved card or wallet; ``expires`` is the last (year, month) it is good for, None: open."""

    id: str
    kind: str
    brand: str
    last4: str
    expires: tuple[int, int] | None
