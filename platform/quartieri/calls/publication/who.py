"""Who may apply with what: whether the limits leave room for anybody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from quartieri.calls.design import CallDesign
from quartieri.calls.gaps import City, Gap, Step
from quartieri.kit.labels import lazy
from quartieri.people.rules import OrganisationKind

ONE = Decimal(1)


def of_who(design: CallDesign, city: City) -> Iterator[Gap]:
    """List what cannot be in who may apply with what."""
    here, who = Step.WHO, design.eligibility
    if not who.kinds:
        yield Gap(here, lazy("State who may apply."), "kinds")
    if OrganisationKind.INFORMAL_GROUP in who.kinds and not who.min_group_members:
        yield Gap(here, lazy("State how many people an informal group needs."), "min_group_members")
    for low, high, name, sentence in (
        (
            who.cost_min_cents,
            who.cost_max_cents,
            "cost_max_cents",
            lazy("The highest cost of a project is below the lowest."),
        ),
        (
            who.months_min,
            who.months_max,
            "months_max",
            lazy("The longest duration of a project is below the shortest."),
        ),
    ):
        if low is not None and high is not None and high < low:
            yield Gap(here, sentence, name)
    if who.own_share_min is not None and who.own_share_min >= ONE:
        yield Gap(here, lazy("The own share must be below 100 %."), "own_share_min")
    for code in who.excluded_areas:
        if code not in city.areas:
            yield Gap(
                here,
                lazy("The excluded area %(code)s is not among the city's areas.", code=code),
                "excluded_areas",
            )
