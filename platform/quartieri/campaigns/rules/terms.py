"""What a call demands of a pledge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import lazy
from quartieri.kit.money import Money


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
