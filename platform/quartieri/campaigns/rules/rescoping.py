"""Within which limits cost and target may change before the launch."""

from __future__ import annotations

from decimal import Decimal

from quartieri.campaigns.rules.campaign import CampaignState
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import N_, LabelEnum, lazy
from quartieri.kit.money import Money, share_floor


class RescopingState(LabelEnum):
    """Where a request to change cost and target stands."""

    REQUESTED = "requested", N_("Requested, to be decided")
    APPROVED = "approved", N_("Approved by act")
    REFUSED = "refused", N_("Refused")


RESCOPABLE = frozenset(
    {CampaignState.DRAFT, CampaignState.CHANGES_REQUESTED, CampaignState.SCHEDULED}
)
"""Before the launch, and not while the office reads the page."""


def refuse_out_of_scope(
    first_cents: int,
    cost_cents: int,
    target_cents: int,
    *,
    share: Decimal,
    least_target_cents: int,
    lowest_cents: int | None,
    highest_cents: int | None,
    city_cents: int = 0,
) -> None:
    """Refuse a cost or a target outside of the call's limits (InvalidError); all in cents.

    ``first_cents``: the cost that was selected, so that small steps do not add up; ``share``: by
    how much of it the cost may change; ``lowest_cents`` and ``highest_cents``: the call's bounds;
    ``city_cents``: the city's own pledge for the new cost, where it counts toward the target.
    """
    room = share_floor(first_cents, share)
    if abs(cost_cents - first_cents) > room:
        raise InvalidError(
            lazy(
                "The cost may lie between %(low)s and %(high)s.",
                low=Money(first_cents - room),
                high=Money(first_cents + room),
            ),
            field="lines",
        )
    for bound, out in (
        (lowest_cents, lowest_cents is not None and cost_cents < lowest_cents),
        (highest_cents, highest_cents is not None and cost_cents > highest_cents),
    ):
        if out and bound is not None:
            raise InvalidError(
                lazy("This call's limit for the cost is %(bound)s.", bound=Money(bound)),
                field="lines",
            )
    if target_cents < least_target_cents:
        raise InvalidError(
            lazy("The target cannot be below %(least)s.", least=Money(least_target_cents)),
            field="target",
        )
    if target_cents <= city_cents:
        words = lazy(
            "The target must be above the %(city)s that the city pledges itself.",
            city=Money(city_cents),
        )
        if not city_cents:
            words = lazy("The target must be more than 0.")
        raise InvalidError(words, field="target")
    if target_cents > cost_cents:
        raise InvalidError(
            lazy("The target cannot be above the cost of %(cost)s.", cost=Money(cost_cents)),
            field="target",
        )
