"""Can I apply? A few questions that follow from a call's rules, and an honest answer: pure.

It says the same as the checks of an application (a test compares them), only earlier and without
keeping anything: what is refused here is refused there, for the same facts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date

from quartieri.calls.design import CallDesign, Eligibility
from quartieri.calls.funding import (
    FundingKind,
    FundingRule,
    crowd_target,
    grant_ceiling,
    percent,
    rule_target,
)
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money, share_ceil
from quartieri.people.rules import OrganisationKind

GROUP = OrganisationKind.INFORMAL_GROUP


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody answered; None: not answered. Amounts in cents."""

    kind: OrganisationKind | None = None
    founded_on: date | None = None
    people: int | None = None
    partners: int | None = None
    """How many other organisations take part; 0: none."""
    area: str | None = None
    cost_cents: int | None = None
    own_cents: int | None = None
    months: int | None = None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why not, and what could be done; ``question`` is the name of the answer it is about."""

    question: str
    why: Lazy
    remedy: Lazy


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of the self-check: what stands against it, and what was not answered yet."""

    obstacles: tuple[Obstacle, ...] = ()
    unanswered: tuple[str, ...] = ()
    notes: tuple[Lazy, ...] = field(default=())
    """What to know besides: nothing of it stands against applying."""

    @property
    def fine(self) -> bool:
        """True when everything was answered and nothing stands against applying."""
        return not self.obstacles and not self.unanswered


def questions(design: CallDesign, areas: Collection[str] = ()) -> tuple[str, ...]:
    """Give what is asked, in its order: only what the call's rules depend on.

    ``areas`` are the codes of the city's areas; without any, none can be asked.
    """
    who, rule = design.eligibility, design.money.rule
    asked = {
        "kind": bool(who.kinds) or _by_age(who) or _by_people(who),
        "founded_on": _by_age(who),
        "people": _by_people(who),
        "partners": who.alliance and bool(who.partners),
        "area": bool(areas) and bool(who.allowed_areas or who.excluded_areas),
        "cost_cents": _by_cost(who, rule),
        "own_cents": who.own_share_min is not None or _direct(rule) is not None,
        "months": who.months_min is not None or who.months_max is not None,
    }
    return tuple(name for name, needed in asked.items() if needed)


def check(
    design: CallDesign, answers: Answers, *, today: date, areas: Collection[str] = ()
) -> Outcome:
    """Say whether these answers can apply by the rules of a call; ``today`` is the day in Rome."""
    who = design.eligibility
    asked = [q for q in questions(design, areas) if _concerns(q, answers)]
    obstacles = (
        *_kind(who, answers),
        *_age(who, answers, today),
        *_people(who, answers),
        *_partners(who, answers),
        *_area(who, answers, areas),
        *_cost(who, answers),
        *_own(design, answers),
        *_months(who, answers),
    )
    return Outcome(
        obstacles=tuple(o for o in obstacles if o.question in asked),
        unanswered=tuple(q for q in asked if getattr(answers, q) is None),
        notes=tuple(_notes(design, answers)),
    )


def _concerns(question: str, answers: Answers) -> bool:
    """Tell whether a question is put to this kind of applicant."""
    if question == "founded_on":
        return answers.kind is not GROUP
    if question == "people":
        return answers.kind is GROUP
    return True


def _by_age(who: Eligibility) -> bool:
    return who.max_organisation_age_years is not None or who.min_organisation_age_years is not None


def _by_people(who: Eligibility) -> bool:
    limits = who.min_group_members is not None or who.max_group_members is not None
    return limits and (not who.kinds or GROUP in who.kinds)


def _by_cost(who: Eligibility, rule: FundingRule | None) -> bool:
    limits = (who.cost_min_cents, who.cost_max_cents, who.own_share_min)
    return any(x is not None for x in limits) or _direct(rule) is not None


def _direct(rule: FundingRule | None) -> FundingRule | None:
    return rule if rule is not None and not rule.kind.has_campaign else None


# -- one question each -------------------------------------------------------------------------


def _kind(who: Eligibility, answers: Answers) -> Iterator[Obstacle]:
    if who.kinds and answers.kind is not None and answers.kind not in who.kinds:
        remedy = (
            lazy("Look for a partner that may apply as the lead, and take part in its alliance.")
            if who.alliance
            else lazy("Look for another call, or for somebody who may apply and whom you help.")
        )
        yield Obstacle("kind", lazy("This call is not open to who applies as you do."), remedy)


def _age(who: Eligibility, answers: Answers, today: date) -> Iterator[Obstacle]:
    if answers.founded_on is None or answers.kind is GROUP:
        return
    most, least = who.max_organisation_age_years, who.min_organisation_age_years
    if most is not None and years_later(answers.founded_on, most) < today:
        yield Obstacle(
            "founded_on",
            lazy("Your organisation is older than %(years)s years.", years=most),
            lazy("A younger organisation of yours, or a partner that is younger, may apply."),
        )
    if least is not None and years_later(answers.founded_on, least) > today:
        yield Obstacle(
            "founded_on",
            lazy("Your organisation is younger than %(years)s years.", years=least),
            lazy(
                "You can apply from %(day)s on, if the call is open then.",
                day=years_later(answers.founded_on, least),
            ),
        )


