"""Who may apply, and with which project."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from quartieri.calls.design.reading import MOST_NUMBER, Reader, one_of, word
from quartieri.people.rules import OrganisationKind


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who may apply and with what; None: no such limit."""

    kinds: tuple[OrganisationKind, ...] = ()
    min_group_members: int | None = None
    max_organisation_age_years: int | None = None
    alliance: bool = False
    excluded_areas: tuple[str, ...] = ()
    """Codes of areas in which a project may not take place."""
    cost_min_cents: int | None = None
    cost_max_cents: int | None = None
    months_min: int | None = None
    months_max: int | None = None
    own_share_min: Decimal | None = None
    in_kind_counts: bool = False


def read_eligibility(given: Reader) -> Eligibility:
    """Read who may apply with what."""
    eligibility = Eligibility(
        kinds=tuple(OrganisationKind(k) for k in given.items("kinds", one_of(OrganisationKind))),
        min_group_members=given.whole("min_group_members", most=MOST_NUMBER),
        max_organisation_age_years=given.whole("max_organisation_age_years", most=MOST_NUMBER),
        alliance=given.flag("alliance"),
        excluded_areas=given.items("excluded_areas", word),
        cost_min_cents=given.whole("cost_min_cents"),
        cost_max_cents=given.whole("cost_max_cents"),
        months_min=given.whole("months_min", most=MOST_NUMBER),
        months_max=given.whole("months_max", most=MOST_NUMBER),
        own_share_min=given.decimal("own_share_min"),
        in_kind_counts=given.flag("in_kind_counts"),
    )
    given.done()
    return eligibility
