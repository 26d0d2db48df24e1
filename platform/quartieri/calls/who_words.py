"""The rules on who may apply, and how, in plain words; what is not asked is not said."""

from __future__ import annotations

from collections.abc import Iterator

from quartieri.calls.design import (
    DoubleFunding,
    Eligibility,
    PartnerRule,
    Seat,
    Signature,
    StampDuty,
)
from quartieri.kit.labels import N_, LabelEnum, Lazy, lazy


def who_sentences(who: Eligibility) -> tuple[Lazy, ...]:
    """Say the rules beyond kinds, cost, duration and areas, one line each, in reading order."""
    return tuple(_sentences(who))


def _sentences(who: Eligibility) -> Iterator[Lazy]:
    if who.max_group_members is not None:
        yield lazy("Informal group: at most %(number)s people.", number=who.max_group_members)
    if who.min_organisation_age_years is not None:
        yield lazy(
            "Age of an organisation, in years: at least %(years)s.",
            years=who.min_organisation_age_years,
        )
    if who.alliance:
        yield from map(_partners, who.partners)
        if who.unconstituted:
            yield lazy(
                "An alliance that is not constituted yet may apply, with a written commitment."
            )
    if who.applications_most is not None:
        yield lazy(
            "Applications of one applicant in a session: at most %(most)s.",
            most=who.applications_most,
        )
    yield from _chosen(Seat, who.seat, N_("Seat: %(what)s."))
    yield from _chosen(DoubleFunding, who.double_funding, N_("Other public money: %(what)s."))
    yield from _chosen(Signature, who.signature, N_("Signature: %(what)s."))
    yield from _chosen(StampDuty, who.stamp_duty, N_("Stamp duty: %(what)s."))


def _partners(rule: PartnerRule) -> Lazy:
    if not rule.kinds:
        return lazy("An alliance has at least %(least)s partners.", least=rule.least)
    kinds = Lazy(rule.kinds[0].label)
    for kind in rule.kinds[1:]:
        kinds = lazy("%(first)s or %(second)s", first=kinds, second=Lazy(kind.label))
    return lazy(
        "An alliance has at least %(least)s partners of these kinds: %(kinds)s.",
        least=rule.least,
        kinds=kinds,
    )


def _chosen(enum: type[LabelEnum], code: str | None, sentence: str) -> Iterator[Lazy]:
    if code is not None:
        yield Lazy(sentence, {"what": Lazy(enum(code).label)})
