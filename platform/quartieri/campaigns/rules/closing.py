"""What the clock and the money demand of a campaign, and when a refused charge is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from quartieri.campaigns.rules.campaign import C, CampaignState, has_begun, has_ended
from quartieri.campaigns.rules.waves import next_wave


class Closing(StrEnum):
    """What is to be done with a campaign at an instant."""

    NOTHING = "nothing"
    LAPSE = "lapse"
    """Let go of whoever agreed to no other end than one that was moved: before all else."""
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
    saved, or whether they were paid. ``undecided``: charges that are not final yet, those not begun
    included; ``asking``: those of them whose answer is still to be read at the provider.
    ``uncertified``: it runs on another platform, whose certificate two persons have not vouched for
    yet.
    ``fees_cents`` and ``promised_fees_cents`` are what the provider keeps (expectedly) of either
    sum, 0 in a call whose target counts gross. ``city_cents``: the city's own pledge, where it is
    one backer of the crowd; it counts beside what people give. ``keeps_all``: below the target too
    the campaign succeeds, with anything collected. ``tops_up``: until the grace ends others may
    still give. ``recorded_until``: so long offline money received by the end may still be recorded.
    """

    state: CampaignState
    now: datetime
    starts_at: datetime | None
    ends_at: datetime | None
    grace_ends_at: datetime | None
    target_cents: int
    promised_cents: int
    collected_cents: int
    uncertified: bool = False
    unfinished: int = 0
    undecided: int = 0
    asking: int = 0
    fees_cents: int = 0
    promised_fees_cents: int = 0
    city_cents: int = 0
    keeps_all: bool = False
    tops_up: bool = False
    recorded_until: datetime | None = None

    @property
    def counted_cents(self) -> int:
        """What of the collected money is compared with the target."""
        return max(self.collected_cents - self.fees_cents, 0)

    @property
    def promise_cents(self) -> int:
        """What of the promised money is compared with the target."""
        return max(self.promised_cents - self.promised_fees_cents, 0)

    @property
    def records(self) -> bool:
        """Tell whether offline money received by the end may still come to be recorded."""
        return self.recorded_until is not None and self.now <= self.recorded_until

    def reaches(self, compared_cents: int) -> bool:
        """Tell whether so much from people is enough; nothing never is."""
        needed = 1 if self.keeps_all else self.target_cents - self.city_cents
        return compared_cents >= max(needed, 1)


def next_step(standing: Standing) -> Closing:
    """Say what the clock and the money demand now; asked again until it says NOTHING or WAIT.

    Success is decided on collected money, once every charge is final or the grace has ended, and
    never as long as offline money received in time is recorded.
    """
    now, state = standing.now, standing.state
    if state is C.ENDED:
        return _after_the_end(standing)
    if state is C.COLLECTING:
        return _after_the_charges(standing)
    if has_begun(state, standing.starts_at, now):
        return Closing.GO_LIVE
    if state in {C.LIVE, C.SUSPENDED} and has_ended(standing.ends_at, now):
        return Closing.END
    return Closing.NOTHING


def _after_the_end(standing: Standing) -> Closing:
    if standing.unfinished or standing.uncertified:
        return Closing.WAIT
    if standing.reaches(standing.promise_cents):
        return Closing.COLLECT
    return Closing.WAIT if standing.records else Closing.MISS


def _after_the_charges(standing: Standing) -> Closing:
    if standing.records:
        return Closing.WAIT
    enough = standing.reaches(standing.counted_cents)
    waits = standing.undecided or (standing.tops_up and not enough)
    if waits and not grace_is_over(standing.grace_ends_at, standing.now):
        return Closing.WAIT
    reads = standing.asking or standing.unfinished
    if reads and not grace_is_over(standing.grace_ends_at, standing.now - READING):
        return Closing.WAIT
    return Closing.SUCCEED if enough else Closing.FAIL


READING = timedelta(days=1)
"""How long after the grace a decision waits for answers that are still read at the provider."""


def grace_is_over(grace_ends_at: datetime | None, now: datetime) -> bool:
    """Tell whether the last instant at which a pledge may be charged has passed."""
    return grace_ends_at is not None and now > grace_ends_at


def charge_at(planned: datetime, grace_ends_at: datetime | None) -> datetime:
    """Move a planned charge into a wave; one that would then miss the grace is made as planned."""
    wave = next_wave(planned)
    return planned if grace_is_over(grace_ends_at, wave) else wave


def next_try(
    attempts: int, at: datetime, grace_ends_at: datetime | None, calendar: Sequence[int]
) -> datetime | None:
    """Say when a refused charge is tried again after ``attempts`` tries; None: not in the grace.

    ``calendar`` is the call's: days between one try and the next, the last one repeated. Until the
    grace ends the backer can still use another card.
    """
    planned = at + timedelta(days=calendar[min(max(attempts, 1), len(calendar)) - 1])
    if grace_is_over(grace_ends_at, planned):
        return None
    return charge_at(planned, grace_ends_at)
