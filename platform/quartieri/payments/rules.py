"""What the provider's answers mean, and the keys of what is asked.

The statuses here mirror objects at the provider; they are not decided by us, so they have no table
of moves. What they mean for a pledge is decided by the slice that owns it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quartieri.audit.rules import Role
from quartieri.gateways.payments import (
    Checkout,
    CheckoutStatus,
    DisputeStatus,
    Intent,
    IntentStatus,
    RefundStatus,
    Setup,
    SetupStatus,
)
from quartieri.kit.errors import ConflictError, InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.kit.states import Machine, step


class CardStatus(LabelEnum):
    """How far the saving of a card is."""

    PREPARED = "prepared", N_("Being prepared")
    OPEN = "open", N_("Waiting for the card")
    SAVED = "saved", N_("Card saved")
    EXPIRED = "expired", N_("Not finished in time")


class ChargeStatus(LabelEnum):
    """How far a charge is. ``asking``: a try is under way, its answer not yet known."""

    PREPARED = "prepared", N_("Being prepared")
    READY = "ready", N_("Ready to be charged")
    ASKING = "asking", N_("Being charged")
    PROCESSING = "processing", N_("Being charged by the bank")
    ACTION_REQUIRED = "action_required", N_("The bank asks for you")
    DECLINED = "declined", N_("Declined")
    PAID = "paid", N_("Paid")
    CANCELED = "canceled", N_("Canceled")


class ReturnStatus(LabelEnum):
    """How far a refund is. A failed one came back from the payer's bank."""

    PREPARED = "prepared", N_("Being prepared")
    PENDING = "pending", N_("On its way")
    SUCCEEDED = "succeeded", N_("Given back")
    FAILED = "failed", N_("Sent back by the bank")


class DisputeStanding(LabelEnum):
    """Where a payer's complaint at the bank stands. ``inquiry``: only asked, no money has moved."""

    INQUIRY = "inquiry", N_("The bank asks")
    OPEN = "open", N_("Open")
    WON = "won", N_("Won")
    LOST = "lost", N_("Lost")


FINAL = frozenset({ChargeStatus.PAID, ChargeStatus.CANCELED})
"""Charges that nothing more is asked about."""

CHARGEABLE = frozenset(ChargeStatus) - FINAL - {ChargeStatus.PROCESSING}
"""Charges that may be tried (again)."""

COMES_BACK = frozenset({ReturnStatus.PREPARED, ReturnStatus.PENDING, ReturnStatus.SUCCEEDED})
"""Refunds whose amount is taken off what can still be given back."""

LEAST_AHEAD = timedelta(minutes=30)
"""A provider opens no page that ends sooner (Stripe's limit for a Checkout Session)."""

NOT_THE_CARD = frozenset(
    {
        "idempotency_error",
        "no_permission",
        "account_invalid",
        "api_key_expired",
        "livemode_mismatch",
        "parameter_missing",
        "parameter_unknown",
        "secret_key_required",
        "testmode_charges_only",
    }
)
"""Refusals that are about us, not about the card: they are raised, never taken for a decline."""


class NoCardError(ConflictError):
    """There is no saved card to charge (409)."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(lazy("No card is saved for this payment."))


class AlreadyPaidError(ConflictError):
    """The subject is paid: it is never charged again (409)."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(lazy("This has been paid already."))


class TooMuchError(InvalidError):
    """More would be given back than was paid (422)."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(lazy("More than was paid cannot be given back."))


# -- reconciliation ------------------------------------------------------------------------------


class CaseKind(LabelEnum):
    """What the provider's books and ours do not agree on."""

    NO_PLEDGE = "no_pledge", N_("Money at the provider that belongs to no pledge")
    AMOUNT = "amount", N_("The amounts differ")
    FEE = "fee", N_("The fee is not known, or differs")
    REFUND = "refund", N_("A refund that is not known here")
    DISPUTE = "dispute", N_("Money of a dispute that our books say otherwise of")
    NOT_BOOKED = "not_booked", N_("Paid at the provider, not in the ledger")


class CaseState(LabelEnum):
    """Whether a person still has to decide."""

    OPEN = "open", N_("To be decided")
    CLOSED = "closed", N_("Decided")


CASE = Machine(
    "reconciliation",
    N_("difference"),
    CaseState,
    (
        step("close", CaseState.OPEN, CaseState.CLOSED, Role.TREASURER, Role.SYSTEM),
        step("reopen", CaseState.CLOSED, CaseState.OPEN, Role.TREASURER, Role.SYSTEM),
    ),
)


def split_subject(subject: str) -> tuple[str, int]:
    """Give kind and id of a subject ("pledge:12"); raise ValueError for anything else."""
    kind, _, key = subject.partition(":")
    if not kind.isidentifier() or not key.isdecimal():
        msg = f"not a subject: {subject!r}"
        raise ValueError(msg)
    return kind, int(key)


# -- what the provider's objects mean ----------------------------------------------------------


def card_status(page: Checkout, setup: Setup | None) -> CardStatus:
    """Read how far the saving of a card is; a saved card counts however its page ended."""
    if setup is not None and setup.status is SetupStatus.SUCCEEDED:
        return CardStatus.SAVED
    if page.status is CheckoutStatus.EXPIRED:
        return CardStatus.EXPIRED
    if setup is not None and setup.status is SetupStatus.CANCELED:
        return CardStatus.EXPIRED
    return CardStatus.OPEN


