"""States of campaigns and pledges, and what the clock and the money demand of a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from quartieri.audit.rules import Role
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.kit.money import Money
from quartieri.kit.states import Machine, step


class CampaignState(LabelEnum):
    """Where a campaign stands."""

    DRAFT = "draft", N_("Draft")
    IN_REVIEW = "in_review", N_("Waiting for approval")
    CHANGES_REQUESTED = "changes_requested", N_("Changes requested")
    SCHEDULED = "scheduled", N_("Scheduled")
    LIVE = "live", N_("Live")
    SUSPENDED = "suspended", N_("Suspended")
    ENDED = "ended", N_("Ended, being counted")
    COLLECTING = "collecting", N_("Collecting the pledges")
    SUCCEEDED = "succeeded", N_("Succeeded")
    FAILED = "failed", N_("Target missed")
    REFUNDING = "refunding", N_("Giving money back")
    PAYING_OUT = "paying_out", N_("Paying out")
    SETTLED = "settled", N_("Settled")
    WITHDRAWN = "withdrawn", N_("Withdrawn")
    CANCELLED = "cancelled", N_("Cancelled")


C = CampaignState
_PROPOSER = (Role.APPLICANT, Role.SYSTEM)
_MANAGER = (Role.CALL_MANAGER, Role.SYSTEM)
_SYSTEM = (Role.SYSTEM,)
_MONEY = (Role.SYSTEM, Role.TREASURER)

CAMPAIGN = Machine(
    "campaign",
    N_("campaign"),
    CampaignState,
    (
        step("ask_approval", C.DRAFT, C.IN_REVIEW, *_PROPOSER),
        step("ask_changes", C.IN_REVIEW, C.CHANGES_REQUESTED, *_MANAGER),
        step("ask_approval", C.CHANGES_REQUESTED, C.IN_REVIEW, *_PROPOSER),
        step("approve", C.IN_REVIEW, C.SCHEDULED, *_MANAGER),
        step("rescope", C.SCHEDULED, C.CHANGES_REQUESTED, *_MANAGER),
        step("go_live", C.SCHEDULED, C.LIVE, *_SYSTEM),
        step("suspend", C.LIVE, C.SUSPENDED, *_MANAGER),
        step("resume", C.SUSPENDED, C.LIVE, *_MANAGER),
        step("end", (C.LIVE, C.SUSPENDED), C.ENDED, *_SYSTEM),
        step("miss", C.ENDED, C.FAILED, *_SYSTEM),
        step("collect", C.ENDED, C.COLLECTING, *_SYSTEM),
        step("succeed", C.COLLECTING, C.SUCCEEDED, *_SYSTEM),
        step("fail", C.COLLECTING, C.FAILED, *_SYSTEM),
        step("start_payout", C.SUCCEEDED, C.PAYING_OUT, *_MONEY),
        step("settle", C.PAYING_OUT, C.SETTLED, *_MONEY),
        step("start_refunds", (C.FAILED, C.WITHDRAWN, C.CANCELLED), C.REFUNDING, *_SYSTEM),
        step("settle_empty", (C.FAILED, C.WITHDRAWN, C.CANCELLED), C.SETTLED, *_SYSTEM),
        step("settle_refunds", C.REFUNDING, C.SETTLED, *_SYSTEM),
        step(
            "withdraw",
            (
                C.DRAFT,
                C.IN_REVIEW,
                C.CHANGES_REQUESTED,
                C.SCHEDULED,
                C.LIVE,
                C.SUSPENDED,
            ),
            C.WITHDRAWN,
            *_PROPOSER,
        ),
        step(
            "cancel",
            (C.SCHEDULED, C.LIVE, C.SUSPENDED, C.ENDED, C.COLLECTING),
            C.CANCELLED,
            *_MANAGER,
        ),
    ),
)

PUBLIC_CAMPAIGN_STATES = frozenset(set(CampaignState) - {C.DRAFT, C.IN_REVIEW, C.CHANGES_REQUESTED})
"""What was approved once may be seen in these; a page that never was approved stays hidden."""


class Phase(LabelEnum):
    """How a campaign reads to the public, by its state and the clock."""

    COMING = "scheduled", N_("Starts soon")
    LIVE = "live", N_("Collecting support")
    PAUSED = "suspended", N_("Suspended")
    COUNTED = "checking", N_("Ended, being counted")
    COLLECTING = "collecting", N_("Target promised, payments under way")
    REACHED = "succeeded", N_("Target reached")
    MISSED = "failed", N_("Target missed")
    STOPPED = "cancelled", N_("Stopped")


def phase_of(
    state: CampaignState, now: datetime, ends_at: datetime | None, *, decided: bool, succeeded: bool
) -> Phase:
    """Say how a campaign reads at an instant, also while nobody closes it.

    ``decided``: success or failure was decided; a campaign that was stopped never is.
    """
    if state in {C.LIVE, C.SUSPENDED, C.ENDED}:
        if state is C.ENDED or (ends_at is not None and now > ends_at):
            return Phase.COUNTED
        return Phase.LIVE if state is C.LIVE else Phase.PAUSED
    if state is C.SCHEDULED:
        return Phase.COMING
    if state is C.COLLECTING:
        return Phase.COLLECTING
    if not decided or state in {C.WITHDRAWN, C.CANCELLED}:
        return Phase.STOPPED
    return Phase.REACHED if succeeded else Phase.MISSED


class PledgeChannel(LabelEnum):
    """How a pledge is paid."""

    CARD = "card", N_("Card")
    OFFLINE = "offline", N_("Offline")


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
    CANCELLED = "cancelled", N_("Cancelled")
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
_BACKER = (Role.BACKER, Role.SYSTEM)
_RECORDER = (Role.OFFICER, Role.CALL_MANAGER)
_CONFIRMER = (Role.OFFICER, Role.CALL_MANAGER, Role.TREASURER)

PLEDGE = Machine(
    "pledge",
    N_("pledge"),
    PledgeState,
    (
        step("confirm", L.CREATED, L.CONFIRMED, *_SYSTEM),
        step("expire", L.CREATED, L.EXPIRED, *_SYSTEM),
        step("refuse", L.CREATED, L.REFUSED, *_SYSTEM),
        step("cancel", (L.CREATED, L.CONFIRMED), L.CANCELLED, *_BACKER),
        step("charge", L.CONFIRMED, L.CHARGING, *_SYSTEM),
        step("release", L.CONFIRMED, L.RELEASED, *_SYSTEM),
        step("process", L.CHARGING, L.PROCESSING, *_SYSTEM),
        step(
            "ask_action",
            (L.CHARGING, L.PROCESSING),
            L.ACTION_REQUIRED,
            *_SYSTEM,
        ),
        step("decline", (L.CHARGING, L.PROCESSING), L.RETRY_DUE, *_SYSTEM),
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
        step("charge", (L.ACTION_REQUIRED, L.RETRY_DUE), L.CHARGING, *_SYSTEM),
        step("drop", (L.ACTION_REQUIRED, L.RETRY_DUE), L.DROPPED, *_SYSTEM),
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
    ),
)

PROMISED = frozenset(
    {L.CONFIRMED, L.CHARGING, L.PROCESSING, L.ACTION_REQUIRED, L.RETRY_DUE, L.PAID}
)
"""States whose amount counts as promised while the campaign is open."""

COLLECTED = frozenset({L.PAID})
"""States whose amount, less what was given back of it, is really there."""

HOLDS_STOCK = frozenset({L.CREATED}) | PROMISED
"""A reward's stock is held by these; the others have given it back."""

