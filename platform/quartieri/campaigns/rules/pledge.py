"""States of pledges, and what each state holds, counts for and allows."""

from __future__ import annotations

from typing import Protocol

from quartieri.audit.rules import Role
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy
from quartieri.kit.states import Facts, Machine, step

_SYSTEM = (Role.SYSTEM,)


class PledgeChannel(LabelEnum):
    """How a pledge is paid."""

    CARD = "card", N_("Card")
    OFFLINE = "offline", N_("Offline")


class OfflineMeans(LabelEnum):
    """How money outside of the site changed hands; only traceable means give tax relief."""

    TRANSFER = "transfer", N_("Bank transfer")
    CHEQUE = "cheque", N_("Cheque")
    CASH = "cash", N_("Cash")


CASH_LIMIT_CENTS = 5_000_00
"""So much cash cannot change hands between persons (d.lgs. 231/2007, art. 49)."""


class PledgeState(LabelEnum):
    """Where a pledge stands."""

    CREATED = "created", N_("Started")
    CONFIRMED = "confirmed", N_("Confirmed, not charged yet")
    CHARGING = "charging", N_("Being charged")
    PROCESSING = "processing", N_("Being charged by the bank")
    ACTION_REQUIRED = "action_required", N_("The bank asks for you")
    RETRY_DUE = "retry_due", N_("To be tried again")
    PAID = "paid", N_("Paid")
    DROPPED = "dropped", N_("Not collected")
    EXPIRED = "expired", N_("Not finished in time")
    REFUSED = "refused", N_("Card refused")
    CANCELLED = "cancelled", N_("Pledge cancelled")
    RELEASED = "released", N_("Released, never charged")
    RECORDED = "recorded", N_("Recorded, to be confirmed")
    REJECTED = "rejected", N_("Rejected")
    REVERSED = "reversed", N_("Reversed")
    REFUND_PENDING = "refund_pending", N_("Being refunded")
    REFUNDED = "refunded", N_("Refunded")
    REFUND_STUCK = "refund_stuck", N_("Refund stuck")
    DISPUTED = "disputed", N_("Disputed")
    CHARGED_BACK = "charged_back", N_("Charged back")


L = PledgeState
_PAYING = (L.PROCESSING, L.ACTION_REQUIRED)
_BACKER = (Role.BACKER, Role.SYSTEM)
_CONFIRMER = (Role.OFFICER, Role.CALL_MANAGER, Role.TREASURER)


class Timed(Protocol):
    """A pledge, as far as the guards look at it."""

    @property
    def charged_now(self) -> bool:
        """True where the pledge is a payment on the provider's page."""


def _is_promise(facts: Facts) -> Lazy | None:
    pledge: Timed | None = facts.get("pledge")
    if pledge is not None and pledge.charged_now:
        return lazy("This pledge is paid at once: it is not charged later.")
    return None


def _is_payment(facts: Facts) -> Lazy | None:
    pledge: Timed | None = facts.get("pledge")
    if pledge is not None and not pledge.charged_now:
        return lazy("This pledge is charged later: it is not paid at once.")
    return None


