"""States of campaigns, and how they read to the public."""

from __future__ import annotations

from datetime import datetime

from quartieri.audit.rules import Role
from quartieri.kit.clock import is_late
from quartieri.kit.labels import N_, LabelEnum
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


def has_begun(state: CampaignState, starts_at: datetime | None, now: datetime) -> bool:
    """Tell whether a scheduled campaign's start has come, also while nobody opens it; inclusive."""
    return state is C.SCHEDULED and starts_at is not None and now >= starts_at


def has_ended(ends_at: datetime | None, now: datetime) -> bool:
    """Tell whether the last instant at which a campaign takes pledges has passed."""
    return ends_at is not None and is_late(now, ends_at)


def phase_of(
    state: CampaignState,
    now: datetime,
    starts_at: datetime | None,
    ends_at: datetime | None,
    *,
    decided: bool,
    succeeded: bool,
) -> Phase:
    """Say how a campaign reads at an instant, also while nobody opens or closes it.

    ``decided``: success or failure was decided; a campaign that was stopped never is.
    """
    if has_begun(state, starts_at, now):
        state = C.LIVE
    if state in {C.LIVE, C.SUSPENDED, C.ENDED}:
        if state is C.ENDED or has_ended(ends_at, now):
            return Phase.COUNTED
        return Phase.LIVE if state is C.LIVE else Phase.PAUSED
    if state is C.SCHEDULED:
        return Phase.COMING
    if state is C.COLLECTING:
        return Phase.COLLECTING
    if not decided or state in {C.WITHDRAWN, C.CANCELLED}:
        return Phase.STOPPED
    return Phase.REACHED if succeeded else Phase.MISSED


DECIDED_AGAINST = frozenset({C.FAILED, C.WITHDRAWN, C.CANCELLED, C.REFUNDING})
"""Money that arrives in one of these goes back (and in a settled one that was refunded)."""

DECIDED_FOR = frozenset({C.SUCCEEDED, C.PAYING_OUT})

DUE_BY_STATE = DECIDED_AGAINST | {C.ENDED, C.COLLECTING, C.SUCCEEDED}
"""A campaign in one of these may have a next step at any time; the others wait for the clock."""

PREPARED = frozenset({C.DRAFT, C.IN_REVIEW, C.CHANGES_REQUESTED, C.SCHEDULED})
"""A campaign in one of these has not begun."""

UNDECIDED_CAMPAIGN = frozenset({C.LIVE, C.SUSPENDED, C.ENDED, C.COLLECTING})
"""What is collected still changes the result in these."""

TAKES_CARDS = UNDECIDED_CAMPAIGN
"""A campaign in one of these may still charge a card."""