UNDECIDED = frozenset({L.CHARGING, L.PROCESSING, L.ACTION_REQUIRED, L.RETRY_DUE})
"""A charge in one of these is not final yet."""


DECIDED_AGAINST = frozenset({C.FAILED, C.WITHDRAWN, C.CANCELLED, C.REFUNDING})
"""Money that arrives in one of these goes back (and in a settled one that was refunded)."""

DECIDED_FOR = frozenset({C.SUCCEEDED, C.PAYING_OUT})

DUE_BY_STATE = DECIDED_AGAINST | {C.ENDED, C.COLLECTING, C.SUCCEEDED}
"""A campaign in one of these may have a next step at any time; the others wait for the clock."""

TO_RETURN = frozenset({L.PAID, L.REFUND_PENDING, L.REFUND_STUCK})
"""Of a failed campaign, what still has to go back to its backers."""


@dataclass(frozen=True, slots=True)
class Terms:
    """A call's terms for pledges; amounts in cents."""

    pledge_min_cents: int
    pledge_max_cents: int
    confirm: timedelta


def check_amount(amount_cents: int, terms: Terms, reward_minimum_cents: int | None) -> None:
    """Refuse a pledge outside of the call's limits or below its reward (InvalidError, in cents)."""
    if amount_cents < terms.pledge_min_cents:
        raise InvalidError(
            lazy("The smallest pledge is %(amount)s.", amount=Money(terms.pledge_min_cents)),
            field="amount",
        )
    if amount_cents > terms.pledge_max_cents:
        raise InvalidError(
            lazy("The largest pledge is %(amount)s.", amount=Money(terms.pledge_max_cents)),
            field="amount",
        )
    if reward_minimum_cents is not None and amount_cents < reward_minimum_cents:
        raise InvalidError(
            lazy("This reward starts at %(amount)s.", amount=Money(reward_minimum_cents)),
            field="amount",
        )


