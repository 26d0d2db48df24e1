"""Who may apply with what: whether the limits leave room for anybody."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from quartieri.calls.design import CallDesign, Eligibility, QuestionKind
from quartieri.calls.gaps import City, Gap, Step
from quartieri.calls.publication.texts import row
from quartieri.kit.labels import N_, lazy
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
            who.min_group_members,
            who.max_group_members,
            "max_group_members",
            lazy("The largest group is below the smallest."),
        ),
        (
            who.min_organisation_age_years,
            who.max_organisation_age_years,
            "max_organisation_age_years",
            lazy("The oldest organisation that may apply is below the youngest."),
        ),
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
    yield from _organisations(who)
    yield from _asked(design)
    for n, declaration in enumerate(who.declarations):
        yield from row(here, f"declarations-{n}-text", N_("Declaration %(n)s"), n, declaration.text)
    yield from _areas(who, city)


def _organisations(who: Eligibility) -> Iterator[Gap]:
    here = Step.WHO
    if not who.alliance and (who.partners or who.unconstituted):
        yield Gap(
            here, lazy("There are rules on partners, but alliances may not apply."), "alliance"
        )
    group = OrganisationKind.INFORMAL_GROUP
    if who.kinds and group not in who.kinds and (who.member_data or who.max_group_members):
        yield Gap(
            here,
            lazy("There are rules on groups, but informal groups may not apply."),
            "kinds",
            blocking=False,
        )


def _asked(design: CallDesign) -> Iterator[Gap]:
    """Ask for the questions without which a rule could never be met or checked."""
    who, asked = design.eligibility, {q.kind for q in design.form.questions}
    group = OrganisationKind.INFORMAL_GROUP in who.kinds
    for rule, kind, sentence in (
        (
            group and (who.min_group_members or who.member_data),
            QuestionKind.MEMBERS,
            lazy("The form asks for no people: a group could not name its members."),
        ),
        (
            who.alliance and who.partners,
            QuestionKind.PARTNERS,
            lazy("The form asks for no partners: an alliance could not name them."),
        ),
        (
            who.allowed_areas or who.excluded_areas or who.months_min or who.months_max,
            QuestionKind.PLACE,
            lazy("The form asks for no place and duration: their limits could not be checked."),
        ),
        (
            who.cost_min_cents or who.cost_max_cents,
            QuestionKind.BUDGET,
            lazy("The form asks for no budget: the limits of the cost could not be checked."),
        ),
        (
            who.own_share_min,
            QuestionKind.SOURCES,
            lazy("The form asks for no sources of money: the own share could not be checked."),
        ),
    ):
        if rule and kind not in asked:
            yield Gap(Step.APPLICATION, sentence, "questions")


def _areas(who: Eligibility, city: City) -> Iterator[Gap]:
    here = Step.WHO
    for code in who.allowed_areas:
        if code not in city.areas:
            yield Gap(
                here,
                lazy("The allowed area %(code)s is not among the city's areas.", code=code),
                "allowed_areas",
            )
        elif code in who.excluded_areas:
            yield Gap(
                here,
                lazy("The area %(code)s is both allowed and excluded.", code=code),
                "excluded_areas",
            )
    for code in who.excluded_areas:
        if code not in city.areas:
            yield Gap(
                here,
                lazy("The excluded area %(code)s is not among the city's areas.", code=code),
                "excluded_areas",
            )
