"""What the answers lack that feed the project's own figures: place, people, cost, money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stdnum.it import codicefiscale

from quartieri.calls.design import CallDesign, Eligibility, Question
from quartieri.calls.funding import percent
from quartieri.kit.labels import Lazy, in_language, lazy
from quartieri.kit.money import Money, share_ceil, share_floor
from quartieri.people.rules import OrganisationKind
from quartieri.proposals.rules.form.draft import PLACE_LIMIT
from quartieri.proposals.rules.form.values import OWN, cost_of, length, typed
from quartieri.proposals.rules.funding_plan import plan
from quartieri.proposals.rules.parts import Draft

IN_KIND = "in_kind"
"""The code of a source that is work and goods, not money."""


# -- place -------------------------------------------------------------------------------------


def place_problems(
    value: Mapping[str, Any], draft: Draft, eligibility: Eligibility, question: Question
) -> Iterator[Lazy]:
    """List what place, area and duration lack."""
    if question.required and not value.get("place"):
        yield lazy("Say where the project takes place.")
    if length(value.get("place", "")) > PLACE_LIMIT:
        yield lazy("The place is described in at most %(most)s characters.", most=PLACE_LIMIT)
    area = value.get("area", "")
    if question.required and draft.areas_exist and not area:
        yield lazy("Choose the area of the city.")
    if area and area != draft.area_code:
        yield lazy("Choose one of the areas in the list.")
    elif area and not area_allowed(area, eligibility):
        yield excluded_area(draft.area_name)
    yield from _months(value.get("months"), eligibility, needed=question.required)


def area_allowed(code: str, eligibility: Eligibility) -> bool:
    """Say whether a project may take place in an area of the city."""
    allowed = eligibility.allowed_areas
    return code not in eligibility.excluded_areas and (not allowed or code in allowed)


def excluded_area(name: str) -> Lazy:
    """Say why an area cannot be chosen."""
    return lazy("%(area)s is left out of this call: choose another area.", area=name)


def _months(months: Any, eligibility: Eligibility, *, needed: bool) -> Iterator[Lazy]:
    least, most = eligibility.months_min, eligibility.months_max
    if months is None or typed(months) is not None:
        if needed or months is not None:
            yield lazy("Say how many months the project lasts.")
    elif months < (least or 1):
        yield lazy(
            "The project lasts %(months)s months; this call asks for at least %(least)s.",
            months=months,
            least=least or 1,
        )
    elif most is not None and months > most:
        yield lazy(
            "The project lasts %(months)s months; this call allows at most %(most)s.",
            months=months,
            most=most,
        )


# -- people ------------------------------------------------------------------------------------


def members_problems(value: Sequence[Any], draft: Draft, design: CallDesign) -> Iterator[Lazy]:
    """List what the people lack; an informal group has a size."""
    if not draft.applicant.informal:
        return
    least, most = design.eligibility.min_group_members, design.eligibility.max_group_members
    if least is not None and len(value) < least:
        yield lazy(
            "An informal group has at least %(least)s members; you have written %(number)s.",
            least=least,
            number=len(value),
        )
    if most is not None and len(value) > most:
        yield lazy(
            "An informal group has at most %(most)s members; you have written %(number)s.",
            most=most,
            number=len(value),
        )


def partners_problems(
    value: Sequence[Any], draft: Draft, eligibility: Eligibility
) -> Iterator[Lazy]:
    """List what the partners of an alliance lack; who applies alone writes none."""
    if value and not eligibility.alliance:
        yield lazy("This call is not open to alliances: take the partners off.")
    if draft.team.partners and sum(p.lead for p in draft.team.partners) != 1:
        yield lazy("An alliance has exactly one lead partner (capofila).")
    for row in value:
        code = row.get("tax_code", "")
        if code and not codicefiscale.is_valid(code):
            yield lazy(
                "%(name)s: the tax code %(code)s is not valid.", name=row.get("name", ""), code=code
            )
        if row.get("kind") is not None and row["kind"] not in set(OrganisationKind):
            yield lazy("%(name)s: choose what it is.", name=row.get("name", ""))
    for rule in eligibility.partners:
        number = sum(not rule.kinds or row.get("kind") in rule.kinds for row in value)
        if value and number < rule.least:
            yield lazy(
                "An alliance has at least %(least)s partners of the kinds that the call asks for;"
                " you have written %(number)s.",
                least=rule.least,
                number=number,
            )


# -- cost --------------------------------------------------------------------------------------


def budget_problems(
    value: Sequence[Any], question: Question, eligibility: Eligibility, language: str
) -> Iterator[Lazy]:
    """List what the budget lacks: amounts, the call's bounds, the ceilings of its categories."""
    cost = cost_of(value)
    if cost == 0:
        yield lazy("Write at least one line of the budget, with its amount.")
        return
    least, most = eligibility.cost_min_cents, eligibility.cost_max_cents
    if least is not None and cost < least:
        yield lazy(
            "The cost is %(under)s below the minimum of %(least)s.",
            under=Money(least - cost),
            least=Money(least),
        )
    if most is not None and cost > most:
        yield lazy(
            "The cost is %(over)s above the maximum of %(most)s.",
            over=Money(cost - most),
            most=Money(most),
        )
    known = {o.code for o in question.options}
    if known and any(row.get("category", "") not in {*known, ""} for row in value):
        yield lazy("Choose one of the cost categories of this call for every line.")
    sums = {
        o.code: cost_of(r for r in value if r.get("category") == o.code) for o in question.options
    }
    yield from _ceilings(question, sums, cost, language)


