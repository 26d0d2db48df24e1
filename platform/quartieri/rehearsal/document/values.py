"""A parsed edition: frozen values that the replay drives and the report describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quartieri.calls.funding import FundingRule, succeeded
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.money import split_cents


class CampaignOutcome(LabelEnum):
    """How a campaign ended."""

    SUCCEEDED = "succeeded", N_("Target reached")
    FAILED = "failed", N_("Target missed")


class Status(LabelEnum):
    """How much of a row can be replayed."""

    REPLAYED = "replayed", N_("Replayed")
    DECIDED = "decided", N_("Decided by the rule alone")
    NOT_REPLAYABLE = "not_replayable", N_("Not replayable")


@dataclass(frozen=True, slots=True)
class EditionWindow:
    """A session; both instants are UTC and inclusive."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project as the record has it; None is not known, and nothing is ever filled in.

    ``number``: its place in the file, from 1. ``target_cents`` is the stored target,
    ``goal_cents`` that or else the rule's minimum for the cost. ``missing``: the CSV columns that
    keep the row from being replayed.
    """

    number: int
    project: str
    proposer: str | None
    neighbourhood: str | None
    source_url: str | None
    cost_cents: int | None
    target_cents: int | None
    goal_cents: int | None
    raised_cents: int | None
    raised_at_least: bool | None
    backers: int | None
    backers_at_least: bool | None
    grant_cents: int | None
    outcome: CampaignOutcome | None
    status: Status
    missing: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name the row in a line of text."""
        return f"row {self.number} ({self.project})"

    def pledges(self) -> tuple[int, ...]:
        """Give one amount in cents for each backer: an even split, odd cents to the first.

        Unknown backers are one pledge; nothing raised is no pledge.
        """
        if not self.raised_cents:
            return ()
        return tuple(split_cents(self.raised_cents, [1] * (self.backers or 1)))

    def decided_outcome(self) -> CampaignOutcome | None:
        """Apply the rule alone: raised against the target; None when either is not known."""
        if self.raised_cents is None or self.goal_cents is None:
            return None
        reached = succeeded(self.raised_cents, self.goal_cents)
        return CampaignOutcome.SUCCEEDED if reached else CampaignOutcome.FAILED


@dataclass(frozen=True, slots=True)
class Edition:
    """A call as the replay needs it.

    ``facts``: every key of the call that holds something. ``rule`` is None only where there is no
    row. ``assumptions``: each value that the record lacks and that was assumed, as a sentence.
    ``published_at``: when the call is published, never after the first opening.
    """

    id: str
    facts: Mapping[str, Any] = field(hash=False)
    endowment_cents: int | None
    published_at: datetime | None
    windows: tuple[EditionWindow, ...]
    rule: FundingRule | None
    campaign_days: int | None
    rows: tuple[ProjectRow, ...]
    assumptions: tuple[str, ...]

    @property
    def title(self) -> str:
        """The call's title, or its id where it has none."""
        return str(self.facts.get("title") or self.id)

    def rows_of(self, status: Status) -> tuple[ProjectRow, ...]:
        """Give the rows of one status, in the file's order."""
        return tuple(row for row in self.rows if row.status is status)
