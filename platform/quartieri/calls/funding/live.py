"""The live match: what the city adds to one donation, at the time it is confirmed.

Order matters: donations are matched as they are confirmed, and what is matched is gone from the
pool until a refund gives it back. What was refused earlier is not matched afterwards: a later
donation has what came back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quartieri.calls.funding.grants import fit, grant_ceiling
from quartieri.calls.funding.rule import FundingRule, not_negative
from quartieri.kit.money import share_floor


@dataclass(frozen=True, slots=True)
class Before:
    """What stands when a donation is confirmed; refunded donations count nowhere.

    ``donations``: earlier donations of this person to this project, matched or not.
    ``donor_cents``: what the city added to them. ``project_cents``: what it added to the project.
    ``pool_cents``: what the pool has left, None without a limit.
    """

    donations: int = 0
    donor_cents: int = 0
    project_cents: int = 0
    pool_cents: int | None = None


def live_match(
    rule: FundingRule,
    cost_cents: int | None,
    donation_cents: int,
    at: datetime | None,
    before: Before,
) -> int:
    """Give what the city adds to one donation confirmed ``at``, in cents.

    floor(min(donation, most per donation) × factor), then cut by what is left for the donor and
    for the project; 0 if the donor has had all matched donations. What the pool no longer holds:
    the rest with part funding, else 0. The formula is Goteo's ("duplicate invest").

    ``cost_cents`` is needed where the rule limits a project by a share of its cost.
    """
    live = rule.live
    if live is None:
        msg = f"a {rule.kind.value} rule matches no single donation"
        raise ValueError(msg)
    if live.donations_per_donor is not None and before.donations >= live.donations_per_donor:
        return 0
    counted = not_negative(donation_cents)
    if live.per_donation_cents is not None:
        counted = min(counted, live.per_donation_cents)
    match = share_floor(counted, live.factor_at(at))
    if live.per_donor_cents is not None:
        match = min(match, max(live.per_donor_cents - before.donor_cents, 0))
    ceiling = project_limit(rule, cost_cents)
    if ceiling is not None:
        match = min(match, max(ceiling - before.project_cents, 0))
    return fit(match, before.pool_cents, part_funding=rule.part_funding)


def project_limit(rule: FundingRule, cost_cents: int | None) -> int | None:
    """Give the most that one project may get; None without a limit.

    ValueError when the rule limits it by a share of a cost that is not known.
    """
    if cost_cents is not None:
        return grant_ceiling(rule, cost_cents)
    if rule.grant_share is not None:
        msg = "the rule limits a project by its cost, which is not known"
        raise ValueError(msg)
    return rule.grant_cap_cents


@dataclass(frozen=True, slots=True)
class Donation:
    """One donation: who gave how much, when it was confirmed, when it was given back."""

    person: str
    cents: int
    at: datetime | None = None
    refunded_at: datetime | None = None


Giving = tuple[int | None, Sequence[Donation]]
"""A project as the live match sees it: its cost, if it is known, and its donations."""


def live_matches(
    rule: FundingRule, projects: Sequence[Giving], pool_cents: int | None
) -> list[list[int]]:
    """Match the donations of several projects from one pool; cents by project and donation.

    Donations are taken by time of confirmation; at one instant refunds come first, then donations
    in the given order. Without times the given order holds. A refunded donation ends with 0.
    """
    matched = [[0] * len(donations) for _cost, donations in projects]
    active: dict[tuple[int, str], tuple[int, int]] = {}
    by_project = [0] * len(projects)
    left = pool_cents
    for p, d, is_refund in _in_time(projects):
        cost, donations = projects[p]
        donation = donations[d]
        count, cents = active.get((p, donation.person), (0, 0))
        if is_refund:
            change, more = -matched[p][d], -1
        else:
            before = Before(count, cents, by_project[p], left)
            change, more = live_match(rule, cost, donation.cents, donation.at, before), 1
        active[p, donation.person] = count + more, cents + change
        matched[p][d] += change
        by_project[p] += change
        left = None if left is None else left - change
    return matched


def _in_time(projects: Sequence[Giving]) -> list[tuple[int, int, bool]]:
    """Give (project, donation, refund?) in the order in which they count."""
    events: list[tuple[tuple[datetime, bool] | None, int, int, bool]] = []
    for p, (_cost, donations) in enumerate(projects):
        for d, one in enumerate(donations):
            events.append((None if one.at is None else (one.at, True), p, d, False))
            if one.refunded_at is not None:
                events.append(((one.refunded_at, False), p, d, True))
    if all(when is not None for when, *_ in events):
        events.sort(key=lambda event: (event[0], event[1], event[2]))
    elif any(when is not None for when, *_ in events):
        msg = "either all donations have a time or none has"
        raise ValueError(msg)
    return [(p, d, refund) for _when, p, d, refund in events]