def _ceilings(
    question: Question, sums: Mapping[str, int], cost: int, language: str
) -> Iterator[Lazy]:
    """Say which category or source is above its ceiling; a share is rounded down to the cent."""
    for option in question.options:
        tops = [] if option.ceiling_cents is None else [option.ceiling_cents]
        if option.ceiling_share is not None:
            tops.append(share_floor(cost, option.ceiling_share))
        top = min(tops, default=None)
        if top is not None and sums.get(option.code, 0) > top:
            yield lazy(
                "%(what)s: %(amount)s is above the most of %(most)s.",
                what=Lazy(in_language(option.label, language) or option.code),
                amount=Money(sums[option.code]),
                most=Money(top),
            )


# -- money -------------------------------------------------------------------------------------


def sources_problems(
    value: Mapping[str, Any], draft: Draft, design: CallDesign, question: Question, language: str
) -> Iterator[Lazy]:
    """List what the sources of the money lack, by the call's funding rule."""
    own = value.get("own", {})
    amounts = [*own.values(), value.get("requested"), value.get("crowd")]
    if any(typed(amount) is not None for amount in amounts):
        yield lazy("Write the amounts of the sources such as 1200 or 1200,50.")
        return
    if set(own) - ({o.code for o in question.options} or {OWN}):
        yield lazy("Say from which of the sources of this call your own money comes.")
    cost, rule = draft.budget.cost_cents, design.money.rule
    yield from _ceilings(question, own, cost, language)
    if rule is None or cost == 0:
        return
    yield from _own_share(own, cost, design.eligibility)
    now = plan(rule, cost, draft.money)
    if now.target_cents is not None:
        if draft.money.crowd_cents < now.target_cents:
            yield lazy(
                "The crowdfunding share is %(share)s; this call asks for at least %(least)s.",
                share=Money(draft.money.crowd_cents),
                least=Money(now.target_cents),
            )
        elif draft.money.crowd_cents > cost:
            yield lazy("The crowdfunding share is more than the whole cost.")
        return
    yield from _direct(draft, design, now.ceiling_cents)
    if now.uncovered_cents:
        yield lazy(
            "The plan lacks %(amount)s to the cost: raise your own share or lower the cost.",
            amount=Money(now.uncovered_cents),
        )
    elif now.above_cents:
        yield lazy("The plan is %(amount)s above the cost.", amount=Money(now.above_cents))


def _own_share(own: Mapping[str, int], cost: int, eligibility: Eligibility) -> Iterator[Lazy]:
    share = eligibility.own_share_min
    if share is None:
        return
    least = share_ceil(cost, share)
    counted = sum(c for code, c in own.items() if code != IN_KIND or eligibility.in_kind_counts)
    if counted < least:
        yield lazy(
            "Your own share is at least %(share)s %% of the cost: %(least)s.",
            share=percent(share),
            least=Money(least),
        )


def _direct(draft: Draft, design: CallDesign, ceiling: int | None) -> Iterator[Lazy]:
    rule, asked = design.money.rule, draft.money.requested_cents
    if asked == 0:
        yield lazy("Say how much you ask of the city.")
        return
    if ceiling is not None and asked > ceiling:
        yield lazy(
            "You ask for %(asked)s; for this cost the call gives at most %(most)s.",
            asked=Money(asked),
            most=Money(ceiling),
        )
    if rule is not None and rule.grant_min_cents is not None and asked < rule.grant_min_cents:
        yield lazy(
            "You ask for %(asked)s; this call gives at least %(least)s.",
            asked=Money(asked),
            least=Money(rule.grant_min_cents),
        )
