"""Who plays in a rehearsal: invented applicants that try each rule of a call; pure, by a seed.

The same design and seed give the same people, costs, scores and crowd.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from quartieri.calls.design import CallDesign
from quartieri.calls.funding import (
    FundingRule,
    crowd_target,
    foreseen_grant,
    grant_ceiling,
    rule_target,
)
from quartieri.kit.labels import N_, LabelEnum
from quartieri.kit.money import share_ceil
from quartieri.people.rules import OrganisationKind
from quartieri.rehearsal.stage import Application
from quartieri.rehearsal.trial.answers import answers_to, budget_of
from quartieri.rehearsal.trial.copy import CallCopy
from quartieri.rehearsal.trial.notes import Rule, Trait

USUAL_COST = 30_000_00
MOST_RANKED = 12
EURO = 100
PEOPLE = (
    *("Anna Rossi", "Omar Haddad", "Giulia Ferri", "Marco Testa", "Chen Li", "Elena Mori"),
    *("Davide Conti", "Fatima Bakri", "Sofia Longo", "Pietro Sala", "Ines Duarte", "Luca Villa"),
    *("Marta Greco", "Ivan Petrov", "Carla Riva", "Noemi Gallo", "Ugo Serra", "Rosa Fontana"),
    *("Tommaso Bassi", "Lina Amato", "Bruno Neri", "Ada Costa", "Samir Azzi", "Vera Monti"),
)
PROJECTS = (
    *("Il cortile aperto", "Officina delle biciclette", "Cucina di quartiere"),
    *("Musica in piazza", "La biblioteca degli attrezzi", "Orti sui tetti"),
    *("Vetrine accese", "Doposcuola in bottega", "Il mercato dei ragazzi"),
    *("Panchine parlanti", "Cinema sotto casa", "La via dei mestieri"),
    *("Radio condominio", "Il giardino segreto", "Laboratorio di riparazione"),
    *("Teatro in negozio", "Sportello gentile", "La scuola la sera"),
)


class Crowd(LabelEnum):
    """How a campaign's crowd behaves."""

    GENEROUS = "generous", N_("Gives more than the target")
    EXACT = "exact", N_("Gives the target; a card is refused and replaced")
    SHORT = "short", N_("Stays below the target")


@dataclass(frozen=True, slots=True)
class Invented:
    """One invented applicant: who, what they send in, what they are there to show.

    ``scores``: the share of each criterion's points that the commission gives (0 to 1);
    ``rule``: the limit that a breaking applicant breaks.
    """

    key: str
    person: str
    application: Application
    trait: Trait
    scores: Decimal = Decimal("0.75")
    crowd: Crowd = Crowd.GENEROUS
    rule: Rule | None = None
    session: int = 0
    """In which session it applies, counted from 0."""

    @property
    def email(self) -> str:
        """An address that nobody has."""
        return f"{self.key}@rehearsal.invalid"


def script(copy: CallCopy, seed: int) -> tuple[Invented, ...]:
    """Invent the applicants of a rehearsal, in the order in which they apply."""
    writer = _Writer(copy, random.Random(seed))  # noqa: S311 -- a seeded story
    found = list(writer.write())
    for session in range(1, len(copy.windows)):
        found += writer.write_later(session)
    return tuple(found)


