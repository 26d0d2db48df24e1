"""Handing the endowment down a list, by the call's rule for when the money runs out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from quartieri.reviews.ranking.outcomes import ReasonCode
from quartieri.reviews.ranking.rules import ListRule, Quota, RunsOut


@dataclass(frozen=True, slots=True)
class Claim:
    """What the next on the list would be given, in cents, and the quota that it counts in."""

    key: str
    maximum_cents: int
    minimum_cents: int = 0
    quota: str | None = None


@dataclass(frozen=True, slots=True)
class Allotment:
    """What a claim got. ``reason`` is None when it got all; ``left_cents`` is what it found.

    ``offered_cents``: the rest that is offered if the project re-scopes; nothing is given yet.
    """

    key: str
    funded: bool
    amount_cents: int
    reason: ReasonCode | None
    left_cents: int
    offered_cents: int = 0


def allocate(
    claims: Iterable[Claim],
    endowment_cents: int,
    when_money_runs_out: RunsOut,
    quotas: Iterable[Quota] | Quotas = (),
    places: Places | None = None,
) -> list[Allotment]:
    """Hand the endowment down the list in its order, one allotment for each claim, in cents.

    Stop: the list ends at the first that does not fit. Skip: the next that fits is funded. Part:
    the first that does not fit gets the rest, unless there is none or it is less than its smallest
    grant; the list ends there. Offer: the rest is recorded as offered to it; the list ends there.
    A full quota passes over its own candidates only, and never ends the list. ``places`` are how
    many may be funded at most; those of quotas are counted beside them.
    """
    left = endowment_cents
    stopped = False
    free = quotas if isinstance(quotas, Quotas) else Quotas(quotas)
    seats = places or Places()
    result: list[Allotment] = []
    for claim in claims:
        if not seats.left:
            given = _nothing(claim, left, ReasonCode.NO_PLACE)
        elif not free.admits(claim):
            given = _nothing(claim, left, ReasonCode.QUOTA_FULL)
        elif stopped:
            given = _nothing(claim, left, ReasonCode.AFTER_STOP)
        elif claim.maximum_cents <= left:
            given = Allotment(
                claim.key,
                funded=True,
                amount_cents=claim.maximum_cents,
                reason=None,
                left_cents=left,
            )
        else:
            given = _short(claim, left, when_money_runs_out)
            stopped = when_money_runs_out is not RunsOut.SKIP
        result.append(given)
        left -= given.amount_cents
        if given.funded:
            free.use(claim, given.amount_cents)
            seats.use()
    return result


def allocate_lists(
    lists: Sequence[ListRule],
    claims: Mapping[str, Sequence[Claim]],
    endowment_cents: int,
    when_money_runs_out: RunsOut,
    *,
    quotas: Iterable[Quota] = (),
    places: int | None = None,
) -> dict[str, list[Allotment]]:
    """Hand the endowment down several lists, one after the other in their written order.

    A list with money of its own spends that alone, as far as the endowment holds it, and keeps what
    it does not spend; the others share what is set aside for none. ``places`` are for all lists
    together, quotas too. ``claims`` go by list in their order, and ask no more than the flat sum.
    """
    free, seats = Quotas(quotas), Places(places)
    own: dict[str, int] = {}
    common = endowment_cents
    for one in lists:
        if one.cents is not None:
            own[one.code] = min(one.cents, common)
            common -= own[one.code]
    found: dict[str, list[Allotment]] = {}
    for one in lists:
        given = allocate(
            claims.get(one.code, ()),
            own.get(one.code, common),
            when_money_runs_out,
            free,
            Places(one.places, seats),
        )
        if one.code not in own:
            common -= sum(a.amount_cents for a in given)
        found[one.code] = given
    return found


def _nothing(claim: Claim, left: int, reason: ReasonCode) -> Allotment:
    return Allotment(claim.key, funded=False, amount_cents=0, reason=reason, left_cents=left)


def _short(claim: Claim, left: int, rule: RunsOut) -> Allotment:
    usable = left >= max(claim.minimum_cents, 1)
    if rule is RunsOut.PART and usable:
        return Allotment(
            claim.key, funded=True, amount_cents=left, reason=ReasonCode.PART, left_cents=left
        )
    if rule is RunsOut.OFFER and usable:
        return Allotment(
            claim.key,
            funded=False,
            amount_cents=0,
            reason=ReasonCode.OFFERED,
            left_cents=left,
            offered_cents=left,
        )
    return _nothing(claim, left, ReasonCode.NO_MONEY)


class Places:
    """How many may still be funded, in a list and in all lists together; None: no limit."""

    def __init__(self, most: int | None = None, above: Places | None = None) -> None:
        """Count down from ``most``, and with ``above``."""
        self.most = most
        self.above = above

    @property
    def left(self) -> bool:
        """Tell whether a place is left."""
        return (self.most is None or self.most > 0) and (self.above is None or self.above.left)

    def use(self) -> None:
        """Take one."""
        if self.most is not None:
            self.most -= 1
        if self.above is not None:
            self.above.use()


class Quotas:
    """What is left of each quota while the list is walked."""

    def __init__(self, quotas: Iterable[Quota]) -> None:
        """Begin with all of each."""
        many = tuple(quotas)
        self.places = {q.code: q.places for q in many if q.places is not None}
        self.cents = {q.code: q.cents for q in many if q.cents is not None}

    def admits(self, claim: Claim) -> bool:
        """Tell whether the claim's quota has a place and its money left."""
        code = claim.quota
        if code is None:
            return True
        enough = code not in self.cents or self.cents[code] >= claim.maximum_cents
        return enough and self.places.get(code, 1) > 0

    def use(self, claim: Claim, amount_cents: int) -> None:
        """Take a place and the money."""
        code = claim.quota
        if code in self.places:
            self.places[code] -= 1
        if code in self.cents:
            self.cents[code] -= amount_cents
