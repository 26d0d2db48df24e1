"""What an application still lacks, by the call's edition: pure, every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from stdnum.it import codicefiscale

from quartieri.calls.design import CallDesign, Eligibility
from quartieri.calls.funding import percent
from quartieri.kit.errors import InvalidError
from quartieri.kit.labels import Lazy, lazy
from quartieri.kit.money import Money, share_ceil
from quartieri.proposals.rules.funding_plan import plan
from quartieri.proposals.rules.parts import (
    BLANK,
    DECLARATIONS,
    SUMMARY_LIMIT,
    TITLE_LIMIT,
    Draft,
    Section,
    SectionState,
    TeamPart,
    in_language,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend before submission, and the page where it is mended."""

    section: Section
    message: Lazy


def problems(
    draft: Draft, design: CallDesign, *, today: date, language: str = "it"
) -> list[Problem]:
    """List all that keeps an application from being submitted, in the order of the pages.

    ``today`` is the day in Rome (for the age of an organisation); ``language`` picks the words of
    the call's own questions.
    """
    found: list[Problem] = []
    for section, sentences in (
        (Section.APPLICANT, _applicant(draft, design.eligibility, today)),
        (Section.SUMMARY, _summary(draft)),
        (Section.STORY, _story(draft, design, language)),
        (Section.PLACE, _place(draft, design.eligibility)),
        (Section.TEAM, _team(draft, design.eligibility)),
        (Section.BUDGET, _budget(draft, design.eligibility)),
        (Section.MONEY, _money(draft, design)),
        (Section.DECLARATIONS, _declarations(draft)),
    ):
        found.extend(Problem(section, sentence) for sentence in sentences)
    return found


def section_states(draft: Draft, found: list[Problem]) -> Mapping[Section, SectionState]:
    """Say how far each page is, given the problems of the draft."""
    wrong = {problem.section for problem in found}
    return {section: _state(draft, section, section in wrong) for section in Section}


def _state(draft: Draft, section: Section, wrong: bool) -> SectionState:  # noqa: FBT001 -- private
    if section is Section.ATTACHMENTS:
        return SectionState.DONE if draft.attachments else SectionState.OPTIONAL
    if section is Section.TEAM:
        others = [p for p in draft.team.partners if not p.lead]
        untouched = not draft.team.members and not others
    else:
        untouched = draft.part(section) == BLANK.get(section)
        if section is Section.STORY:
            untouched = not any(a.strip() for a in draft.story.answers.values())
    if untouched:
        return SectionState.NOT_STARTED if wrong else SectionState.OPTIONAL
    return SectionState.TO_COMPLETE if wrong else SectionState.DONE


def _applicant(draft: Draft, eligibility: Eligibility, today: date) -> Iterator[Lazy]:
    applicant = draft.applicant
    if not applicant.name.strip():
        yield lazy("Write the name of who applies.")
    if eligibility.kinds and applicant.kind not in eligibility.kinds:
        yield lazy(
            "This call is not open to this kind of applicant: %(kind)s.", kind=applicant.kind
        )
    if applicant.informal:
        return
    yield from _tax_code(applicant.tax_code)
    years = eligibility.max_organisation_age_years
    if years is not None:
        if applicant.founded_on is None:
            yield lazy("Say when the organisation was founded.")
        elif _years_later(applicant.founded_on, years) < today:
            yield lazy(
                "This call is for organisations founded at most %(years)s years ago;"
                " yours dates from %(day)s.",
                years=years,
                day=applicant.founded_on,
            )


def _tax_code(code: str) -> Iterator[Lazy]:
    if not code.strip():
        yield lazy("Write the tax code (codice fiscale) of the organisation.")
    elif not codicefiscale.is_valid(code):
        yield lazy("The tax code %(code)s is not valid: look for a typing error.", code=code)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def _summary(draft: Draft) -> Iterator[Lazy]:
    if not draft.summary.title.strip():
        yield lazy("Give the project a title.")
    yield from _too_long(len(draft.summary.title), TITLE_LIMIT, lazy("The title"))
    if not draft.summary.summary.strip():
        yield lazy("Sum the project up in a few sentences.")
    yield from _too_long(len(draft.summary.summary), SUMMARY_LIMIT, lazy("The summary"))