PLEDGE = Machine(
    "pledge",
    N_("pledge"),
    PledgeState,
    (
        step("confirm", L.CREATED, L.CONFIRMED, *_SYSTEM, guard=_is_promise),
        step("expire", L.CREATED, L.EXPIRED, *_SYSTEM),
        step("refuse", L.CREATED, L.REFUSED, *_SYSTEM),
        step("cancel", (L.CREATED, L.CONFIRMED), L.CANCELLED, *_BACKER),
        step("charge", L.CONFIRMED, L.CHARGING, *_SYSTEM),
        step("release", L.CONFIRMED, L.RELEASED, *_SYSTEM),
        step("process", L.CHARGING, L.PROCESSING, *_SYSTEM),
        step("process", L.CREATED, L.PROCESSING, *_SYSTEM, guard=_is_payment),
        step("ask_action", L.CREATED, L.ACTION_REQUIRED, *_SYSTEM, guard=_is_payment),
        step("pay", L.CREATED, L.PAID, *_SYSTEM, guard=_is_payment),
        step("refuse", _PAYING, L.REFUSED, *_SYSTEM, guard=_is_payment),
        step("expire", _PAYING, L.EXPIRED, *_SYSTEM, guard=_is_payment),
        step(
            "ask_action",
            (L.CHARGING, L.PROCESSING),
            L.ACTION_REQUIRED,
            *_SYSTEM,
        ),
        step("decline", L.CHARGING, L.RETRY_DUE, *_SYSTEM),
        step("decline", L.PROCESSING, L.RETRY_DUE, *_SYSTEM, guard=_is_promise),
        step(
            "pay",
            (
                L.CHARGING,
                L.PROCESSING,
                L.ACTION_REQUIRED,
                L.RETRY_DUE,
                L.DROPPED,
                L.EXPIRED,
                L.REFUSED,
            ),
            L.PAID,
            *_SYSTEM,
        ),
        step("charge", (L.ACTION_REQUIRED, L.RETRY_DUE), L.CHARGING, *_SYSTEM, guard=_is_promise),
        step("drop", (L.ACTION_REQUIRED, L.RETRY_DUE), L.DROPPED, *_SYSTEM, guard=_is_promise),
        step("accept", L.RECORDED, L.PAID, *_CONFIRMER, Role.SYSTEM),
        step("reject", L.RECORDED, L.REJECTED, *_CONFIRMER, Role.SYSTEM),
        step("reverse", L.PAID, L.REVERSED, *_CONFIRMER),
        step("refund", L.PAID, L.REFUND_PENDING, *_SYSTEM, Role.TREASURER),
        step(
            "settle_refund",
            (L.REFUND_PENDING, L.REFUND_STUCK),
            L.REFUNDED,
            *_SYSTEM,
            Role.TREASURER,
        ),
        step("stick", (L.REFUND_PENDING, L.REFUNDED), L.REFUND_STUCK, *_SYSTEM),
        step("retry_refund", L.REFUND_STUCK, L.REFUND_PENDING, *_SYSTEM, Role.TREASURER),
        step("dispute", (L.PAID, L.REFUND_PENDING, L.REFUNDED), L.DISPUTED, *_SYSTEM),
        step("win_to_paid", L.DISPUTED, L.PAID, *_SYSTEM),
        step("win_to_refund_pending", L.DISPUTED, L.REFUND_PENDING, *_SYSTEM),
        step("win_to_refunded", L.DISPUTED, L.REFUNDED, *_SYSTEM),
        step("charge_back", L.DISPUTED, L.CHARGED_BACK, *_SYSTEM),
        step("reinstate", L.CHARGED_BACK, L.DISPUTED, *_SYSTEM),
    ),
)

PROMISED = frozenset(
    {L.CONFIRMED, L.CHARGING, L.PROCESSING, L.ACTION_REQUIRED, L.RETRY_DUE, L.PAID}
)
"""States whose amount counts as promised while the campaign is open."""

UNPAID = frozenset({L.CREATED, L.ACTION_REQUIRED})
"""A pledge that is paid at once counts for nothing in these: its payer is not through yet."""


def is_promised(state: PledgeState, *, charged_now: bool) -> bool:
    """Tell whether a pledge's amount counts as promised."""
    return state in PROMISED and not (charged_now and state in UNPAID)


COLLECTED = frozenset({L.PAID})
"""States whose amount, less what was given back of it, is really there."""

HOLDS_STOCK = frozenset({L.CREATED}) | PROMISED
"""A reward's stock is held by these; the others have given it back."""


def holds_stock(state: PledgeState, disputed_from: str) -> bool:
    """Tell whether a pledge holds its reward; a disputed one does if it did before the dispute."""
    return (L(disputed_from) if state is L.DISPUTED else state) in HOLDS_STOCK


HOLDS_MATCH = HOLDS_STOCK | {L.DISPUTED}
"""The city's live match is held by these; whatever other state comes after gives it back."""

UNDECIDED = frozenset({L.CHARGING, L.PROCESSING, L.ACTION_REQUIRED, L.RETRY_DUE})
"""A charge in one of these is not final yet."""

TO_RETURN = frozenset({L.PAID, L.REFUND_PENDING, L.REFUND_STUCK, L.DISPUTED})
"""Of a failed campaign, what still has to go back to its backers."""

NEVER_CHARGED = frozenset({L.EXPIRED, L.REFUSED, L.CANCELLED, L.RELEASED, L.DROPPED})
"""Ends of a pledge in which its saved card is forgotten."""

CARD_CHANGEABLE = frozenset({L.CONFIRMED, L.RETRY_DUE, L.ACTION_REQUIRED})
"""The backer may save another card in these, while the campaign may still charge it."""

RESCUABLE = frozenset({L.RETRY_DUE, L.ACTION_REQUIRED})
"""The backer may pay in person, on the provider's page, instead of the charge that failed."""

CANCELLABLE = frozenset({L.CREATED, L.CONFIRMED})

AGREEABLE = frozenset({L.CREATED, L.CONFIRMED, L.PROCESSING, L.ACTION_REQUIRED, L.PAID})
"""While the campaign runs, the backer may agree to an end that an act has moved."""

BACKED = PROMISED | TO_RETURN | {L.RELEASED, L.REFUNDED}
"""Whoever stands in these backed the campaign, and is told its news."""