class _Writer:
    def __init__(self, copy: CallCopy, chance: random.Random) -> None:
        self.copy, self.design, self.chance = copy, copy.design, chance
        self.people = iter(chance.sample(PEOPLE, len(PEOPLE)))
        self.projects = iter(chance.sample(PROJECTS, len(PROJECTS)))
        self.number = 0
        self.session = 0

    def write(self) -> Iterator[Invented]:
        yield self._one(Trait.STRONG, "0.92", Crowd.EXACT)
        yield self._one(Trait.GOOD, "0.8", Crowd.SHORT)
        yield self._one(Trait.TIED, "0.8", Crowd.GENEROUS)
        for _more in range(self._needed_to_run_out() - 3):
            share = str(self.chance.choice(("0.7", "0.72", "0.75", "0.85")))
            yield self._one(Trait.GOOD, share, self.chance.choice(tuple(Crowd)))
        yield self._one(Trait.WEAK, "0.1", Crowd.SHORT)
        yield self._one(Trait.INCOMPLETE, "0.65", Crowd.GENEROUS)
        yield self._one(Trait.UNFIT, "0", Crowd.SHORT)
        yield self._one(Trait.WITHDRAWS, "0", Crowd.SHORT)
        for rule, spoil in _breaks(self.design):
            one = self._one(Trait.BREAKS, "0", Crowd.SHORT)
            yield replace(one, application=spoil(one.application), rule=rule)
        yield self._one(Trait.LATE, "0", Crowd.SHORT)

    def write_later(self, session: int) -> Iterator[Invented]:
        """Invent who applies in a session after the first, for what is left."""
        self.session = session
        yield self._one(Trait.STRONG, "0.9", Crowd.EXACT)
        yield self._one(Trait.GOOD, "0.75", Crowd.GENEROUS)
        yield self._one(Trait.WEAK, "0.1", Crowd.SHORT)

    def _needed_to_run_out(self) -> int:
        """Say how many projects ask for more than the endowment, within reason."""
        most = _most_granted(self.design, self._cost(Decimal(1)))
        enough = self.copy.endowment_cents // most + 1 if most else MOST_RANKED
        return max(3, min(enough, MOST_RANKED))

    def _cost(self, place: Decimal) -> int:
        """Give a cost at a place (0 to 1) between the call's lowest and highest, in whole euros."""
        who, rule = self.design.eligibility, self.design.money.rule
        least = max(who.cost_min_cents or 0, _least_for_minimum(rule))
        most = who.cost_max_cents or max(USUAL_COST, 2 * least)
        cost = least + int((most - least) * place) if least else int(most * (place + 1) / 2)
        return max(EURO, least, cost // EURO * EURO)

    def _one(self, trait: Trait, share: str, crowd: Crowd) -> Invented:
        self.number += 1
        who = self.design.eligibility
        kinds = who.kinds or (OrganisationKind.ASSOCIATION,)
        kind = kinds[(self.number - 1) % len(kinds)]
        person = next(self.people, f"Persona {self.number}")
        title = next(self.projects, f"Progetto {self.number}")
        cost = self._cost(Decimal(self.chance.randrange(40, 101)) / 100)
        members = tuple(f"Componente {n + 1}" for n in range(max(2, who.min_group_members or 0)))
        bare = Application(
            title=title,
            applicant=_name(kind, title, self.number),
            kind=kind,
            summary=f"{title}: un progetto inventato per provare il bando.",
            answers=answers_to(self.design, members, self.copy.at.date()),
            place=f"via Inventata {self.number}",
            months=who.months_min or min(6, who.months_max or 6),
            budget=(),
            area=self._area(),
            members=members,
            founded_on=self._founded(),
            owner=f"applicant{self.number}",
        )
        return Invented(
            key=f"applicant{self.number}",
            person=person,
            application=costing(self.design, bare, cost),
            trait=trait,
            scores=Decimal(share),
            crowd=crowd,
            session=self.session,
        )

    def _founded(self) -> date:
        """Give a day of foundation that every limit of age allows."""
        years = self.design.eligibility.max_organisation_age_years
        return self.copy.at.date() - timedelta(days=180 * min(5 if years is None else years, 5))

    def _area(self) -> str:
        left_out = self.design.eligibility.excluded_areas
        allowed = [code for code, _name in self.copy.areas if code not in left_out]
        return self.chance.choice(allowed) if allowed else ""


def _name(kind: OrganisationKind, title: str, number: int) -> str:
    first = "Gruppo" if kind is OrganisationKind.INFORMAL_GROUP else "Associazione"
    return f"{first} {title} ({number})"


def _least_for_minimum(rule: FundingRule | None) -> int:
    """Give the lowest cost at which the rule's smallest grant can come out."""
    if rule is None or rule.grant_min_cents is None or rule.grant_share is None:
        return rule.grant_min_cents or 0 if rule else 0
    return int(rule.grant_min_cents / rule.grant_share) + 1


def _most_granted(design: CallDesign, cost: int) -> int:
    rule = design.money.rule
    if rule is None:
        return 0
    ceiling = grant_ceiling(rule, cost)
    return cost if ceiling is None else min(ceiling, cost)


def costing(design: CallDesign, application: Application, cost: int) -> Application:
    """Give an application a cost, covered by the call's rule: own share, grant, crowd; cents."""
    rule, share = design.money.rule, design.eligibility.own_share_min
    own = share_ceil(cost, share) if share is not None else 0
    asked = crowd = 0
    if rule is None:
        own = cost
    elif rule.kind.has_campaign:
        crowd = crowd_target(rule, cost, rule_target(rule, cost))
        own = max(own, cost - crowd - foreseen_grant(rule, cost, crowd), 0)
    else:
        asked = min(_most_granted(design, cost), cost - own)
        own = cost - asked
    return replace(
        application,
        budget=budget_of(design, cost),
        own_cents=own,
        requested_cents=asked,
        crowd_cents=crowd,
    )


Spoil = Callable[[Application], Application]


def _breaks(design: CallDesign) -> Iterator[tuple[Rule, Spoil]]:
    """Give, for each limit of the call, how an application breaks it, and only it."""
    who = design.eligibility
    if who.cost_max_cents is not None:
        over = who.cost_max_cents + EURO
        yield Rule.COST_MAX, lambda a: costing(design, a, over)
    if who.cost_min_cents is not None and who.cost_min_cents > EURO:
        under = who.cost_min_cents - EURO
        yield Rule.COST_MIN, lambda a: costing(design, a, under)
    if who.months_max is not None:
        months = who.months_max + 1
        yield Rule.MONTHS, lambda a: replace(a, months=months)
    if who.excluded_areas:
        area = who.excluded_areas[0]
        yield Rule.AREA, lambda a: replace(a, area=area)
    formal = [k for k in who.kinds if k is not OrganisationKind.INFORMAL_GROUP]
    if who.max_organisation_age_years is not None and formal:
        kind = formal[0]
        yield Rule.AGE, lambda a: replace(a, kind=kind, founded_on=date(1950, 1, 1))
    if who.min_group_members and OrganisationKind.INFORMAL_GROUP in who.kinds:
        few = who.min_group_members - 1
        informal = OrganisationKind.INFORMAL_GROUP
        yield (
            Rule.MEMBERS,
            lambda a: replace(a, kind=informal, founded_on=None, members=a.members[:few]),
        )
    if who.own_share_min:
        yield Rule.OWN_SHARE, lambda a: replace(a, own_cents=0)
