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
    person_cap_cents: int | None = None

    @property
    def most_cents(self) -> int:
        """The most that one pledge can be."""
        return min(self.pledge_max_cents, self.person_cap_cents or self.pledge_max_cents)


SUGGESTED = (10_00, 20_00, 50_00, 100_00)


def suggested(terms: Terms, reward_minimum_cents: int = 0) -> list[Money]:
    """Give the sums that are suggested: within the call's limits, and from a reward's price on.

    Where none of the usual ones fits, and for a reward, the least that can be given is one.
    """
    least = max(terms.pledge_min_cents, reward_minimum_cents)
    fitting = {cents for cents in SUGGESTED if least <= cents <= terms.most_cents}
    if (reward_minimum_cents or not fitting) and least <= terms.most_cents:
        fitting.add(least)
    return [Money(cents) for cents in sorted(fitting)]


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
    cap = terms.person_cap_cents
    if cap and amount_cents > cap:
        raise InvalidError(
            lazy("One person can give this project %(cap)s at most.", cap=Money(cap)),
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