def _too_long(length: int, limit: int, what: Lazy) -> Iterator[Lazy]:
    if length > limit:
        yield lazy(
            "%(what)s: %(over)s characters more than the %(limit)s allowed.",
            what=what,
            over=length - limit,
            limit=limit,
        )


def _story(draft: Draft, design: CallDesign, language: str) -> Iterator[Lazy]:
    for question in design.questions:
        answer = draft.story.answers.get(question.key, "")
        label = in_language(question.label, language)
        if question.required and not answer.strip():
            yield lazy("Answer the question: %(question)s", question=label)
        yield from _too_long(len(answer), question.limit, Lazy(label))


def _place(draft: Draft, eligibility: Eligibility) -> Iterator[Lazy]:
    if not draft.place.place.strip():
        yield lazy("Say where the project takes place.")
    if draft.areas_exist and not draft.area_code:
        yield lazy("Choose the area of the city.")
    if draft.area_code and draft.area_code in eligibility.excluded_areas:
        yield excluded_area(draft.area_name)
    least, most, months = eligibility.months_min, eligibility.months_max, draft.place.months
    if months is None:
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


def excluded_area(name: str) -> Lazy:
    """Say why an area cannot be chosen."""
    return lazy("%(area)s is left out of this call: choose another area.", area=name)


def _team(draft: Draft, eligibility: Eligibility) -> Iterator[Lazy]:
    team: TeamPart = draft.team
    least = eligibility.min_group_members
    if draft.applicant.informal and least is not None and len(team.members) < least:
        yield lazy(
            "An informal group has at least %(least)s members; you have written %(number)s.",
            least=least,
            number=len(team.members),
        )
    if team.partners and sum(p.lead for p in team.partners) != 1:
        yield lazy("An alliance has exactly one lead partner (capofila).")
    if not eligibility.alliance and any(not p.lead for p in team.partners):
        yield lazy("This call is not open to alliances: take the partners off.")
    for partner in team.partners:
        if not partner.lead and partner.tax_code and not codicefiscale.is_valid(partner.tax_code):
            yield lazy(
                "%(name)s: the tax code %(code)s is not valid.",
                name=partner.name,
                code=partner.tax_code,
            )


def _budget(draft: Draft, eligibility: Eligibility) -> Iterator[Lazy]:
    cost = draft.budget.cost_cents
    if cost == 0:
        yield lazy("Write at least one line of the budget, with its amount.")
        return
    if any(not line.description.strip() for line in draft.budget.lines):
        yield lazy("Say what each amount of the budget is for.")
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


def _money(draft: Draft, design: CallDesign) -> Iterator[Lazy]:
    rule, cost = design.money.rule, draft.budget.cost_cents
    if rule is None or cost == 0:
        if draft.money == BLANK[Section.MONEY]:
            yield lazy("Say where the money comes from; the budget comes first.")
        return
    yield from _own_share(draft, design.eligibility)
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


def _own_share(draft: Draft, eligibility: Eligibility) -> Iterator[Lazy]:
    share = eligibility.own_share_min
    if share is None:
        return
    least = share_ceil(draft.budget.cost_cents, share)
    if draft.money.own_cents < least:
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


def _declarations(draft: Draft) -> Iterator[Lazy]:
    missing = [key for key in DECLARATIONS if key not in draft.declarations.keys]
    if missing:
        yield lazy("Read and tick every declaration.")


class IncompleteError(InvalidError):
    """An application was sent that still lacks something (422); ``problems`` says what."""

    def __init__(self, found: list[Problem]) -> None:
        """Keep the problems."""
        super().__init__(
            lazy("The application is not complete: %(number)s points to mend.", number=len(found))
        )
        self.problems = found