def years_later(day: date, years: int) -> date:
    """Give the day some years later; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _people(who: Eligibility, answers: Answers) -> Iterator[Obstacle]:
    if answers.people is None or answers.kind is not GROUP:
        return
    least, most = who.min_group_members, who.max_group_members
    if least is not None and answers.people < least:
        yield Obstacle(
            "people",
            lazy("A group has at least %(least)s people.", least=least),
            lazy("Find %(more)s more.", more=least - answers.people),
        )
    if most is not None and answers.people > most:
        yield Obstacle(
            "people",
            lazy("A group has at most %(most)s people.", most=most),
            lazy("Name %(most)s; the others help without being named.", most=most),
        )


def _partners(who: Eligibility, answers: Answers) -> Iterator[Obstacle]:
    if answers.partners is None:
        return
    if not who.alliance and answers.partners > 0:
        yield Obstacle(
            "partners",
            lazy("This call is not open to alliances."),
            lazy("Apply alone; the others can help without being partners."),
        )
    least = max((rule.least for rule in who.partners), default=0)
    if who.alliance and answers.partners > 0 and answers.partners < least:
        yield Obstacle(
            "partners",
            lazy("An alliance has at least %(least)s partners besides the lead.", least=least),
            lazy("Find %(more)s more.", more=least - answers.partners),
        )


def _area(who: Eligibility, answers: Answers, areas: Collection[str]) -> Iterator[Obstacle]:
    if answers.area is None or answers.area not in areas:
        return
    left_out = answers.area in who.excluded_areas
    if left_out or (who.allowed_areas and answers.area not in who.allowed_areas):
        yield Obstacle(
            "area",
            lazy("This part of the city is left out of the call."),
            lazy("A project in another part of the city can apply."),
        )


def _cost(who: Eligibility, answers: Answers) -> Iterator[Obstacle]:
    cost, least, most = answers.cost_cents, who.cost_min_cents, who.cost_max_cents
    if cost is None:
        return
    if cost <= 0 or (least is not None and cost < least):
        yield Obstacle(
            "cost_cents",
            lazy("The project costs too little: at least %(least)s.", least=Money(least or 1)),
            lazy("Plan a bigger project, or join two of them."),
        )
    elif most is not None and cost > most:
        yield Obstacle(
            "cost_cents",
            lazy("The project costs %(over)s too much.", over=Money(cost - most)),
            lazy(
                "Apply with a part of it that costs at most %(most)s and stands on its own.",
                most=Money(most),
            ),
        )


def _own(design: CallDesign, answers: Answers) -> Iterator[Obstacle]:
    cost, own, share = answers.cost_cents, answers.own_cents, design.eligibility.own_share_min
    if cost is None or own is None or cost <= 0:
        return
    rule = _direct(design.money.rule)
    needed = 0 if share is None else share_ceil(cost, share)
    ceiling = None if rule is None else grant_ceiling(rule, cost)
    if ceiling is not None:
        needed = max(needed, cost - ceiling)
    if own < needed:
        yield Obstacle(
            "own_cents",
            lazy("For this cost you put in at least %(least)s.", least=Money(needed)),
            lazy("Find %(more)s more, or plan a smaller project.", more=Money(needed - own)),
        )
    asked = cost - own
    if rule is not None and own >= needed and asked < (rule.grant_min_cents or 1):
        yield Obstacle(
            "own_cents",
            lazy(
                "What is left to ask of the city is below its smallest grant of %(least)s.",
                least=Money(rule.grant_min_cents or 1),
            ),
            lazy("Plan a bigger project, or put in less."),
        )


def _months(who: Eligibility, answers: Answers) -> Iterator[Obstacle]:
    months, least, most = answers.months, who.months_min or 1, who.months_max
    if months is None:
        return
    if months < least:
        yield Obstacle(
            "months",
            lazy("The project is too short: at least %(least)s months.", least=least),
            lazy("Plan also what comes before and after, such as telling of it."),
        )
    elif most is not None and months > most:
        yield Obstacle(
            "months",
            lazy("The project is too long: at most %(most)s months.", most=most),
            lazy("Apply with its first part."),
        )


def _notes(design: CallDesign, answers: Answers) -> Iterator[Lazy]:
    rule, cost = design.money.rule, answers.cost_cents
    if rule is not None and cost is not None and cost > 0:
        ceiling = grant_ceiling(rule, cost)
        if ceiling is not None:
            yield lazy("For this cost the city gives at most %(most)s.", most=Money(ceiling))
        if rule.crowdfunding_share is not None and rule.kind is FundingKind.CITY_BACKER:
            target = crowd_target(rule, cost, rule_target(rule, cost))
            yield lazy("The crowd must give at least %(target)s.", target=Money(target))
        elif rule.crowdfunding_share is not None:
            yield lazy(
                "The crowd must give at least %(share)s %% of the cost: %(target)s.",
                share=percent(rule.crowdfunding_share),
                target=Money(rule_target(rule, cost)),
            )
    if answers.partners and design.eligibility.alliance:
        yield lazy("An alliance names one lead partner (capofila), who applies for all.")