def last_day(expires: tuple[int, int] | None) -> date | None:
    """Give the last day of the month (year, month) that is printed on a card."""
    if expires is None:
        return None
    year, month = divmod(expires[0] * 12 + expires[1], 12)
    return date(year, month + 1, 1) - timedelta(days=1)


_MEANING = {
    IntentStatus.SUCCEEDED: ChargeStatus.PAID,
    IntentStatus.CANCELED: ChargeStatus.CANCELED,
    IntentStatus.PROCESSING: ChargeStatus.PROCESSING,
    IntentStatus.NEEDS_CAPTURE: ChargeStatus.PROCESSING,
    IntentStatus.NEEDS_ACTION: ChargeStatus.ACTION_REQUIRED,
    IntentStatus.NEEDS_CONFIRMATION: ChargeStatus.READY,
}


def charge_status(intent: Intent | None, page: Checkout | None = None) -> ChargeStatus:
    """Read how far a charge is; ``page`` is its hosted page, if it has one.

    A page that is over without a charge, or with one that was not made, means canceled.
    """
    if intent is None:
        over = page is not None and page.status is CheckoutStatus.EXPIRED
        return ChargeStatus.CANCELED if over else ChargeStatus.READY
    if intent.status is not IntentStatus.NEEDS_METHOD:
        return _MEANING[intent.status]
    if not intent.error:
        return ChargeStatus.READY
    if intent.error == "authentication_required":
        return ChargeStatus.ACTION_REQUIRED
    return ChargeStatus.DECLINED


def next_status(before: ChargeStatus, read: ChargeStatus) -> ChargeStatus:
    """Give the status to keep after reading ``read``.

    What was paid stays paid and what was canceled is only left by a payment; while a try is under
    way an untouched charge still counts as being asked.
    """
    if before is ChargeStatus.PAID:
        return before
    if before is ChargeStatus.CANCELED and read is not ChargeStatus.PAID:
        return before
    if before is ChargeStatus.ASKING and read is ChargeStatus.READY:
        return before
    return read


_RETURNS = {
    RefundStatus.PENDING: ReturnStatus.PENDING,
    RefundStatus.NEEDS_ACTION: ReturnStatus.PENDING,
    RefundStatus.SUCCEEDED: ReturnStatus.SUCCEEDED,
    RefundStatus.FAILED: ReturnStatus.FAILED,
    RefundStatus.CANCELED: ReturnStatus.FAILED,
}


def return_status(status: RefundStatus) -> ReturnStatus:
    """Read how far a refund is; one that was canceled gave nothing back."""
    return _RETURNS[status]


_STANDINGS = {
    DisputeStatus.WARNING: DisputeStanding.INQUIRY,
    DisputeStatus.OPEN: DisputeStanding.OPEN,
    DisputeStatus.WON: DisputeStanding.WON,
    DisputeStatus.LOST: DisputeStanding.LOST,
}


def dispute_standing(status: DisputeStatus) -> DisputeStanding:
    """Read where a dispute stands."""
    return _STANDINGS[status]


# -- the whole of a subject --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RefundFact:
    """One refund in cents; ``outside``: made in the provider's own pages, not by this site."""

    n: int | None
    amount_cents: int
    status: ReturnStatus
    outside: bool
    error: str = ""
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DisputeFact:
    """One dispute in cents: ``taken_cents`` is what the provider holds back of it now."""

    id: str
    standing: DisputeStanding
    amount_cents: int
    taken_cents: int
    fee_cents: int
    reason: str
    due_by: datetime | None


@dataclass(frozen=True, slots=True)
class WarningFact:
    """One early fraud warning; ``actionable``: giving the money back still avoids a dispute."""

    id: str
    kind: str
    actionable: bool


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """All that is known of a subject's payments; amounts in cents.

    ``card`` is the newest saving of a card (``card_number``, the provider's ``card_setup``), and
    ``method`` what can be charged now. ``charge`` is the newest charge: one that the provider
    refused before it was made reads as declined. It is ``live`` until it is canceled.
    ``fee_cents`` is None until the provider tells it. ``error`` is the last refusal's code.
    """

    subject: str
    card: CardStatus | None = None
    card_number: int = 0
    card_setup: str | None = None
    card_looked_at: datetime | None = None
    card_error: str = ""
    customer: str | None = None
    method: str | None = None
    charge_id: int | None = None
    charge_number: int = 0
    charge: ChargeStatus | None = None
    live: bool = False
    hosted: bool = False
    error: str = ""
    attempts: int = 0
    amount_cents: int = 0
    received_cents: int = 0
    fee_cents: int | None = None
    paid_at: datetime | None = None
    refunds: tuple[RefundFact, ...] = ()
    disputes: tuple[DisputeFact, ...] = ()
    warnings: tuple[WarningFact, ...] = ()

    @property
    def has_card(self) -> bool:
        """Whether a card can be charged now."""
        return self.method is not None

    @property
    def returned_cents(self) -> int:
        """What was given back for good."""
        return sum_of(self.refunds, ReturnStatus.SUCCEEDED)

    @property
    def returning_cents(self) -> int:
        """What is on its way back."""
        return sum_of(self.refunds, ReturnStatus.PREPARED, ReturnStatus.PENDING)

    @property
    def refund(self) -> RefundFact | None:
        """The newest refund."""
        return self.refunds[-1] if self.refunds else None


def sum_of(refunds: Iterable[RefundFact], *statuses: ReturnStatus) -> int:
    """Add the cents of refunds in some statuses."""
    return sum(refund.amount_cents for refund in refunds if refund.status in statuses)
