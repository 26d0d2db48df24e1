"""The sessions: whether their dates, their endowments and the legal term can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from quartieri.calls.design import SessionRules
from quartieri.calls.gaps import Gap, PoolDraft, Step, WindowDates
from quartieri.calls.legal_clock import LAWFUL_DAYS
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money


def of_windows(
    rules: SessionRules, windows: Sequence[WindowDates], pool: PoolDraft, now: datetime
) -> Iterator[Gap]:
    """List what is wrong with the sessions' dates and endowments, given in their order."""
    yield from _dates(windows, now)
    yield from _endowments(rules, windows, pool)
    if not rules.term_days:
        yield Gap(
            Step.WINDOWS,
            lazy(
                "No legal term is stated: the law's own holds, %(days)s calendar days.",
                days=LAWFUL_DAYS,
            ),
            "term_days",
            blocking=False,
        )
    elif rules.term_counts is None:
        yield Gap(
            Step.WINDOWS,
            lazy("State whether the legal term counts calendar or working days."),
            "term_counts",
        )


def _endowments(
    rules: SessionRules, windows: Sequence[WindowDates], pool: PoolDraft
) -> Iterator[Gap]:
    here = Step.WINDOWS
    stated = [w.endowment_cents for w in windows if w.endowment_cents is not None]
    if not stated:
        return
    if len(stated) < len(windows):
        yield Gap(
            here,
            lazy("Set an amount apart for every session, or for none."),
            "windows",
        )
    if pool.endowment_cents is not None and sum(stated) > pool.endowment_cents:
        yield Gap(
            here,
            lazy(
                "The sessions take %(sum)s together, but the endowment is %(endowment)s.",
                sum=Money(sum(stated)),
                endowment=Money(pool.endowment_cents),
            ),
            "windows",
        )
    elif pool.endowment_cents is not None and sum(stated) < pool.endowment_cents:
        yield Gap(
            here,
            lazy(
                "%(rest)s of the endowment are set apart for no session.",
                rest=Money(pool.endowment_cents - sum(stated)),
            ),
            "windows",
            blocking=False,
        )
    if len(windows) > 1 and rules.leftovers is None:
        yield Gap(here, lazy("State what becomes of the money that a session leaves."), "leftovers")


def _dates(windows: Sequence[WindowDates], now: datetime) -> Iterator[Gap]:
    here = Step.WINDOWS
    if not windows:
        yield Gap(here, lazy("The call has no session: state when one can apply."), "windows")
    for window in windows:
        if window.opens_at >= window.closes_at:
            yield Gap(
                here,
                lazy("Session %(number)s closes before it opens.", number=window.number),
                "windows",
            )
        elif window.closes_at <= now:
            yield Gap(
                here,
                lazy("Session %(number)s would be closed already.", number=window.number),
                "windows",
            )
    for first, second in pairwise(windows):
        if second.opens_at <= first.closes_at:
            yield Gap(
                here,
                lazy(
                    "Session %(second)s opens before session %(first)s closes.",
                    first=first.number,
                    second=second.number,
                ),
                "windows",
            )