def confirmed_in_time(
    *, started_at: datetime, confirmed_at: datetime, ends_at: datetime, confirm: timedelta
) -> bool:
    """Tell whether a pledge counts: started by the deadline (inclusive), confirmed soon enough."""
    return started_at <= ends_at and confirmed_at <= ends_at + confirm


class Closing(StrEnum):
    """What is to be done with a campaign at an instant."""

    NOTHING = "nothing"
    GO_LIVE = "go_live"
    END = "end"
    WAIT = "wait"
    MISS = "miss"
    COLLECT = "collect"
    SUCCEED = "succeed"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the closing of a campaign is decided on; amounts in cents.

    ``unfinished``: pledges started in time of which it is not known yet whether their card was
    saved. ``undecided``: charges that are not final yet, those not begun included; ``asking``:
    those of them whose answer is still to be read at the provider.
    """

    state: CampaignState
    now: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    grace_ends_at: datetime | None
    target_cents: int
    promised_cents: int
    collected_cents: int
    unfinished: int = 0
    undecided: int = 0
    asking: int = 0


def next_step(standing: Standing) -> Closing:
    """Say what the clock and the money demand now; asked again until it says NOTHING or WAIT.

    Success is decided on collected money, once every charge is final or the grace has ended.
    """
    now, state = standing.now, standing.state
    if state is C.ENDED:
        return _after_the_end(standing)
    if state is C.COLLECTING:
        return _after_the_charges(standing)
    if state is C.SCHEDULED and standing.starts_at is not None and now >= standing.starts_at:
        return Closing.GO_LIVE
    runs = state in {C.LIVE, C.SUSPENDED}
    if runs and standing.ends_at is not None and now > standing.ends_at:
        return Closing.END
    return Closing.NOTHING


def _after_the_end(standing: Standing) -> Closing:
    if standing.unfinished:
        return Closing.WAIT
    reached = standing.promised_cents >= standing.target_cents
    return Closing.COLLECT if reached else Closing.MISS


def _after_the_charges(standing: Standing) -> Closing:
    if standing.undecided and not grace_is_over(standing.grace_ends_at, standing.now):
        return Closing.WAIT
    if standing.asking and not grace_is_over(standing.grace_ends_at, standing.now - READING):
        return Closing.WAIT
    reached = standing.collected_cents >= standing.target_cents
    return Closing.SUCCEED if reached else Closing.FAIL


READING = timedelta(days=1)
"""How long after the grace a decision waits for answers that are still read at the provider."""


def grace_is_over(grace_ends_at: datetime | None, now: datetime) -> bool:
    """Tell whether the last instant at which a pledge may be charged has passed."""
    return grace_ends_at is not None and now > grace_ends_at


RETRY_DAYS = (1, 2, 2)
"""Days between one try of a refused charge and the next; the last one is repeated."""


def next_try(attempts: int, at: datetime, grace_ends_at: datetime | None) -> datetime | None:
    """Say when a refused charge is tried again after ``attempts`` tries; None: not in the grace.

    Until the grace ends the backer can still use another card.
    """
    days = RETRY_DAYS[min(max(attempts, 1), len(RETRY_DAYS)) - 1]
    planned = at + timedelta(days=days)
    return None if grace_is_over(grace_ends_at, planned) else planned


NEVER_CHARGED = frozenset({L.EXPIRED, L.REFUSED, L.CANCELLED, L.RELEASED, L.DROPPED})
"""Ends of a pledge in which its saved card is forgotten."""

CARD_CHANGEABLE = frozenset({L.CONFIRMED, L.RETRY_DUE, L.ACTION_REQUIRED})
"""The backer may save another card in these, while the campaign may still charge it."""

RESCUABLE = frozenset({L.RETRY_DUE, L.ACTION_REQUIRED})
"""The backer may pay in person, on the provider's page, instead of the charge that failed."""

CANCELLABLE = frozenset({L.CREATED, L.CONFIRMED})

TAKES_CARDS = frozenset({C.LIVE, C.SUSPENDED, C.ENDED, C.COLLECTING})
"""A campaign in one of these may still charge a card."""
